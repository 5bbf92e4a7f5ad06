"""HTTP with asyncio: two pages at once, while something else goes on."""

import asyncio

import board
import settings
import sixlink


async def get(path):
    """The status and the body of a page."""
    reader, writer = await asyncio.open_connection(settings.HTTP_HOST, settings.HTTP_PORT)
    try:
        writer.write("GET %s HTTP/1.0\r\nHost: %s\r\n\r\n" % (path, settings.HTTP_HOST))
        await writer.drain()
        status = int((await reader.readline()).split()[1])
        while (await reader.readline()).strip():
            pass  # the headers end with an empty line
        return status, await reader.read(-1)
    finally:
        writer.close()
        await writer.wait_closed()


async def blink(counts):
    """Stands for what else a program has to do: it never waits for the network."""
    while True:
        counts[0] += 1
        await asyncio.sleep_ms(20)


async def main():
    counts = [0]
    blinking = asyncio.create_task(blink(counts))
    pages = await asyncio.wait_for(asyncio.gather(get("/"), get("/status")), 60)
    blinking.cancel()
    for status, body in pages:
        print("page:", status, len(body))
    print("blinked:", counts[0] > 1)


modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)
asyncio.run(main())
modem.disconnect()
