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
5. Whether held bytes are data is looked up, never remembered: Ctrl-C may come between a byte and
   its judgement.

What cannot be known: a modem that leaves the mode without such a line (a reboot with autobaud)
prints what looks like data. DCD tells.
"""

import errno

from micropython import RingIO, const

from .clock import FOREVER, after, until
from .command import Command
from .hangup import agree, farewell, kind_of

# As in their home files; a test holds the numbers together.
_OK = const(1)
_EV_UNKNOWN = const(0)
_EV_ONLINE = const(41)
_CONNECTED = const(2)
_CLOSING = const(4)
_AWAIT_RESULT = const(4)
_STALL_MS = const(500)
_DRAIN_MS = const(10000)
_SLICE = const(256)
_PLAIN = const(0)
_BEGUN = const(1)
_WHOLE = const(2)

_HOLD = const(256)  # bytes that may be held back
_BEGUN_MS = const(50)  # for so long what only begins like a line
_CARRIER_MS = const(100)  # DCD may follow the bytes that tell why it fell
_FIFO = const(8000000)  # ms × baud: 800 bytes that were said and that nobody has seen yet
_SLOWEST = const(9600)
_MARGIN_MS = const(50)  # between our clock and the modem's
_ESCAPED_MS = const(1500)  # for the OK behind the second silence; seen 0.1 s behind it
_ONLINE_MS = const(5000)
_ATTEMPTS = const(3)
_CR = const(13)
_PLUS = const(43)
_PLUSES = const(3)

_CR_LF = b"\r\n"
_OK_LINE = b"\r\nOK\r\n"


class _Nobody:
    """Stands for the ring of a link that has no reader any more."""

    def __init__(self, intake):
        self._intake = intake

    def any(self):
        return 0

    def write(self, buf, at, n):
        self._intake.discarded += n
        return 0


class DataMode:
    """`on`: what crosses the UART is data. `kind`: "TCP" or "UDP". `wanted`: its stream is open.
    `carrier`: what DCD says, None where it is not wired."""

    def __init__(self, engine, kind):
        self._engine = engine
        self._link = engine.links.all[0]
        self._nobody = _Nobody(engine.intake)
        self._command = Command(self)
        self._command.link = 0
        self.kind = kind
        self.carrier = None
        self.wanted = True
        self.on = False
        self._on_since = 0
        self._tries = 0  # escapes, or ATOs, that failed in a row
        self._held = bytearray(_HOLD)
        self._aside = RingIO(_HOLD)
        self._from = self._to = 0  # _held[_from:_to] is held back …
        self._sure = 0  # … and known to be data up to here
        self._full_at = -1  # since when the ring has no room
        self._fallen_at = -1  # since when there is no carrier
        self._drain_by = -1
        self._staged = 0  # bytes in the engine's slice that it does not know of yet
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
            self._on_since = now
            self._full_at = self._fallen_at = -1
            self._run = 0
            self.on = True

    def refused(self, now):
        """CONNECT OK, as at command level: SIM800 has been seen to do so until it restarts."""
        if self._link.is_connecting():
            self._link.fail(errno.EIO)
            self._engine.supervisor.on_useless(now)

    def is_over(self):
        """Whether nobody wants the mode any more."""
        link = self._link
        return not (self.wanted or self.on or link.owned or link.up or link.busy())

    # -- bytes in ------------------------------------------------------------------------------

    def receive(self, framer, now):
        """Take what the UART brought; true when the mode has ended and the rest are lines."""
        if framer.kind:
            framer.take()  # CONNECT
        recorder = self._engine.intake.recorder
        if recorder is not None:
            recorder.payload(framer.buf, framer.at, framer.end)
        while self.on and self._settle(now) and framer.at < framer.end:
            size = 0 if self._from < self._to else _plain(framer.buf, framer.at, framer.end)
            if not size:
                self._hold(framer, now)
            elif not self._pass(framer, size):
                break
        if self.on and framer.at < framer.end:
            self._no_room(now)
        else:
            self._full_at = -1
        return not self.on

    def _pass(self, framer, size):
        """Up to `size` bytes of data go to the reader; returns how many."""
        at = framer.at
        rx = self._link.rx
        ring = self._ring()
        n = min(size, rx.size - ring.any())
        got = rx.received
        if n:
            framer.at, rx.received = at + n, got + ring.write(framer.buf, at, n)
        return n

    def _hold(self, framer, now):
        """One byte more that may belong to a line of the modem."""
        if self._from == self._to:
            self._from = self._to = self._sure = 0
        elif self._to == _HOLD:
            self._make_room()
            return
        to = self._to
        at = framer.at
        self._held[to] = framer.buf[at]
        begin = to + 1 - len(_OK_LINE)
        is_ok = begin >= self._from and self._held.startswith(_OK_LINE, begin)
        if is_ok and self._is_escaping(now):  # the last of this mode; what stands before it waits
            self._to, framer.at, self.on, self._command.outcome = begin, at + 1, False, _OK
        else:
            self._to, framer.at = to + 1, at + 1

    def _make_room(self):
        held = self._held
        begin = self._from
        n = self._to - begin
        if begin:
            self._from, self._to, self._sure = 0, _moved(self._aside, held, begin, n), 0
        else:
            self._sure = 1  # no modem says so much behind a line that ends the mode

    def _settle(self, now):
        """Let go of held bytes that are data; false when there is no room for them."""
        while self._from < self._to and self._kind_of_held(now) == _PLAIN:
            if not self._let_go():
                return False
        return True

    def _let_go(self):
        """Held bytes up to the next CR, where a line may begin; returns how many."""
        begin = self._from
        stop = self._held.find(b"\r", begin + 1, self._to)
        rx = self._link.rx
        ring = self._ring()
        n = min((self._to if stop < 0 else stop) - begin, rx.size - ring.any())
        got = rx.received
        if n:
            self._from, rx.received = begin + n, got + ring.write(self._held, begin, n)
        return n

    def _all_data(self, now):
        self._sure = self._to
        self._settle(now)

    def _kind_of_held(self, now):
        held = self._held
        at = self._from
        end = self._to
        if at < self._sure:
            return _PLAIN
        if self._is_escaping(now) and agree(held, at, end, _OK_LINE):
            return _BEGUN
        return kind_of(held, at, end, self._engine.dialect.hangups)

    def _is_whole(self, now):
        return self._from < self._to and self._kind_of_held(now) == _WHOLE

    def _ring(self):
        """Where data goes. The stream that has failed or was closed takes no more of it."""
        return self._link.rx.ring if self._link.state == _CONNECTED else self._nobody

    def _no_room(self, now):
        """With flow control the modem waits for the reader; without, bytes would be lost."""
        engine = self._engine
        if self._full_at < 0:
            self._full_at = now
        if engine.config.flow or until(after(self._full_at, _STALL_MS), now) > 0:
            engine.intake.stalled = True
            if self._is_escaping(now):
                engine.deadline = after(now, _ESCAPED_MS)  # the OK waits behind the data
        else:
            self._link.fail(errno.ENOBUFS)

    # -- the end of the mode -------------------------------------------------------------------

    def tick(self, now):
        """What is held longer than it may be, and what DCD says."""
        if self.carrier is not None:
            self._watch_carrier(now)
        if self._from < self._to:
            if self._kind_of_held(now) == _BEGUN and self._silent_for(_BEGUN_MS, now):
                self._sure = self._to
            self._settle(now)

    def _watch_carrier(self, now):
        if self.carrier:
            self._fallen_at = -1
            if self._is_whole(now) and self._silent_for(_CARRIER_MS, now):
                self._sure = self._to
        elif self._fallen_at < 0:
            self._fallen_at = now
        elif until(after(self._fallen_at, _CARRIER_MS), now) <= 0:
            # DCD does not wait for what the modem has still to say.
            silence_ms = _CARRIER_MS + _FIFO // (self._engine.baud or _SLOWEST)
            if self._silent_for(silence_ms, now) and self._settle(now):
                self._ended(now)

    def hung_up(self, held):
        """The link has ended. `held`: the line that told is among the held bytes, and nothing but
        lines of the modem behind it. What stands before it are data; without it all of them are.
        """
        if held:
            self._to = farewell(self._held, self._from, self._to, self._engine.dialect.hangups)
        while self._from < self._to and self._let_go():
            pass
        if self._from < self._to:
            self._link.fail(errno.ENOBUFS)
            self._to = self._from

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
        if self._engine.queue or link.error or (self.carrier is None and self._is_whole(now)):
            return True
        if link.state != _CLOSING:
            return False
        if self._drain_by < 0:
            self._drain_by = after(now, _DRAIN_MS)
        return not (self._is_waiting() or self._plus) or until(self._drain_by, now) <= 0

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
        """At command level, with nothing more to ask: the link lives, so what is held was data.
        Back to data mode."""
        self._all_data(now)
        return self._command.again(b"ATO\r", 4, _EV_ONLINE, _ONLINE_MS)

    def reply(self, command, buf, at, end):
        return False

    def done(self, command, now):
        whole = self._is_whole(now)
        if command.outcome == _OK:
            self._tries = 0
            if whole:
                self._ended(now)
            else:
                self._all_data(now)
            return
        self._tries += 1
        if whole or command.final == _EV_ONLINE or self._tries >= _ATTEMPTS:
            self._ended(now)  # no answer at command level either, after CLOSED
        if self._tries >= _ATTEMPTS:
            self._tries = 0
            self._link.fail(errno.EIO)

    # -- bytes out -----------------------------------------------------------------------------

    def _is_waiting(self):
        """Whether data waits to be typed, a plus that is held back apart."""
        return self._staged or self._link.tx.any()

    def fill(self, now):
        """Put data into the engine's slice; how many bytes of it are to be typed."""
        engine = self._engine
        tx = self._link.tx
        left = self._guard_left(now)
        if not (self._is_waiting() or (self._plus and left <= 0)) or self._is_leaving(now):
            return 0
        engine.tx_buf = buf = engine.slice
        engine.tx_at = engine.tx_end = 0
        if not self._staged:
            self._stage(buf, tx.ring)
        n = self._staged
        run = n if left <= 0 else self._run + n
        if n > _PLUSES or buf[:n] != b"+" * n:
            run = _PLUSES + 1  # other bytes since the silence: no escape any more
        elif 0 < left <= 2 * _MARGIN_MS:
            return 0  # the modem may take it for silence, and may not
        plus = run == _PLUSES
        if plus:
            run, n = run - 1, n - 1
        sent = tx.sent + n
        engine.tx_end, tx.sent, self._run, self._plus, self._staged = n, sent, run, plus, 0
        return n

    def _stage(self, buf, ring):
        """Bytes move from `ring` to `buf`, behind the plus that was held back."""
        if self._plus:
            buf[0] = _PLUS
            rest = memoryview(buf)[1:]
            self._plus, self._staged = False, 1 + (ring.readinto(rest) or 0)
        else:
            self._staged = ring.readinto(buf, _SLICE)

    def _guard_left(self, now):
        """Milliseconds of silence that are still wanted on the way to the modem."""
        guard_ms = self._engine.dialect.guard_ms + _MARGIN_MS
        typed = until(after(self._engine.typed_at, guard_ms), now)
        return max(typed, until(after(self._on_since, guard_ms), now))

    def due(self, now):
        """Milliseconds until something must be done without a byte coming in."""
        soonest = FOREVER
        if self._from < self._to:
            whole = self._is_whole(now)
            heard_at = self._engine.intake.heard_at
            soonest = FOREVER if whole else max(0, until(after(heard_at, _BEGUN_MS), now))
            if whole and self.carrier:
                soonest = _BEGUN_MS
        if self.carrier is False:
            soonest = min(soonest, _BEGUN_MS)
        if self._is_leaving(now) or (self._plus and not self._is_waiting()):
            return min(soonest, max(0, self._guard_left(now)))
        return 0 if self._is_waiting() else soonest


def _plain(buf, at, end):
    """How many bytes stand before the first CR LF, or CR that may be half of one."""
    stop = buf.find(_CR_LF, at, end)
    if stop < 0:
        stop = end - 1 if buf[end - 1] == _CR else end
    return stop - at


def _moved(aside, buf, begin, n):
    """Move `n` bytes to the front of `buf`, by way of a ring: that takes no heap; returns `n`."""
    return 0 * aside.write(buf, begin, n) + aside.readinto(buf, n)  # no jump, for Ctrl-C
