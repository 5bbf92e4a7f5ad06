"""Bytes out: what is typed, and at what pace.

The UART is given no more than the line has had time for, in slices; see rule 4 of `driver`. A full
segment that follows another one takes the short way: see `express`.

Ctrl-C may come at any line. What `write` returns is stored by the very statement that calls it,
and the next turn begins with it.
"""

from micropython import const

# As in their home files; a test holds the numbers together.
_TYPING = const(1)
_AWAIT_PROMPT = const(2)
_BODY = const(3)
_AWAIT_RESULT = const(4)
_PROMPT_MS = const(5000)
_TYPING_MS = const(20000)
_K_TX_PAYLOAD = const(3)

_MASK = const(0x1FFFFFFF)
_BIT_MS = const(10000)  # ms × baud / this = bytes, at 10 bits a byte
_LONG_MS = const(1000)  # a pause longer than this earns no more credit
_SLOWEST = const(9600)
_HALF = const(0x10000000)
_PROMPT_SIZE = const(4)


class Typist:
    """What `Driver` is built on."""

    def __init__(self, engine, uart, baud):
        self.engine = engine
        self.uart = uart
        self.baud = baud
        self.recorder = None  # the flight recorder
        self.typed = 0  # bytes that went out
        self._put = 0  # bytes the UART took that the engine does not know of yet
        self._slice = 0  # bytes of one `write` at the most
        self._full = 0  # bytes × 10000 that the UART may hold without blocking us
        self._credit = 0  # as many that it can take now
        self._credited_at = 0
        self._is_idle = None  # whether the UART holds no byte; where CTS may stop it
        self._under_way = False  # it may still hold some
        self._arrived = 0  # bytes that had come in, at the last look
        self._awaits = False  # there was a command in flight when `_rests_until` was found …
        self._sends = False  # … and it was a send for which `_send_on` may do
        self._rests_until = 0

    # -- any command ---------------------------------------------------------------------------

    def _transmit(self, now):
        engine = self.engine
        waiting = engine.tx_end - engine.tx_at or engine.to_type(now)
        if not waiting:
            return
        self._earn(now)
        while waiting:
            n = self._credit // _BIT_MS
            if n > waiting:
                n = waiting
            if n > self._slice:
                n = self._slice
            if n <= 0 or (self._is_idle is not None and not self._is_idle()):
                break
            self._put = self.uart.write(engine.tx_buf, engine.tx_at, n)
            if not self._put:
                break
            self._take_over(now)
            waiting = engine.tx_end - engine.tx_at or engine.to_type(now)

    def _take_over(self, now):
        engine = self.engine
        put = self._put
        self._credit -= put * _BIT_MS
        self.typed += put
        engine.typed_at = self._gone_at(now)
        self._under_way = True
        recorder = self.recorder
        if recorder is not None:
            # First: Ctrl-C in between must not keep from it that a secret has been typed.
            if recorder.counts == _K_TX_PAYLOAD and engine.phase == _BODY:
                recorder.left_out += put
            else:
                recorder.typed(engine, engine.tx_at, put)
        engine.tx_at, self._put = engine.tx_at + put, 0

    def _earn(self, now):
        """Credit for the bytes that the line has sent since."""
        spent = (now - self._credited_at) & _MASK
        if spent:
            self._credited_at = now
            spent = self._credit + self.baud * (spent if spent < _LONG_MS else _LONG_MS)
            self._credit = spent if spent < self._full else self._full

    def _gone_at(self, now):
        """When the last byte has left the UART."""
        return (now + (self._full - self._credit) // (self.baud or _SLOWEST)) & _MASK

    def _pace_ms(self):
        """Milliseconds until the line has had time for the next slice."""
        engine = self.engine
        waiting = engine.tx_end - engine.tx_at or engine.untyped
        if waiting > self._slice:
            waiting = self._slice
        waiting = (waiting * _BIT_MS - self._credit) // (self.baud or _SLOWEST) + 1
        return waiting if waiting > 1 else 1

    # -- a full segment behind another ---------------------------------------------------------

    def _send_on(self, now):
        """A send is in flight, and all is well: whether all has been done for it that is to be
        done now."""
        engine = self.engine
        recorder = self.recorder
        n = self._arrived
        if recorder is not None and recorder.counts != _K_TX_PAYLOAD:
            return False
        if n:
            if engine.phase == _AWAIT_PROMPT:
                size = _PROMPT_SIZE
            elif engine.phase == _AWAIT_RESULT:
                size = engine.inflight.usual_size
            else:
                return False
            if n != size:
                return n < size and self._is_awaited(size - n, now)
            intake = engine.intake
            intake.framer.got = self.uart.readinto(intake.framer.buf, n)
            if size == _PROMPT_SIZE:
                if not engine.express.prompted():
                    return False
            elif not engine.express.accepted(now):
                return False
            intake.heard += n
            intake.heard_at = now
        n = self._type_line(now) if engine.phase == _TYPING else self._type_body(now)
        if not n:
            return False
        if recorder is not None:
            recorder.left_out += n + self._arrived
        return True

    def _is_awaited(self, size, now):
        """Part of the answer is there, as for one who wakes at its first byte: whether the other
        `size` bytes may be on their way. They are left in the UART for so long."""
        if self._rests_until == self.engine.deadline:
            ms = size * _BIT_MS // (self.baud or _SLOWEST) + 2  # no modem pauses within a line
            self._rests_until = (now + ms) & _MASK
            return True
        return 0 < (self._rests_until - now) & _MASK < _HALF

    def _type_line(self, now):
        """Returns how many bytes were typed; 0, and it is for others to go on, if not all were."""
        engine = self.engine
        n = engine.tx_end
        if self._credit < n * _BIT_MS:
            self._earn(now)
            if self._credit < n * _BIT_MS:
                return self._leave(now)
        self._put = self.uart.write(engine.tx_buf, 0, n)
        if self._put != n:
            return self._leave(now)
        self.typed += n
        self._credit -= n * _BIT_MS
        engine.intake.framer.prompting = True
        self._rests_until = engine.deadline = (now + _PROMPT_MS) & _MASK
        engine.tx_at, engine.phase, self._put = n, _AWAIT_PROMPT, 0
        return n

    def _type_body(self, now):
        """Returns how many bytes were typed; 0, and it is for others to go on, if not all were
        that there is credit for."""
        engine = self.engine
        n = engine.untyped
        body = engine.inflight.body
        if not body.up:
            return self._leave(now)
        if self._credit < n * _BIT_MS:
            self._earn(now)
            if self._credit < n * _BIT_MS:
                n = self._credit // _BIT_MS
        else:
            self._credited_at = now  # what it could do before the body came earns nothing later
        left = self._pour(body.tx.ring, n)
        n -= left
        self.typed += n
        self._credit -= n * _BIT_MS
        if left:
            return self._leave(now)
        engine.typed_at = now
        if engine.untyped:
            self._leave(now)
            self._rests_until = (now + self._pace_ms()) & _MASK
        else:
            self._rests_until = engine.deadline = (now + engine.inflight.timeout_ms) & _MASK
            engine.phase = _AWAIT_RESULT
        return n

    def _leave(self, now):
        """Not all has been typed: there is time for the rest."""
        self.engine.deadline = (now + _TYPING_MS) & _MASK
        return 0

    def _pour(self, ring, size):
        """Type `size` bytes of the body from `ring`, in slices. Returns how many did not go: the
        UART did not take a slice whole. A frame of more locals would take heap."""
        engine = self.engine
        buf = engine.tx_buf = engine.slice
        engine.tx_at = engine.tx_end = 0
        n = self._slice
        while size:
            if n > size:
                n = size
            engine.untyped, engine.tx_end = engine.untyped - n, ring.readinto(buf, n)
            self._put = self.uart.write(buf, 0, n)
            if self._put != n:
                break
            engine.tx_end, self._put = 0, 0
            size -= n
        return size
