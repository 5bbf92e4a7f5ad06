"""MQTT by three clients on real MicroPython, over the virtual modem, at a real broker."""

import pytest
from broker import Broker
from clients import board_and_modem, play, play_on_own_sockets, tell
from real import Board

MQTT = "scenes_clients_mqtt"
LARGE = bytes(range(250)) * 24  # 6000 bytes
SUM = b"6000 747000"
CLIENTS = pytest.mark.parametrize("client", ["aiomqttc", "chumicro"])


@pytest.fixture
def broker():
    with Broker() as broker:
        yield broker


def test_publish_in_the_manner_of_umqtt_is_one_send(broker, capsys):
    """Connect takes eight writes to the socket, subscribe three, publish four."""
    record = play(MQTT, "simple", broker.port, 5)
    assert record.result == play_on_own_sockets(MQTT, "simple", broker.port, 5)
    assert record.result == [None, [f"reading {number}" for number in range(5)]]
    connect, subscribe, *publish, disconnect = record.sizes()
    tell(capsys, "umqtt-style, five publishes", publish)
    assert (connect, subscribe, disconnect) == (19, 17, 2)
    assert publish == [23] * 5


@CLIENTS
def test_both_ways_qos_0_and_1_up_to_6_kb(broker, client, capsys):
    with board_and_modem() as (board, modem):
        scene = board.scene(MQTT, client, "modem", broker.port)
        assert broker.payload("board/plain") == b"21.5 C"
        assert broker.payload("board/acked") == b"21.6 C"
        assert broker.payload("board/large") == LARGE
        broker.publish("to/board", LARGE)
        assert broker.payload("board/got") == SUM
        acknowledged, messages = scene.result()
        record = modem.record([acknowledged, messages])
    assert len(acknowledged) == 3 and all(acknowledged)
    assert messages == [["to/board", SUM.decode()]]
    tell(capsys, f"{client}: connect, subscribe, four publishes, one of 6 kB", record.sizes())
    segments = [size for size in record.sizes() if size == 1460]
    assert len(segments) == 4
    assert len(record.sizes()) - len(segments) <= 8  # one a packet: the rest of the large, the ack


@pytest.mark.parametrize("lost", ["by the broker", "with the bearer"])
@CLIENTS
def test_last_will_and_a_new_connection_when_the_link_is_lost(broker, client, lost):
    """Of the bearer the modem says `+PDP: DEACT`; no Timer helps the program to get it back."""
    with board_and_modem() as (board, modem):
        scene = board.scene(MQTT, f"{client}_again", "modem", broker.port)
        assert [broker.payload("board/hello") for _ in range(2)] == [b"first", b"ready"]
        if lost == "by the broker":
            broker.drop_all()
        else:
            modem.fault("pdp_deact")
        assert broker.payload("board/state") == b"lost"
        assert broker.payload("board/hello") == b"again"
        assert scene.result() is True
        record = modem.record(True)
    assert len(record.stats["connections"]) >= 2
    assert record.stats["counters"].get("pdp_deact", 0) == (lost == "with the bearer")


@CLIENTS
def test_the_broker_hanging_up_looks_the_same_on_own_sockets(broker, client):
    with Board() as board:
        scene = board.scene(MQTT, f"{client}_again", "own", broker.port)
        assert [broker.payload("board/hello") for _ in range(2)] == [b"first", b"ready"]
        broker.drop_all()
        assert broker.payload("board/state") == b"lost"
        assert broker.payload("board/hello") == b"again"
        assert scene.result() is True
