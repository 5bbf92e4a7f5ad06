"""What the host types: command lines, payload after a prompt, or data in transparent mode.

While a command is being executed the typed bytes wait, as in the receive FIFO of a real modem.
Payload typed before its prompt is lost and counted: a host must wait for the prompt.
"""

from collections import Counter
from typing import Protocol

from .profiles import Profile

COMMAND = "command"
PAYLOAD = "payload"
DATA = "data"

CR, LF = b"\r", b"\n"
CTRL_Z, ESC = b"\x1a", b"\x1b"
FIFO_BYTES = 8192


class Handler(Protocol):
    """Whom `Typed` tells what it has understood."""

    def echo(self, data: bytes, payload: bool) -> None:
        """Characters to send back if echo is on."""

    def line_typed(self, line: bytes) -> None:
        """A command line, its terminator removed."""

    def prompt_leaves(self) -> bool:
        """Whether the host cannot have seen the whole prompt yet."""

    def payload_begun(self) -> None:
        """Some of the payload is there, and more is owed."""

    def payload_typed(self, payload: bytes) -> None:
        """The whole payload is there."""

    def payload_cancelled(self, too_long: bool) -> None:
        """ESC ended it, or more than a segment was typed without Ctrl-Z."""

    def data_typed(self, data: bytes) -> None:
        """Bytes of transparent mode."""


class Typed:
    """The state machine behind the modem's RX pin."""

    def __init__(self, handler: Handler, profile: Profile, counters: Counter[str]) -> None:
        self._handler = handler
        self._max_line = profile.max_line
        self._segment_max = profile.segment_max
        self._line_ends = (CR, LF) if profile.line_feed_ends else (CR,)
        self._line_feed_trap = profile.line_feed_trap
        self._counters = counters
        self.reset()

    def reset(self) -> None:
        """As after a restart."""
        self.mode = COMMAND
        self.busy = False
        self.owed = 0
        self.payloads = 0  # how many were awaited
        self._terminated = False
        self._after_cr = False
        self._fifo = bytearray()
        self._line = bytearray()
        self._payload = bytearray()

    def feed(self, data: bytes) -> None:
        if self.busy:
            self._keep(data)
        else:
            self._consume(data)

    def hold(self) -> None:
        """A command is being executed."""
        self.busy = True

    def release(self) -> None:
        """The command is answered: go on with what was typed meanwhile."""
        self.busy = False
        waiting = bytes(self._fifo)
        self._fifo.clear()
        if waiting:
            self._consume(waiting)

    def expect_payload(self, length: int | None) -> None:
        """The prompt is out: `length` bytes are owed, or a text up to Ctrl-Z when None."""
        if self._fifo:
            self._counters["typed_before_prompt"] += len(self._fifo)
            self._fifo.clear()
        self.mode = PAYLOAD
        self.payloads += 1
        self._terminated = length is None
        self.owed = length or 0
        self._payload.clear()

    def abandon_payload(self) -> None:
        """The modem's own time-out: back to command level."""
        self.mode = COMMAND
        self.owed = 0

    def cut_payload(self) -> None:
        """What was typed so far is the whole payload."""
        self.owed = 0
        self._payload_ends()

    @property
    def waiting(self) -> int:
        """Bytes that a command under execution keeps from being understood."""
        return len(self._fifo)

    # -- the three modes ---------------------------------------------------------------------

    def _consume(self, data: bytes) -> None:
        while data and not self.busy:
            if self.mode == DATA:
                self._handler.data_typed(data)
                return
            if self._after_cr and data[:1] == LF and self._swallows_line_feed:
                data = self._line_feed(data)
            elif self.mode == PAYLOAD:
                data = self._payload_part(data)
            else:
                data = self._command_part(data)
        self._keep(data)

    def _keep(self, data: bytes) -> None:
        if self._after_cr and not self._fifo and data[:1] == LF:
            data = self._line_feed(data)
        room = FIFO_BYTES - len(self._fifo)
        if len(data) > room:
            self._counters["rx_overrun"] += len(data) - room
        self._fifo += data[:room]

    @property
    def _swallows_line_feed(self) -> bool:
        # At 9600 baud the LF of a CR LF may come when the prompt has been said already. On SIM800
        # it belongs to the line until the prompt has gone out, and never becomes payload.
        return self.mode == COMMAND or self._line_feed_trap or self._handler.prompt_leaves()

    def _line_feed(self, data: bytes) -> bytes:
        # CR LF ends a line as CR does. The trap of CIPSEND note 6 (Luat AT manual): the LF is
        # eaten even after the prompt, when the host meant it as the first byte of its payload.
        self._after_cr = False
        if self.mode == PAYLOAD:
            self._counters["payload_lf_eaten"] += 1
        else:
            self._handler.echo(LF, False)
        return data[1:]

    def _command_part(self, data: bytes) -> bytes:
        self._after_cr = False
        ends = [at for at in map(data.find, self._line_ends) if at >= 0]
        at = min(ends, default=len(data))
        text, end, rest = data[:at], data[at : at + 1], data[at + 1 :]
        self._handler.echo(text + end.strip(LF), False)
        self._line += text[: self._max_line + 1 - len(self._line)]
        if end:
            line = bytes(self._line)
            self._line.clear()
            self._after_cr = end == CR
            self._handler.line_typed(line)
        return rest

    def _payload_part(self, data: bytes) -> bytes:
        self._after_cr = False
        return self._until_ctrl_z(data) if self._terminated else self._counted(data)

    def _counted(self, data: bytes) -> bytes:
        part, rest = data[: self.owed], data[self.owed :]
        begins = not self._payload
        self._payload += part
        self.owed -= len(part)
        self._handler.echo(part, True)
        if self.owed and begins:
            self._handler.payload_begun()
        if not self.owed:
            self._payload_ends()
        return rest

    def _until_ctrl_z(self, data: bytes) -> bytes:
        ends = [at for at in (data.find(CTRL_Z), data.find(ESC)) if at >= 0]
        end = min(ends, default=len(data))
        self._payload += data[:end]
        self._handler.echo(data[:end], True)
        if len(self._payload) > self._segment_max:
            self.mode = COMMAND
            self._handler.payload_cancelled(True)
        elif data[end : end + 1] == ESC:
            self.mode = COMMAND
            self._handler.payload_cancelled(False)
        elif ends:
            self._payload_ends()
        return data[end + 1 :]

    def _payload_ends(self) -> None:
        self.mode = COMMAND
        payload = bytes(self._payload)
        self._payload.clear()
        self._handler.payload_typed(payload)
