"""One peer on the bare UART over `modem.aio`: reading and writing at once, each in a task."""

import asyncio

import board
import settings

COUNT = 20


async def send(writer):
    for number in range(COUNT):
        writer.write(b"reading %d\n" % number)
        await writer.drain()


async def receive(reader):
    """How many lines come back right."""
    right = 0
    for number in range(COUNT):
        line = await asyncio.wait_for(reader.readline(), 10)
        right += line == b"reading %d\n" % number
    return right


async def main():
    async with modem.aio:
        host, port = settings.ECHO_HOST, settings.ECHO_PORT
        reader, writer = await modem.aio.transparent(host, port, timeout=60)
        try:
            results = await asyncio.gather(send(writer), receive(reader))
            print("lines:", results[1])
        finally:
            writer.close()
        await modem.aio.connect()  # waits for the six links
        print(modem)


modem = board.modem(apn=settings.APN)
asyncio.run(main())
