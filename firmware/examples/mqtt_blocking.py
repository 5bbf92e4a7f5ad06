"""MQTT with `chumicro-mqtt`, which a loop turns: readings go out, commands come in.

Copy `chumicro_mqtt`, `chumicro_sockets` and `chumicro_timing` to the board (pip install --target).
`umqtt.simple` (mip install umqtt.simple) works as well, with its own calls.
"""

import time

import board
import settings
import sixlink
from chumicro_mqtt import MQTTClient
from chumicro_sockets.sockets_factory import fixed_connector_factory

READINGS = 3


def publish_readings(client):
    """Each waits for the broker's word (QoS 1); the client mends a lost link by itself."""
    acked = []
    for number in range(READINGS):
        client.publish("board/reading", str(number), qos=1, on_publish=lambda *_: acked.append(1))
        while len(acked) <= number:
            client.handle(time.ticks_ms())
            time.sleep_ms(5)
    print("acknowledged:", len(acked))


def wait_for_command(client):
    commands = []
    client.on_message = lambda topic, payload: commands.append(bytes(payload).decode())
    client.publish("board/state", "ready")
    while not commands:
        client.handle(time.ticks_ms())
        time.sleep_ms(5)
    print("command:", commands[0])


modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)
factory = fixed_connector_factory(settings.MQTT_HOST, settings.MQTT_PORT)
client = MQTTClient(
    transport_factory=factory, client_id="board", will_topic="board/state", will_message=b"lost"
)
client.subscribe("to/board", 1)
client.connect()
publish_readings(client)
wait_for_command(client)
client.disconnect()
modem.disconnect()
