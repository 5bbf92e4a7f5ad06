"""Target `engine`: a modem that says anything, at any time, in any portions.

Bytes decide the configuration, what is said, lost and delayed, and what the application does.
Behind every step the queues are bounded and the lock is free; nothing but an OSError is raised;
no payload is typed without a prompt. When the noise has ended, and the modem is an honest one,
a new connection carries data again within `RECOVERY_MS` of virtual time (in multi-link mode).
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

from sixlink.luat import Luat
from sixlink.modem import Modem
from sixlink.resolver import Resolver

from . import words
from .choices import Choices
from .tap import Tap

RECOVERY_MS = 180_000
LONGEST_COMMAND_MS = 95_000
REPORT = 4000  # characters of a repr: six links with the longest names
HOSTS = ("echo", "echo", "source", "sink", "early", "refuse", "silent", "nowhere")
PAUSES_MS = (1, 10, 20, 100, 500, 2000, 10_000, 100_000)
RXBUF = 1 << 16  # `rest` ends when bytes come: no need to look for them


class Session:
    """A modem of the firmware on a `Tap`, its sockets, and what can happen to them."""

    def __init__(self, flow: bool = False, mux: int = 1, apn: str = "cmnet", baud: int = 0):
        self.tap = tap = Tap(flow)
        self.nic = Modem(
            tap,
            apn,
            pin="1234",
            flow=flow,
            baud=baud,
            dialect=Luat(mux),
            ticks_ms=tap.ticks_ms,
            wait=tap.rest,
            rxbuf=RXBUF,
            log=lambda line: None,
        )
        self.driver = self.nic.driver
        self.engine = self.driver.engine
        self.engine.resolver = Resolver(self.engine)
        self.sockets: list[Any] = []

    # -- what the modem does -----------------------------------------------------------------

    def say(self, data: bytes) -> None:
        self.tap.say(data)
        self.driver.pump()

    def run(self, ms: int) -> None:
        """Let the firmware work for `ms` as if a background tick drove it."""
        end_us = self.tap.now_us + ms * 1000
        while self.tap.now_us < end_us:
            self.driver.pump()
            self.tap.rest(min(self.driver.due(), (end_us - self.tap.now_us) / 1000))
        self.driver.pump()

    # -- what the application does -----------------------------------------------------------

    def open(self, udp: bool, host: str, timeout: float = 0) -> None:
        sock = self.nic.socket(type=2 if udp else 1)
        sock.settimeout(timeout)
        self.sockets = [*self.sockets[-7:], sock]
        self.attempt(lambda: sock.connect((host, 7)))

    def use(self, which: int, action: Callable[[Any], object]) -> None:
        if self.sockets:
            sock = self.sockets[which % len(self.sockets)]
            self.attempt(lambda: action(sock))

    def resolve(self, name: str) -> None:
        if self.engine.resolver.asked is None:
            now = self.driver.now()
            self.attempt(lambda: self.engine.resolver.ask(name, now))

    def attempt(self, call: Callable[[], object]) -> None:
        try:
            call()
        except OSError as error:
            assert error.args[0] in errno.errorcode, error

    # -- what must hold ----------------------------------------------------------------------

    def check(self) -> None:
        engine = self.engine
        assert not self.driver.busy and self.driver.due() >= 1
        assert len(engine.queue) <= 4 and len(engine.notes) <= 8
        assert len(engine.links.claims) <= 6
        assert len(engine.intake.last_unknown) <= 32
        assert engine.intake.framer.payload <= 1460
        if engine.inflight is not None:
            left = (engine.deadline - self.driver.now() + (1 << 28)) % (1 << 29) - (1 << 28)
            assert left <= LONGEST_COMMAND_MS, f"a command that has {left} ms"

    def recover(self) -> int:
        """From here on the modem is honest: how many ms until a new connection works."""
        tap = self.tap
        tap.mute = tap.deaf = False
        tap.grain = 0
        begun_us = tap.now_us
        for sock in self.sockets:
            self.attempt(sock.close)
        while not self._echoes():
            spent_ms = (tap.now_us - begun_us) // 1000
            assert spent_ms < RECOVERY_MS, f"no service after {spent_ms} ms: {self.nic!r}"
            self.run(1000)
        return (tap.now_us - begun_us) // 1000

    def _echoes(self) -> bool:
        if not self.nic.active():
            self.nic.connect(timeout=0)
        if not self.nic.isconnected():
            return False
        sock = self.nic.socket()
        sock.settimeout(30)
        try:
            sock.connect(("echo", 7))
            sock.write(b"\xe9\xe8")
            return sock.read(2) == b"\xe9\xe8"
        except OSError:
            return False
        finally:
            sock.close()


def _start(choices: Choices) -> Session:
    kind = choices.number()
    session = Session(
        flow=kind & 1 > 0,
        mux=0 if kind & 15 == 14 else 1,
        apn="" if kind & 16 else "cmnet",
        baud=460800 if kind & 32 else 0,
    )
    session.nic.connect(timeout=0)
    if not kind & 192 == 192:  # or else the noise begins with the bring-up
        session.run(20_000)
    return session


def _step(session: Session, choices: Choices) -> None:
    tap = session.tap
    act = choices.number()
    if act < 60:
        session.say(choices.filled(choices.one_of(words.MODEM)))
    elif act < 90:
        session.say(choices.bytes(choices.number()))
    elif act < 120:
        session.run(choices.one_of(PAUSES_MS))
    elif act < 130:
        tap.mute = not tap.mute
    elif act < 135:
        tap.deaf = not tap.deaf
    elif act < 145:
        tap.grain = choices.number() % 32
    else:
        _apply(session, choices, act)


def _apply(session: Session, choices: Choices, act: int) -> None:
    which = choices.number()
    if act < 170:
        session.open(act % 3 == 0, HOSTS[which % len(HOSTS)], act % 2)
    elif act < 195:
        data = b"\xe0" * (which * 8 + 1)
        session.use(act, lambda sock: sock.write(data))
    elif act < 220:
        session.use(act, lambda sock: sock.recv(which * 8))
    elif act < 228:
        session.use(act, lambda sock: sock.ioctl(3, which & 5))
    elif act < 236:
        session.use(which, lambda sock: sock.close())
    elif act < 244:
        session.resolve(HOSTS[which % len(HOSTS)])
    elif act < 248:
        assert len(repr(session.nic)) < REPORT
    elif act < 252:
        session.attempt(session.nic.disconnect)
    else:
        session.nic.connect(timeout=0)


def run(data: bytes) -> None:
    choices = Choices(data)
    session = _start(choices)
    while choices:
        _step(session, choices)
        session.check()
    if session.engine.dialect.mux:
        session.recover()
