"""Scenes in transparent mode; the test has the servers and the virtual modem."""

import asyncio
import errno
import hashlib
import os
import time

import sixlink
from machine import UART
from micropython import const
from scenes_aio import how
from scenes_socket import HOST

BAUD = const(921600)
_PIECE = const(4096)
_LIMIT_MS = const(60000)


def modem_with_flow():
    """RTS and CTS are wired: at this rate a board cannot do without."""
    modem = sixlink.Modem(
        UART(1, BAUD, rxbuf=4096, flow=UART.RTS | UART.CTS), apn="cmnet", flow=True, rxbuf=4096
    )
    modem.connect(timeout=30)
    return modem


def six_links_again(modem, port):
    """Whether a socket works once the mode is over."""
    start = time.ticks_ms()
    while not modem.isconnected() or modem.driver.engine.data is not None:
        if time.ticks_diff(time.ticks_ms(), start) > _LIMIT_MS:
            return False
        time.sleep_ms(5)
    sock = modem.socket()
    sock.settimeout(20)
    sock.connect((HOST, port))
    sock.write(b"again")
    right = sock.read(5) == b"again"
    sock.close()
    modem.disconnect()
    return right


def noise():
    """Random bytes with a run of pluses among them."""
    data = bytearray(os.urandom(_PIECE))
    at = data[0] << 3
    data[at : at + 3] = b"+++"
    return data


def both_ways(port, echo_port, size):
    """`size` bytes out and as many in at once. [SHA-256 of those out, of those in, ms, counters,
    six links work again]"""
    modem = modem_with_flow()
    stream = modem.transparent(HOST, port, timeout=30)
    stream.setblocking(False)
    into = bytearray(_PIECE)
    view = memoryview(into)
    sums = hashlib.sha256(), hashlib.sha256()
    made = waiting = got = 0
    start = time.ticks_ms()
    while got < size or made < size or waiting:
        if not waiting and made < size:
            out = noise()
            sums[0].update(out)
            made += _PIECE
            waiting = _PIECE
        if waiting:
            waiting -= stream.write(out, _PIECE - waiting, waiting) or 0
        n = stream.readinto(into) or 0
        if n:
            sums[1].update(view[:n])
            got += n
        if time.ticks_diff(time.ticks_ms(), start) > _LIMIT_MS:
            break
    while modem.links[0].tx.any():
        modem.driver.pump()
    ms = time.ticks_diff(time.ticks_ms(), start)
    counters = modem.stats()["links"][0]
    stream.close()
    digests = [digest.digest().hex() for digest in sums]
    return digests + [ms, counters, six_links_again(modem, echo_port)]


def with_asyncio(port, black_hole):
    """A stream that cannot be had is cancelled; then one that echoes, and six links again"""
    modem = modem_with_flow()

    async def main():
        aio = modem.aio
        async with aio:
            result = [await how(asyncio.wait_for(aio.transparent(HOST, black_hole), 3))]
            await aio.connect()
            reader, writer = await aio.transparent(HOST, port)
            reading = asyncio.create_task(reader.readexactly(5000))
            writer.write(bytes(range(250)) * 20)
            await writer.drain()
            result.append(await reading == bytes(range(250)) * 20)
            try:
                await aio.transparent(HOST, port)
            except OSError as error:
                result.append(error.errno == errno.EALREADY)
            writer.close()
            await writer.wait_closed()
            await aio.connect()
            reader, writer = await aio.open_connection(HOST, port)
            writer.write(b"again\n")
            await writer.drain()
            result.append((await reader.readline()).decode())
            writer.close()
        return result

    return asyncio.run(main())
