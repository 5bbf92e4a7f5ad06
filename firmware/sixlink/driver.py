"""The pump between the UART and the engine, and the one lock over both.

Whoever calls (a blocking socket call, `ioctl(POLL)`, the asyncio task, the background tick) calls
`pump`. Rules:

1. One flag is the lock. A tick that finds it taken sets `late` and returns; whoever frees the
   flag runs the late tick. A blocking call that finds it taken was made from inside the pump (a
   timer or a callback that interrupted it) and raises OSError(EALREADY): it can never spin.
2. A blocking wait frees the flag on each turn and calls `keep_going`.
3. Ctrl-C may come at any line. What `readinto` and `write` return is stored by the very statement
   that calls them, and an unfinished step is finished by the next pump.
4. The UART is asked for no more than `any()` reports (a STM32 blocks otherwise) and given no more
   than it can send before we are back (a STM32 busy-waits, an ESP32 blocks on a full buffer).
5. Callbacks of the application run while the flag is free.
"""

import errno

from micropython import const

from .clock import after, until
from .typist import Typist

# As in their home files; a test holds the numbers together.
_PIN_RESET = const(1)
_PIN_KEY = const(2)
_TYPING = const(1)
_BODY = const(3)
_PINS = ("released", "reset", "power key", "power key, long")

_MASK = const(0x1FFFFFFF)
_HALF = const(0x10000000)
_SLICE_BAUD = const(1800)  # baud / this = bytes in 5.6 ms: 64 at 115200
_SLICE_MIN = const(8)
_SLOWEST = const(9600)
_SLICE_MAX = const(256)
_BIT_MS = const(10000)  # ms × baud / this = bytes, at 10 bits a byte
_LONGEST_WAIT_MS = const(1000)
_ERRORS = const(8)


class Driver(Typist):
    """`uart`: any object with `any()`, `readinto(buf, n)`, `write(buf, offset, n)`, and, if the
    baud rate is to be searched, `init(baudrate=)`. `ticks_ms()`: a millisecond counter.
    `wait(ms)`: rests so long, or until bytes come in. `rxbuf`, `txbuf`: bytes that the UART itself
    can hold, of those that come and of those that go.
    """

    def __init__(self, engine, uart, ticks_ms, wait, baud, rxbuf=256, txbuf=0, flow=False):
        super().__init__(engine, uart, baud)
        self.late = False  # a tick or a chore found the lock taken
        self.last_error = None  # what a callback of the application raised
        self.log = None  # called with each line for the log
        self.watch = None  # called after each turn
        self.keep_going = None  # called on each turn of a blocking wait
        self.reset = self.power = None  # pins of the modem, called with their level
        self.set_baud = None  # a board's own way of changing the UART's rate
        self.dcd = None  # one that gives its level: 0 while data mode goes on
        self.rearm = None  # called with the ms until the next pump, for the background tick
        self.errors = []  # (time in ms, errno, what, cme) of the last errors
        self.news = False  # there was a whole turn of which no callback knows
        self.rests = False  # nothing is to be done before `_rests_until`, unless bytes come in
        self._pressed = 0
        self._rxbuf = rxbuf
        self._txbuf = txbuf
        # With CTS held an ESP32 blocks for ever in a `write` to a full buffer: keep it empty.
        self._is_idle = getattr(uart, "txdone", None) if flow else None
        self._slice_max = _SLICE_MAX // 2 if flow else _SLICE_MAX
        self._links = engine.links
        self._ticks_ms = ticks_ms
        self._wait = wait
        self.busy = False  # the lock
        self.chores = []  # links to close once the lock is free
        self._waiting = False
        self._credited_at = self.now()
        self._set_baud(baud)

    def now(self):
        """The core's time: milliseconds, 29 bits."""
        return self._ticks_ms() & _MASK

    def __enter__(self):
        self.busy = True

    def __exit__(self, kind, error, trace):  # three names: `*_` would allocate a tuple
        self.busy = False
        if self.late:
            self.catch_up()

    def catch_up(self):
        """What could not be done while the lock was taken."""
        if self.chores:
            self._do_chores()
        if self.late:
            self.late = False
            self.tick()

    def turn(self):
        """Bytes in, commands on, bytes out; no callback is called. False if the lock is taken."""
        if self.busy:
            return False
        now = self._ticks_ms() & _MASK
        if self.rests:
            self.rests = self._awaits or not self._links.alert
            if self.rests:
                self._arrived = self.uart.any()
                if 0 < (self._rests_until - now) & _MASK < _HALF:  # `until`, without the call
                    if not self._arrived:
                        return True
                else:
                    self.rests = self._awaits and self.engine.phase == _BODY
        # As `with self` does, at a third of the cost.
        try:
            self.busy = True
            if self.rests:
                self.rests = False  # a turn that is cut short leaves work
                if self._sends:
                    self.rests = self._send_on(now)
                    if self.rearm is not None:
                        self._arm()
                elif not self._awaits:
                    self.rests = self._take_push(now)
            if not self.rests:
                self._turn(now)
        finally:
            self.busy = False
            if self.late:
                self.catch_up()
        return True

    def pump(self):
        """A turn, and the callbacks it gives reason for. False if the lock is taken."""
        if not self.turn():
            return False
        if self.news:
            self.report()
        return True

    def report(self):
        """Tell the application what has happened, if there are `news`."""
        self.news = False
        if self.engine.notes:
            self._report_notes()
        if self.watch is not None:
            self._call(self.watch)

    def tick(self, _=None):
        """The background tick: it waits for nobody, and nobody could catch what it raised."""
        try:
            if not self.turn():
                self.late = True
            elif self.rests and self.rearm is not None:
                self._arm()
        except OSError as error:
            self.last_error = error

    def close_link(self, link):
        """Close `link`, or a server: at once or, when a pump is under way, right after it."""
        self.chores.append(link)
        self.late = True
        if not self.busy:
            self._do_chores()

    def wait_for(self, ready, timeout_ms):
        """Pump until `ready()` is true; False after `timeout_ms` (None: never gives up).

        Raises OSError(EALREADY) from inside a pump or inside another wait: `keep_going`, the log
        and timers may only make calls that do not block.
        """
        if self.busy or self._waiting:
            raise OSError(errno.EALREADY)
        try:
            self._waiting = True
            return self._wait_for(ready, timeout_ms)
        finally:
            self._waiting = False

    def _wait_for(self, ready, timeout_ms):
        start = 0 if timeout_ms is None else self._ticks_ms()
        while True:
            if self.turn() and self.news:
                self.report()
            if ready():
                return True
            rest = self.due()
            if timeout_ms is not None:
                rest = min(rest, timeout_ms - ((self._ticks_ms() - start) & _MASK))
                if rest <= 0:
                    return False
            if self.keep_going is not None:
                self._call(self.keep_going)
            self._wait(rest)

    def due(self):
        """Milliseconds until the next pump is needed, bytes that may come in included."""
        engine = self.engine
        if engine.tx_end > engine.tx_at:
            return self._pace_ms()
        now = self._ticks_ms() & _MASK
        if not self.rests or (self._links.alert and not self._awaits):
            ms = engine.due(now)
        else:
            ms = until(self._rests_until, now)
        if ms > self._fill_ms:
            return self._fill_ms
        return ms if ms > 0 else 1

    # -- one turn ------------------------------------------------------------------------------

    def _take_push(self, now):
        """Nothing is under way: whether pushed payloads and their headers are all that has
        arrived. They have been taken then, and the next turn is due when it was before."""
        intake = self.engine.intake
        framer = intake.framer
        while self._arrived:
            begun = framer.payload
            if not begun:
                size = self._arrived if self._arrived < framer.size else framer.size
                framer.got = self.uart.readinto(framer.buf, size)
                if not framer.got or not intake.begin_push(now):
                    return False
                self._arrived -= framer.at  # the header
            size = intake.flow(self.uart, self._arrived, now)
            if not size:
                return False
            self._arrived -= size
        return begun or not framer.payload

    def _turn(self, now):
        engine = self.engine
        self.news = True
        if self.recorder is not None:
            self.recorder.now = now
        if self.dcd is not None and engine.data is not None:
            engine.data.carrier = not self.dcd()
        # What a turn that was cut short has typed comes first: its answer may be there already.
        if self._put:
            self._take_over(now)
        if self._under_way and self._is_idle is not None:
            engine.typed_at = now  # silence begins when the last byte has left
            self._under_way = not self._is_idle()
        if engine.phase == _TYPING or engine.phase == _BODY:
            engine.to_type(now)
        self._receive(now)
        engine.tick(now)
        if engine.baud != self.baud and engine.baud:
            self._set_baud(engine.baud)
        if engine.pressed != self._pressed:
            self._press(engine.pressed)
        if engine.inflight is not None or engine.data is not None:
            self._transmit(now)
        if engine.data is None:
            self._rest(now)
        if self._links.faults:
            self._date_faults(now)
        if self.rearm is not None:
            self._arm()

    def _arm(self):
        self.rearm(self.due())

    def _rest(self, now):
        """No turn is needed until there is a reason."""
        engine = self.engine
        command = engine.inflight
        if engine.intake.stalled or (self._under_way and self._is_idle is not None):
            return
        if command is None:
            self._rests_until = after(now, engine.due(now))
        elif command.outcome or not engine.intake.is_clean():
            return
        elif engine.phase == _BODY:
            self._rests_until = after(now, self._pace_ms())
        elif engine.tx_at == engine.tx_end:
            self._rests_until = engine.deadline
        else:
            return
        self._awaits = command is not None
        self._sends = self._awaits and self._is_idle is None and engine.express.is_open()
        self.rests = self._rests_until != now

    def _receive(self, now):
        intake = self.engine.intake
        framer = intake.framer
        if framer.got or framer.at < framer.end or framer.kind:  # left from the last turn
            intake.receive(now)
        waiting = 0 if intake.stalled else self.uart.any()
        while waiting > 0:
            if framer.payload and framer.at >= framer.end:
                waiting -= intake.flow(self.uart, waiting, now)
                if not waiting:
                    break
            framer.got = self.uart.readinto(framer.buf, min(waiting, framer.size))
            if not framer.got:
                break
            waiting -= framer.got
            intake.receive(now)
            if intake.stalled:
                break

    def _set_baud(self, baud):
        self._set_pace(baud)
        if baud != self.baud and (self.set_baud or hasattr(self.uart, "init")):
            self._init_uart(baud)
            self.engine.intake.framer.forget()  # what came at the wrong rate was noise
            self._mark("%d baud" % baud)
        self.baud = baud

    def _set_pace(self, baud):
        """How much the UART is given at once, and how long it can hold what comes in."""
        slice = max(_SLICE_MIN, baud // _SLICE_BAUD, self._txbuf // 2)
        self._slice = min(slice, self._slice_max)
        # A line is typed without a look at the clock (`_type_line`): 32 bytes, more than the line
        # of a send, stay free for it.
        self._full = self._credit = max(2 * self._slice, self._txbuf - 32) * _BIT_MS
        fill_ms = self._rxbuf * _BIT_MS // (baud or _SLOWEST) // 2
        self._fill_ms = max(1, min(fill_ms, _LONGEST_WAIT_MS))

    def _init_uart(self, baud):
        if self.set_baud is not None:
            self.set_baud(baud)
        else:
            self.uart.init(baudrate=baud)

    def _do_chores(self):
        with self:
            while self.chores:
                self.chores[-1].close()
                self.chores.pop()

    def _press(self, pin):
        """Hold down `pin`, or none; both work by pulling a line of the modem low."""
        if self.reset is not None:
            self.reset(0 if pin == _PIN_RESET else 1)
        if self.power is not None:
            self.power(0 if pin >= _PIN_KEY else 1)
        self._pressed = pin
        self._mark("pins: " + _PINS[pin])

    def _mark(self, text):
        if self.recorder is not None:
            self.recorder.mark(text)

    def _date_faults(self, now):
        """What went wrong in this turn becomes the newest of the last errors."""
        faults = self.engine.links.faults
        while faults:
            self.errors = self.errors[1 - _ERRORS :] + [(now,) + faults.pop(0)]
            self._mark_error(*self.errors[-1])

    def _mark_error(self, when, code, what, cme):
        self._mark("%s: %s" % (what, errno.errorcode.get(code, code)))

    # -- callbacks -----------------------------------------------------------------------------

    def _report_notes(self):
        notes = self.engine.notes
        while notes:
            note = notes.pop(0)
            if self.log is not None:
                self._call(self.log, note)

    def _call(self, callback, *args):
        try:
            callback(*args)
        except Exception as error:
            self.last_error = error
