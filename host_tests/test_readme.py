"""The README's first program, as it stands there, on real MicroPython."""

import re
import shutil
from pathlib import Path

import client_servers
import pytest
from broker import Broker
from real import Board

from tools import setup
from tools.certificates import Authority
from tools.demo import rig

README = Path(__file__).parent.parent / "README.md"
SECONDS = 60
BRING_UP = "modem.connect()"
ASYNC_BRING_UP = "import asyncio; asyncio.run(modem.aio.connect())"  # the README's `or:`


def first_program():
    return re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL).group(1)


def placed(host, port):
    """The option by which the virtual modem finds `host` on loopback."""
    return ("--place", f"{host}=127.0.0.1:{port}")


@pytest.mark.parametrize("bring_up", [BRING_UP, ASYNC_BRING_UP], ids=["connect", "aio"])
def test_first_program_runs_as_written(tmp_path, bring_up):
    shutil.copy(setup.CLIENTS / "aiomqttc.py", tmp_path)
    program = tmp_path / "main.py"
    program.write_text(first_program().replace(BRING_UP, bring_up))
    context = Authority().server_context("example.com")
    with (
        client_servers.http_server() as web,
        client_servers.https_server(context) as secure,
        Broker() as broker,
        Board() as board,
    ):
        options = (
            *placed("example.com:80", web.port),
            *placed("example.com:443", secure.port),
            *placed("test.mosquitto.org:1883", broker.port),
        )
        with rig.ModemProcess(board, baud=115200, options=options):
            said = board.start(program).communicate(timeout=SECONDS)[0].splitlines()
        assert broker.payload("board/reading") == b"21.5"
    assert said[0] == "modem found at 115200 baud"
    assert "200" in said
    assert r"b'HTTP/1.0 200 OK\r\n'" in said
    assert "True" in said
    screen = said[max(n for n, line in enumerate(said) if line.startswith("<Modem AirM2M")) :]
    assert "IP PROCESSING" in screen[0]
    assert sum(line.endswith("free") for line in screen) >= 3
