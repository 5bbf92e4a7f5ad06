"""Four stock clients at once on real MicroPython, beside two plain sockets: six links."""

import client_servers
import pytest
from broker import Broker
from clients import play, play_on_own_sockets, tell


@pytest.fixture
def ports(tcp_echo, udp_echo):
    with (
        Broker() as broker,
        client_servers.http_server() as web,
        client_servers.websocket_server() as websocket,
    ):
        yield {
            "mqtt": broker.port,
            "http": web.port,
            "websocket": websocket,
            "tcp": tcp_echo.port,
            "udp": udp_echo.port,
        }


def test_six_links_at_work_at_once(ports, capsys):
    record = play("scenes_clients_together", "six", ports)
    most, got = record.result
    assert most == 6
    body = client_servers.body(20_000)
    assert got == {
        "aiomqttc": [True] * 5,
        "chumicro-mqtt": ["0", "1", "2", "3", "4"],
        "chumicro-requests": [len(body), body[0], body[-1], sum(body)],
        "chumicro-websockets": [f"message {n}" for n in range(5)],
        "TCP": [f"line {n}\n" for n in range(5)],
        "UDP": [f"datagram {n}" for n in range(5)],
    }
    assert got == play_on_own_sockets("scenes_clients_together", "six", ports)[1]
    assert sorted(c["link"] for c in record.stats["connections"]) == list(range(6))
    for connection in record.stats["connections"]:
        assert sum(record.sizes(connection["link"])) == connection["bytes_up"]
    tell(capsys, "six clients at once", record.sizes())
