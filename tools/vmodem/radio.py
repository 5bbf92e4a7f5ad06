"""SIM and registration: whether the modem may use the network at all."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from .answer import (
    INCORRECT_PASSWORD,
    NOT_ALLOWED,
    SIM_NOT_INSERTED,
    SIM_PIN_REQUIRED,
    SIM_PUK_REQUIRED,
    Refusal,
)
from .clock import Timer
from .reasons import Reason

if TYPE_CHECKING:
    from .core import VirtualModem

CALL_READY = "Call Ready"  # what AT+CIURC switches

PIN_TRIES = 3  # 3GPP TS 11.11: then the SIM asks for its PUK

NOT_REGISTERED, HOME, SEARCHING, DENIED = 0, 1, 2, 3


class Radio:
    """Follows SIM, PIN, AT+CFUN, AT+CGATT and coverage."""

    def __init__(self, modem: VirtualModem, pin: str | None, sim: bool) -> None:
        self._modem = modem
        self._pin = pin
        self.sim = sim
        self.coverage = True
        self.denied = False
        self._tries = PIN_TRIES
        self._timer: Timer | None = None
        self._sim_timers: list[Timer] = []
        self.restart()

    def restart(self) -> None:
        """Power-on state; the SIM remembers its tries and asks for the PIN again."""
        self._cancel()
        self._forget_sim()
        self.unlocked = self._pin is None
        self.function = 1
        self.registered = False
        self.attach_wanted = True
        self.operator_wanted = True
        self.operator_mode = 0
        self._stuck = False
        self._sim_was_there = self.sim

    def start(self) -> None:
        """Power is on: look for the SIM, then for a network."""
        self._power_sim()
        self.search()

    def registered_at_once(self) -> None:
        """For a modem that is found running; with a PIN it waits for it."""
        self._sim_known = True
        self.registered = self._usable

    @property
    def _usable(self) -> bool:
        allowed = self.sim and self.unlocked and self.function == 1 and self.operator_wanted
        return allowed and self.coverage and not self.denied and not self._stuck

    @property
    def attached(self) -> bool:
        return self.registered and self.attach_wanted

    @property
    def status(self) -> int:
        """The <stat> of AT+CREG?."""
        if self.registered:
            return HOME
        if self.function != 1 or not self.operator_wanted:
            return NOT_REGISTERED
        return DENIED if self.denied else SEARCHING

    # -- SIM ---------------------------------------------------------------------------------

    def sim_state(self) -> str:
        """The text of AT+CPIN?; raises Refusal without a SIM and while it is not known."""
        if self.function == 0 and self._modem.profile.sim_off_lines:
            raise Refusal(Reason.RADIO_OFF)
        if not self._sim_known:
            raise Refusal(Reason.SIM_BUSY)
        if not self.sim:
            raise Refusal(Reason.SIM_LOST if self._sim_was_there else SIM_NOT_INSERTED)
        return self._lock_text()

    def _lock_text(self) -> str:
        if self.unlocked:
            return "READY"
        return "SIM PIN" if self._tries else "SIM PUK"

    def require_sim(self) -> None:
        """Raise Refusal unless the SIM is there and unlocked."""
        state = self.sim_state()
        if state != "READY":
            raise Refusal(SIM_PIN_REQUIRED if state == "SIM PIN" else SIM_PUK_REQUIRED)

    def enter_pin(self, pin: str) -> None:
        """AT+CPIN=; raises Refusal for a wrong PIN and where none is asked for."""
        state = self.sim_state()
        if state == "READY":
            raise Refusal(NOT_ALLOWED)
        if state == "SIM PUK":
            raise Refusal(SIM_PUK_REQUIRED)
        if pin != self._pin:
            self._tries -= 1
            raise Refusal(INCORRECT_PASSWORD)
        self._tries = PIN_TRIES
        self.unlocked = True
        self.search()

    def _power_sim(self) -> None:
        """The SIM answers after a while; a family may say what it has found."""
        ready_us = self._modem.profile.sim_ready_us
        if ready_us:
            self._sim_timers.append(self._modem.after(ready_us, self._sim_answers))
        else:
            self._sim_answers()

    def _sim_answers(self) -> None:
        self._sim_known = True
        self.announce_sim()

    def announce_sim(self) -> None:
        """`+CPIN:` and, from a SIM that may be used, the lines that end a start."""
        if not self._modem.profile.announces_sim:
            return
        text = self._lock_text() if self.sim else "NOT INSERTED"
        self._modem.urc(f"+CPIN: {text}")
        if text == "READY":
            for delay_us, line in self._modem.profile.ready_lines:
                self._sim_timers.append(self._modem.after(delay_us, partial(self._ready, line)))

    def _ready(self, line: str) -> None:
        if line != CALL_READY or self._modem.settings.ciurc:
            self._modem.urc(line)

    def _forget_sim(self) -> None:
        self._sim_is_silent()
        self._sim_known = False

    def _sim_is_silent(self) -> None:
        for timer in self._sim_timers:
            timer.cancel()
        self._sim_timers.clear()

    def pull_sim(self) -> None:
        self.sim = False
        if self._sim_known:
            self._sim_is_silent()
        self.leave_network()
        self._modem.urc(*self._modem.profile.sim_removed_lines)

    def insert_sim(self) -> None:
        self.sim = self._sim_was_there = True
        self._modem.urc(*self._modem.profile.sim_inserted_lines)
        self.search()

    # -- registration ------------------------------------------------------------------------

    def search(self) -> None:
        """Register after the profile's time, if SIM, function and coverage let it."""
        self._cancel()
        if self._usable and not self.registered and not self._modem.is_off:
            self._timer = self._modem.after(self._modem.profile.register_us, self._found)

    def set_function(self, function: int) -> None:
        """AT+CFUN: 1 is full, 4 switches the radio off, 0 the SIM too (3GPP TS 27.007)."""
        if function == self.function:
            return
        self.function = function
        if function == 1:
            self._power_on()
        else:
            self._stuck = False
            self.leave_network()
            self._modem.urc(*self._modem.profile.detached_lines)
        if function == 0:
            self.unlocked = self._pin is None
            self._forget_sim()
            self._modem.urc(*self._modem.profile.sim_off_lines)

    def _power_on(self) -> None:
        if not self._sim_known:
            self._power_sim()
        self.search()

    def choose_operator(self, wanted: bool, mode: int) -> None:
        """AT+COPS: register, or leave the network and stay away; `mode` is what it answers."""
        self.operator_wanted = wanted
        self.operator_mode = mode
        if wanted:
            self.search()
        else:
            self.leave_network()

    def lose_coverage(self) -> None:
        self.coverage = False
        self.leave_network()

    def be_denied(self) -> None:
        self.denied = True
        self.leave_network()

    def get_stuck(self) -> None:
        self._stuck = True
        self.leave_network()

    def find_coverage(self) -> None:
        self.coverage = True
        self.denied = False
        self.search()

    def leave_network(self) -> None:
        """Not registered any more, so the context is gone too."""
        self._cancel()
        if self.registered:
            self.registered = False
            self._report()
        self._modem.lose_context()

    def _found(self) -> None:
        self._timer = None
        self.registered = True
        self._modem.urc(*self._modem.profile.registered_lines)
        if self._modem.settings.clts:
            self._modem.urc(*self._modem.profile.time_lines)
        self._report()

    def _report(self) -> None:
        for command, mode in sorted(self._modem.settings.report.items()):
            if mode:
                self._modem.urc(f"{command}: {self.report(mode)}")

    def report(self, mode: int) -> str:
        """<stat> of AT+CREG, with <n>=2 the cell too where there is one."""
        if mode < 2 or not self.registered:
            return str(self.status)
        profile = self._modem.profile
        technology = profile.access_technology
        tail = "" if technology is None else f",{technology}"
        return f"{self.status},{profile.location}{tail}"

    def _cancel(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
