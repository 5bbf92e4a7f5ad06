"""The modem as a server under asyncio: an echo for up to six callers at once.

For SIM800 and older Air724; elsewhere `start_server` raises OSError(EOPNOTSUPP).
"""

import asyncio

import board
import settings
import sixlink

CALLERS = 3


async def serve(reader, writer):
    global served
    size = 0
    try:
        while True:
            data = await reader.read(500)
            if not data:
                break
            writer.write(data)
            await writer.drain()
            size += len(data)
    except OSError as error:
        print("failed:", error.errno)
    await writer.wait_closed()
    print("echoed", size)
    served += 1


async def main():
    server = await asyncio.start_server(serve, "0.0.0.0", settings.SERVER_PORT)
    print("listening at", modem.ifconfig()[0], settings.SERVER_PORT)
    while served < CALLERS:
        await asyncio.sleep_ms(100)
    server.close()
    await server.wait_closed()


served = 0
modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)
asyncio.run(main())
modem.disconnect()
