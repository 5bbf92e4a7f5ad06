"""The modem as a server on real MicroPython, over the virtual modem; the clients are real ones."""

import contextlib
import errno
import http.client
import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from real import virtual_modem

from tools import servers

PORT = 8080  # the modem's own
FAMILIES = pytest.mark.parametrize("profile", ["sim800", "air724"])
SCENES = "scenes_server"


@contextlib.contextmanager
def serving(scene, *args, profile="sim800"):
    """A scene that listens: (port of this machine, scene, modem)."""
    port = servers.refused_port()
    options = ("--profile", profile, "--server", f"{PORT}={port}")
    with virtual_modem(*options) as (board, modem):
        playing = board.scene(SCENES, scene, *args)
        assert playing.line() == "listening"
        yield port, playing, modem


def call(port, data):
    """Send `data`, and give what comes back of it."""
    with socket.create_connection((servers.HOST, port), 30) as peer:
        peer.sendall(data)
        got = bytearray()
        while len(got) < len(data):
            part = peer.recv(4096)
            assert part, "hung up"
            got += part
    return bytes(got)


@FAMILIES
def test_asyncio_start_server_with_three_clients_at_once(profile):
    bodies = [bytes((n + i * i) % 251 for i in range(4000 + n)) for n in range(3)]
    with serving("echo_server", 3, profile=profile) as (port, playing, modem):
        with ThreadPoolExecutor(3) as pool:
            assert list(pool.map(lambda body: call(port, body), bodies)) == bodies
        sizes, left = playing.result()
        stats = modem.stop()
    assert (sorted(sizes), left) == ([4000, 4001, 4002], 0)
    assert sorted(c["link"] for c in stats["connections"]) == [0, 1, 2]
    assert stats["counters"].get("host_overrun", 0) == 0


def test_a_blocking_server():
    with serving("blocking_server", 3) as (port, playing, _):
        for n in range(3):
            with socket.create_connection((servers.HOST, port), 30) as peer:
                peer.sendall(b"client %d\n" % n)
                assert peer.makefile("rb").read() == b"goodbye\n"
        callers = playing.result()
    assert callers == [["127.0.0.1", f"client {n}\n"] for n in range(3)]


def test_a_modem_without_a_server_says_so():
    with virtual_modem() as (board, _):
        assert board.play(SCENES, "no_server") == [errno.EOPNOTSUPP, True]


def fetch(port, path, data=None, kind="text/plain"):
    """A page: status, type, bytes; it waits until the server has hung up."""
    client = http.client.HTTPConnection(servers.HOST, port, timeout=30)
    client.request("GET" if data is None else "POST", path, data, {"Content-Type": kind})
    with client.sock.dup() as peer:
        response = client.getresponse()
        page = (response.status, response.headers["Content-Type"], response.read())
        assert peer.recv(1) == b""
    client.close()
    return page


def test_microdot_serves_pages():
    with serving("web_server", 20) as (port, playing, modem):
        index = (200, "text/html", b"<h1>hello from the modem</h1>")
        data = (200, "text/plain; charset=UTF-8", bytes(range(256)) * 20)
        assert fetch(port, "/") == index
        assert fetch(port, "/data") == data
        form = json.dumps({"name": "Zoë", "padding": "x" * 3000}).encode()
        status, kind, answer = fetch(port, "/form", form, "application/json")
        assert (status, kind) == (200, "application/json; charset=UTF-8")
        assert json.loads(answer) == {"name": "Zoë", "length": len(form)}
        with ThreadPoolExecutor(4) as pool:
            assert (
                list(pool.map(lambda path: fetch(port, path), ["/", "/data"] * 2))
                == [index, data] * 2
            )
        assert fetch(port, "/stop", b"")[2] == b"bye"
        assert playing.result() == 0
        stats = modem.stop()
    assert len(stats["connections"]) == 8
