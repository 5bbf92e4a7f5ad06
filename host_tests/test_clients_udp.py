"""NTP and DNS as boards speak them, on real MicroPython, over the virtual modem."""

import client_servers
from clients import play, play_on_own_sockets, tell

UDP = "scenes_clients_udp"
KNOWN, UNKNOWN = "board.example", "nobody.example"


def test_ntp_is_one_datagram_each_way(capsys):
    with client_servers.ntp_server() as ntp:
        record = play(UDP, "ntp", ntp.port)
        assert record.result == play_on_own_sockets(UDP, "ntp", ntp.port)
    assert record.result == client_servers.NTP_SECONDS
    tell(capsys, "ntptime-style", record.sizes())
    assert record.sizes() == [48]


def test_server_that_never_answers_costs_its_timeout_only():
    with client_servers.silent_udp_server() as silent, client_servers.ntp_server() as ntp:
        own = play_on_own_sockets(UDP, "silence", silent.port, ntp.port)
        record = play(UDP, "silence", silent.port, ntp.port)
    # The unix port's `recv` names it so; ports with lwIP, and we, call it ETIMEDOUT.
    assert own == ["EAGAIN", True, client_servers.NTP_SECONDS]
    assert record.result == ["ETIMEDOUT", True, client_servers.NTP_SECONDS]


def test_dns_queries_on_one_socket(capsys):
    names = [KNOWN, UNKNOWN, KNOWN]
    with client_servers.dns_server() as dns:
        record = play(UDP, "dns", dns.port, names)
        assert record.result == play_on_own_sockets(UDP, "dns", dns.port, names)
    address = client_servers.NAMES[KNOWN.encode()]
    assert record.result == [[True, address], [True, None], [True, address]]
    tell(capsys, "three DNS queries", record.sizes())
    assert record.sizes() == [len(name) + 18 for name in names]
    assert len(record.stats["connections"]) == 1
