"""Transparent mode on real MicroPython, over the virtual modem, to real sockets."""

import contextlib
import hashlib
import random
import threading

import pytest
from real import virtual_modem
from tls_servers import TcpServer

BAUD = 921600
FAMILIES = pytest.mark.parametrize("family", ["luat", "sim800"])


@contextlib.contextmanager
def modem_of(family):
    with virtual_modem("--profile", family, baud=BAUD, flow=True) as (board, modem):
        yield board, modem


def noise(seed, size):
    """Random bytes with many runs of pluses."""
    chance = random.Random(seed)
    data = bytearray(chance.randbytes(size))
    for _ in range(size // 5000):
        at = chance.randrange(size - 5)
        count = chance.randrange(1, 6)
        data[at : at + count] = b"+" * count
    return bytes(data)


def talking(text):
    """A handler that sends `text` while it takes what comes."""

    def handle(connection, received):
        sending = threading.Thread(target=connection.sendall, args=(text,))
        sending.start()
        with contextlib.suppress(OSError):
            while data := connection.recv(65536):
                received += data
        sending.join()

    return handle


def sha256(data):
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("family, size", [("luat", 1 << 20), ("sim800", 1 << 18)])
def test_a_mebibyte_each_way_at_once(family, size, tcp_echo, capsys):
    text = noise(1, size)
    with TcpServer(talking(text)) as peer, modem_of(family) as (board, modem):
        scene = ("scenes_transparent", "both_ways", peer.port, tcp_echo.port, size)
        out, into, ms, counters, again = board.play(*scene, timeout=90)
        stats = modem.stop()
    assert peer.ended.acquire(timeout=10)
    assert into == sha256(text)
    assert out == sha256(peer.received[0])
    assert peer.received[0].count(b"+++") >= size // 4096
    assert counters == [size, size] == [len(peer.received[0]), len(text)]
    connection = stats["connections"][0]
    assert (connection["bytes_up"], connection["bytes_down"]) == (size, size)
    assert again is True
    with capsys.disabled():
        share = size / (ms / 1000) / (BAUD / 10)
        print(f"\n{family}: {size} bytes each way in {ms} ms, {share:.0%} of the line each way")
    assert ms < 40_000


@FAMILIES
def test_asyncio(family, tcp_echo, black_hole):
    with modem_of(family) as (board, _):
        result = board.play("scenes_transparent", "with_asyncio", tcp_echo.port, black_hole)
    assert result == ["TimeoutError: ", True, True, "again\n"]
