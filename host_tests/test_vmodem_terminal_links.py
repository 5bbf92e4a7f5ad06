"""Servers, local ports and transparent mode of the virtual modem on a pty, with real sockets."""

import contextlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys

import pytest
from test_vmodem_pty import LIMIT_S, ROOT, accept, modem, tcp_server

STANDSTILL_S = 0.5  # a terminal that takes nothing for so long is being held back
PAYLOAD = random.Random(7).randbytes(200_000)


def statistics(line, process, path):
    path.unlink(missing_ok=True)
    process.send_signal(signal.SIGUSR1)
    while not path.exists():  # the signal is handled between two turns of the event loop
        line.ask("AT")
    return json.loads(path.read_text())


def test_a_client_finds_the_server_where_the_statistics_say(tmp_path):
    path = tmp_path / "stats.json"
    options = ("--profile", "sim800", "--server", "80=0", "--stats", str(path))
    with modem(*options) as (line, process):
        line.up()
        line.ask("AT+CIPSERVER=1,80", "SERVER OK\r\n")
        server = statistics(line, process, path)["server"]
        assert server["port"] == 80
        with socket.create_connection(("127.0.0.1", server["listens_at"]), LIMIT_S) as client:
            line.until(b"0, REMOTE IP: 127.0.0.1\r\n")
            client.sendall(b"hello")
            assert line.receive() == (0, b"hello")
            line.send(0, b"answer")
            assert client.recv(100) == b"answer"
        line.until(b"0, CLOSED\r\n")
        line.ask("AT+CIPSERVER=0", "SERVER CLOSE\r\n")
        assert statistics(line, process, path)["server"] is None


@pytest.mark.parametrize("text", ["80", "a=b", "80=", "80=1=2"])
def test_bad_server_option_is_told(text):
    command = [sys.executable, "-m", "tools.vmodem", "--pty", "--server", text]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 2
    assert f"{text!r} is not PORT=PORT" in done.stderr


@contextlib.contextmanager
def online(*options, room=None):
    """(terminal, connection of the peer) in transparent mode; `room` is the peer's buffer."""
    with contextlib.closing(tcp_server()) as server, modem(*options) as (line, _):
        if room:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        line.ask("ATE0")
        line.ask("AT+CIPMODE=1")
        place = server.getsockname()[1]
        line.ask(f'AT+CIPSTART="TCP","127.0.0.1",{place}', "\r\nCONNECT\r\n")
        with accept(server) as connection:
            connection.settimeout(LIMIT_S)
            yield line, connection


def test_transparent_stream_both_ways_and_the_peers_close():
    with online("--flow") as (line, connection):
        connection.sendall(b"from the peer")
        assert line.count(13) == b"from the peer"
        line.type(b"from the host")
        assert connection.recv(100) == b"from the host"
        connection.shutdown(socket.SHUT_RDWR)
        line.until(b"\r\nCLOSED\r\n")
        line.ask("AT")


def test_host_is_held_back_while_the_peer_does_not_read(tmp_path):
    """With flow control nothing is lost, however long the peer sleeps."""
    path = tmp_path / "stats.json"
    with online("--flow", "--stats", str(path), room=4096) as (line, connection):
        left = memoryview(PAYLOAD)
        while select.select([], [line.descriptor], [], STANDSTILL_S)[1]:
            left = left[write(line.descriptor, left) :]
        assert len(left) > 50_000
        got = bytearray()
        while len(got) < len(PAYLOAD):
            got += connection.recv(65536)
            left = left[write(line.descriptor, left) :]
        assert bytes(got) == PAYLOAD
    assert json.loads(path.read_text())["counters"].get("rx_overrun", 0) == 0


def write(descriptor, data):
    with contextlib.suppress(BlockingIOError):
        return os.write(descriptor, data[:4096])
    return 0
