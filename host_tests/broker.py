"""A real MQTT broker (amqtt) on loopback, and a client of it on the test's side.

    with Broker() as broker:
        ...  # clients connect to ("127.0.0.1", broker.port)
        broker.payload("board/hello")          # waits until it has come
        broker.publish("board/command", b"on")
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Coroutine
from typing import Any

import amqtt.broker
import amqtt.client

from tools import servers

SECONDS = 20
_CONFIG = {
    "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
}
_WATCHER = {"auto_reconnect": False, "connection": {}}


class Broker:
    """Runs in a thread of its own. `payload` takes messages in their order, those on other
    topics than the one asked for are dropped."""

    def __init__(self) -> None:
        logging.getLogger("amqtt").setLevel(logging.CRITICAL)
        logging.getLogger("transitions").setLevel(logging.CRITICAL)
        self.port = servers.refused_port()
        self._messages: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Broker:
        self._thread.start()
        self._run(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def payload(self, topic: str) -> bytes:
        """Wait for the next message on `topic`. Raises queue.Empty after 20 seconds without."""
        while True:
            name, data = self._messages.get(timeout=SECONDS)
            if name == topic:
                return data

    def publish(self, topic: str, data: bytes, qos: int = 1) -> None:
        self._run(self._watcher.publish(topic, data, qos))

    def take_over(self, client_id: str) -> None:
        """Connect under the name of another client, whose connection the broker then closes
        (MQTT 3.1.1, 3.1.4)."""
        self._run(self._connected(client_id))

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(SECONDS)

    async def _start(self) -> None:
        listener = {"default": {"type": "tcp", "bind": f"{servers.HOST}:{self.port}"}}
        self._broker = amqtt.broker.Broker({**_CONFIG, "listeners": listener})
        await self._broker.start()
        self._watcher = await self._connected("watcher")
        await self._watcher.subscribe([("board/#", 1)])
        self._watching = asyncio.ensure_future(self._watch())

    async def _connected(self, client_id: str) -> amqtt.client.MQTTClient:
        client = amqtt.client.MQTTClient(client_id, {"auto_reconnect": False})
        await client.connect(f"mqtt://{servers.HOST}:{self.port}/")
        return client

    async def _watch(self) -> None:
        while message := await self._watcher.deliver_message():
            self._messages.put((message.topic, bytes(message.data)))

    async def _stop(self) -> None:
        self._watching.cancel()
        await self._watcher.disconnect()
        await self._broker.shutdown()
