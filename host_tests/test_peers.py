"""The peers that misbehave must do so, or tests with them prove nothing."""

import socket

import pytest

from tools import peers, servers


@pytest.fixture(scope="module")
def puppet():
    with peers.Puppet() as puppet:
        yield puppet


@pytest.fixture(scope="module")
def udp_puppet():
    with peers.UdpPuppet() as puppet:
        yield puppet


def told(puppet, programme):
    sock = socket.create_connection((servers.HOST, puppet.port), timeout=10)
    sock.sendall(programme.encode() + b"\n")
    return sock


def everything(sock):
    return b"".join(iter(lambda: sock.recv(4096), b""))


@pytest.mark.parametrize(
    "programme, sent",
    [
        ("send 3", b"\0\1\2"),
        ("send 2, say one/two/, send 2", b"\0\1one\ntwo\n\2\3"),
        ("slow 3 1", b"\0\1\2"),
        ("send 300", peers.pattern(300)),
        ("say", None),
    ],
)
def test_a_programme_is_played_and_ends_with_the_connection(puppet, programme, sent, capfd):
    with told(puppet, programme) as sock:
        assert everything(sock) == (sent or b"")
    shown = capfd.readouterr().err
    assert ("TypeError" in shown) == (sent is None), "a wrong programme is shown, a right one not"


def test_pattern_goes_on_where_it_was():
    assert peers.pattern(300)[250:260] == peers.pattern(10, at=250)


def test_line_and_digest_wait_for_the_client(puppet):
    with told(puppet, "say a, line, say b, digest") as sock:
        assert sock.recv(9) == b"a"
        sock.sendall(b"first\nsecond\n")
        assert everything(sock) == b"b" + peers.digest(b"second")


def test_lines_may_come_torn_and_together(puppet):
    with told(puppet, "digest, digest") as sock:
        for piece in (b"o", b"ne\ntw", b"o\n"):
            sock.sendall(piece)
        assert everything(sock) == peers.digest(b"one") + peers.digest(b"two")


def test_echo_begins_with_what_came_behind_the_programme(puppet):
    with told(puppet, "echo\nearly") as sock:
        sock.shutdown(socket.SHUT_WR)
        assert everything(sock) == b"early\n"


def test_half_closes_one_direction_only(puppet):
    with told(puppet, "half, keep half") as sock:
        assert everything(sock) == b""
        sock.sendall(b"still heard")
    with told(puppet, "tell half") as sock:
        assert everything(sock) == peers.digest(b"still heard")


def test_wait_ends_with_the_signal_of_another_connection(puppet):
    with told(puppet, "wait go, say gone") as first:
        with told(puppet, "signal go") as second:
            assert everything(second) == b""
        assert everything(first) == b"gone"


def test_reset_is_a_reset_and_comes_after_the_data(puppet):
    with told(puppet, "send 2, line, reset") as sock:
        assert sock.recv(9) == b"\0\1"
        sock.sendall(b"\n")
        with pytest.raises(ConnectionResetError):
            sock.recv(9)


def test_a_peer_that_does_not_read_is_felt_within_the_first_megabyte(puppet):
    with told(puppet, "wait read, digest") as sock:
        sock.setblocking(False)
        written = 0
        with pytest.raises(BlockingIOError):
            while written < 1_000_000:
                written += sock.send(bytes(4096))
        sock.settimeout(10)
        with told(puppet, "signal read"):
            sock.sendall(b"\n")
        assert everything(sock) == peers.digest(bytes(written))


@pytest.mark.parametrize("programme", ["flood", "echo", "sink", "line", "keep left"])
def test_a_client_that_leaves_is_no_error(puppet, programme, capfd):
    with told(puppet, programme) as sock:
        sock.settimeout(0.05)
        try:
            sock.recv(100)
        except TimeoutError:
            pass
    with told(puppet, "say alive") as sock:
        assert everything(sock) == b"alive"
    assert capfd.readouterr() == ("", "")


def test_udp_puppet_answers_as_told_or_echoes(udp_puppet):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(10)
        sock.connect((servers.HOST, udp_puppet.port))
        for sent, lengths in ((b"reply 1 0 1460", [1, 0, 1460]), (b"reply", []), (b"abc", [3])):
            sock.send(sent)
            assert [len(sock.recv(2000)) for _ in lengths] == lengths


def test_nobody_answers_a_silent_port():
    with peers.Silent() as silent, socket.socket() as sock:
        sock.settimeout(0.2)
        with pytest.raises(TimeoutError):
            sock.connect((servers.HOST, silent.port))
