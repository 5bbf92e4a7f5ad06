"""HTTP by stock clients on real MicroPython, over the virtual modem, from real servers.

Every scene is played over the interpreter's own sockets as well and must come to the same end.
"""

import client_servers
import pytest
from clients import play, play_on_own_sockets, tell

HTTP = "scenes_clients_http"
HELLO = [200, "text/plain", "hello from a real server"]


@pytest.fixture
def web():
    with client_servers.http_server() as server:
        yield server


def play_twice(scene, *args):
    """Over the modem, and over the own sockets with the same outcome."""
    record = play(HTTP, scene, *args)
    assert record.result == play_on_own_sockets(HTTP, scene, *args)
    return record


def summary(size):
    body = client_servers.body(size)
    return [size, body[0], body[-1], sum(body)]


# -- requests -------------------------------------------------------------------------------------


def test_get_with_headers_is_one_send(web, capsys):
    record = play_twice("get", web.port)
    assert record.result == HELLO
    method, path, headers = web.requests[0]
    assert (method, path, headers["X-One"], headers["X-Two"]) == ("GET", "/hello", "1", "2")
    tell(capsys, "requests.get with three headers", record.sizes())
    assert len(record.sends) == 1


def test_post_of_json_put_of_binary_and_chunks(web, capsys):
    record = play_twice("post", web.port)
    assert record.result == [True, b"\x00\xff\r\nOK\r\n".hex(), "in several parts"]
    assert [method for method, _, _ in web.requests] == ["POST", "PUT", "POST"] * 2
    tell(capsys, "requests.post, put and a chunked post", record.sizes())
    assert len(record.sends) == 3


def test_redirect_is_followed_on_a_second_connection(web):
    record = play_twice("redirect", web.port)
    assert record.result == [200, HELLO[2]]
    assert len(record.sends) == len(record.stats["connections"]) == 2


def test_download_of_100_kb(web, capsys):
    record = play_twice("download", web.port, 100_000)
    assert record.result == summary(100_000)
    tell(capsys, "requests.get of 100 kB", record.sizes())
    assert len(record.sends) == 1


def test_streaming_read_in_pieces(web):
    size = 25_500
    record = play_twice("stream", web.port, size)
    assert record.result == [size, sum(client_servers.body(size)), 26]


def test_server_that_floods_10_mb_is_held_back_and_left(web):
    record = play_twice("give_up", web.port, 10_000_000)
    assert record.result == [sum(client_servers.body(32_000)[-1000:]), HELLO[2]]
    assert 32_000 <= record.stats["connections"][0]["bytes_down"] < 50_000


# -- HTTPS ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority():
    return client_servers.Authority()


def test_requests_over_tls_with_a_checked_certificate(authority, tmp_path):
    (tmp_path / "ca.der").write_bytes(authority.der)
    with client_servers.https_server(authority.context("localhost")) as web:
        record = play_twice("https", web.port, str(tmp_path / "ca.der"))
    assert record.result == HELLO


@pytest.mark.parametrize("wrong", ["authority", "host"])
def test_request_to_a_wrong_server_is_never_sent(authority, tmp_path, wrong):
    """A certificate of another authority, or for another host."""
    known = client_servers.Authority() if wrong == "authority" else authority
    name = "elsewhere.example" if wrong == "host" else "localhost"
    (tmp_path / "ca.der").write_bytes(known.der)
    with client_servers.https_server(authority.context(name)) as web:
        record = play_twice("https", web.port, str(tmp_path / "ca.der"))
        assert web.requests == []
    assert record.result == "ValueError"


# -- chumicro-requests ----------------------------------------------------------------------------


def test_chumicro_requests(web, capsys):
    record = play_twice("chumicro", web.port, 20_000)
    assert record.result == HELLO + [True, HELLO[2], summary(20_000)]
    tell(capsys, "chumicro-requests, five requests", record.sizes())
    assert len(record.sends) == 5


def test_chumicro_requests_streaming(web):
    record = play_twice("chumicro_stream", web.port, 20_000)
    assert record.result == [200, 20_000, sum(client_servers.body(20_000))]


# -- servers that misbehave -----------------------------------------------------------------------

GOOD = [200, HELLO[2]]
SLOW = [200, "byte by byte"]
OUTCOMES = {
    "requests": {
        "reset": "ECONNRESET",
        "close at once": "ValueError",
        "close in headers": [200, ""],  # the client takes the end for the end of the headers
        "close in body": [200, "byte by"],  # … and does not look at Content-Length
        "never answer": "ETIMEDOUT",
        "byte by byte": SLOW,
        "nonsense": "ValueError",
        "refuse": "ECONNREFUSED",
        "unknown name": "OSError",
        "good": GOOD,
    },
    "chumicro": {
        "reset": "HttpError",
        "close at once": "HttpProtocolError",
        "close in headers": "HttpProtocolError",
        "close in body": "HttpProtocolError",
        "never answer": "HttpTimeoutError",
        "byte by byte": SLOW,
        "nonsense": "HttpProtocolError",
        "refuse": "HttpError",
        "unknown name": "HttpError",
        "good": GOOD,
    },
}
# What a modem cannot know: it says `CLOSED` for a reset as for an end, and of a name that it
# could not resolve no more than that the connection failed.
OTHERWISE = {
    "requests": {"reset": "ValueError", "unknown name": "ECONNREFUSED"},
    "chumicro": {"reset": "HttpProtocolError"},
}


@pytest.mark.parametrize("client", ["requests", "chumicro"])
def test_servers_that_misbehave(web, client):
    with client_servers.bad_servers() as bad:
        ports = {**bad, "good": web.port}
        own = play_on_own_sockets(HTTP, "bad_servers", client, list(ports.values()))
        record = play(HTTP, "bad_servers", client, list(ports.values()))
    expected = OUTCOMES[client]
    assert dict(zip(ports, own, strict=True)) == expected
    assert dict(zip(ports, record.result, strict=True)) == {**expected, **OTHERWISE[client]}
