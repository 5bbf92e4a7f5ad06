"""The board at the other end of the cable, through mpremote."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport
from serial.tools import list_ports

from . import identity
from .bundle import File
from .errors import DeployError
from .identity import Identity

ONBOARD = Path(__file__).parent / "onboard.py"
_SILENCE_S = 5  # a board that says nothing for so long has gone, or is none
_INTERRUPT, _FRIENDLY_REPL, _SOFT_RESET = b"\r\x03", b"\x02", b"\x04"
_LOST = (TransportError, OSError, struct.error)


class Device:
    """A board at its raw REPL. Its methods raise DeployError: one sentence."""

    def __init__(self, port: str) -> None:
        self.port = port
        self._transport = _open(port)
        try:
            self.restart()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._transport.close()

    def restart(self) -> None:
        """A soft reset: nothing that was imported is left; main.py does not run."""
        try:
            with contextlib.redirect_stdout(io.StringIO()):  # mpremote prints what it has read
                self._transport.enter_raw_repl(timeout_overall=2 * _SILENCE_S)
        except _LOST as error:
            raise DeployError(
                f"What is on {self.port} does not answer as MicroPython does: is it the board's "
                "port, not the modem's, and has the board MicroPython? Press its reset button."
            ) from error
        with self.explained("prepare"):
            self._transport.exec(ONBOARD.read_bytes())
            self._root = self._transport.eval("ROOT")

    def identity(self) -> Identity:
        with self.explained("ask the board what it is"):
            self._transport.exec(identity.QUESTIONS)
            return Identity(*ast.literal_eval(self._transport.eval(identity.ASK, False).decode()))

    def call(self, text: str) -> object:
        """The value of an expression on the board; TransportExecError when it raises there."""
        with self.explained(text):
            return self._transport.eval(text)

    def write(self, file: File, path: str, progress: Callable[[File, int], None]) -> None:
        """`progress` is told how much of `file` is on the board."""
        with self.explained(f"copy {file.target}"):
            self._transport.exec(f"make_folder({path.rpartition('/')[0]!r})")
            self._transport.fs_writefile(
                self._root + path,
                file.data,
                progress_callback=lambda count, _: progress(file, count),
            )

    def run(self, program: str) -> None:
        """Raises TransportExecError with the traceback when the program fails."""
        with self.explained("try the new version"):
            self._transport.exec(program)

    def start_main(self) -> None:
        """Leave the board, if it is there, as after power-on: main.py runs."""
        with contextlib.suppress(OSError):
            self._transport.serial.write(_INTERRUPT + _FRIENDLY_REPL + _SOFT_RESET)
            self._transport.serial.flush()

    @contextlib.contextmanager
    def explained(self, doing: str) -> Iterator[None]:
        """A full file system and a pulled cable each become their sentence."""
        try:
            yield
        except TransportExecError as error:
            if "ENOSPC" in error.error_output or "OSError: 28" in error.error_output:
                raise _full(doing) from error
            raise
        except OSError as error:
            if error.errno == 28:
                raise _full(doing) from error
            raise _gone(self.port, doing) from error
        except (TransportError, struct.error) as error:
            raise _gone(self.port, doing) from error


def _full(doing: str) -> DeployError:
    return DeployError(
        f"The board's file system is full (could not {doing}): delete files there, or freeze "
        "Sixlink (boards/README.md)."
    )


def _gone(port: str, doing: str) -> DeployError:
    return DeployError(
        f"The board on {port} has gone (could not {doing}): look at the cable, and run the same "
        "command again; what was on the board still is."
    )


def _open(port: str) -> SerialTransport:
    try:
        return SerialTransport(port, timeout=_SILENCE_S)
    except (TransportError, OSError, ValueError) as error:
        raise DeployError(why_closed(port)) from error


def why_closed(port: str) -> str:
    """What keeps `port` from being opened, and what to do about it."""
    if not os.path.exists(port):
        ports = [found.device for found in list_ports.comports()]
        there = f"there is {', '.join(ports)}" if ports else "there is none: plug the board in"
        name = f"There is no serial port {port}" if port else "Name the board's serial port, PORT="
        return f"{name}; {there}."
    if not os.access(port, os.R_OK | os.W_OK):
        return f"{port} is not for you: add yourself to its group (Debian: adduser $USER dialout)."
    if not _is_terminal(port):
        return f"{port} is no serial port: name the board's, as in PORT=/dev/ttyUSB0."
    return f"{port} is in use: close the other program (mpremote, a terminal), then try again."


def _is_terminal(port: str) -> bool:
    try:
        file = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return os.isatty(file)
    finally:
        os.close(file)
