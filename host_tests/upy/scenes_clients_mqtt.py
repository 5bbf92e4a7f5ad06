"""MQTT by three clients: `aiomqttc` and `chumicro-mqtt` from PyPI, and one that writes to its
socket as `umqtt.simple` does.

Each talks as "board" to a broker at which the test listens to all that begins with "board/".
"""

import asyncio
import builtins
import struct

from scenes_clients import HOST, offline, online, turn_until

WILL = ("board/state", b"lost")
LARGE = bytes(range(250)) * 24  # 6000 bytes


def checksum(data):
    return b"%d %d" % (len(data), sum(data))


# -- aiomqttc -------------------------------------------------------------------------------------


async def aio_client(port, keepalive=60):
    # On boards as well: MicroPython has it as a name of `asyncio` only, and aiomqttc wants both.
    builtins.TimeoutError = asyncio.TimeoutError
    from aiomqttc import MQTTClient

    client = MQTTClient(
        "board",
        HOST,
        port,
        keepalive=keepalive,
        will_topic=WILL[0],
        will_message=WILL[1],
        will_qos=1,
    )
    await client.connect()
    return client


def aiomqttc(over, port):
    """QoS 0 and 1 out, 6 kB out and in, and a farewell."""
    modem = online(over)

    async def talk():
        client = await aio_client(port)
        came = asyncio.Event()
        messages = []

        async def on_message(client, topic, payload, retain):
            messages.append([topic, checksum(payload).decode()])
            came.set()

        client.on_message = on_message
        await client.subscribe("to/board", 1)
        sent = [await client.publish("board/plain", "21.5 C", qos=0)]
        sent.append(await client.publish("board/acked", "21.6 C", qos=1))
        sent.append(await client.publish("board/large", LARGE, qos=1))
        await asyncio.wait_for(came.wait(), 10)
        await client.publish("board/got", messages[0][1], qos=1)
        await client.disconnect()
        return [sent, messages]

    result = asyncio.run(talk())
    offline(modem)
    return result


def aiomqttc_again(over, port):
    """Say "ready" when all is acknowledged, wait until the connection is lost, and then say
    "again" until the broker has it."""
    modem = online(over)

    async def talk():
        client = await aio_client(port, keepalive=2)
        await client.publish("board/hello", "first", qos=1)
        await client.publish("board/hello", "ready", qos=0)
        while client.connected:
            await asyncio.sleep(0.05)
        for _ in range(40):
            if await client.publish("board/hello", "again", qos=1):
                break
            await asyncio.sleep(0.5)
        connected = client.connected
        await client.disconnect()
        return connected

    result = asyncio.run(talk())
    offline(modem)
    return result


# -- chumicro-mqtt --------------------------------------------------------------------------------


def chumicro_client(port, **options):
    from chumicro_mqtt import MQTTClient
    from chumicro_sockets.sockets_factory import fixed_connector_factory

    client = MQTTClient(
        transport_factory=fixed_connector_factory(HOST, port),
        client_id="board",
        will_topic=WILL[0],
        will_message=WILL[1],
        will_qos=1,
        **options,
    )
    client.connect()
    turn_until(lambda: client.state == "connected", client)
    return client


def chumicro(over, port):
    modem = online(over)
    client = chumicro_client(port, rx_buffer_size=7000)
    messages = []
    acked = []
    client.on_message = lambda topic, payload: messages.append([topic, checksum(payload).decode()])
    client.subscribe("to/board", 1)
    client.publish("board/plain", "21.5 C")
    client.publish("board/acked", "21.6 C", qos=1, on_publish=lambda *_: acked.append("small"))
    client.publish("board/large", LARGE, qos=1, on_publish=lambda *_: acked.append("large"))
    turn_until(lambda: messages and len(acked) == 2, client)
    client.publish("board/got", messages[0][1], qos=1, on_publish=lambda *_: acked.append("got"))
    turn_until(lambda: len(acked) == 3, client)
    client.disconnect()
    offline(modem)
    return [acked, messages]


def chumicro_again(over, port):
    """As `aiomqttc_again`, but the client mends the connection by itself."""
    modem = online(over)
    client = chumicro_client(port)
    acked = []
    client.on_publish = lambda topic, payload: acked.append(payload)
    client.publish("board/hello", "first", qos=1)
    turn_until(lambda: acked, client)
    client.publish("board/hello", "ready")
    turn_until(lambda: client.state != "connected", client)
    client.publish("board/hello", "again", qos=1)
    turn_until(lambda: b"again" in acked, client)
    connected = client.state == "connected"
    client.disconnect()
    offline(modem)
    return connected


# -- in the manner of umqtt.simple ----------------------------------------------------------------


class Simple:
    """Writes a packet in the pieces in which `umqtt.simple` does, and reads as it does."""

    def __init__(self, port):
        import socket

        self.sock = socket.socket()
        self.sock.settimeout(10)
        self.sock.connect(socket.getaddrinfo(HOST, port)[0][-1])
        head = bytearray(b"\x10\x11\0\0\0\0")
        self.sock.write(head, 2)
        self.sock.write(b"\0\x04MQTT\x04\x02\0\x3c")
        self.string(b"board")
        self.check(b"\x20\x02\0\0")

    def string(self, text):
        self.sock.write(struct.pack("!H", len(text)))
        self.sock.write(text)

    def check(self, answer):
        got = self.sock.read(len(answer))
        if got != answer:
            raise ValueError("%r instead of %r" % (got, answer))

    def publish(self, topic, message):
        """QoS 0, in four writes."""
        head = bytearray(b"\x30\0\0\0")
        size = 2 + len(topic) + len(message)
        i = 1
        while size > 0x7F:
            head[i] = (size & 0x7F) | 0x80
            size >>= 7
            i += 1
        head[i] = size
        self.sock.write(head, i + 1)
        self.string(topic)
        self.sock.write(message)

    def subscribe(self, topic):
        head = bytearray(b"\x82\0\0\x01")
        head[1] = 5 + len(topic)
        self.sock.write(head)
        self.string(topic)
        self.sock.write(b"\0")
        self.check(b"\x90\x03\0\x01\0")

    def wait_msg(self):
        """The payload of the next message, which must be a short one of QoS 0."""
        self.sock.setblocking(True)
        kind, size = self.sock.read(2)
        topic_size = struct.unpack("!H", self.sock.read(2))[0]
        self.sock.read(topic_size)
        return self.sock.read(size - topic_size - 2)

    def check_msg(self):
        """None when no message waits."""
        self.sock.setblocking(False)
        first = self.sock.read(1)
        self.sock.setblocking(True)
        return first

    def disconnect(self):
        self.sock.write(b"\xe0\0")
        self.sock.close()


def simple(over, port, count):
    """`count` messages, each waited for as it comes back from the broker."""
    modem = online(over)
    client = Simple(port)
    client.subscribe(b"board/echo")
    idle = client.check_msg()
    back = []
    for number in range(count):
        client.publish(b"board/echo", b"reading %d" % number)
        back.append(client.wait_msg().decode())
    client.disconnect()
    offline(modem)
    return [idle, back]
