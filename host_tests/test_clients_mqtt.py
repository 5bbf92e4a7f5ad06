import pytest
from broker import Broker
from clients import board_and_modem, play, play_on_own_sockets
from real import Board
MQTT = "scenes_clients_mqtt"

@pytest.fixture
def broker():
    with Broker() as broker:
        yield broker

@pytest.mark.parametrize("over", ["own", "modem"])
def test_simple(broker, over):
    if over == "own":
        print(play_on_own_sockets(MQTT, "simple", broker.port, 5))
    else:
        r = play(MQTT, "simple", broker.port, 5)
        print(r)

@pytest.mark.parametrize("client", ["aiomqttc", "chumicro"])
def test_talk(broker, client):
    with board_and_modem() as (board, modem):
        scene = board.scene(MQTT, client, "modem", broker.port)
        assert broker.payload("board/plain") == b"21.5 C"
        assert broker.payload("board/acked") == b"21.6 C"
        l = broker.payload("board/large")
        assert l == bytes(range(250))*24
        broker.publish("to/board", l)
        print(broker.payload("board/got"))
        r = scene.result()
        print(modem.trace())
        print(modem.record(r))

@pytest.mark.parametrize("how", ["pdp_deact", "drop_all"])
@pytest.mark.parametrize("client", ["aiomqttc", "chumicro"])
def test_again(broker, client, how):
    with board_and_modem() as (board, modem):
        scene = board.scene(MQTT, client+"_again", "modem", broker.port)
        assert broker.payload("board/hello") == b"1"
        if how == "pdp_deact":
            modem.fault("pdp_deact")
        else:
            broker.drop_all()
        print(broker.payload("board/state"))
        print(broker.payload("board/hello"))
        r = scene.result()
        print(modem.trace())
        print(modem.record(r))
