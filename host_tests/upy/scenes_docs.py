"""The code of the pages in docs/ that have no example of their own, as it stands there."""

import asyncio
import errno
import hashlib
import json
import os
import socket
import time

import board
import machine
import requests
import sixlink
from machine import UART, Pin

# -- howto-ota.md ---------------------------------------------------------------------------------


def fetch(url, name, digest, tries=5):
    """Put what is at `url` into file `name`, if its SHA-256 is `digest`: whole or not at all."""
    part = name + ".part"
    for _ in range(tries):
        try:
            more(url, part)
            break
        except OSError as error:  # the link; what has come is kept
            print("again:", error)
    if sha256_of(part) != digest:
        os.remove(part)
        raise ValueError("not what was asked for: " + name)
    os.rename(part, name)


def more(url, part):
    """What is missing at the end of file `part`."""
    here = size_of(part)
    ranges = {"Range": "bytes=%d-" % here}
    response = requests.get(url, headers=ranges, timeout=30)
    try:
        if response.status_code not in (200, 206):
            return  # 416: all of it is here
        goes_on = response.status_code == 206
        with open(part, "ab" if goes_on else "wb") as file:
            append(response, file, here if goes_on else 0)
    finally:
        response.close()


def append(response, file, size):
    """The body, 512 bytes of it in memory at a time. Raises OSError if it ends too soon."""
    whole = size + int(response.headers["Content-Length"])
    piece = bytearray(512)
    while n := response.raw.readinto(piece):
        size += file.write(memoryview(piece)[:n])
    if size < whole:
        raise OSError(errno.ECONNRESET)


def size_of(name):
    try:
        return os.stat(name)[6]
    except OSError:
        return 0


def sha256_of(name):
    check = hashlib.sha256()
    with open(name, "rb") as file:
        while piece := file.read(512):
            check.update(piece)
    return check.digest()


def ota(url, name, digest):
    """Fetch a file; what it raised, and what is there afterwards."""
    modem = board.modem()
    modem.connect()
    sixlink.install(modem)
    raised = ""
    try:
        fetch(url, name, bytes.fromhex(digest))
    except ValueError as error:
        raised = str(error)
    return [raised, size_of(name), size_of(name + ".part"), modem.stats()["down"]]


# -- howto-low-power.md ---------------------------------------------------------------------------


def report(modem, url, reading):
    """Connect, post, and leave nothing behind. True if the server took it."""
    try:
        modem.connect(timeout=120)
        response = requests.post(url, json=reading, timeout=30)
        response.close()
        return response.status_code == 200
    except OSError as error:  # no network today: the next report has it
        print("not sent:", error)
        return False
    finally:
        modem.disconnect()


def off_between_reports(SITE):
    """What the board does behind two reports: the second one finds no server."""
    modem = board.modem()
    sixlink.install(modem)
    done = []
    supply = Pin(5, Pin.OUT, value=1)
    machine.deepsleep = done.append  # the unix port has none
    for site in (SITE, "http://127.0.0.1:9"):
        SITE = site
        sent = report(modem, SITE + "/readings", {"kelvin": 291})
        supply(0)
        machine.deepsleep(15 * 60 * 1000 if sent else 5 * 60 * 1000)
        done.append([sent, supply(), modem.isconnected()])
    return done


def asleep(host, port):
    """The modem naps, then the board does, while a peer answers."""
    modem = board.modem()
    modem.connect()
    modem.at("+CSCLK=1")
    print(modem.at("+CSCLK?"))
    modem.at("+CSCLK=0")
    machine.lightsleep = time.sleep_ms  # the unix port has none: nothing looks at the UART in it
    sock = modem.socket()
    sock.settimeout(20)
    sock.connect((host, port))
    sock.write(b"ready\n")
    machine.lightsleep(2000)
    print(sock.readline())
    return modem.stats()["losses"]


# -- howto-wifi.md --------------------------------------------------------------------------------


class Wlan:
    """The part of network.WLAN that the page uses; the host's own network is the WiFi."""

    up = True

    def isconnected(self):
        return self.up


def side_by_side(LOCAL_HOST, LOCAL_PORT, REMOTE_HOST, REMOTE_PORT):
    """Bytes that the modem carried after each part of the page."""
    wlan = Wlan()
    modem = board.modem()
    modem.connect()
    carried = []

    local = socket.socket()  # over WiFi
    local.connect(socket.getaddrinfo(LOCAL_HOST, LOCAL_PORT)[0][-1])

    remote = modem.socket()  # over the modem
    remote.connect(modem.getaddrinfo(REMOTE_HOST, REMOTE_PORT)[0][-1])

    for sock in (local, remote):
        sock.write(b"echo")
        assert sock.read(4) == b"echo"
        carried.append(modem.stats()["down"])

    def dial(host, port, timeout=30):
        """A connected socket: over WiFi while that is up, else over the modem."""
        net = socket if wlan.isconnected() else modem
        sock = net.socket()
        try:
            sock.settimeout(timeout)
            sock.connect(net.getaddrinfo(host, port)[0][-1])
        except OSError:
            sock.close()
            raise
        return sock

    for wlan.up in (True, False):
        sock = dial(REMOTE_HOST, REMOTE_PORT)
        sock.write(b"dial")
        assert sock.read(4) == b"dial"
        sock.close()
        carried.append(modem.stats()["down"])

    async def ask(streams, question):
        reader, writer = await streams
        writer.write(question)
        await writer.drain()
        answer = await reader.readline()
        writer.close()
        return answer

    async def both():
        async with modem.aio:
            over_wifi = asyncio.open_connection(LOCAL_HOST, LOCAL_PORT)
            over_modem = modem.aio.open_connection(REMOTE_HOST, REMOTE_PORT)
            print(await asyncio.gather(ask(over_wifi, b"here\n"), ask(over_modem, b"there\n")))

    asyncio.run(both())
    carried.append(modem.stats()["down"])

    if not wlan.isconnected():
        modem.connect()
        sixlink.install(modem)

    import socket as installed

    sock = installed.socket()
    sock.connect((REMOTE_HOST, REMOTE_PORT))
    sock.write(b"modem")
    assert sock.read(5) == b"modem"
    carried.append(modem.stats()["down"])
    return carried


# -- wiring.md ------------------------------------------------------------------------------------


def wired():
    """The power key as both ways of wiring it press it, and a modem with flow control."""
    uart = UART(1, 460800, rxbuf=4096)
    pressed = []
    key = Pin(4, Pin.OPEN_DRAIN, value=1)  # pulling it low presses the key
    modem = sixlink.Modem(uart, power=key)
    modem.driver.power(0)
    pressed.append(key())
    modem.driver.power(1)
    key = Pin(4, Pin.OUT, value=0)
    modem = sixlink.Modem(uart, power=lambda level: key(1 - level))
    modem.driver.power(0)
    pressed.append(key())

    wires = UART.RTS | UART.CTS
    uart = UART(1, 921600, tx=17, rx=16, rts=18, cts=19, flow=wires, rxbuf=4096)
    modem = sixlink.Modem(uart, flow=True, rxbuf=4096)

    modem.connect()
    return [pressed, modem.flow, json.loads(json.dumps(modem.stats()["losses"]))]
