"""Firmware and virtual modem in one process, on one virtual clock.

The application's code is written straight down; whenever the firmware rests, time moves on to the
next thing that happens on the wire. The clock starts five seconds before the firmware's 29-bit
millisecond count wraps, so every scenario crosses the wrap.
"""

import sys
from collections import deque

import sixlink

from tools.vmodem import MemoryNetwork, VirtualModem, Wire

BODY = 3  # the phase in which a payload is typed, as in `engine`
START_US = ((1 << 29) - 5000) * 1000


class WireUart:
    """The least that the firmware asks of a UART, over a `Wire`."""

    def __init__(self, world, wire, rxbuf):
        self._world = world
        self._wire = wire
        self._rxbuf = rxbuf
        self._rx = bytearray()
        self.overflows = 0

    def any(self):
        arrived = self._wire.arrived(self._world.now_us)
        if arrived:
            room = self._rxbuf - len(self._rx)
            self.overflows += max(0, len(arrived) - room)
            self._rx += arrived[:room]
        return len(self._rx)

    def readinto(self, buf, n):
        n = min(n, self.any())
        buf[:n] = self._rx[:n]
        del self._rx[:n]
        self._world.record("<", bytes(buf[:n]))
        return n or None

    def write(self, buf, at, n):
        data = bytes(memoryview(buf)[at : at + n])
        self._world.record(">", data)
        return self._wire.write(data, self._world.now_us) or None

    def init(self, baudrate):
        self._wire.host_baud = baudrate
        self._world.record("=", b"%d baud" % baudrate)

    def __repr__(self):
        return "UART(1, baudrate=%d)" % self._wire.host_baud


class World:
    """`options` go to the virtual modem; `nic` is the `sixlink.Modem` under test, and holds
    options for it. There `power=True`, `reset=True` and `dcd=True` wire the modem's pins to it."""

    def __init__(
        self, *, baud=115200, host_baud=None, chunk=None, seed=0, rxbuf=4096, nic=None, **options
    ):
        self.now_us = START_US
        self.network = MemoryNetwork()
        self.modem = VirtualModem(self.network, baud=baud, seed=seed, **options)
        self.wire = Wire(self.modem, host_baud=host_baud or baud, chunk=chunk, seed=seed)
        # With RTS wired a full UART holds the modem instead of losing bytes: as if it had no end.
        self.uart = WireUart(self, self.wire, (1 << 30) if options.get("flow") else rxbuf)
        self.log = []
        self._trace = deque(maxlen=2000)
        self.make_nic(**(nic or {}))

    def make_nic(self, **options):
        """A fresh `sixlink.Modem` on the same wire: what a soft reset leaves behind."""
        for pin in ("power", "reset"):
            if options.get(pin) is True:
                options[pin] = self._pin(pin)
        if options.get("dcd") is True:
            options["dcd"] = lambda: not self.modem.carrier
        self.nic = sixlink.Modem(
            self.uart,
            options.pop("apn", "cmnet"),
            ticks_ms=self.ticks_ms,
            wait=self.wait,
            rxbuf=1 << 16,  # `wait` ends when bytes come: no need to look for them
            log=self.log.append,
            **options,
        )
        self.engine = self.nic.driver.engine
        self._check_rest(self.nic.driver)

    def _check_rest(self, driver):
        """A turn that does nothing, because the driver rests, must have had nothing to do."""
        turns = []
        turn, whole_turn = driver.turn, driver._turn

        def counted(now):
            turns.append(now)
            whole_turn(now)

        def checked():
            before = len(turns)
            done = turn()
            if (
                done and len(turns) == before and sys.gettrace() is None
            ):  # else ours is struck, too
                assert self._is_paced() or self.engine.due(driver.now()) > 0, (
                    "it rests, but there is work"
                )
            return done

        driver.turn, driver._turn = checked, counted

    def _is_paced(self):
        """Whether a body is being typed, and the line has had no time yet for its next slice."""
        driver, engine = self.nic.driver, self.engine
        if engine.phase != BODY:
            return False
        # The pace is kept to whole milliseconds: the last one may be had in part.
        spent_ms = (driver.now() - driver._credited_at & 0x1FFFFFFF) - 1
        room = (driver._credit + spent_ms * driver.baud) // 10_000
        waiting = engine.tx_end - engine.tx_at or engine.untyped
        return room < min(waiting, driver._slice)

    def _pin(self, name):
        def drive(level):
            self.wire.advance(self.now_us)
            self.record("=", b"%s pin %d" % (name.encode(), level))
            getattr(self.modem.pins, name)(level)

        return drive

    def record(self, way, data):
        """Keep what crossed the UART, for people who wonder why a scenario failed."""
        last = self._trace[-1] if self._trace else None
        if last and last[1] == way != "=" and self.now_us - last[0] < 50_000:
            last[2] += data
        else:
            self._trace.append([self.now_us, way, data])

    def trace(self):
        """The last exchanges, a line each: seconds since the start, direction, bytes."""
        return "\n".join(
            "%9.3f %s %r%s" % ((t - START_US) / 1e6, way, data[:100], "…" * (len(data) > 100))
            for t, way, data in self._trace
        )

    def ticks_ms(self):
        return self.now_us // 1000

    def wait(self, ms):
        """Let `ms` pass, or less when bytes come in."""
        end_us = self.now_us + int(ms * 1000)
        while self.now_us < end_us:
            due_us = self.wire.due_us(self.now_us)
            if due_us is None or due_us > end_us:
                due_us = end_us
            self.now_us = max(due_us, self.now_us + 1)
            self.wire.advance(self.now_us)
            if self.uart.any():
                return

    def idle(self, ms):
        """Let `ms` pass while nobody drives the firmware."""
        end_us = self.now_us + ms * 1000
        while self.now_us < end_us:
            due_us = self.wire.due_us(self.now_us)
            self.now_us = end_us if due_us is None else min(end_us, max(due_us, self.now_us + 1))
            self.wire.advance(self.now_us)
            self.uart.any()

    def run(self, ms):
        """Let the firmware work for `ms` as if a background tick drove it."""
        end_us = self.now_us + ms * 1000
        while self.now_us < end_us:
            self.nic.driver.pump()
            self.wait(min(self.nic.driver.due(), (end_us - self.now_us) / 1000))

    def until(self, condition, ms=60_000):
        """Run until `condition()`; fails after `ms` of virtual time."""
        end_us = self.now_us + ms * 1000
        while not condition():
            assert self.now_us < end_us, "nothing came of it: %r" % self.nic
            self.nic.driver.pump()
            self.wait(self.nic.driver.due())
