"""Real MicroPython and a virtual modem on one virtual clock, which both of them see.

The program (see host_tests/upy/lockstep.py) runs while time stands still. When it waits it sends
ADVANCE; time then moves on from event to event on the wire until bytes come in for the program or
its time is over, and the answer tells it the new time. So hours pass in seconds, and a run with
the same seeds is the same run.
"""

from __future__ import annotations

import socket
import struct
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from tools import interpreter
from tools.vmodem import Wire

ADVANCE, BAUD, POWER, REPORT, WRITE = b"ABPRW"
HEADER = struct.Struct("<BI")
ANSWER = struct.Struct("<QH")
MOST = 1024  # bytes in one answer: what the program's UART has room for

HANG_S = 60  # of real time without a message: the program spins
START_US = ((1 << 29) - 5000) * 1000  # the firmware's 29-bit milliseconds wrap 5 s later


class Died(Exception):
    """The program ended with an error, or hangs; the text says what it said."""


class Program:
    """MicroPython with a heap of `heap` (as in -X heapsize=) and its end of the channel.

    `hang_s`: how long in real seconds it may say nothing.
    """

    def __init__(
        self, arguments: Sequence[str], search: Sequence[Path], heap: str, hang_s: float = HANG_S
    ) -> None:
        self._hang_s = hang_s
        self._channel, inherited = socket.socketpair()
        self._channel.settimeout(hang_s)
        self._said = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            [interpreter.find(), "-X", f"heapsize={heap}", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=subprocess.STDOUT,
            env=interpreter.environment(
                MICROPYPATH=":".join([*map(str, search), ".frozen"]),
                SIXLINK_LOCKSTEP=str(inherited.fileno()),
            ),
            pass_fds=(inherited.fileno(),),
            start_new_session=True,  # Ctrl-C at our terminal is for us alone
        )
        inherited.close()
        self._incoming = self._channel.makefile("rb")

    def receive(self, count: int) -> bytes:
        """The next `count` bytes; fewer when the program has ended. Raises Died when it hangs."""
        try:
            return self._incoming.read(count)
        except TimeoutError:
            raise Died(f"it spins: nothing for {self._hang_s} s\n{self.end()}") from None

    def send(self, data: bytes) -> None:
        self._channel.sendall(data)

    def end(self) -> str:
        """End it if need be; what it printed."""
        self._process.kill()
        self._process.wait()
        self._said.seek(0)
        return self._said.read()

    def check_end(self) -> None:
        """It closed the channel: raises Died unless it ended well."""
        status = self._process.wait()
        if status:
            raise Died(f"exit status {status}\n{self.end()}")

    def close(self) -> None:
        self.end()
        self._incoming.close()
        self._channel.close()
        self._said.close()


class Lockstep:
    """Runs a `Program` against the far end of `wire`. `on_report(text)` gets its reports."""

    def __init__(self, program: Program, wire: Wire, on_report: Callable[[bytes], None]) -> None:
        self.now_us = START_US
        self._program = program
        self._wire = wire
        self._on_report = on_report
        self._arrived = bytearray()
        self._trace: deque[tuple[int, str, bytes]] = deque(maxlen=100)

    def run(self) -> None:
        """Until the program ends. Raises Died if it does not end well."""
        while len(header := self._program.receive(HEADER.size)) == HEADER.size:
            kind, number = HEADER.unpack(header)
            if kind == ADVANCE:
                self._advance(number)
            elif kind == WRITE:
                self._write(self._program.receive(number))
            elif kind == REPORT:
                self._on_report(self._program.receive(number))
            elif kind == BAUD:
                self._wire.host_baud = number
            elif kind == POWER:
                self._wire.advance(self.now_us)
                self._wire.modem.pins.power(number)
            else:
                raise Died(f"an unknown message: {header!r}")
        self._program.check_end()

    def trace(self) -> str:
        """The last exchanges on the wire, a line each: seconds, direction, bytes."""
        return "\n".join(
            f"{(at_us - START_US) / 1e6:12.3f} {way} {data[:100]!r}"
            for at_us, way, data in self._trace
        )

    def _write(self, data: bytes) -> None:
        self._trace.append((self.now_us, ">", data))
        self._wire.write(data, self.now_us)

    def _advance(self, ms: int) -> None:
        end_us = self.now_us + ms * 1000
        wire = self._wire
        self._listen()
        while self.now_us < end_us and not self._arrived:
            due_us = wire.due_us(self.now_us)
            due_us = end_us if due_us is None else min(due_us, end_us)
            self.now_us = max(due_us, self.now_us + 1)  # what stays due must not stop time
            self._listen()
        answer = bytes(self._arrived[:MOST])
        del self._arrived[:MOST]
        self._program.send(ANSWER.pack(self.now_us, len(answer)) + answer)

    def _listen(self) -> None:
        arrived = self._wire.arrived(self.now_us)
        if arrived:
            self._trace.append((self.now_us, "<", arrived))
            self._arrived += arrived
