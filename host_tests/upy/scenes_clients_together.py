"""Four stock clients at work at once, beside two plain sockets: six links."""

import asyncio

from scenes_clients import HOST, offline, online
from scenes_clients_http import chumicro_client as http_client
from scenes_clients_http import summary, url
from scenes_clients_mqtt import aio_client
from scenes_clients_websocket import client_of as websocket_client

ROUNDS = 5
SIZE = 20000


class Crowd:
    """What each of the six has got so far, and the most links that were up at one time."""

    def __init__(self, modem, ports):
        self.modem = modem
        self.ports = ports
        self.got = {}
        self.most = 0

    def look(self):
        if self.modem is not None:
            self.most = max(self.most, sum(link.up for link in self.modem.links))

    async def turns(self, client, ready):
        """Turn a poll-driven client until `ready()`, letting the others live."""
        from chumicro_timing import ticks_ms

        while not ready():
            now = ticks_ms()
            if client.check(now):
                client.handle(now)
            self.look()
            await asyncio.sleep_ms(5)

    async def aiomqttc(self):
        client = await aio_client(self.ports["mqtt"])
        acked = self.got["aiomqttc"] = []
        for n in range(ROUNDS):
            acked.append(await client.publish("board/aio", str(n), qos=1))
        return client.disconnect

    async def chumicro_mqtt(self):
        from chumicro_mqtt import MQTTClient
        from chumicro_sockets.sockets_factory import fixed_connector_factory

        factory = fixed_connector_factory(HOST, self.ports["mqtt"])
        client = MQTTClient(transport_factory=factory, client_id="other")
        acked = self.got["chumicro-mqtt"] = []
        client.connect()
        for n in range(ROUNDS):
            client.publish(
                "board/poll", str(n), qos=1, on_publish=lambda _, data: acked.append(data.decode())
            )
        await self.turns(client, lambda: len(acked) == ROUNDS)
        return client.disconnect

    async def chumicro_requests(self):
        client = http_client(max_body_bytes=SIZE)
        handle = client.get(url(self.ports["http"], "/bytes/%d" % SIZE), timeout_ms=30000)
        await self.turns(client, lambda: handle.done)
        self.got["chumicro-requests"] = summary(handle.result.body)

    async def chumicro_websockets(self):
        client = websocket_client(self.ports["websocket"])
        texts = self.got["chumicro-websockets"] = []
        client.on_text = texts.append
        await self.turns(client, lambda: client.state == "open")
        for n in range(ROUNDS):
            client.send_text("message %d" % n)
            await self.turns(client, lambda n=n: len(texts) > n)
        client.close()
        await self.turns(client, lambda: client.state == "closed")

    async def tcp(self):
        reader, writer = await asyncio.open_connection(HOST, self.ports["tcp"])
        lines = self.got["TCP"] = []
        for n in range(ROUNDS):
            writer.write(b"line %d\n" % n)
            await writer.drain()
            lines.append((await reader.readline()).decode())
        writer.close()
        await writer.wait_closed()

    async def udp(self):
        import socket

        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.connect(socket.getaddrinfo(HOST, self.ports["udp"])[0][-1])
        sock.setblocking(False)
        stream = asyncio.StreamReader(sock)
        datagrams = self.got["UDP"] = []
        for n in range(ROUNDS):
            stream.write(b"datagram %d" % n)
            await stream.drain()
            datagrams.append((await stream.read(100)).decode())
        stream.close()


async def meet(crowd):
    tasks = (
        crowd.aiomqttc(),
        crowd.chumicro_mqtt(),
        crowd.chumicro_requests(),
        crowd.chumicro_websockets(),
        crowd.tcp(),
        crowd.udp(),
    )
    aio, poll = (await asyncio.wait_for(asyncio.gather(*tasks), 30))[:2]
    poll()
    await aio()


def six(over, ports):
    modem = online(over)
    crowd = Crowd(modem, ports)
    asyncio.run(meet(crowd))
    offline(modem)
    return [crowd.most, crowd.got]
