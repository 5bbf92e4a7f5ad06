"""A board to try `make deploy` and `make repl` on, with no hardware; Ctrl-C ends it.

python -m tools.pty_board [--flash KB] [--image FILE] [--no-modem] [--profile luat|sim800]
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import threading
from pathlib import Path

from tools.demo import rig

from . import PtyBoard

HINT = """\
A board is on {port}: MicroPython's unix port, {flash} kB of flash, {modem}.
  make deploy PORT={port} BOARD=PTY
  make repl PORT={port}
Ctrl-C here ends it."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.pty_board", description=__doc__)
    parser.add_argument("--flash", type=int, default=2048, metavar="KB", help="its size")
    parser.add_argument("--image", type=Path, help="the file to keep the flash in")
    parser.add_argument("--no-modem", action="store_true", help="nothing on its UART")
    parser.add_argument("--profile", default="luat", help="the modem's family (luat)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.ExitStack() as stack:
        uart = None
        if not options.no_modem:
            pty = stack.enter_context(rig.Board())
            profile = ("--profile", options.profile)
            stack.enter_context(rig.ModemProcess(pty, options=profile))
            uart = pty.uart
        board = stack.enter_context(PtyBoard(options.image, options.flash, uart))
        modem = "no modem" if uart is None else "a virtual modem on UART 1"
        print(HINT.format(port=board.port, flash=options.flash, modem=modem), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
