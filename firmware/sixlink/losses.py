"""What the intake does about bytes that were lost on the way, and about those without room."""

import errno

from micropython import const

from .clock import after, until
from .framer import Framer

# As in their home files; a test holds the numbers together.
_EV_OK = const(1)
_LOST_MS = const(300)  # how long an answer may still come after a framing loss
_STALL_MS = const(500)  # how long a pushed payload may wait for room in its ring


class Losses:
    """What `Intake` is built on."""

    def __init__(self, engine, size):
        self._engine = engine
        self.framer = Framer(size)
        self.stalled = False  # a pushed payload waits for room: leave the UART unread
        self.unknown = 0  # lines without a meaning
        self.last_unknown = b""
        self.losses = 0
        self.discarded = 0  # payload bytes that had no taker
        self._sink = None  # the link that the present payload is for
        self._moved_at = 0  # when payload last moved

    def _no_room(self, sink, now):
        """Waiting for the reader is safe only while no answer is owed behind this payload."""
        if self._engine.inflight is None and until(after(self._moved_at, _STALL_MS), now) > 0:
            self.stalled = True
        else:
            sink.fail(errno.ENOBUFS)
            self._sink = None

    def _damaged(self, now):
        engine = self._engine
        n = engine.dialect.link
        if engine.links.pull:
            self._distrust(now)
        elif 0 <= n < len(engine.links.all):
            self._loss(engine.links.all[n], now)
        else:
            engine.links.fail_pushed(errno.ECONNRESET)
            self._loss(None, now)

    def _loss(self, link, now):
        """Bytes were lost on the way. `link`, if known, is the one whose payload they were."""
        self.losses += 1
        self._engine.links.fault(errno.EIO, "framing loss")
        if link is not None:
            link.fail(errno.ECONNRESET)
        self._sink = None
        self.framer.abandon()
        self._distrust(now)

    def _distrust(self, now):
        """What comes now may be payload, and so may a `>`: rather type padding in its place."""
        self.framer.prompting = False
        self._doubt(now)

    def _doubt(self, now):
        engine = self._engine
        engine.lost = engine.links.alert = True
        if engine.inflight is not None and not engine.bringup.active:
            engine.hasten(_LOST_MS, now)

    def _unknown(self, buf, at, end, now):
        engine = self._engine
        self.unknown += 1
        self.last_unknown = bytes(buf[at : min(end, at + 32)])
        command = engine.inflight
        if command is None or command.link < 0 or command.final != _EV_OK or not engine.links.pull:
            return
        # Beside a read this may be payload: its header lost a byte, or named too small a size.
        if command.reported >= 0:
            self._loss(engine.links.all[command.link], now)
        else:
            self._distrust(now)
