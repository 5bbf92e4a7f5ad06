"""WebSocket with `chumicro-websockets`, which a loop turns: talk to an echo server.

Copy `chumicro_websockets`, `chumicro_sockets` and `chumicro_timing` to the board.
"""

import time

import board
import settings
import sixlink
from chumicro_sockets.sockets_factory import connector_factory
from chumicro_websockets import WebSocketClient, WebSocketState

LINES = ("hello", "how are you", "bye")


def turn_until(client, ready):
    while not ready():
        if client.state == WebSocketState.CLOSED:
            raise OSError("the connection has ended: %s" % client.last_error)
        client.handle(time.ticks_ms())
        time.sleep_ms(5)


def talk(client):
    answers = []
    client.on_text = answers.append
    for number, line in enumerate(LINES):
        client.send_text(line)
        turn_until(client, lambda n=number: len(answers) > n)
        print("echo:", answers[-1])


modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)
client = WebSocketClient(connector_factory())
client.connect(settings.WEBSOCKET_URL)
turn_until(client, lambda: client.state == WebSocketState.OPEN)
talk(client)
client.close()
while client.state != WebSocketState.CLOSED:
    client.handle(time.ticks_ms())
print("closed:", client.last_close_code)
modem.disconnect()
