"""The short way of a long upload: what comes as it came the last time is not looked at anew.

A full segment follows a full segment on the same link. Its line is the same, its prompt is the
same, and its result reads as the last one did: they are compared, and not understood. Whatever
differs by a byte, and whatever anybody else wants, goes the long way, through framer and agenda;
nothing has been changed then.

Ctrl-C may come at any line: the one that counts is the last, and what stands before it would do
no harm on the long way.
"""

from micropython import const

from .clock import until

# As in their home files; a test holds the numbers together.
_TYPING = const(1)
_AWAIT_PROMPT = const(2)
_BODY = const(3)
_SEGMENT = const(1460)

_MASK = const(0x1FFFFFFF)
_HALF = const(0x10000000)
_PROMPT = b"\r\n> "
_PROMPT_SIZE = const(4)
_CR_LF = b"\r\n"


class Express:
    def __init__(self, engine):
        self._engine = engine
        self._framer = engine.intake.framer
        self._links = engine.links

    def is_open(self):
        """Whether the send in flight, if it is one, may take the short way: nobody doubts its
        link, and nothing but its prompt or its result need come."""
        engine = self._engine
        body = engine.inflight.body
        if body is None or body.tx.udp or body.leaving or engine.lost or self._framer.tail:
            return False
        # `SEND OK` tells no size: what it says of a short segment is no leave for a full one.
        if engine.inflight.size != _SEGMENT or engine.tx_at < engine.tx_end:
            return False
        if body.tx.ring.any() < engine.untyped:
            return False
        return body.up and (self._framer.prompting or engine.phase != _AWAIT_PROMPT)

    def is_alone(self, link, now):
        """Whether nobody wants anything but `link`, which goes on sending: until `wake`, or until
        `alert` is set, there is no need to ask again."""
        engine = self._engine
        if engine.queue or engine.server is not None or engine.resync.active or engine.lost:
            return False
        if engine.strikes or engine.ladder.rung or not engine.bearer.is_up:
            return False
        return self._links.leave_to(link, until(engine.check_at, now), now)

    def learn(self, command, buf, at, end):
        """`buf[at:end]` is the result of `command`, and all is well: how it is spelled."""
        framer = self._framer
        if command.size != _SEGMENT or 0 <= command.reported != _SEGMENT:
            return
        if buf is not framer.buf or at != 2 or framer.end != end + 2:
            return  # it did not come alone
        if buf.startswith(_CR_LF) and buf.startswith(_CR_LF, end):
            if command.usual_size != framer.end or not buf.startswith(command.usual):
                command.usual, command.usual_size = bytes(buf[: framer.end]), framer.end

    def prompted(self):
        """Whether the new bytes are the prompt; they have been taken then, and the body comes."""
        engine = self._engine
        framer = self._framer
        if framer.got != _PROMPT_SIZE or not framer.buf.startswith(_PROMPT):
            return False
        framer.prompting, engine.phase, framer.got = False, _BODY, 0
        return True

    def accepted(self, now):
        """Whether the new bytes are the usual result, and another full segment is what comes next:
        there is one, and nobody else wants anything. They have been taken then."""
        engine = self._engine
        command = engine.inflight
        framer = self._framer
        if framer.got != command.usual_size or not framer.buf.startswith(command.usual):
            return False
        tx = command.body.tx
        if tx.ring.any() < _SEGMENT:
            return False
        if self._links.alert and not self.is_alone(command.body, now):
            return False
        if not 0 < (self._links.wake - now) & _MASK < _HALF:
            return False
        tx.sent = tx.base + _SEGMENT
        engine.prompted = False
        engine.tx_buf = command.text
        engine.untyped = _SEGMENT
        engine.tx_at = engine.tx_end = command.length
        engine.tx_at, engine.phase, tx.base = 0, _TYPING, tx.sent
        framer.got = 0  # read as a line all the same, it would have nobody to go to
        return True
