"""WebSocket by `chumicro-websockets` from PyPI."""

from scenes_clients import HOST, offline, online, turn_until

LARGE = bytes(range(250)) * 24  # 6000 bytes


def client_of(port, path="/"):
    from chumicro_sockets.sockets_factory import connector_factory
    from chumicro_websockets import WebSocketClient

    client = WebSocketClient(connector_factory())
    client.connect("ws://%s:%d%s" % (HOST, port, path))
    return client


def echo(over, port):
    """Text, 6 kB of binary and a ping to a server that sends back what comes; then a farewell."""
    modem = online(over)
    client = client_of(port)
    texts, binaries, pongs = [], [], []
    client.on_text = texts.append
    client.on_binary = lambda data: binaries.append(bytes(data))
    client.on_pong = lambda data: pongs.append(bytes(data).decode())
    turn_until(lambda: client.state == "open", client)
    client.send_text("21.5 °C")
    client.send_binary(LARGE)
    client.send_ping(b"there?")
    turn_until(lambda: texts and binaries and pongs, client)
    client.close(1000, "done")
    turn_until(lambda: client.state == "closed", client)
    offline(modem)
    return [texts, [data == LARGE for data in binaries], pongs, client.last_close_code]


def ended(over, port, path):
    """How a connection ends that the server ends: the close code, and the name of an error."""
    modem = online(over)
    client = client_of(port, path)
    texts = []
    client.on_text = texts.append
    turn_until(lambda: client.state == "closed", client)
    error = client.last_error
    offline(modem)
    return [texts, client.last_close_code, None if error is None else type(error).__name__]
