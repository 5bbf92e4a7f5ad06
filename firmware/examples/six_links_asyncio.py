"""Six links at once with asyncio: each task talks to an echo server as if it were alone."""

import asyncio

import board
import settings
import sixlink

COUNT = 6
ROUNDS = 5


async def talk(number, everybody):
    """Connect, wait until all six are connected, and then exchange lines."""
    reader, writer = await asyncio.open_connection(settings.ECHO_HOST, settings.ECHO_PORT)
    try:
        everybody.append(number)
        while len(everybody) < COUNT:
            await asyncio.sleep_ms(10)
        right = 0
        for turn in range(ROUNDS):
            line = b"link %d, line %d\n" % (number, turn)
            writer.write(line)
            await writer.drain()
            right += await reader.readline() == line
        return right
    finally:
        writer.close()
        await writer.wait_closed()


async def main():
    everybody = []
    tasks = [talk(number, everybody) for number in range(COUNT)]
    print("lines that came back:", await asyncio.wait_for(asyncio.gather(*tasks), 60))


modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)
asyncio.run(main())
print(modem)
modem.disconnect()
