"""WebSocket by `chumicro-websockets` on real MicroPython, over the virtual modem."""

import client_servers
import pytest
from clients import play, play_on_own_sockets, tell

WEBSOCKET = "scenes_clients_websocket"


@pytest.fixture
def port():
    with client_servers.websocket_server() as port:
        yield port


def play_twice(scene, *args):
    """Over the modem, and over the own sockets with the same outcome."""
    record = play(WEBSOCKET, scene, *args)
    assert record.result == play_on_own_sockets(WEBSOCKET, scene, *args)
    return record


def test_text_binary_of_6_kb_and_ping_come_back(port, capsys):
    record = play_twice("echo", port)
    assert record.result == [["21.5 °C"], [True], ["there?"], 1000]
    tell(capsys, "chumicro-websockets: upgrade, text, 6 kB, ping, close", record.sizes())
    segments = [size for size in record.sizes() if size == 1460]
    assert len(segments) == 4
    assert len(record.sizes()) - len(segments) <= 5


def test_server_that_says_goodbye(port):
    assert play_twice("ended", port, "/bye").result == [["bye"], 1001, None]


def test_server_that_hangs_up_without_a_word(port):
    assert play_twice("ended", port, "/rude").result == [["rude"], 1011, "WebSocketProtocolError"]
