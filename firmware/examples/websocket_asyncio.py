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


async def next_answer(answers):
    while not answers:
        await asyncio.sleep_ms(5)
    return answers.pop(0)


async def talk(client):
    answers = []
    client.on_text = answers.append
    while client.state == WebSocketState.CONNECTING:
        await asyncio.sleep_ms(5)
    for line in LINES:
        client.send_text(line)
        print("echo:", await asyncio.wait_for(next_answer(answers), 30))
    client.close()


async def main():
    client = WebSocketClient(connector_factory())
    client.connect(settings.WEBSOCKET_URL)
    await asyncio.gather(turn(client), talk(client))
    print("closed:", client.last_close_code)


modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)
asyncio.run(main())
modem.disconnect()
