"""Ask for the time by NTP over `modem.aio`, while other tasks go on."""

import asyncio
import struct
import time

import board
import settings

# Seconds from 1900, where NTP begins to count, to where `time` does: 2000 on boards.
EPOCH = {1970: 2208988800, 2000: 3155673600}[time.gmtime(0)[0]]
TRIES = 3


async def ask(host, port):
    """The time as `time.time()` counts (RFC 5905). A stream over a datagram socket: each write is
    a datagram, each read takes one."""
    found = await modem.aio.getaddrinfo(host, port)
    sock = modem.socket(modem.AF_INET, modem.SOCK_DGRAM)
    sock.setblocking(False)
    stream = asyncio.StreamReader(sock)
    try:
        query = bytearray(48)
        query[0] = 0x1B  # version 3, client
        sock.connect(found[0][-1])
        stream.write(query)
        await stream.drain()
        answer = await stream.read(48)
    finally:
        sock.close()
    return struct.unpack("!I", answer[40:44])[0] - EPOCH


async def main():
    """UDP promises no delivery: ask a few times."""
    async with modem.aio:
        for _ in range(TRIES):
            try:
                seconds = await asyncio.wait_for(ask(settings.NTP_HOST, settings.NTP_PORT), 5)
                print("It is %04d-%02d-%02d %02d:%02d:%02d UTC" % time.gmtime(seconds)[:6])
                return
            except asyncio.TimeoutError:
                print("asking again")


modem = board.modem(apn=settings.APN)
asyncio.run(main())
