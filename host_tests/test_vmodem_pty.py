"""The virtual modem as a process: a real pty, real sockets, real time; nothing sleeps."""

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import tty
from pathlib import Path

import pytest

from tools import servers
from tools.vmodem import rate
from tools.vmodem.__main__ import precise_loop

ROOT = Path(__file__).resolve().parent.parent
LIMIT_S = 20
UP = ("ATE0", "AT+CIPMUX=1", "AT+CSTT", "AT+CIICR")


class Terminal:
    """The host's end: types, and reads until the expected bytes are there."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self._unread = bytearray()

    def type(self, data):
        while data:
            _, writable, _ = select.select([], [self.descriptor], [], LIMIT_S)
            assert writable, "the modem takes nothing"
            data = data[os.write(self.descriptor, data[:1024]) :]

    def until(self, wanted):
        """Everything up to and with `wanted`."""
        end_s = time.monotonic() + LIMIT_S
        while wanted not in self._unread:
            readable, _, _ = select.select([self.descriptor], [], [], end_s - time.monotonic())
            assert readable, (wanted, bytes(self._unread[-200:]))
            self._unread += os.read(self.descriptor, 65536)
        end = self._unread.index(wanted) + len(wanted)
        taken = bytes(self._unread[:end])
        del self._unread[:end]
        return taken

    def some(self):
        """Whatever comes next."""
        assert select.select([self.descriptor], [], [], LIMIT_S)[0]
        return os.read(self.descriptor, 65536)

    def count(self, size):
        """The next `size` bytes."""
        end_s = time.monotonic() + LIMIT_S
        while len(self._unread) < size:
            readable, _, _ = select.select([self.descriptor], [], [], end_s - time.monotonic())
            assert readable, (size, len(self._unread))
            self._unread += os.read(self.descriptor, 65536)
        taken = bytes(self._unread[:size])
        del self._unread[:size]
        return taken

    def ask(self, line, answer="\r\nOK\r\n"):
        self.type(line.encode() + b"\r")
        return self.until(answer.encode())

    def up(self):
        for line in UP:
            self.ask(line)
        self.ask("AT+CIFSR", "10.78.245.128\r\n")

    def open(self, link, port, kind="TCP", host="127.0.0.1"):
        self.ask(f'AT+CIPSTART={link},"{kind}","{host}",{port}', f"{link}, CONNECT OK\r\n")

    def send(self, link, payload):
        self.ask(f"AT+CIPSEND={link},{len(payload)}", "> ")
        self.type(payload)
        self.until(f"{link}, SEND OK\r\n".encode())

    def receive(self):
        """The next pushed packet: (link, payload)."""
        self.until(b"+RECEIVE,")
        link, size = self.until(b":\r\n")[:-3].split(b",")
        return int(link), self.count(int(size))


@contextlib.contextmanager
def running(*options, **how):
    command = [sys.executable, "-m", "tools.vmodem", *options]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, **how
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(LIMIT_S)
        process.stdout.close()


@contextlib.contextmanager
def terminal(path):
    descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(descriptor)
    try:
        yield Terminal(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def modem(*options):
    """(terminal, process) of a fast modem on a pty."""
    fast = ("--pty", "--quiet", "--latency", "1", "--baud", "921600")
    with running(*fast, *options) as process:
        with terminal(process.stdout.readline().strip()) as line:
            yield line, process


def tcp_server():
    """A listening socket whose accepted connections have a time limit."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(LIMIT_S)
    return server


def accept(server):
    connection, _ = server.accept()
    connection.settimeout(LIMIT_S)
    return connection


def pattern(size, salt=0):
    return bytes((i * 7 + i // 251 + salt) & 0xFF for i in range(size))


# -- links to the real network -------------------------------------------------------------------


def test_six_tcp_links_to_a_real_server():
    with servers.TcpEcho() as echo, modem() as (line, _):
        line.up()
        for link in range(6):
            line.open(link, echo.port)
        for link in range(6):
            line.send(link, pattern(1460, link))
            got = b""
            while len(got) < 1460:
                number, data = line.receive()
                assert number == link
                got += data
            assert got == pattern(1460, link)


def test_name_is_resolved_by_this_machine():
    with servers.TcpEcho() as echo, modem() as (line, _):
        line.up()
        line.open(0, echo.port, host="localhost")
        assert b'"127.0.0.1"' in line.ask("AT+CIPSTATUS=0")
        line.ask('AT+CDNSGIP="localhost"', '+CDNSGIP: 1,"localhost","127.0.0.1"\r\n')


def test_datagrams_keep_their_boundaries():
    with servers.UdpEcho() as echo, modem() as (line, _):
        line.up()
        line.open(2, echo.port, "UDP")
        line.send(2, b"first")
        assert line.receive() == (2, b"first")
        line.send(2, b"second one")
        assert line.receive() == (2, b"second one")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "no such name", "”1.2.3.4“", "a" * 100, "x.invalid"]
)
def test_what_cannot_be_opened_is_connect_fail(host):
    with contextlib.closing(tcp_server()) as server:
        port = server.getsockname()[1]
    with modem() as (line, _):
        line.up()
        line.ask(f'AT+CIPSTART=1,"TCP",{host},{port}', "1, CONNECT FAIL\r\n")
        line.ask("AT")


def test_peer_closes_after_its_last_byte():
    with contextlib.closing(tcp_server()) as server, modem() as (line, _):
        line.up()
        line.open(0, server.getsockname()[1])
        with accept(server) as connection:
            connection.sendall(b"farewell")
        assert line.receive() == (0, b"farewell")
        line.until(b"\r\n0, CLOSED\r\n")


def test_host_closes_after_its_last_byte():
    with contextlib.closing(tcp_server()) as server, modem() as (line, _):
        line.up()
        line.open(0, server.getsockname()[1])
        with accept(server) as connection:
            line.send(0, b"farewell")
            line.ask("AT+CIPCLOSE=0", "0, CLOSE OK\r\n")
            assert connection.makefile("rb").read() == b"farewell"


def test_reading_holds_the_peer_back_and_loses_nothing():
    data = pattern(300_000)
    with contextlib.closing(tcp_server()) as server, modem() as (line, _):
        line.ask("ATE0")
        line.ask("AT+CIPRXGET=1")
        line.up()
        line.open(0, server.getsockname()[1])
        with accept(server) as connection:
            connection.setblocking(False)
            sent = got = 0
            read = bytearray()
            while len(read) < len(data):
                with contextlib.suppress(BlockingIOError):
                    sent += connection.send(data[sent : sent + 65536]) if sent < len(data) else 0
                line.type(b"AT+CIPRXGET=2,0,1460\r")
                line.until(b"+CIPRXGET: 2,0,")
                got, left = map(int, line.until(b"\r\n").split(b","))
                read += line.count(got)
                line.until(b"\r\nOK\r\n")
                assert left <= 16 * 1024
        assert read == data


def test_acknowledged_bytes_are_the_kernels():
    with contextlib.closing(tcp_server()) as server, modem() as (line, _):
        line.up()
        line.open(0, server.getsockname()[1])
        with accept(server) as connection:
            line.send(0, b"hello")
            assert connection.recv(5) == b"hello"
            line.ask("AT+CIPACK=0", "+CIPACK: 5,5,0\r\n")


def test_transparent_mode():
    with contextlib.closing(tcp_server()) as server, modem() as (line, _):
        line.ask("AT+CIPMODE=1")
        line.ask(f'AT+CIPSTART="TCP","127.0.0.1",{server.getsockname()[1]}', "\r\nCONNECT\r\n")
        with accept(server) as connection:
            line.type(pattern(5000))
            assert connection.makefile("rb").read(5000) == pattern(5000)
            connection.sendall(pattern(5000, 9))
            assert line.count(5000) == pattern(5000, 9)
        line.until(b"\r\nCLOSED\r\n")
        line.ask("AT")


# -- the line ------------------------------------------------------------------------------------


def test_line_is_paced():
    size = 11_520  # a second at 115200 bit/s
    with contextlib.closing(tcp_server()) as server:
        with modem("--baud", "115200") as (line, _):
            line.up()
            line.open(0, server.getsockname()[1])
            with accept(server) as connection:
                connection.sendall(bytes(size))
                begin_s = time.monotonic()
                got = sum(len(line.receive()[1]) for _ in range(8))
                took_s = time.monotonic() - begin_s
            assert got == size
            # The first packet is on the line when the clock starts; a busy machine may be late.
            assert 0.85 < took_s < 3


def test_waits_are_not_rounded_up_to_milliseconds():
    async def shortest():
        waits = []
        for _ in range(50):
            start = time.perf_counter()
            await asyncio.sleep(0.0002)
            waits.append(time.perf_counter() - start)
        return min(waits)  # a busy machine only makes them longer

    with contextlib.closing(precise_loop()) as loop:
        assert 0.0002 <= loop.run_until_complete(shortest()) < 0.001


def test_fastest_rate_is_sustained():
    size = 400_000
    with contextlib.closing(tcp_server()) as server, modem() as (line, _):
        line.up()
        line.open(0, server.getsockname()[1])
        with accept(server) as connection:
            connection.setblocking(False)
            sent = got = 0
            begin_s = time.monotonic()
            while got < size:
                with contextlib.suppress(BlockingIOError):
                    sent += connection.send(bytes(min(65536, size - sent)))
                got += len(line.receive()[1])
            took_s = time.monotonic() - begin_s
        line_s = size * 10 / 921600
        assert line_s * 0.95 < took_s < line_s * 1.5


def test_host_that_does_not_read_loses_bytes(tmp_path):
    path = tmp_path / "stats.json"
    with contextlib.closing(tcp_server()) as server, modem("--stats", str(path)) as (line, _):
        line.up()
        line.open(0, server.getsockname()[1])
        with accept(server) as connection:
            connection.sendall(pattern(150_000))
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(1) == b""  # the modem has taken it all and closed
    assert json.loads(path.read_text())["counters"]["host_overrun"] > 50_000


def test_flow_control_stops_the_modem_while_the_host_does_not_read():
    data = pattern(150_000)
    with contextlib.closing(tcp_server()) as server, modem("--flow") as (line, _):
        line.up()
        line.open(0, server.getsockname()[1])
        with accept(server) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(2)  # the line needs 1.7 s for all of it
            with pytest.raises(TimeoutError):
                connection.recv(1)
            got = b""
            while len(got) < len(data):
                got += line.receive()[1]
            assert got == data
            line.until(b"\r\n0, CLOSED\r\n")


def test_host_at_another_rate_is_not_understood():
    with modem() as (line, _):
        line.ask("AT+CIPMUX=0")
        rate.set_on_terminal(line.descriptor, 115200)
        line.type(b"AT+CIPMUX=1\r")
        line.some()  # of the echo of what the modem took it for
        rate.set_on_terminal(line.descriptor, 921600)
        line.type(b"\r")
        line.ask("AT+CIPMUX?", "+CIPMUX: 0\r\n\r\nOK\r\n")


def test_host_at_another_rate_understands_nothing():
    with contextlib.closing(tcp_server()) as server, modem() as (line, _):
        line.up()
        line.open(0, server.getsockname()[1])
        with accept(server) as connection:
            rate.set_on_terminal(line.descriptor, 460800)
            connection.sendall(bytes(1000))
            assert bytes(10) not in line.some()
            rate.set_on_terminal(line.descriptor, 921600)
            line.ask("AT")


def test_rate_is_changed_on_both_sides():
    with modem() as (line, _):
        line.ask("AT+IPR=57600")
        rate.set_on_terminal(line.descriptor, 57600)
        line.type(b"\r")
        line.ask("AT+IPR?", "+IPR: 57600\r\n\r\nOK\r\n")


def test_a_descriptor_without_a_rate_has_none():
    ours, theirs = socket.socketpair()
    with contextlib.closing(ours), contextlib.closing(theirs):
        rate.set_on_terminal(ours.fileno(), 115200)
        assert rate.of_terminal(ours.fileno()) is None


def test_inherited_descriptor():
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    os.set_blocking(theirs, False)
    with running("--quiet", "--fd", str(ours), pass_fds=(ours,)) as process:
        os.close(ours)
        line = Terminal(theirs)
        line.ask("AT")
        process.terminate()
        assert process.wait(LIMIT_S) == 0
    os.close(theirs)


def test_modem_ends_when_its_parent_is_gone():
    ours, theirs = socket.socketpair()
    with running("--quiet", "--fd", str(theirs.fileno()), pass_fds=(theirs.fileno(),)) as process:
        theirs.close()
        Terminal(ours.fileno()).ask("AT")
        ours.close()
        assert process.wait(LIMIT_S) == 0


def test_host_may_close_the_pty_and_come_back(tmp_path):
    link = tmp_path / "modem"
    with running("--pty", "--quiet", "--link", str(link)) as process:
        path = process.stdout.readline().strip()
        assert os.readlink(link) == path
        for _ in range(3):
            with terminal(link) as line:
                line.ask("AT")
    assert not link.is_symlink()


def test_cold_start_and_pin():
    with modem("--cold", "--pin", "4321") as (line, _):
        line.until(b"RDY\r\n")
        line.ask("AT+CPIN?", "+CPIN: SIM PIN\r\n")
        line.ask("AT+CPIN=4321")


# -- the record ----------------------------------------------------------------------------------


def test_statistics_on_signal_and_at_the_end(tmp_path):
    path = tmp_path / "stats.json"
    with servers.TcpEcho() as echo, modem("--stats", str(path)) as (line, process):
        port = echo.port
        line.up()
        line.open(3, port)
        line.send(3, b"hello")
        assert line.receive() == (3, b"hello")
        process.send_signal(signal.SIGUSR1)
        line.ask("AT")
        while not path.exists():  # the signal is handled between two turns of the event loop
            line.ask("AT")
        now = json.loads(path.read_text())
        assert now["bearer"] == "IP PROCESSING"
        assert now["links"][3]["state"] == "CONNECTED"
        line.ask("AT+CIPCLOSE=3", "3, CLOSE OK\r\n")
    (connection,) = json.loads(path.read_text())["connections"]
    assert connection == {
        "link": 3,
        "kind": "TCP",
        "host": "127.0.0.1",
        "port": port,
        "bytes_up": 5,
        "bytes_down": 5,
        "closed_by": "host",
        "accepted": False,
        "context": 0,
        "local_port": 0,
    }


def test_trace_shows_both_directions_readably(tmp_path):
    path = tmp_path / "trace.txt"
    with servers.TcpEcho() as echo, modem("--trace", str(path)) as (line, _):
        line.up()
        line.open(0, echo.port)
        line.send(0, b"x" * 1000)
        line.receive()
    text = path.read_text()
    assert "host  ATE0\\r\n" in text
    assert "modem \\r\\nOK\\r\\n\n" in text
    assert "…904 bytes…" in text
    stamps = [float(row.split()[0]) for row in text.splitlines()]
    assert stamps == sorted(stamps) and 0 <= stamps[0] < LIMIT_S


def test_live_trace_on_the_standard_output():
    with running("--pty", "--trace", "-") as process:
        with terminal(process.stdout.readline().strip()) as line:
            line.ask("AT")
        assert process.stdout.readline().endswith("host  AT\\r\n")
        echo = ""  # torn into portions by the pace of the line
        while not echo.endswith("\\r"):
            echo += process.stdout.readline().rstrip("\n").split("modem ")[1]
        assert echo == "AT\\r"


def test_fault_from_the_command_line():
    with modem("--fault", "error=1") as (line, _):
        line.ask("AT", "\r\nERROR\r\n")


@pytest.mark.parametrize(
    "options, complaint",
    [
        (["--pty", "--fault", "gremlins=1"], "gremlins"),
        (["--pty", "--fault", "silent=2"], "silent=2"),
        (["--pty", "--fault", "silent"], "silent"),
        (["--pty", "--baud", "0"], "0"),
        (["--pty", "--latency", "-1"], "-1"),
        (["--pty", "--profile", "nokia"], "nokia"),
        ([], "--pty"),
    ],
)
def test_bad_option_is_named(options, complaint):
    command = [sys.executable, "-m", "tools.vmodem", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 2 and complaint in done.stderr


def test_help_explains_every_option_and_fault():
    command = [sys.executable, "-m", "tools.vmodem", "--help"]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for option in (
        "--pty",
        "--fd",
        "--baud",
        "--latency",
        "--seed",
        "--stats",
        "--trace",
        "--link",
    ):
        assert option in text
    assert "bit/s" in text and "ms from" in text and "lost_prompt" in text
