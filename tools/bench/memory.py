"""What the firmware takes of the heap: a packet, a segment, an import, six links; and of flash.

Heap of the unix port is 64-bit; the 32-bit figures are those of MicroPython's webassembly build,
which needs node and npm.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools import sizes

from . import board

NODE = Path(__file__).parent / "node"
NODE_MODULES = board.ROOT / "build" / "node"
PACKETS = 1000
HEAP_BYTES = 512 * 1024
_WORD_BYTES = {"unix": 8, "webassembly": 4}
_LARGEST = re.compile(r"max free sz: (\d+)")


class MissingNode(LookupError):
    """There is no node or no npm here, or npm cannot reach its registry."""


@dataclass(frozen=True)
class Traffic:
    """Bytes of heap for each packet or segment; whether it also ran under `heap_lock()`."""

    bytes: float
    locked: bool


@dataclass(frozen=True)
class Taken:
    """Bytes of heap. `files`: size of the .mpy files that were imported; `hole`: the largest
    free block when all is open, of `HEAP_BYTES`."""

    imported: int
    six_links: int
    files: int
    hole: int


def traffic(packets: int = PACKETS) -> tuple[dict[str, Traffic], list[int]]:
    """The heap's share in traffic, and bytes in use as time goes on."""
    output = board.run("heap.py", str(packets), heap="16M")
    told = json.loads(output)
    figures = {name: Traffic(*figure) for name, figure in told["figures"].items()}
    return figures, told["over time"]


def sends() -> dict[str, int]:
    """AT+CIPSEND commands for one call of a stock client."""
    return dict(json.loads(board.run("clients.py")))


def taken_64() -> Taken:
    """On the unix port, from .mpy files."""
    files = sizes.compile_all(sizes.SOURCE, sizes.OUTPUT)
    output = board.run("memory.py", heap=str(HEAP_BYTES), firmware=sizes.OUTPUT.parent)
    return read_taken(output, files, _WORD_BYTES["unix"])


def taken_32() -> Taken:
    """On the webassembly build, from .mpy files. Raises MissingNode."""
    files = sizes.compile_all(sizes.SOURCE, sizes.OUTPUT)
    node = install_node_modules()
    words = [str(sizes.OUTPUT), str(board.DEVICE), str(HEAP_BYTES)]
    output = board.run_command([node, str(NODE_MODULES / "memory.mjs"), *words])
    return read_taken(output, files, _WORD_BYTES["webassembly"])


def read_taken(output: str, files: dict[str, int], word_bytes: int) -> Taken:
    """From what device/memory.py and node/memory.mjs print."""
    imported, six_links, *modules = output.splitlines()[0].split()
    largest = _LARGEST.search(output)
    assert largest, output
    # A block of MicroPython's heap is four words.
    hole = int(largest[1]) * 4 * word_bytes
    names = [name.partition(".")[2] or "__init__" for name in modules]
    return Taken(int(imported), int(six_links), sum(files[name] for name in names), hole)


def install_node_modules() -> str:
    """Put the webassembly build into build/node; the path of node. Raises MissingNode."""
    node = shutil.which("node")
    npm = shutil.which("npm")
    if node is None or npm is None:
        raise MissingNode("no node" if node is None else "no npm")
    NODE_MODULES.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "memory.mjs"):
        shutil.copy(NODE / name, NODE_MODULES)
    if not (NODE_MODULES / "node_modules").exists():
        try:
            npm_ci = [npm, "ci", "--no-audit", "--no-fund", "--prefix", str(NODE_MODULES)]
            board.run_command(npm_ci)
        except (subprocess.TimeoutExpired, board.ProgramFailed) as error:
            raise MissingNode("npm could not install the webassembly build") from error
    return node
