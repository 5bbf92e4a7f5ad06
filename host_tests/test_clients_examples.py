"""firmware/examples as they are, on real MicroPython over the virtual modem; docs quote them."""

import contextlib
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import client_servers
import pytest
import tls_servers
from broker import Broker
from clients import board_and_modem

from tools import servers, setup

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "firmware" / "examples"
BOARD = Path(__file__).parent / "upy" / "board.py"
TOPICS = ("http", "https", "mqtt", "udp_ntp", "websocket", "six_links", "server", "transparent")
# These have no example: test_flight.py, test_asking.py and test_docs.py run them.
WITHOUT_EXAMPLE = ("debugging", "at", "low-power", "ota", "repl", "wifi")
SCENES = [ROOT / "docs" / f"howto-{topic}.md" for topic in WITHOUT_EXAMPLE]
HOWTOS = sorted(set((ROOT / "docs").glob("howto-*.md")) - set(SCENES))
TWINS = pytest.mark.parametrize("twin", ["blocking", "asyncio"])
HELLO = "hello from a real server"


class Flash:
    """A folder that holds what a board's file system does, and is where its programs run."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copy(BOARD, folder)
        for module in [setup.CLIENTS / "aiomqttc.py", *setup.CLIENTS.glob("chumicro_*")]:
            (folder / module.name).symlink_to(module)

    @contextlib.contextmanager
    def running(self, example, *options, **settings):
        """Start an example with these settings in the place of the shipped ones, over a virtual
        modem with `options`. Yields a function that waits for its end, and gives the lines it
        printed and the record of the wire; its `line()` waits for the next line alone."""
        shutil.copy(EXAMPLES / f"{example}.py", self.folder)
        own = "".join(f"{name} = {value!r}\n" for name, value in settings.items())
        shipped = (EXAMPLES / "settings.py").read_text()
        (self.folder / "settings.py").write_text(f"{shipped}\n{own}")
        with board_and_modem(*options) as (board, modem):
            path = self.folder / f"{example}.py"
            program = board.start("-X", "heapsize=512k", path, stderr=subprocess.STDOUT)

            def ended():
                output, _ = program.communicate(timeout=60)
                assert program.returncode == 0, output
                record = modem.record(None)
                assert record.stats["connections"], "it went past the modem"
                return output.splitlines(), record

            ended.line = program.stdout.readline
            yield ended

    def run(self, example, **settings):
        with self.running(example, **settings) as ended:
            return ended()


@pytest.fixture
def flash(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Flash(tmp_path)


# -- the examples ---------------------------------------------------------------------------------


def test_http_blocking(flash):
    with client_servers.http_server() as web:
        lines, record = flash.run("http_blocking", HTTP_HOST=servers.HOST, HTTP_PORT=web.port)
    assert lines == ["reported: 200", "page: 200 text/plain", HELLO, "downloaded: 5000"]
    assert (flash.folder / "download.bin").read_bytes() == client_servers.body(5000)
    assert len(record.sends) == 3


def test_http_asyncio(flash):
    with client_servers.http_server() as web:
        lines, record = flash.run("http_asyncio", HTTP_HOST=servers.HOST, HTTP_PORT=web.port)
    assert lines == [f"page: 200 {len(HELLO)}"] * 2 + ["blinked: True"]
    assert len({link for link, _ in record.sends}) == len(record.sends) == 2


@TWINS
def test_https(flash, twin):
    authority = client_servers.Authority()
    (flash.folder / "ca.der").write_bytes(authority.der)
    with client_servers.https_server(authority.context("localhost")) as web:
        lines, _ = flash.run(f"https_{twin}", HTTPS_HOST="localhost", HTTPS_PORT=web.port)
    if twin == "blocking":
        assert lines == ["page: 200 text/plain", HELLO]
    else:
        assert lines == [f"HTTP/1.0 200 OK {len(HELLO)}"]


@TWINS
def test_mqtt(flash, twin):
    with Broker() as broker:
        names = {"MQTT_HOST": servers.HOST, "MQTT_PORT": broker.port}
        with flash.running(f"mqtt_{twin}", **names) as ended:
            readings = [broker.payload("board/reading") for _ in range(3)]
            assert broker.payload("board/state") == b"ready"
            broker.publish("to/board", b"on")
            lines, _ = ended()
    assert readings == [b"0", b"1", b"2"]
    said = [line for line in lines if line.startswith(("acknowledged", "command"))]
    acknowledged = ["acknowledged: True"] * 3 if twin == "asyncio" else ["acknowledged: 3"]
    assert said == [*acknowledged, "command: on"]


@TWINS
def test_udp_ntp(flash, twin):
    with client_servers.ntp_server() as ntp:
        lines, record = flash.run(f"udp_ntp_{twin}", NTP_HOST="localhost", NTP_PORT=ntp.port)
    say = "The clock is set:" if twin == "blocking" else "It is"
    assert lines == [f"{say} 2026-10-03 07:06:40 UTC"]
    assert record.sizes() == [48]


@TWINS
def test_websocket(flash, twin):
    with client_servers.websocket_server() as port:
        lines, _ = flash.run(f"websocket_{twin}", WEBSOCKET_URL=f"ws://{servers.HOST}:{port}/")
    assert lines == ["echo: hello", "echo: how are you", "echo: bye", "closed: 1000"]


def test_six_links_blocking(flash, tcp_echo):
    with client_servers.http_server() as web:
        names = {"HTTP_PORT": web.port, "ECHO_PORT": tcp_echo.port}
        hosts = {"HTTP_HOST": servers.HOST, "ECHO_HOST": servers.HOST}
        lines, record = flash.run("six_links_blocking", **names, **hosts)
    assert lines[0].startswith("<Modem ")
    assert lines[-2:] == ["page: 10000", f"echoed meanwhile: {[True] * 5}"]
    assert sorted(c["link"] for c in record.stats["connections"]) == list(range(6))


def hesitating_echo(connection, received):
    """Stops in the middle of its first line for longer than the example waits."""
    first = connection.recv(100)
    connection.sendall(first[:5])
    time.sleep(1.5)
    connection.sendall(first[5:])
    tls_servers.echo(connection, received)


def test_six_links_asyncio(flash):
    with tls_servers.TcpServer(hesitating_echo) as echo:
        names = {"ECHO_HOST": "localhost", "ECHO_PORT": echo.port}
        lines, record = flash.run("six_links_asyncio", **names)
    assert lines[:2] == ["registration 1", "bearer up 10.78.245.128"]
    assert "still waiting" in lines
    assert f"lines: {[5] * 6}" in lines
    assert sorted(c["link"] for c in record.stats["connections"]) == list(range(6))


def call(port, line):
    """The answer of the modem's server to `line`."""
    with socket.create_connection((servers.HOST, port), 30) as peer:
        peer.sendall(line)
        return peer.makefile("rb").readline()


@TWINS
def test_server(flash, twin):
    port = servers.refused_port()
    options = ("--profile", "sim800", "--server", f"8080={port}")
    with flash.running(f"server_{twin}", *options, SERVER_PORT=8080) as ended:
        first = ended.line()
        answers = [call(port, b"hello %d\n" % n) for n in range(3)]
        lines, _ = ended()
    assert first == "listening at 10.78.245.128 8080\n"
    if twin == "blocking":
        assert all(answer.startswith(b"up for ") for answer in answers)
        assert lines == [f"127.0.0.1 said hello {n}" for n in range(3)]
    else:
        assert answers == [b"hello %d\n" % n for n in range(3)]
        assert lines == ["echoed 8"] * 3


@TWINS
def test_transparent(flash, tcp_echo, twin):
    names = {"ECHO_HOST": servers.HOST, "ECHO_PORT": tcp_echo.port}
    lines, record = flash.run(f"transparent_{twin}", **names)
    assert lines[0] == "lines: 20"
    assert lines[1].startswith("<Modem ") and "IP STATUS" in lines[1]
    assert not record.sends
    assert [c["closed_by"] for c in record.stats["connections"]] == ["host"]
    assert tcp_echo.received[0].count(b"\n") == 20


# -- the set, and the documents -------------------------------------------------------------------


def test_every_topic_has_twins_of_30_to_50_lines():
    shipped = {path.stem: path.read_text() for path in EXAMPLES.glob("*.py")}
    twins = {f"{topic}_{twin}" for topic in TOPICS for twin in ("blocking", "asyncio")}
    assert set(shipped) == twins | {"settings"}
    sizes = {name: len(shipped[name].splitlines()) for name in twins}
    assert all(30 <= size <= 50 for size in sizes.values()), sizes


def topic_of(howto):
    return howto.stem.removeprefix("howto-").replace("-", "_")


def test_every_topic_has_a_howto_and_so_has_asyncio():
    assert {topic_of(howto) for howto in HOWTOS} == {*TOPICS, "asyncio"}


@pytest.mark.parametrize("howto", HOWTOS, ids=lambda path: path.stem)
def test_code_in_a_howto_is_that_of_an_example(howto):
    names = "*_asyncio.py" if topic_of(howto) == "asyncio" else f"{topic_of(howto)}_*.py"
    sources = [path.read_text() for path in EXAMPLES.glob(names)]
    blocks = re.findall(r"^```python\n(.*?)^```$", howto.read_text(), re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        assert any(f"\n{block}" in f"\n{source}" for source in sources), block


@pytest.mark.parametrize("howto", [*HOWTOS, *SCENES], ids=lambda path: path.stem)
def test_links_of_a_howto_lead_somewhere(howto):
    for target in re.findall(r"\]\(([^)#:]+)\)", howto.read_text()):
        assert (howto.parent / target).exists(), target
