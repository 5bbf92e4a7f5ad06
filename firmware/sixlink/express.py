"""The short way of a long upload: what comes as it came the last time is not looked at anew.

A full segment follows a full segment on the same link. Its line is the same, its prompt is the
same, and its result reads as the last one did: they are compared, and not understood. Whatever
differs by a byte, and whatever anybody else wants, goes the long way, through framer and agenda;
nothing has been changed then.

Ctrl-C may come at any line: the one that counts is the last, and what stands before it would do
no harm on the long way.
"""

from micropython import const

# As in their home files; a test holds the numbers together.
_TYPING = const(1)
_BODY = const(3)
_AWAIT_RESULT = const(4)
_CONNECTED = const(2)
_TYPING_MS = const(20000)
_SEGMENT = const(1460)

_MASK = const(0x1FFFFFFF)
_PROMPT = b"\r\n> "
_PROMPT_SIZE = const(4)
_CR_LF = b"\r\n"
_len = len  # builtins are found at the end of a long search, names of the module are not


class Express:
    def __init__(self, engine):
        self._engine = engine
        self._framer = engine.intake.framer
        self._links = engine.links

    def learn(self, command, buf, at, end):
        """`buf[at:end]` is the result of `command`, and all is well: how it is spelled."""
        framer = self._framer
        if command.size != _SEGMENT or 0 <= command.reported != _SEGMENT:
            return
        if buf is not framer.buf or at != 2 or framer.end != end + 2:
            return  # it did not come alone
        if buf.startswith(_CR_LF) and buf.startswith(_CR_LF, end):
            if len(command.usual) != framer.end or not buf.startswith(command.usual):
                command.usual = bytes(buf[: framer.end])

    def answered(self, now):
        """Whether the new bytes are what a full segment waits for; then they have been taken, and
        something is to be typed."""
        engine = self._engine
        framer = self._framer
        if framer.held or framer.tail or engine.lost:
            return False
        if engine.phase == _AWAIT_RESULT:
            usual = engine.inflight.usual
            if framer.got != _len(usual) or not framer.buf.startswith(usual):
                return False
            return self._again(engine.inflight.body, now)
        if (
            framer.got != _PROMPT_SIZE
            or not framer.prompting
            or not framer.buf.startswith(_PROMPT)
        ):
            return False
        self._hear(now)
        framer.prompting = False
        engine.deadline = (now + _TYPING_MS) & _MASK
        engine.phase, framer.got = _BODY, 0
        return True

    def _again(self, link, now):
        """The next segment of `link`, if it has a full one and nobody else wants anything."""
        engine = self._engine
        tx = link.tx
        if tx.udp or tx.ring.any() < _SEGMENT or link.state != _CONNECTED or link.pending:
            return False
        if not self._links.leave_to(link, engine, now):
            return False
        self._hear(now)
        tx.sent = tx.base + _SEGMENT
        engine.prompted = False
        engine.deadline = (now + _TYPING_MS) & _MASK
        engine.tx_buf = engine.inflight.text
        engine.untyped = _SEGMENT
        engine.tx_at = engine.tx_end = engine.inflight.length
        engine.tx_at, engine.phase, self._framer.got, tx.base = 0, _TYPING, 0, tx.sent
        return True

    def _hear(self, now):
        intake = self._engine.intake
        intake.heard += self._framer.got
        intake.heard_at = now
        if intake.recorder is not None:
            intake.recorder.left_out += self._framer.got
