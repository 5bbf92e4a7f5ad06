"""WebSocket under asyncio: one task turns `chumicro-websockets`, others send and receive."""

import asyncio
import time

import board
import settings
import sixlink
from chumicro_sockets.sockets_factory import connector_factory
from chumicro_websockets import WebSocketClient, WebSocketState

LINES = ("hello", "how are you", "bye")


async def turn(client):
    """Keep the connection going until it is closed."""
    while client.state != WebSocketState.CLOSED:
        client.handle(time.ticks_ms())
        await asyncio.sleep_ms(5)


async def talk(client, opened):
    answers = []
    came = asyncio.Event()

    def on_text(text):
        answers.append(text)
        came.set()

    client.on_text = on_text
    await opened.wait()
    for line in LINES:
        client.send_text(line)
        await came.wait()
        came.clear()
        print("echo:", answers[-1])
    client.close()


async def main():
    opened = asyncio.Event()
    client = WebSocketClient(connector_factory())
    client.on_open = opened.set
    client.connect(settings.WEBSOCKET_URL)
    await asyncio.wait_for(asyncio.gather(turn(client), talk(client, opened)), 60)
    print("closed:", client.last_close_code)


modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)
asyncio.run(main())
modem.disconnect()
