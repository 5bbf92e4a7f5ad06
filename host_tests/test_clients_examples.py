"""firmware/examples as they are, on real MicroPython over the virtual modem; docs quote them."""

import re
import shutil
from pathlib import Path

import client_servers
import pytest
from broker import Broker
from clients import board_and_modem

from tools import servers, setup

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "firmware" / "examples"
BOARD = Path(__file__).parent / "upy" / "board.py"
HOWTOS = sorted((ROOT / "docs").glob("howto-*.md"))
TOPICS = ("http", "https", "mqtt", "udp_ntp", "websocket", "six_links")
TWINS = pytest.mark.parametrize("twin", ["blocking", "asyncio"])


class Flash:
    """The file system of a board: what an example needs, and our own settings."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copy(BOARD, folder)
        for module in setup.CLIENTS.glob("*m*"):
            if module.name.startswith(("aiomqttc.py", "chumicro")):
                (folder / module.name).symlink_to(module)

    def settings(self, **names):
        self._change("settings.py", "".join(f"{k} = {v!r}\n" for k, v in names.items()))

    def _change(self, name, text):
        (self.folder / name).write_text(f'APN = "cmnet"\n{text}')


@pytest.fixture
def flash(tmp_path):
    return Flash(tmp_path)
