"""Transparent mode (AT+CIPMODE=1): between CONNECT and the escape all bytes are data.

Rules:

1. What comes in goes to the ring of link 0, what waits in its window is typed as it is.
2. There are no frames. A line such as CLOSED ends the mode, but the peer may send the same bytes.
   They are held back and asked about: `+++` between two silences, AT, AT+CIPSTATUS. Where the link
   lives they were data, and ATO goes on; else they were the modem's, and that was the end. Where
   the DCD pin is wired it tells at once. What only begins like such a line is held for 50 ms;
   more than 256 bytes from there on are proof of data.
3. Commands of the application, and closing, wait for silence, then `+++` and OK. When nothing more
   is to be asked, ATO.
4. Three pluses of the application, alone between two silences, would be an escape: the third is
   typed a second later.

What cannot be known: a modem that leaves the mode without such a line (a reboot with autobaud)
prints what looks like data. DCD tells.
"""

import errno

from micropython import const

from .clock import FOREVER, after, until
from .command import Command

# As in their home files; a test holds the numbers together.
_OK = const(1)
_EV_UNKNOWN = const(0)
_EV_ONLINE = const(41)
_CLOSING = const(4)
_AWAIT_RESULT = const(4)
_STALL_MS = const(500)
_DRAIN_MS = const(10000)
_SLICE = const(256)

_HOLD = const(256)  # bytes that may be held back
_BEGUN_MS = const(50)  # for so long what only begins like a line
_CARRIER_MS = const(100)  # DCD may follow the bytes that tell why it fell
_MARGIN_MS = const(50)  # between our clock and the modem's
_ESCAPED_MS = const(1500)  # for the OK behind the second silence; seen 0.1 s behind it
_ONLINE_MS = const(5000)
_ATTEMPTS = const(3)
_PLUS = const(43)
_PLUSES = const(3)

_CR_LF = b"\r\n"
_OK_LINE = b"\r\nOK\r\n"

# What held bytes are.
_PLAIN = const(0)
_BEGUN = const(1)  # perhaps the beginning of a line that ends the mode
_WHOLE = const(2)  # perhaps such a line


class DataMode:
    """`on`: what crosses the UART is data. `kind`: "TCP" or "UDP". `wanted`: its stream is open.
    `carrier`: what DCD says, None where it is not wired."""

    def __init__(self, engine, kind):
        self._engine = engine
        self._link = engine.links.all[0]
        self._command = Command(self)
        self._command.link = 0
        self._held = bytearray(_HOLD)
        self.kind = kind
        self.carrier = None
        self.wanted = True
        self.on = False
        self._tries = 0  # escapes, or ATOs, that failed in a row
        self._clear()

    def _clear(self):
        self._from = self._to = 0  # _held[_from:_to] is held back
        self._whole = False
        self._full_at = -1  # since when the ring has no room
        self._fallen_at = -1  # since when there is no carrier
        self._drain_by = -1
        self._run = 0  # pluses typed since the last silence, if nothing else was
        self._plus = False  # one more waits

    def stop(self):
        """At command level, whatever came before."""
        engine = self._engine
        if self.on and engine.tx_end > engine.tx_at and engine.inflight is None:
            engine.tx_end = engine.tx_at  # data must not be typed as commands
            self._link.fail(errno.ECONNRESET)
        self.on = False

    def enter(self, now):
        """CONNECT has come."""
        if not self.on:
            self._clear()
            self.on = True

    def refused(self, now):
        """CONNECT OK, as at command level: SIM800 has been seen to do so until it restarts."""
        if self._link.is_connecting:
            self._link.fail(errno.EIO)
            self._engine.supervisor.on_useless(now)

    @property
    def is_over(self):
        """Whether nobody wants the mode any more."""
        link = self._link
        return not (self.wanted or self.on or link.owned or link.up or link.busy)

    # -- bytes in ------------------------------------------------------------------------------

    def receive(self, framer, now):
        """Take what the UART brought; true when the mode has ended and the rest are lines."""
        if framer.kind:
            framer.take()  # CONNECT
        if framer.recorder is not None:
            framer.recorder.payload(framer.buf, framer.at, framer.end)
        while self.on and framer.at < framer.end:
            if self._to == _HOLD:
                self._release(now)  # no modem says so much behind a line that ends the mode
            elif self._to:
                self._hold(framer, now)
            else:
                self._pass(framer, now)
            if self._full_at >= 0:
                self._no_room(now)
                break
        return not self.on

    def _pass(self, framer, now):
        """Data up to the next CR, where a line may begin."""
        buf = framer.buf
        at = framer.at
        stop = buf.find(b"\r", at, framer.end)
        if stop == at:
            self._hold(framer, now)
            return
        n = self._room((framer.end if stop < 0 else stop) - at, now)
        rx = self._link.rx
        got = rx.received
        if n:
            framer.at, rx.received = at + n, got + rx.ring.write(buf, at, n)

    def _hold(self, framer, now):
        to = self._to
        self._held[to] = framer.buf[framer.at]
        self._to, framer.at = to + 1, framer.at + 1
        self._judge(now)

    def _judge(self, now):
        if self._is_escaping(now) and self._held.find(_OK_LINE, self._from, self._to) >= 0:
            # Our OK is the last that comes in this mode; what stands before it waits.
            self._to -= len(_OK_LINE)
            self.on, self._command.outcome = False, _OK
        elif not self._whole:
            kind = self._kind_of_held(now)
            self._whole = kind == _WHOLE
            if kind == _PLAIN:
                self._release(now)

    def _kind_of_held(self, now):
        held = bytes(self._held[self._from : self._to])
        if len(held) <= 2:
            return _BEGUN if _CR_LF.startswith(held) else _PLAIN
        if not held.startswith(_CR_LF):
            return _PLAIN
        if self._is_escaping(now) and _OK_LINE.startswith(held):
            return _BEGUN
        for hangup in self._engine.dialect.hangups:
            if hangup.startswith(held[2:]):
                return _BEGUN
            if held.startswith(hangup, 2):
                return _kind_of_rest(held[2 + len(hangup) :], hangup.endswith(b":"))
        return _PLAIN

    def _release(self, now):
        """The first of the held bytes are data: those up to the next CR."""
        begin = self._from
        stop = self._held.find(b"\r", begin + 1, self._to)
        n = self._room((self._to if stop < 0 else stop) - begin, now)
        rx = self._link.rx
        got = rx.received
        if n:
            self._from, rx.received = begin + n, got + rx.ring.write(self._held, begin, n)
        self._whole = False
        if self._from == self._to:
            self._from = self._to = 0
        elif self._from == stop:
            rest = self._held[stop : self._to]
            size = len(rest)
            rest.extend(bytes(_HOLD - size))
            self._held, self._from, self._to = rest, 0, size
            self._judge(now)

    def _room(self, size, now):
        """How many of `size` bytes the ring has room for."""
        rx = self._link.rx
        n = min(size, rx.size - rx.ring.any())
        if n:
            self._full_at = -1
        elif self._full_at < 0:
            self._full_at = now
        return n

    def _no_room(self, now):
        """With flow control the modem waits for the reader; without, bytes would be lost."""
        engine = self._engine
        if engine.config.flow or until(after(self._full_at, _STALL_MS), now) > 0:
            engine.intake.stalled = True
        else:
            self._link.fail(errno.ENOBUFS)
            self._from = self._to = 0
            self._full_at = -1

    # -- the end of the mode -------------------------------------------------------------------

    def tick(self, now):
        """What is held longer than it may be, and what DCD says."""
        if self.carrier is not None:
            self._watch_carrier(now)
        if self._to and not self._whole and self._silent_for(_BEGUN_MS, now):
            while self._to and self._full_at < 0:
                self._release(now)

    def _watch_carrier(self, now):
        if self.carrier:
            self._fallen_at = -1
            if self._whole and self._silent_for(_CARRIER_MS, now):
                self._release(now)
        elif self._fallen_at < 0:
            self._fallen_at = now
        elif until(after(self._fallen_at, _CARRIER_MS), now) <= 0:
            self._ended(now)

    def _ended(self, now):
        """At command level again: what became of the link?"""
        self.stop()
        self._link.leaving = True  # a stream that was closed has an end
        self._engine.resync.begin(now)

    def _silent_for(self, ms, now):
        return until(after(self._engine.intake.heard_at, ms), now) <= 0

    def _is_leaving(self, now):
        """Whether there is something to do at command level."""
        link = self._link
        if self._engine.queue or link.error or (self._whole and self.carrier is None):
            return True
        if link.state != _CLOSING:
            return False
        if self._drain_by < 0:
            self._drain_by = after(now, _DRAIN_MS)
        return not (link.tx.any() or self._plus) or until(self._drain_by, now) <= 0

    def _is_escaping(self, now):
        """Whether the modem's OK is what may come now; earlier it is the peer's."""
        engine = self._engine
        if engine.inflight is not self._command or engine.phase != _AWAIT_RESULT:
            return False
        earliest = after(engine.typed_at, engine.dialect.after_ms - _MARGIN_MS)
        return self.on and until(earliest, now) <= 0

    def next(self, now):
        """In data mode: `+++`, once there is a reason and silence."""
        engine = self._engine
        if engine.tx_end > engine.tx_at or not self._is_leaving(now) or self._guard_left(now) > 0:
            return None
        timeout_ms = engine.dialect.after_ms + _ESCAPED_MS
        return self._command.again(b"+++", 3, _EV_UNKNOWN, timeout_ms)

    def online(self, now):
        """At command level, with nothing more to ask: back to data mode."""
        while self._to and self._full_at < 0:
            self._release(now)  # the link lives, so they were data
        if self._full_at >= 0:
            self._full_at = -1
            return None
        return self._command.again(b"ATO\r", 4, _EV_ONLINE, _ONLINE_MS)

    def reply(self, command, buf, at, end):
        return False

    def done(self, command, now):
        if command.outcome == _OK:
            self._tries = 0
            if self._whole:
                self._ended(now)
            return
        self._tries += 1
        if self._whole or command.final == _EV_ONLINE or self._tries >= _ATTEMPTS:
            self._ended(now)  # no answer at command level either, after CLOSED
        if self._tries >= _ATTEMPTS:
            self._tries = 0
            self._link.fail(errno.EIO)

    # -- bytes out -----------------------------------------------------------------------------

    def fill(self, now):
        """Put data into the engine's slice; how many bytes of it are to be typed."""
        engine = self._engine
        ring = self._link.tx.ring
        waiting = self._link.tx.any()
        if not self.on or not (waiting or self._plus) or self._is_leaving(now):
            return 0
        if self._guard_left(now) <= 0:
            self._run = 0
        elif self._plus and not waiting:
            return 0
        sent = self._link.tx.sent
        engine.tx_buf = engine.slice
        if self._plus:
            engine.slice[0] = _PLUS
            view = memoryview(engine.slice)[1:]
            self._plus, engine.tx_at, engine.tx_end = False, 0, 1 + (ring.readinto(view) or 0)
        else:
            engine.tx_at, engine.tx_end = 0, ring.readinto(engine.slice, _SLICE)
        self._withhold_plus()
        self._link.tx.sent = sent + engine.tx_end
        return engine.tx_end

    def _withhold_plus(self):
        engine = self._engine
        n = engine.tx_end
        if self._run + n > _PLUSES or engine.slice[:n] != b"+" * n:
            self._run = _PLUSES + 1  # other bytes since the silence: no escape any more
        elif self._run + n == _PLUSES:
            self._run, self._plus, engine.tx_end = _PLUSES - 1, True, n - 1
        else:
            self._run += n

    def _guard_left(self, now):
        """Milliseconds of silence that are still wanted on the way to the modem."""
        guard_ms = self._engine.dialect.guard_ms + _MARGIN_MS
        return until(after(self._engine.typed_at, guard_ms), now)

    def due(self, now):
        """Milliseconds until something must be done without a byte coming in."""
        engine = self._engine
        soonest = FOREVER
        if self._to and not self._whole:
            soonest = max(0, until(after(engine.intake.heard_at, _BEGUN_MS), now))
        if self.carrier is not None and (self._whole or not self.carrier):
            soonest = min(soonest, _BEGUN_MS)
        if self._is_leaving(now) or (self._plus and not self._link.tx.any()):
            return min(soonest, max(0, self._guard_left(now)))
        return 0 if self._link.tx.any() else soonest


def _kind_of_rest(rest, numbered):
    """What the line is, by the bytes behind its words: CR LF, and a number before it if the words
    want one."""
    digits = len(rest) - len(rest.lstrip(b"0123456789")) if numbered else 0
    if numbered and not digits:
        return _PLAIN if rest else _BEGUN
    if digits > 2 or not _CR_LF.startswith(rest[digits:]):
        return _PLAIN
    return _WHOLE if len(rest) == digits + 2 else _BEGUN
