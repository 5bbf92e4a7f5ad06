"""The package for mip, in dist/, and proof that the real mpremote installs it from there.

    python -m tools.release

    dist/sixlink-<version>/   package.json and the compiled modules: mip install <URL>/package.json
    dist/index/               the same, and the sources: mip install --index <URL> sixlink

Either may be put on any web server as it is. Sources are for boards with another .mpy version.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.server
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from tools import sizes
from tools.deploy import bundle
from tools.pty_board import PtyBoard

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
NAME = "sixlink"
HASH_CHARS = 16  # of the SHA-256 that names a file; mip compares as many as there are
INSTALL_SECONDS = 120

LISTING = """\
import hashlib, os
for name in sorted(os.listdir("/lib/sixlink")):
    with open("/lib/sixlink/" + name, "rb") as file:
        print(name, hashlib.sha256(file.read()).digest().hex())
"""


TRIAL = "from sixlink import Modem, ModemError, install"


class ReleaseError(Exception):
    """What was built does not install as it was built."""


def main() -> int:
    version = json.loads((ROOT / "firmware" / "package.json").read_text())["version"]
    compiled, sources = modules()
    build(DIST, version, compiled, sources)
    try:
        check(DIST, version, compiled, sources)
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    total = sum(map(len, compiled.values()))
    print(f"dist/{NAME}-{version} and dist/index: {len(compiled)} modules, {total:,} bytes.")
    print("mpremote has installed it from both, compiled and as sources, and it loads.")
    return 0


def modules() -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The package compiled, and its sources: name → bytes."""
    compiled = {Path(file.target).name: file.data for file in bundle.firmware()}
    sources = {path.name: path.read_bytes() for path in sorted(sizes.SOURCE.glob("*.py"))}
    return compiled, sources


# -- building ------------------------------------------------------------------------------------


def build(dist: Path, version: str, compiled: dict[str, bytes], sources: dict[str, bytes]) -> None:
    shutil.rmtree(dist, ignore_errors=True)
    build_package(dist / f"{NAME}-{version}", version, compiled)
    [mpy_version] = {data[1] for data in compiled.values()}
    build_index(dist / "index", version, str(mpy_version), compiled)
    build_index(dist / "index", version, "py", sources)


def build_package(folder: Path, version: str, files: dict[str, bytes]) -> None:
    (folder / NAME).mkdir(parents=True)
    for name, data in files.items():
        (folder / NAME / name).write_bytes(data)
    paths = [f"{NAME}/{name}" for name in files]
    _write_json(
        folder / "package.json",
        {"urls": [[path, path] for path in paths], "deps": [], "version": version},
    )


def build_index(index: Path, version: str, format: str, files: dict[str, bytes]) -> None:
    """As mip asks for it: package/<format>/<name>/<version>.json and file/<hh>/<hash>."""
    hashes = []
    for name, data in files.items():
        short = hashlib.sha256(data).hexdigest()[:HASH_CHARS]
        target = index / "file" / short[:2] / short
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        hashes.append([f"{NAME}/{name}", short])
    for name in (version, "latest"):
        _write_json(
            index / "package" / format / NAME / f"{name}.json",
            {"v": 1, "version": version, "hashes": hashes, "deps": []},
        )


def _write_json(path: Path, content: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")


# -- checking ------------------------------------------------------------------------------------


def check(dist: Path, version: str, compiled: dict[str, bytes], sources: dict[str, bytes]) -> None:
    """Raises ReleaseError unless a board gets what was built, byte for byte, and can load it."""
    with served(dist) as url:
        index = ["--index", f"{url}/index"]
        check_install([f"{url}/{NAME}-{version}/package.json"], compiled)
        check_install([*index, NAME], compiled)
        check_install([*index, f"{NAME}@{version}"], compiled)
        check_install([*index, "--no-mpy", NAME], sources)


def check_install(words: list[str], files: dict[str, bytes]) -> None:
    with PtyBoard() as board:
        mpremote(board.port, "mip", "install", *words)
        there = mpremote(board.port, "exec", LISTING).split()
        expected = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        if dict(zip(there[::2], there[1::2], strict=True)) != expected:
            raise ReleaseError(f"mip install {' '.join(words)}: not what was built got there.")
        mpremote(board.port, "exec", TRIAL)  # a module that was cut short could hang it


def mpremote(port: str, *words: str) -> str:
    command = [sys.executable, "-m", "mpremote", "connect", port, *words]
    program = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=INSTALL_SECONDS,
    )
    if program.returncode:
        raise ReleaseError(f"mpremote {' '.join(words)} failed:\n{program.stdout}")
    return program.stdout


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """`folder` on a web server of this computer's own; its URL."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """No line for each request."""


if __name__ == "__main__":
    sys.exit(main())
