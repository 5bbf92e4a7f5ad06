# mypy: ignore-errors
"""What the board does while the wire is measured, run by MicroPython on a pty.

    micropython wire.py FUNCTION '{"argument": value, ...}'

Prints a line of JSON at the end. Times are the board's own, in microseconds.
"""

import json
import select
import ssl
import sys
import time

import sixlink
from machine import UART
from micropython import const

_HOST = "127.0.0.1"
_NAME = "localhost"
_RXBUF = const(4096)
_PIECE = const(1460)
_PATIENCE_S = const(60)


def modem_at(baud, push):
    wires = UART.RTS | UART.CTS if push else 0
    modem = sixlink.Modem(
        UART(1, baud, rxbuf=_RXBUF, flow=wires), "cmnet", flow=push, rxbuf=_RXBUF
    )
    modem.connect()
    if modem.flow != push:
        raise ValueError("asked for push=%r, got %r" % (push, modem.flow))
    return modem


def open_socket(modem, port, ca=None):
    """A connected socket, and the stream on it."""
    sock = modem.socket()
    sock.settimeout(_PATIENCE_S)
    sock.connect((_HOST, port))
    if ca is None:
        return sock
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cafile=ca)
    return context.wrap_socket(sock, server_hostname=_NAME)


def opened(modem, port, links, ca):
    if ca is not None:
        sixlink.install(modem)
    return [open_socket(modem, port, ca) for _ in range(links)]


def told(modem, seconds_us, size, shares):
    """`size`: bytes of payload in that time. `shares`: of each link, when the first was done."""
    return {
        "seconds": seconds_us / 1e6,
        "bytes": size,
        "shares": shares,
        "up": [link.tx.sent for link in modem.links if link.peer],
        "down": [link.rx.received for link in modem.links if link.peer],
    }


def down(baud, push, port, links, size, ca=None):
    """Receive `size` bytes on each link, all at once."""
    modem = modem_at(baud, push)
    streams = opened(modem, port, links, ca)
    start = time.ticks_us()
    for stream in streams:
        stream.write(b"g")
    if ca is not None:
        return down_secured(modem, streams[0], size, start)
    if links == 1:
        return down_one(modem, streams[0], size)
    return down_all(modem, streams, size)


def down_one(modem, stream, size):
    """What came with the first byte does not count: it was on its way before."""
    buf = bytearray(_PIECE)
    got = stream.readinto(buf, 1)
    start = time.ticks_us()
    first = received(modem)
    while got < size:
        got += stream.readinto(buf, min(_PIECE, size - got))
    return told(modem, time.ticks_diff(time.ticks_us(), start), size - first, [size])


def down_secured(modem, stream, size, start):
    """From the request on: the first byte comes when all of its record, 16 kB, has come."""
    buf = bytearray(_PIECE)
    got = 0
    while got < size:
        got += stream.readinto(buf, min(_PIECE, size - got))
    return told(modem, time.ticks_diff(time.ticks_us(), start), size, [size])


def received(modem):
    return sum([link.rx.received for link in modem.links])


def down_all(modem, streams, size):
    poller = select.poll()
    index = {}
    for at, stream in enumerate(streams):
        stream.setblocking(False)
        poller.register(stream, select.POLLIN)
        index[id(stream)] = at
    buf = bytearray(_PIECE)
    got = [0] * len(streams)
    start = first = None
    shares = None
    while min(got) < size:
        for stream, _ in poller.poll(1000):
            at = index[id(stream)]
            n = stream.readinto(buf, min(_PIECE, size - got[at]))
            got[at] += n or 0
            if start is None and n:
                start, first = time.ticks_us(), received(modem)
            if got[at] == size:
                shares = shares or list(got)
                poller.unregister(stream)
    return told(modem, time.ticks_diff(time.ticks_us(), start), sum(got) - first, shares)


def up(baud, push, port, links, size, ca=None):
    """Send `size` bytes on each link, all at once, until the modem has accepted them all."""
    modem = modem_at(baud, push)
    streams = opened(modem, port, links, ca)
    if ca is not None:
        return up_secured(modem, streams[0], size)
    data = bytes(range(256)) * (_PIECE // 256 + 1)
    for stream in streams:
        stream.setblocking(False)
    rows = [[streams[n], modem.links[n], 0] for n in range(links)]
    shares = None
    start = time.ticks_us()
    while True:
        for row in rows:
            stream, link, taken = row
            if taken < size:
                row[2] = taken + (stream.write(data, 0, min(_PIECE, size - taken)) or 0)
            else:
                stream.ioctl(1, 0)  # flush
        sent = [link.tx.sent for _, link, _ in rows]
        if shares is None and max(sent) >= size:
            shares = sent
        if min(sent) >= size:
            break
        modem.driver.wait_for(_moved(rows, sum(sent), size), 1000)
    return told(modem, time.ticks_diff(time.ticks_us(), start), size * links, shares)


def _moved(rows, before, size):
    """Whether there is something to do: room in a window, or all has been accepted."""

    def moved():
        if sum([link.tx.sent for _, link, _ in rows]) >= size * len(rows):
            return True
        return sum([link.tx.sent for _, link, _ in rows]) != before

    return moved


def up_secured(modem, stream, size):
    """Over TLS the modem's count has more than ours in it: the peer says when it has all."""
    data = bytes(range(256)) * (_PIECE // 256 + 1)
    start = time.ticks_us()
    taken = 0
    while taken < size:
        taken += stream.write(data[: min(_PIECE, size - taken)])
    stream.read(1)
    return told(modem, time.ticks_diff(time.ticks_us(), start), size, [size])


def round_trips(baud, push, port, size, count):
    """Microseconds of each of `count` messages of `size` bytes, there and back."""
    modem = modem_at(baud, push)
    sock = open_socket(modem, port)
    sock.setsockopt(6, 1, 1)  # TCP_NODELAY
    buf = bytearray(size)
    times = []
    for _ in range(count):
        start = time.ticks_us()
        sock.write(buf)
        sock.readinto(buf)
        times.append(time.ticks_diff(time.ticks_us(), start))
    return times


def arrivals(baud, push, port, count):
    """When each of `count` single bytes was there. The clock is CLOCK_MONOTONIC."""
    modem = modem_at(baud, push)
    sock = open_socket(modem, port)
    buf = bytearray(1)
    stamps = []
    for _ in range(count):
        sock.write(b"g")
        sock.readinto(buf)
        stamps.append(time.ticks_us())
    return stamps


print(json.dumps(globals()[sys.argv[1]](**json.loads(sys.argv[2]))))
