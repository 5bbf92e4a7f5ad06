"""The loopback servers that the demo and the real tests reach."""

import http.client
import re
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tools import servers

ROOT = Path(__file__).parent.parent


def client(port):
    return socket.create_connection((servers.HOST, port), timeout=10)


def test_tcp_echo_serves_several_at_once(tcp_echo):
    with client(tcp_echo.port) as one, client(tcp_echo.port) as two:
        two.sendall(b"second")
        assert two.recv(100) == b"second"
        one.sendall(b"first")
        assert one.recv(100) == b"first"
        two.shutdown(socket.SHUT_WR)
        assert two.recv(100) == b""
    assert sorted(map(bytes, tcp_echo.received)) == [b"first", b"second"]


def test_udp_echo_keeps_datagrams_apart(udp_echo):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(10)
        for datagram in (b"a", b"", b"b" * 1460):
            sock.sendto(datagram, (servers.HOST, udp_echo.port))
            assert sock.recvfrom(2000) == (datagram, (servers.HOST, udp_echo.port))
    assert udp_echo.received == [b"a", b"", b"b" * 1460]


def test_http_echo_answers_get_and_post(http_echo):
    connection = http.client.HTTPConnection(servers.HOST, http_echo.port, timeout=10)
    connection.request("GET", "/some/path")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"/some/path")
    body = bytes(range(256)) * 300
    connection.request("POST", "/form", body)
    assert connection.getresponse().read() == body
    connection.close()
    assert http_echo.requests == [
        ("GET", "/some/path", b"/some/path"),
        ("POST", "/form", body),
    ]


def test_a_peer_that_resets_its_connection_is_no_error(capfd):
    with servers.TcpEcho() as echo:
        with client(echo.port) as sock:
            sock.sendall(b"x")
            assert sock.recv(1) == b"x"
            sock.sendall(bytes(200_000))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with client(echo.port) as sock:
            sock.sendall(b"y")
            assert sock.recv(1) == b"y"
    assert capfd.readouterr() == ("", "")


def test_nobody_listens_on_the_refused_port():
    with pytest.raises(ConnectionRefusedError):
        client(servers.refused_port())


def test_command_line_runs_one_of_each_until_ctrl_c():
    command = [sys.executable, "-m", "tools.servers"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        ports = re.findall(r"(?:127.0.0.1:|echo )(\d+)", process.stdout.readline())
        assert len(ports) == 3
        with client(int(ports[1])) as sock:
            sock.sendall(b"hello")
            assert sock.recv(5) == b"hello"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
