"""The board's REPL, by mpremote, with the modem's one-screen status first.

    python -m tools.deploy.repl --port /dev/ttyUSB0

The status is asked for only when the REPL is idle: a program that runs is not disturbed.
"""

from __future__ import annotations

import argparse
import os
import sys

import serial

from .device import why_closed
from .errors import DeployError

ASK = b'print(modem) if "modem" in globals() else None\r'
PROMPT = b">>> "
BUSY = "The REPL does not answer: if a program is running, Ctrl-C stops it."
NO_MODEM = "There is no modem object yet: see make deploy."
_ANSWER_S = 1.5  # time that an idle REPL may take


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.deploy.repl", description=__doc__)
    parser.add_argument("--port", required=True, help="the board's serial port")
    port = parser.parse_args().port
    try:
        screen = status(port)
    except DeployError as error:
        print(error, file=sys.stderr)
        return 1
    print(BUSY if screen is None else screen or NO_MODEM)
    print("Ctrl-] leaves.", flush=True)
    command = [sys.executable, "-m", "mpremote", "connect", port, "resume", "repl"]
    os.execv(command[0], command)


def status(port: str) -> str | None:
    """What `print(modem)` prints, nothing where there is no `modem`; None if the REPL does not
    answer. Raises DeployError."""
    try:
        with serial.Serial(port, 115200, timeout=_ANSWER_S, exclusive=True) as line:
            line.write(b"\r")
            if not line.read_until(PROMPT).endswith(PROMPT):
                return None
            line.write(ASK)
            said = line.read_until(b"\n" + PROMPT)
    except (OSError, ValueError) as error:
        raise DeployError(why_closed(port)) from error
    text = said.decode(errors="replace").replace("\r\n", "\n").removesuffix("\n" + PROMPT.decode())
    return text.partition("\n")[2]  # without the echo


if __name__ == "__main__":
    sys.exit(main())
