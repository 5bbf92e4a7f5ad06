"""Fixtures of the tests that talk to real sockets and real MicroPython."""

import contextlib
import socket

import pytest
from dialect_watch import DialectWatch
from real import Board

from tools import dialect_table, interpreter, servers
from tools.certificates import Authority


def pytest_addoption(parser):
    parser.addoption("--all-pairs", action="store_true", help="all pairs of faults: an hour")


def pytest_configure(config):
    config.pluginmanager.register(DialectWatch(config, dialect_table.judge), "dialect-watch")


def pytest_report_header():
    return f"micropython: {interpreter.find()}"


@pytest.fixture
def board():
    """A pty whose far end the test plays itself."""
    with Board() as board:
        yield board


@pytest.fixture
def tcp_echo():
    with servers.TcpEcho() as echo:
        yield echo


@pytest.fixture
def udp_echo():
    with servers.UdpEcho() as echo:
        yield echo


@pytest.fixture
def http_echo():
    with servers.HttpEcho() as echo:
        yield echo


@pytest.fixture
def black_hole():
    """A port that takes no connection and refuses none: its queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((servers.HOST, 0))
        listener.listen(0)
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture(scope="module")
def ca(authority, tmp_path_factory):
    """The file with the certificate that the scenes trust."""
    path = tmp_path_factory.mktemp("ca") / "ca.der"
    path.write_bytes(authority.der)
    return str(path)
