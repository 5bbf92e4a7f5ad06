"""A real MQTT broker (amqtt) on loopback, and a client of it on the test's side.

    with Broker() as broker:
        ...  # clients connect to ("127.0.0.1", broker.port)
        broker.payload("board/hello")          # waits until it has come
        broker.publish("board/command", b"on")

It runs in a thread; the client of the test hears all that begins with "board/".
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
from amqtt.adapters import StreamReaderAdapter, StreamWriterAdapter

from tools import servers

SECONDS = 20
_CONFIG = {
    "listeners": {"default": {"type": "external"}},  # we accept, so that we can hang up as well
    "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
}


class Broker:
    """Runs in a thread of its own. `payload` takes messages in their order, those on other
    topics than the one asked for are dropped."""

    def __init__(self) -> None:
        logging.getLogger("amqtt").setLevel(logging.CRITICAL)
        logging.getLogger("transitions").setLevel(logging.CRITICAL)
        self.port = 0
        self._messages: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._writers: list[asyncio.StreamWriter] = []
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

    def drop_all(self) -> None:
        """Close the connections of all clients but our own, without a word."""
        self._loop.call_soon_threadsafe(self._close_all)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(SECONDS)

    async def _start(self) -> None:
        self._broker = amqtt.broker.Broker(_CONFIG)
        await self._broker.start()
        self._server = await asyncio.start_server(self._serve, servers.HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self._watcher = amqtt.client.MQTTClient("watcher", {"auto_reconnect": False})
        await self._watcher.connect(f"mqtt://{servers.HOST}:{self.port}/")
        await self._watcher.subscribe([("board/#", 1)])
        self._watching = asyncio.ensure_future(self._watch())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        adapters = StreamReaderAdapter(reader), StreamWriterAdapter(writer)
        await self._broker.external_connected(*adapters, "default")

    def _close_all(self) -> None:
        for writer in self._writers[1:]:  # the first is the watcher's
            writer.close()

    async def _watch(self) -> None:
        while message := await self._watcher.deliver_message():
            self._messages.put((message.topic, bytes(message.data)))

    async def _stop(self) -> None:
        self._watching.cancel()
        await self._watcher.disconnect()
        self._server.close()
        await self._broker.shutdown()
        left = asyncio.all_tasks() - {asyncio.current_task()}  # of clients that went silently
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
