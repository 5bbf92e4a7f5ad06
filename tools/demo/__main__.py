"""Run the demo; exit status 0 when everything was verified, 1 when not, 130 on Ctrl-C."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from rich.console import Console

from tools import servers
from tools.interpreter import MissingInterpreter

from . import verdict
from .rig import Board, ModemProcess
from .session import Session
from .view import View, best_view

PROGRAM = Path(__file__).parent / "device" / "program.py"
HEAP = "heapsize=4M"
SECONDS = 120
TRACE_LINES = 20


def main() -> int:
    options = parser().parse_args()
    console = Console(highlight=False)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # no end without clearing up
    try:
        return demo(console, options)
    except MissingInterpreter as error:
        console.print(error, markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted.")
        return 130


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__)
    result.add_argument(
        "--size", type=int, default=65536, metavar="BYTES", help="each way on each link"
    )
    result.add_argument("--baud", type=int, default=460800, help="of the serial line")
    result.add_argument(
        "--latency", type=int, default=5, metavar="MS", help="of the modem's answers"
    )
    return result


def demo(console: Console, options: argparse.Namespace) -> int:
    with (
        servers.HttpEcho() as web,
        servers.TcpEcho() as tcp,
        servers.UdpEcho() as udp,
        Board() as board,
        ModemProcess(board, baud=options.baud, latency_ms=options.latency) as modem,
    ):
        ports = {"http": web.port, "tcp": tcp.port, "udp": udp.port}
        orders = json.dumps({**ports, "size": options.size, "baud": options.baud})
        session = Session(time.monotonic)
        started = time.monotonic()
        program = board.start("-X", HEAP, PROGRAM, orders, stderr=subprocess.STDOUT)
        roles = {web.port: "requests.post", tcp.port: "TCP echo", udp.port: "UDP echo"}
        with best_view(console, roles) as view:
            view.say(f"MicroPython, a pty at {options.baud} baud, a virtual modem. Behind it:")
            view.say(", ".join(f"{role} on port {port}" for port, role in roles.items()))
            follow(program, session, view)
        seconds = time.monotonic() - started
        trace = modem.trace()
        found = verdict.problems(session, modem.stop(), options.size)
    return report(console, session, found, trace, seconds)


def follow(program: subprocess.Popen[str], session: Session, view: View) -> None:
    """Show what the board tells until it ends, or is ended after two minutes."""
    assert program.stdout is not None
    watchdog = threading.Timer(SECONDS, program.kill)
    watchdog.start()
    try:
        for line in program.stdout:
            text = session.take(line)
            if text is not None:
                view.say(text)
            view.show(session)
    finally:
        watchdog.cancel()


def report(
    console: Console, session: Session, found: list[str], trace: str, seconds: float
) -> int:
    """The last lines, and the exit status."""
    if not found:
        console.print(verdict.summary(session, seconds), markup=False, soft_wrap=True)
        return 0
    wire = ["The last of the wire:", *trace.splitlines()[-TRACE_LINES:]]
    for line in session.noise + wire + [f"NOT VERIFIED: {problem}" for problem in found]:
        console.print(line, markup=False, soft_wrap=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
