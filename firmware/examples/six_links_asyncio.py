"""Six links at once over `modem.aio`: each task talks to an echo server as if it were alone."""

import asyncio

import board
import settings

COUNT = 6


async def tell():
    async for event in modem.aio.events():
        if event[0] != "note":  # the steps of the bring-up
            print(*event)


async def next_line(reader):
    """Waits as long as it takes. A wait that is given up loses nothing of the line."""
    while True:
        try:
            return await asyncio.wait_for(reader.readline(), 1)
        except asyncio.TimeoutError:
            print("still waiting")


async def talk(number, reader, writer):
    right = 0
    for turn in range(5):
        line = b"link %d, line %d\n" % (number, turn)
        writer.write(line)
        await writer.drain()
        right += await next_line(reader) == line
    await writer.wait_closed()
    return right


async def main():
    telling = asyncio.create_task(tell())
    async with modem.aio:
        found = await modem.aio.getaddrinfo(settings.ECHO_HOST, settings.ECHO_PORT)
        address = found[0][-1]  # the name is asked for once, not six times
        opening = [modem.aio.open_connection(*address) for _ in range(COUNT)]
        streams = await asyncio.gather(*opening)
        talks = [talk(number, *streams[number]) for number in range(COUNT)]
        print("lines:", await asyncio.gather(*talks))
    telling.cancel()


modem = board.modem(apn=settings.APN)
asyncio.run(main())
