"""MQTT with `aiomqttc`: readings go out, commands come in. Copy aiomqttc.py to the board."""

import asyncio
import builtins

import board
import settings
import sixlink

# MicroPython has this name in `asyncio` only; aiomqttc takes it for a builtin.
builtins.TimeoutError = asyncio.TimeoutError

from aiomqttc import MQTTClient  # noqa: E402

READINGS = 3


async def main():
    commands = []
    came = asyncio.Event()

    async def on_message(client, topic, payload, retain):
        commands.append(payload.decode())
        came.set()

    client = MQTTClient(
        "board",
        settings.MQTT_HOST,
        settings.MQTT_PORT,
        will_topic="board/state",
        will_message="lost",
    )
    client.on_message = on_message
    await client.connect()
    await client.subscribe("to/board", 1)
    for number in range(READINGS):
        print("acknowledged:", await client.publish("board/reading", str(number), qos=1))
    await client.publish("board/state", "ready", qos=0)
    await asyncio.wait_for(came.wait(), 60)
    print("command:", commands[0])
    await client.disconnect()


modem = board.modem(apn=settings.APN)
modem.connect()
sixlink.install(modem)
asyncio.run(main())
modem.disconnect()
