"""MQTT with `chumicro-mqtt`, which a loop turns: readings go out, commands come in."""

import time

import board
import settings
import sixlink
from chumicro_mqtt import MQTTClient, ProtocolState
from chumicro_sockets.sockets_factory import fixed_connector_factory

READINGS = 3


def turn_until(client, ready):
    while not ready():
        if client.state == ProtocolState.FAILED:
            raise client.last_error
        client.handle(time.ticks_ms())
        time.sleep_ms(5)


def publish_readings(client):
    """They wait for the broker's word (QoS 1)."""
    acked = []
    for number in range(READINGS):
        client.publish("board/reading", str(number), qos=1, on_publish=lambda *_: acked.append(1))
    turn_until(client, lambda: len(acked) == READINGS)
    print("acknowledged:", len(acked))


def wait_for_command(client):
    commands = []
    client.on_message = lambda topic, payload: commands.append(bytes(payload).decode())
    client.publish("board/state", "ready")
    turn_until(client, lambda: commands)
    print("command:", commands[0])


modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)
broker = fixed_connector_factory(settings.MQTT_HOST, settings.MQTT_PORT)
client = MQTTClient(transport_factory=broker, client_id="board")
client.set_will("board/state", b"lost")
client.subscribe("to/board", 1)
client.connect()
publish_readings(client)
wait_for_command(client)
client.disconnect()
modem.disconnect()
