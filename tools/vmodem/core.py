"""The virtual modem without IO: bytes in, bytes out, and a clock that others wind.

Theory of operation. `feed` gives typed bytes to `Typed`, which finds command lines, payload and
data. The `Interpreter` executes a line `latency_us` after its end by the handler the registry
knows; the handler asks and moves the state machines (`Stack`, `Radio`) and hands back an
`Answer`, whose parts go to `Output`. The network and the timers add what the modem says by
itself. Nothing is answered from a table of fixed replies.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from .answer import on_wire
from .bearers import Bearers
from .clock import Action, Timer, Timers, earliest
from .datamode import DataMode
from .families import named
from .faults import EVENTS, Faults, check
from .interpreter import Interpreter
from .lag import Lag
from .link import Connection, Link
from .mishaps import Mishaps
from .network import Network
from .output import Output
from .pins import Pins
from .profiles import Profile
from .radio import Radio
from .resolver import Resolver
from .rtc import Clock
from .settings import Settings
from .stack import Stack
from .startup import Startup
from .typed import FIFO_BYTES, PAYLOAD

OFF, BOOTING, RUNNING, HUNG = "off", "booting", "running", "hung"

DIP_US = 3_000  # from a brown-out to the restart


class VirtualModem:
    """A cellular modem that speaks the CIP* dialect of `profile`.

    All times are integer microseconds of one clock that never goes back. The clock starts with
    the first call that names a time.

    network          where links lead, see `network.Network`
    profile          a name of `profiles.PROFILES` or a `Profile`
    baud             rate at the beginning, bit/s
    power_on_baud    rate after a restart, bit/s; None: the same; 0: the host's, found by an AT
    latency_us       from the end of a command line to its answer
    seed             of everything random
    faults           a `Faults`; its seed is its own
    pin              what the SIM asks for, None for an unlocked one
    sim              is a SIM inserted?
    echo             ATE at the beginning; a restart switches it on unless AT&W saved it
    flow             is RTS/CTS on? Only AT+IFC=2,2, AT&W and a restart change it later
    booted           False: the power-on sequence begins with the first call
    powered          False: nothing happens until the power key is used
    interleave       probability that a seam of an answer is opened to unsolicited lines
    rxget_urc        "first": one `+CIPRXGET: 1` until the host reads; "every": one a packet
    merge_datagrams  one CIPRXGET read may span several datagrams
    receive_window   bytes a pull link buffers before it holds its peer back
    send_window      bytes a link buffers on the way to its peer
    send_timeout_us  a payload that is not complete by then is given up; None waits for ever
    """

    def __init__(
        self,
        network: Network,
        *,
        profile: str | Profile = "luat",
        baud: int = 115200,
        power_on_baud: int | None = None,
        latency_us: int = 10_000,
        seed: int = 0,
        faults: Faults | None = None,
        pin: str | None = None,
        sim: bool = True,
        echo: bool = True,
        flow: bool = False,
        booted: bool = True,
        powered: bool = True,
        interleave: float = 0.0,
        rxget_urc: str = "first",
        merge_datagrams: bool = False,
        receive_window: int | None = None,
        send_window: int | None = None,
        send_timeout_us: int | None = None,
    ) -> None:
        if rxget_urc not in ("first", "every"):
            raise ValueError(f"rxget_urc={rxget_urc!r} is neither 'first' nor 'every'")
        self.network = network
        self.profile = named(profile) if isinstance(profile, str) else profile
        self.baud = baud
        self.power_on_baud = baud if power_on_baud is None else power_on_baud
        self.power_on_echo = echo or booted or not powered
        self.flow = self.power_on_flow = flow
        self.latency_us = latency_us
        self.rxget_urc = rxget_urc
        self.merge_datagrams = merge_datagrams
        self.receive_window = receive_window or self.profile.receive_window
        self.send_window = send_window or self.profile.send_window
        self.faults = faults or Faults(seed)
        if interleave:
            self.faults.probabilities["interleave"] = interleave
        self.settings = Settings.at_power_on(self.profile, echo)
        self.settings.ipr = baud
        self.saved: dict[str, Any] = {}
        self.counters: Counter[str] = Counter()
        self._booted = booted
        self._powered = powered
        self._assemble(pin, sim, send_timeout_us, seed)

    def _assemble(
        self, pin: str | None, sim: bool, send_timeout_us: int | None, seed: int
    ) -> None:
        self.now_us = 0
        self._timers = Timers()
        self._outside_timers = Timers()
        self._started = False
        self._state = RUNNING if self._powered else OFF
        self.clock = Clock(self.profile.clock_start)
        self.bearers = Bearers()
        self.output = Output(self.faults, self.counters)
        self.interpreter = Interpreter(self, send_timeout_us, seed)
        self.typed = self.interpreter.typed
        self.data_mode = DataMode(self)
        self.startup = Startup(self)
        self.resolver = Resolver(self)
        self.stack = Stack(self)
        self.radio = Radio(self, pin, sim)
        self.radio.registered_at_once()
        self.lag = Lag(self, seed)
        self.pins = Pins(self)
        self._mishaps = Mishaps(self, seed)

    # -- the UART ----------------------------------------------------------------------------

    def feed(self, data: bytes, now_us: int, baud: int | None = None) -> None:
        """Bytes that have arrived from the host by `now_us`.

        `baud` is the host's rate for a modem that `finds_rate`; at other times `data` are what
        the modem has heard at its own.
        """
        self.tick(now_us)
        self.counters["bytes_in"] += len(data)
        if not data or self._state != RUNNING:
            return
        if self.finds_rate:
            self.startup.find_rate(data, baud or self.baud)
        else:
            self.typed.feed(bytes(data))
        self.tick(now_us)

    def take(self, now_us: int) -> bytes:
        """What the modem has put on its TX pin by `now_us` and nobody took yet."""
        self.tick(now_us)
        return self.output.take()

    def tick(self, now_us: int) -> None:
        """Let everything happen that is due by `now_us`."""
        self._start(now_us)
        while (due_us := self._next_us()) is not None and due_us <= now_us:
            self.now_us = max(self.now_us, due_us)
            timers = self._due_timers(due_us)
            if timers:
                timers.run_one()
            else:
                self.network.tick(self.now_us)
        self.now_us = max(self.now_us, now_us)
        self.network.tick(self.now_us)  # nothing is due any more, but its clock goes on

    def due_us(self, now_us: int) -> int | None:
        """When something happens by itself: `now_us` if output waits, None for never."""
        self._start(now_us)
        if self.output.waiting():
            return now_us
        next_us = self._next_us()
        return None if next_us is None else max(next_us, now_us)

    def _next_us(self) -> int | None:
        return earliest(
            self._timers.due_us(), self._outside_timers.due_us(), self.network.due_us()
        )

    def _due_timers(self, due_us: int) -> Timers | None:
        for timers in (self._outside_timers, self._timers):
            timer_us = timers.due_us()
            if timer_us is not None and timer_us <= due_us:
                return timers
        return None

    def _start(self, now_us: int) -> None:
        if not self._started:
            self._started = True
            self.now_us = now_us
            if not self._powered:
                self.switch_off()
            elif not self._booted:
                self.restart()

    # -- introspection -----------------------------------------------------------------------

    @property
    def bearer(self) -> str:
        """The bearer's state under the name AT+CIPSTATUS prints."""
        return self.stack.state

    @property
    def links(self) -> list[Link]:
        return self.stack.links

    @property
    def connections(self) -> list[Connection]:
        """Every connection ever opened, oldest first."""
        return self.stack.connections

    @property
    def mode(self) -> str:
        """ "command", "payload" (a prompt was given) or "data" (transparent mode)."""
        return self.typed.mode

    @property
    def awaiting_payload(self) -> int:
        """Bytes still owed to a fixed-length CIPSEND."""
        return self.typed.owed if self.mode == PAYLOAD else 0

    @property
    def carrier(self) -> bool:
        """DCD: in transparent mode from CONNECT until the link ends; under AT&C0 always on."""
        return not self.settings.dcd or self.data_mode.carrier

    @property
    def clear_to_send(self) -> bool:
        """With RTS/CTS: may the host type on? Without it the host is never told to wait."""
        waiting = self.typed.waiting + self.data_mode.waiting
        return not self.flow or waiting < FIFO_BYTES // 2

    @property
    def is_off(self) -> bool:
        return self._state == OFF

    @property
    def finds_rate(self) -> bool:
        """Does the modem still have to hear an AT to know the host's rate?"""
        return self._state == RUNNING and self.startup.finds_rate

    # -- power and faults --------------------------------------------------------------------

    def reset(self, now_us: int) -> None:
        """A pulse on the reset pin."""
        self.tick(now_us)
        self.restart()

    def restart(self) -> None:
        """Lose everything, be deaf for the boot time, then report as after power-on."""
        self.switch_off()
        self._state = BOOTING
        self.counters["restarts"] += 1
        self.after(self.profile.boot_us, self._boot)

    def switch_off(self) -> None:
        """Lose everything, and do nothing until the power key or `restart`."""
        self._timers.clear()
        self._state = OFF
        self.settings = self.settings_at_power_on()
        self.flow = self.power_on_flow
        self.baud = self.power_on_baud or self.baud
        self.startup.restart(finds_rate=not self.power_on_baud)
        self.interpreter.restart()
        self.stack.restart()
        self.bearers.restart()
        self.resolver.restart()
        self.radio.restart()
        self.lag.restart()

    def settings_at_power_on(self) -> Settings:
        """The family's defaults and what was saved."""
        settings = Settings.at_power_on(self.profile, self.power_on_echo)
        settings.ipr = self.power_on_baud
        settings.put(self.saved)
        return settings

    def save(self, *fields: str) -> None:
        """Let these settings outlive a restart."""
        self.saved.update(self.settings.copy(fields))

    def power_down(self, *last_words: str) -> None:
        """Say so where the family does, and switch off."""
        self.urc(*last_words)
        self.switch_off()

    def hang(self) -> None:
        """Be deaf and mute until the reset pin, or the power key held for long."""
        if self._state == RUNNING:
            self._state = HUNG

    def _boot(self) -> None:
        self._state = RUNNING
        self.startup.announce()

    def inject(self, name: str, times: int = 1) -> None:
        """Let the fault `name` (see `faults.ALL`) happen once, or `times` times.

        Faults with an occasion wait for it; the others happen with the next call that names a
        time. Raises ValueError for an unknown name.
        """
        check(name)
        if name in EVENTS:
            for _ in range(times):
                self.after_outside(0, lambda: self._mishaps.suffer(name))
        else:
            self.faults.arm(name, times)

    def _brown_out(self, block: bytes) -> None:
        """The supply dips while the modem speaks."""
        chance = self.faults.random
        said = chance.randrange(max(1, len(block)))
        noise = chance.randbytes(max(1, len(block) - said))
        self.output.put(block[:said] + noise, self.now_us, self.baud)
        for line in self.profile.supply_dip_lines:
            self.output.put(on_wire(line), self.now_us, self.baud)
        if chance.random() < 0.5:
            self.faults.arm("lost_boot")
        self._state = HUNG
        self.after(DIP_US, self.restart)

    def lose_context(self) -> None:
        """The network releases the PDP context; all links are gone without a CLOSED."""
        self.urc(*self.bearers.lose())
        line = self.stack.lose_context()
        if line:
            self.urc(line)

    # -- saying ------------------------------------------------------------------------------

    def at(self, due_us: int, action: Action) -> Timer:
        """Run `action` at a time."""
        return self._timers.at(due_us, action)

    def after(self, delay_us: int, action: Action) -> Timer:
        """Run `action` when `delay_us` have passed."""
        return self._timers.at(self.now_us + delay_us, action)

    def after_outside(self, delay_us: int, action: Action) -> Timer:
        """The same for what comes from outside: neither a restart nor a modem that hangs stops
        it."""
        return self._outside_timers.at(self.now_us + delay_us, action)

    def say(self, block: bytes, payload: bool = False) -> None:
        """Put a block on the TX pin; nothing comes between its bytes."""
        if self._state != RUNNING or self.startup.finds_rate:
            return
        if self.faults.strikes("brown_out"):
            self._brown_out(block)
        else:
            self.output.put(block, self.now_us, self.baud, payload)

    def urc(self, *lines: str) -> None:
        """Unsolicited lines, each a block of its own. Data mode has no place for them."""
        for line in lines:
            if self.data_mode.on:
                self.counters["urcs_withheld"] += 1
            elif not self.faults.strikes("lost_urc"):
                self._say_urc(line)

    @property
    def chatter(self) -> tuple[str, ...]:
        """Lines that may come at any time and mean nothing to a TCP/IP host."""
        return self.profile.chatter + (self.profile.time_lines if self.settings.clts else ())

    def result(self, *lines: str | bytes) -> None:
        """What a command that was answered before has led to: lines that come or are lost
        together."""
        if not self.faults.strikes("lost_result"):
            for line in lines:
                self._say_urc(line)

    def _say_urc(self, line: str | bytes) -> None:
        self.counters["urcs"] += 1
        self.say(on_wire(line))

    def change_baud(self, baud: int) -> None:
        """AT+IPR: the rate changes when the answer has left at the old one."""
        rest_us = self.output.behind_us(self.now_us) + 1000
        self.after(rest_us, lambda: setattr(self, "baud", baud))

    # -- what the network tells (network.NetworkEvents) --------------------------------------

    def peer_connected(self, link: int, now_us: int, address: str | None = None) -> None:
        self._advance(now_us)
        self.lag.tell(link, lambda: self.stack.peer_connected(link, address))

    def peer_refused(self, link: int, now_us: int, unknown_name: bool = False) -> None:
        self._advance(now_us)
        self.lag.tell(link, lambda: self.stack.peer_refused(link, unknown_name))

    def peer_arrived(self, address: str, port: int, now_us: int) -> int | None:
        self._advance(now_us)
        link = self.stack.accept(address, port)
        if link is None:
            return None
        # Not before the network has put the peer on its link.
        self.after(0, lambda: self.lag.tell(link.number, lambda: self.stack.accepted(link)))
        return link.number

    def peer_data(self, link: int, data: bytes, now_us: int) -> None:
        self._advance(now_us)
        self.lag.tell(link, lambda: self.stack.peer_data(link, data))

    def peer_closed(self, link: int, now_us: int) -> None:
        self._advance(now_us)
        self.lag.tell(link, lambda: self.stack.peer_closed(link))

    def name_resolved(self, name: str, addresses: list[str], now_us: int) -> None:
        self._advance(now_us)
        self.resolver.answered(name, addresses)

    def _advance(self, now_us: int) -> None:
        # A real network calls at its own time, between two ticks.
        self.now_us = max(self.now_us, now_us)
