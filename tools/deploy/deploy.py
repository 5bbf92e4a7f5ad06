"""Copy beside, change places, try it, and only then let go of the old version."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Protocol

from mpremote.transport import TransportExecError

from . import bundle, identity, onboard, settings
from .boards import BOARDS, PTY, Board, find
from .bundle import File
from .device import Device
from .errors import DeployError

# The imports that main.py would do, short of touching the pins.
TRIAL = """\
import gc
gc.threshold(8192)
import board, config, start
from sixlink import Modem
import sixlink
assert sixlink.__file__.startswith(ROOT + "/lib/"), sixlink.__file__
"""


class Progress(Protocol):
    def say(self, line: str) -> None: ...

    def copying(self, file: File, done: int, of: int) -> None:
        """`done` of `of` bytes in all are on the board."""


def deploy(port: str, board_name: str, config: Path, show: Progress) -> None:
    """Raises DeployError; whenever it does, what was on the board is there as before."""
    board = find(board_name)
    if board is None:
        what = f"There is no board {board_name!r}" if board_name else "Name the board"
        raise DeployError(f"{what}: BOARD= one of {', '.join([*BOARDS, PTY.name])}.")
    if config.exists():
        settings.check(config)
    files = bundle.firmware() + bundle.board_files(board)
    device = Device(port)
    try:
        files = _checked(device, board, files, config, show)
        _copy(device, files, show)
        _change_over(device, show)
        show.say("Done; the board restarts with it and runs main.py.")
    finally:
        device.start_main()
        device.close()


def _checked(
    device: Device, board: Board, files: list[File], config: Path, show: Progress
) -> list[File]:
    """What is to be copied, once it is sure that this board can take it."""
    it = device.identity()
    identity.check(it, board, bundle.mpy_version(files))
    show.say(f"{device.port}: {it.machine}, MicroPython {it.version_text}")
    device.call("tidy()")
    if config.exists():
        files.append(bundle.config_file(config))
    elif not device.call("exists('/config.py')"):
        settings.check(config)  # raises: there is none anywhere
    if device.call("has_program('/main.py')"):
        files = [file for file in files if file.target != "/main.py"]
        show.say("main.py is on the board already and stays as it is.")
    it = device.identity()  # with what `tidy` has set free
    identity.check_room(it, bundle.flash_bytes(files, it.block_bytes))
    return files


def _copy(device: Device, files: list[File], show: Progress) -> None:
    total = sum(len(file.data) for file in files)
    before = 0

    def progress(file: File, count: int) -> None:
        show.copying(file, before + count, total)

    try:
        for file in files:
            device.write(file, onboard.NEW + file.target, progress)
            before += len(file.data)
        _compare(device, files)
    except DeployError:
        _clean_up(device)
        raise


def _compare(device: Device, files: list[File]) -> None:
    """A byte that a bad line has changed would hang the board when it loads the module."""
    sent = hashlib.sha256(b"".join(file.data for file in files)).digest()
    if device.call(f"digest({[file.target for file in files]})") != sent:
        raise DeployError(
            "What has arrived on the board is not what was sent: look at the cable, and run the "
            "same command again; what was on the board still is."
        )


def _clean_up(device: Device) -> None:
    """If the board is still there; if not, the next run does it."""
    try:
        device.call("tidy()")
    except (DeployError, TransportExecError):
        pass


def _change_over(device: Device, show: Progress) -> None:
    show.say("Changing over …")
    device.call("swap()")
    device.restart()
    try:
        device.run(TRIAL)
    except TransportExecError as error:
        device.restart()  # a board without memory cannot even tidy up
        device.call("undo()")
        raise DeployError(_why_not(error.error_output)) from error
    device.restart()
    device.call("clear()")


def _why_not(traceback: str) -> str:
    last = traceback.strip().splitlines()[-1]
    what = "has too little RAM: freeze it (boards/README.md)"
    if "MemoryError" not in last:
        what = f"stops with {last}: this is a fault of ours, please report it"
    return f"The new version {what}; the old one is back."
