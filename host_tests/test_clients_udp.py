import client_servers, pytest
from clients import play, play_on_own_sockets
U="scenes_clients_udp"
def test_ntp():
    with client_servers.ntp_server() as s, client_servers.silent_udp_server() as q, client_servers.dns_server() as d:
        for a in ([U, "ntp", s.port], [U, "silence", q.port, s.port], [U, "dns", d.port, ["board.example", "nobody.example", "board.example"]]):
            print(play_on_own_sockets(*a))
            print(play(*a))
