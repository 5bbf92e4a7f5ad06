"""HTTP by stock clients on real MicroPython, over the virtual modem, from real servers."""
import client_servers
from clients import play, play_on_own_sockets
import pytest
import sys
HTTP="scenes_clients_http"
@pytest.fixture
def web():
    with client_servers.http_server() as server:
        yield server

def summary(size):
    body = client_servers.body(size)
    return [size, body[0], body[-1], sum(body)]

@pytest.mark.parametrize("scene,args", [("get",()),("post",()),("redirect",()),("download",(100_000,)),("stream",(100_000,)),("give_up",(10_000_000,)),("chumicro",(20000,)),("chumicro_stream",(50000,))])
def test_it(web, scene, args):
    own = play_on_own_sockets(HTTP, scene, web.port, *args)
    print(own)
    r = play(HTTP, scene, web.port, *args)
    print(r.result, r.sends, r.stats)
    assert own == r.result

@pytest.mark.parametrize("client", ["requests", "chumicro"])
def test_bad(client, web):
    with client_servers.bad_servers() as bad:
        l = [*bad.values(), web.port]
        own = play_on_own_sockets(HTTP, "bad_servers", client, l)
        r = play(HTTP, "bad_servers", client, l)
        for k,a,b in zip([*bad,"good"],own,r.result): print(k,a,b)
        print(r.sends, r.stats["connections"])
        assert own == r.result
