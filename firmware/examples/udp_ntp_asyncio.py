"""Ask for the time by NTP while other tasks go on."""

import asyncio
import socket
import struct
import time

import board
import settings
import sixlink

_1970 = 2208988800  # seconds from 1900, where NTP begins to count
_TRIES = 3


async def ask(host, port):
    """Seconds since 1970 (RFC 5905). A datagram is read and written like a stream."""
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
    return struct.unpack("!I", answer[40:44])[0] - _1970


async def main():
    """UDP promises no delivery: ask again, a few times."""
    for _ in range(_TRIES):
        try:
            seconds = await asyncio.wait_for(ask(settings.NTP_HOST, settings.NTP_PORT), 5)
            break
        except asyncio.TimeoutError:
            print("no answer")
    else:
        return
    since_2000 = seconds - 946684800
    epoch = time.gmtime(0)[0]  # 2000 on boards, 1970 on computers
    now = time.gmtime(since_2000 if epoch == 2000 else seconds)
    print("It is %04d-%02d-%02d %02d:%02d:%02d UTC" % now[:6])


modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)
asyncio.run(main())
modem.disconnect()
