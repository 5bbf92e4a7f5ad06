import client_servers, pytest
from clients import play, play_on_own_sockets
WS="scenes_clients_websocket"
@pytest.mark.parametrize("scene, args", [("echo",[]), ("ended",["/bye"]), ("ended",["/rude"])])
def test_ws(scene, args):
    with client_servers.websocket_server() as port:
        print(play_on_own_sockets(WS, scene, port, *args))
        print(play(WS, scene, port, *args))
