import contextlib, client_servers
from broker import Broker
from clients import play, play_on_own_sockets
def test_six(tcp_echo, udp_echo):
    with Broker() as broker, client_servers.http_server() as web, client_servers.websocket_server() as ws:
        ports = {"mqtt": broker.port, "http": web.port, "websocket": ws, "tcp": tcp_echo.port, "udp": udp_echo.port}
        print(play_on_own_sockets("scenes_clients_together", "six", ports))
        print(play("scenes_clients_together", "six", ports))
