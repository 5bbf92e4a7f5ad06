"""A published driver of this dialect at the same work: adafruit-circuitpython-fona, a library for
CircuitPython, here under CPython, on the virtual modem as a SIM800.

    python -m tools.bench.fona WAY TTY PORT SIZE

does the work and tells of it in JSON; `measure` starts that, and the modem. What the library does
not need for it is stood in for, so that it can be imported.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import types
from typing import Any

from tools.demo import rig

from . import model, peers

BAUD = 115200
LATENCY_MS = 10
SIZE = 10 * model.SEGMENT
LIMIT_SECONDS = 60
_APN = ("cmnet", "", "")
_TRIES = 5


def measure(way: str) -> dict[str, Any]:
    """`rate` in bytes per second, by the modem's count; `failure` if it did not finish."""
    if way == "up":
        peer = peers.Server(peers.sink, size=SIZE)
    else:
        peer = peers.Server(peers.source, size=SIZE, start=threading.Barrier(1))
    settings: dict[str, Any] = {"baud": BAUD, "latency_ms": LATENCY_MS}
    with peer as server, rig.Board() as board:
        tty = os.ttyname(board.uart)
        options = ("--profile", "sim800")
        with rig.ModemProcess(board, options=options, **settings) as modem:
            told = _work(way, tty, server.port)
            counted = [row[f"bytes_{way}"] for row in modem.stop()["connections"]]
    moved = max(counted, default=0)
    if moved != told["bytes"] or moved != SIZE:
        told["failure"] = f"{moved} of {SIZE} bytes, {told['failure'] or 'and no error'}"
    rate = moved / told["seconds"] if moved and told["seconds"] else None
    return {"rate": rate, "failure": told["failure"]}


def _work(way: str, tty: str, port: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tools.bench.fona", way, tty, str(port), str(SIZE)]
    program = subprocess.run(command, cwd=rig.ROOT, capture_output=True, text=True)
    try:
        return dict(json.loads(program.stdout.splitlines()[-1]))
    except (IndexError, ValueError):
        last = (program.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return {"bytes": 0, "seconds": 0, "failure": last}


# -- in a process of its own ---------------------------------------------------------------------


class Pin:
    """Of the modem's reset, which is not wired."""

    value = True

    def switch_to_output(self) -> None:
        pass


def stand_in() -> None:
    """What the library imports of CircuitPython, for names in annotations mostly."""
    wanted: dict[str, dict[str, Any]] = {
        "busio": {"UART": object},
        "digitalio": {"DigitalInOut": Pin},
        "circuitpython_typing": {"ReadableBuffer": bytes},
        "micropython": {"const": lambda value: value},
        "simpleio": {"map_range": None},
    }
    for name, contents in wanted.items():
        module = types.ModuleType(name)
        vars(module).update(contents)
        sys.modules[name] = module


def connected(tty: str, port: int) -> Any:
    """A socket of the library, as its examples make one."""
    import serial
    from adafruit_fona import adafruit_fona_socket
    from adafruit_fona.adafruit_fona import FONA
    from adafruit_fona.adafruit_fona_network import CELLULAR

    fona = FONA(serial.Serial(tty, BAUD, timeout=1), Pin())
    network = CELLULAR(fona, _APN)
    for step in ("is_attached", "is_connected"):
        for _ in range(_TRIES):
            if getattr(network, step):
                break
            if step == "is_connected":
                network.connect()
        else:
            raise RuntimeError(f"{step} stays False")
    adafruit_fona_socket.set_interface(fona)
    sock = adafruit_fona_socket.socket()
    sock.connect((peers.HOST, port))
    return sock


def work(way: str, sock: Any, size: int, told: dict[str, Any]) -> None:
    """Move `size` bytes; `told` is kept up to date."""
    if way == "down":
        sock.send(b"g")
    start = time.monotonic()
    while told["bytes"] < size:
        piece = min(model.SEGMENT, size - told["bytes"])
        if way == "up":
            sock.send(bytes(piece))
            told["bytes"] += piece
        else:
            told["bytes"] += len(sock.recv(piece))
        told["seconds"] = time.monotonic() - start


def main(way: str, tty: str, port: str, size: str) -> None:
    told: dict[str, Any] = {"bytes": 0, "seconds": 0, "failure": ""}
    watchdog = threading.Timer(LIMIT_SECONDS, _give_up, (told,))
    watchdog.daemon = True
    watchdog.start()
    stand_in()
    try:
        work(way, connected(tty, int(port)), int(size), told)
    except Exception as error:  # whatever it is, it is its result
        told["failure"] = f"{type(error).__name__}: {error}"
    print(json.dumps(told))


def _give_up(told: dict[str, Any]) -> None:
    told["failure"] = f"not done in {LIMIT_SECONDS} s"
    print(json.dumps(told), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
