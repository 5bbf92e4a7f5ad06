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
_TYPING_MS = const(20000)
_SEGMENT = const(1460)

_MASK = const(0x1FFFFFFF)
_HALF = const(0x10000000)
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

    def prompted(self, now):
        """Whether the new bytes are the prompt; they have been taken then, and the body comes."""
        engine = self._engine
        framer = self._framer
        if framer.got != _PROMPT_SIZE or not framer.buf.startswith(_PROMPT):
            return False
        framer.prompting = False
        engine.deadline = (now + _TYPING_MS) & _MASK
        engine.phase, framer.got = _BODY, 0
        return True

    def accepted(self, now):
        """Whether the new bytes are the usual result, and another full segment is what comes next:
        there is one, and nobody else wants anything. They have been taken then."""
        engine = self._engine
        command = engine.inflight
        if self._framer.got != _len(command.usual) or not self._framer.buf.startswith(
            command.usual
        ):
            return False
        tx = command.body.tx
        if tx.ring.any() < _SEGMENT:
            return False
        if self._links.alert and not self._links.leave_to(command.body, engine, now):
            return False
        if not 0 < (self._links.wake - now) & _MASK < _HALF:
            return False
        tx.sent = tx.base + _SEGMENT
        engine.tx_buf = command.text
        engine.untyped = _SEGMENT
        engine.tx_at = engine.tx_end = command.length
        engine.tx_at, engine.phase, tx.base = 0, _TYPING, tx.sent
        self._framer.got = 0  # read as a line all the same, it would have nobody to go to
        return True
