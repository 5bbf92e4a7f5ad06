"""A person at MicroPython's REPL: its terminal is a pty, Ctrl-C a signal as on any terminal."""

import contextlib
import fcntl
import os
import select
import subprocess
import termios
import time
import tty

from clients import board_and_modem

from tools import interpreter
from tools.demo import rig

PROMPT = b">>> "
SECONDS = 30
MODEM = (
    "import sixlink",
    "from machine import UART",
    "modem = sixlink.Modem(UART(1, 460800, rxbuf=4096), apn='cmnet', rxbuf=4096)",
)


class Repl:
    """`raw`: the terminal shows and edits nothing by itself, as that of a board."""

    def __init__(self, board, raw=False):
        self._master, slave = os.openpty()
        if raw:
            tty.setraw(slave)
        search = ":".join([*(str(rig.ROOT / folder) for folder in rig.SEARCH), ".frozen"])
        self._program = subprocess.Popen(
            [interpreter.find(), "-X", "heapsize=1M"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=interpreter.environment(MICROPYPATH=search, SIXLINK_UART1=str(board.uart)),
            pass_fds=(board.uart,),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self.until(PROMPT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        rig.stop_process(self._program)
        os.close(self._master)

    def type(self, keys):
        os.write(self._master, keys)

    def until(self, mark):
        """What it shows up to `mark`, which must be the end."""
        shown = b""
        deadline = time.monotonic() + SECONDS
        while not shown.endswith(mark):
            left = max(0, deadline - time.monotonic())
            assert select.select([self._master], [], [], left)[0], f"no {mark} after {shown}"
            shown += os.read(self._master, 4096)
        return shown.decode().replace("\r", "")

    def say(self, line, mark=PROMPT):
        """Enter a line; what it shows for it, without the line and the prompt that follows."""
        self.type(line.encode() + b"\r")
        shown = self.until(mark)[: -len(mark)]
        return shown.split(line, 1)[1].lstrip("\n") if line in shown else shown


@contextlib.contextmanager
def repl_and_modem(*options, raw=False):
    """A REPL with a modem that is connected, and the virtual modem behind it."""
    with board_and_modem(*options) as (board, modem), Repl(board, raw) as repl:
        for line in (*MODEM, "modem.connect()"):
            assert "Traceback" not in repl.say(line)
        yield repl, modem
