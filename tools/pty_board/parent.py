"""The serial port of the board, and who starts its interpreter again after a soft reset."""

from __future__ import annotations

import contextlib
import os
import re
import select
import subprocess
import sys
import tempfile
import termios
import threading
import tty
from pathlib import Path

from tools import interpreter

ROOT = Path(__file__).resolve().parents[2]
ON_TERMINAL = Path(__file__).parent / "on_terminal.py"
DEVICE = Path(__file__).parent / "device"
SHIMS = ROOT / "host_tests" / "shims"

_RAW_REPL, _FRIENDLY_REPL = b"\x01", b"\x02"
_PROMPT = b">>> "
_STOP_SECONDS = 5
_VDISABLE = b"\0"
_LONE_NEWLINE = re.compile(rb"(?<!\r)\n")


class PtyBoard:
    """`port`: what mpremote connects to. `image`: the file with its file system, made anew with
    `flash_kb` when there is none. `uart`: an open file's number, for `machine.UART(1)`. `root`:
    where the file system is, "/flash" on a STM32."""

    def __init__(
        self,
        image: Path | None = None,
        flash_kb: int = 2048,
        uart: int | None = None,
        root: str = "/",
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="sixlink-board-")
        self._image = image or Path(self._folder.name, "flash")
        if not self._image.exists():
            self._image.write_bytes(b"\xff" * (flash_kb * 1024))
        self._uart = uart
        self._root = root
        self._usb, self._port = os.openpty()
        tty.setraw(self._port)
        self.port = os.ttyname(self._port)
        self._bell, self._alarm = os.pipe()
        self._is_raw = False
        self._ends_in_cr = False  # what it has said so far
        self._console = -1
        self._program: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="pty board")

    def __enter__(self) -> PtyBoard:
        self._start("main")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.pull_the_cable()
        self._folder.cleanup()

    def pull_the_cable(self) -> None:
        """The board, which lives on its USB port, and the port are gone from one moment to the
        next. What is in the image stays."""
        if self._thread.is_alive():
            os.write(self._alarm, b"!")
            self._thread.join()
            self._stop()
            for file in (self._usb, self._port, self._bell, self._alarm):
                os.close(file)

    # -- the interpreter -----------------------------------------------------------------------

    def _start(self, mode: str) -> None:
        self._console, terminal = os.openpty()
        _as_serial_console(terminal)
        words = f"globals(), {str(self._image)!r}, {self._root!r}, {str(SHIMS)!r}, {mode!r}"
        environment = interpreter.environment(MICROPYPATH=f"{DEVICE}:.frozen")
        inherited: tuple[int, ...] = ()
        if self._uart is not None:
            environment["SIXLINK_UART1"] = str(self._uart)
            inherited = (self._uart,)
        program = f"import launch; launch.start({words}); del launch"
        command = [sys.executable, "-ISE", str(ON_TERMINAL), interpreter.find()]
        self._program = subprocess.Popen(
            [*command, "-i", "-c", program],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env=environment,
            pass_fds=inherited,
            start_new_session=True,
        )
        os.close(terminal)

    def _stop(self) -> None:
        assert self._program
        self._program.kill()
        self._program.wait(_STOP_SECONDS)
        os.close(self._console)

    def _soft_reset(self) -> None:
        self._stop()
        self._say(b"MPY: soft reboot\r\n")
        self._start("raw" if self._is_raw else "main")
        if self._is_raw:
            self._await_prompt()
            os.write(self._console, _RAW_REPL)

    def _await_prompt(self) -> None:
        said = b""
        while not said.endswith(_PROMPT):
            more = self._listen()
            if not more:
                return
            said += more

    # -- bytes ---------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            ready = select.select([self._bell, self._usb, self._console], [], [])[0]
            if self._bell in ready:
                return
            if self._console in ready:
                said = self._listen()
                if said:
                    self._say(said)
                else:
                    self._soft_reset()
            if self._usb in ready:
                self._hear(os.read(self._usb, 1024))

    def _hear(self, data: bytes) -> None:
        for byte in data:
            if bytes([byte]) in (_RAW_REPL, _FRIENDLY_REPL):
                self._is_raw = bytes([byte]) == _RAW_REPL
        with contextlib.suppress(OSError):  # it has just ended
            os.write(self._console, data)

    def _listen(self) -> bytes:
        """What the interpreter says; nothing when it has ended."""
        try:
            said = os.read(self._console, 1024)
        except OSError:
            return b""
        # The REPL ends its lines as a serial terminal wants it; programs on the unix port do not.
        begun = b"\r" if self._ends_in_cr else b""
        self._ends_in_cr = said.endswith(b"\r")
        return _LONE_NEWLINE.sub(b"\r\n", begun + said).removeprefix(begun)

    def _say(self, data: bytes) -> None:
        """Nobody may be there to listen: a serial port loses what its buffer cannot hold."""
        writable = select.select([], [self._usb], [], 1)[1]
        if writable:
            os.write(self._usb, data)


def _as_serial_console(terminal: int) -> None:
    """No echo and no lines; Ctrl-C interrupts the program that runs, and nothing else does."""
    tty.setraw(terminal)
    settings = termios.tcgetattr(terminal)
    settings[3] |= termios.ISIG
    settings[6][termios.VQUIT] = settings[6][termios.VSUSP] = _VDISABLE
    termios.tcsetattr(terminal, termios.TCSANOW, settings)
