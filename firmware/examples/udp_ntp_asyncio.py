"""Ask for the time by NTP while other tasks go on."""

import asyncio
import socket
import struct
import time

import board
import settings
import sixlink

# Seconds from 1900, where NTP begins to count, to where `time` does: 2000 on boards.
EPOCH = {1970: 2208988800, 2000: 3155673600}[time.gmtime(0)[0]]
TRIES = 3


async def ask(host, port):
    """The time as `time.time()` counts (RFC 5905). A stream over a datagram socket: each write is
    a datagram, each read takes one."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    stream = asyncio.StreamReader(sock)
    try:
        query = bytearray(48)
        query[0] = 0x1B  # version 3, client
        sock.connect(socket.getaddrinfo(host, port)[0][-1])
        stream.write(query)
        await stream.drain()
        answer = await stream.read(48)
    finally:
        sock.close()
    return struct.unpack("!I", answer[40:44])[0] - EPOCH


async def main():
    """UDP promises no delivery: ask a few times."""
    for _ in range(TRIES):
        try:
            seconds = await asyncio.wait_for(ask(settings.NTP_HOST, settings.NTP_PORT), 5)
            print("It is %04d-%02d-%02d %02d:%02d:%02d UTC" % time.gmtime(seconds)[:6])
            return
        except asyncio.TimeoutError:
            print("asking again")


modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)
asyncio.run(main())
modem.disconnect()
