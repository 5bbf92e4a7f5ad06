"""Bytes that real modems sent, through the firmware and against the virtual modem.

The format of the files is described in `vectors/README.md`.
"""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from shared.session import BRING_UP, Session, errno_of, splits
from sixlink import command as events
from sixlink.command import Command
from sixlink.families import family
from vmodem_host import Host, served

from tools.vmodem import PROFILES, Sink

FILES = sorted(Path(__file__).with_name("vectors").glob("*.txt"))
EVENT_NAMES = {
    value: name.removeprefix("_EV_")
    for name, value in vars(events).items()
    if name.startswith("_EV_") and name != "_EV_LINK"
}
PEERS = ("112.125.89.8", "81.161.156.81")


# -- the files ---------------------------------------------------------------------------------


@dataclass
class Exchange:
    """What the host types (None: nothing), what follows, and what it must mean."""

    place: str
    opened: str | None  # kind of the firmware's link 0, None when it is not open
    acts: list[str] = field(default_factory=list)
    typed: bytes | None = None
    steps: list[tuple[str, bytes]] = field(default_factory=list)  # ("«" or "»+", bytes)
    events: list[str] = field(default_factory=list)
    states: list[tuple[int, str]] = field(default_factory=list)

    @property
    def said(self) -> list[bytes]:
        return [data for mark, data in self.steps if mark == "«"]

    @property
    def payload(self) -> bytes:
        return next((data for mark, data in self.steps if mark == "»+"), b"").rstrip(b"\x1a")

    @property
    def echoes(self) -> bool:
        return self.without_echo().steps != self.steps

    def without_echo(self) -> "Exchange":
        """The same from a modem with ATE0. An echo is the first line of what is left."""
        steps = list(self.steps)
        events = list(self.events)
        for n, (mark, said) in enumerate(steps):
            for typed in (self.typed, self.payload):
                echo = (typed or b"").rstrip()
                if mark == "«" and echo and said.startswith(echo):
                    steps[n] = (mark, said[len(echo) :].removeprefix(b"\r"))
                    events.pop(0)
        return replace(self, steps=steps, events=events)


@dataclass
class Vector:
    family: str
    mux: int
    options: dict[str, str]  # what this firmware does otherwise than the family's profile
    setup: list[str] | None  # commands that bring the virtual modem there; None: it cannot
    exchanges: list[Exchange]


def load(path: Path) -> Vector:
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    facts = dict(line.split(": ", 1) for line in head.splitlines() if line[0] != "#")
    assert facts["source"] and facts["modem"]
    setup = None if facts["vmodem"].startswith("none: ") else facts["vmodem"].split("; ")
    family = "sim800" if facts["modem"].startswith("SIM") else "luat"
    options = dict([facts["firmware"].split("=", 1)] if "firmware" in facts else [])
    exchanges = list(exchanges_of(path.name, head, body))
    return Vector(family, int(facts["mux"]), options, setup, exchanges)


def exchanges_of(name: str, head: str, body: str):
    exchange = None
    opened = None
    for number, line in enumerate(body.splitlines(), head.count("\n") + 3):
        mark, _, rest = line.partition(" ")
        if mark in ("", "#"):
            if exchange and exchange.steps:
                yield exchange
                exchange = None
            continue
        if mark == "@":
            opened = rest.split()[2] if rest.startswith("open") else None
            continue
        exchange = exchange or Exchange(f"{name}:{number}", opened)
        add(exchange, mark, rest)
    if exchange:
        yield exchange


def add(exchange: Exchange, mark: str, rest: str) -> None:
    if mark == "!":
        exchange.acts.append(rest)
    elif mark == "»":
        exchange.typed = bytes_of(rest)
    elif mark in ("«", "»+"):
        exchange.steps.append((mark, bytes_of(rest)))
    elif mark == "=":
        exchange.events = [event for event in rest.split(", ") if event]
    else:
        assert mark == ":", f"{exchange.place}: {mark}"
        link, _, state = rest.partition(" ")
        exchange.states.append((int(link), state))


def bytes_of(text: str) -> bytes:
    return text.encode("latin-1").decode("unicode_escape").encode("latin-1")


# -- the firmware ------------------------------------------------------------------------------


class Asker:
    """Owns a command of the application and keeps what was taken for its reply."""

    def __init__(self):
        self.replies = []

    def reply(self, command, buf, at, end):
        self.replies.append(bytes(buf[at:end]))
        return command.final == events._EV_UNKNOWN

    def done(self, command, now):
        pass


class Replay:
    """One exchange with a firmware whose modem has been brought up."""

    def __init__(self, vector: Vector, exchange: Exchange):
        mux = vector.mux
        self.exchange = exchange
        self.session = Session(dialect=family(vector.family)(vector.mux))
        link_mode = b"AT+CIPMUX=%d\r" % mux
        self.session.bring_up(
            [(link_mode if b"CIPMUX" in line else line, answer) for line, answer in BRING_UP]
        )
        self.engine = self.session.engine
        self.mux = mux
        self.asker = Asker()
        self.command = None
        self.heard: list[str] = []
        self.unknown: list[bytes] = []
        self.sock = self.connect(exchange.opened) if exchange.opened else None
        if self.sock:
            self.session.say(b"\r\nOK\r\n\r\n%sCONNECT OK\r\n" % (b"0, " if mux else b""))
        self.engine.dialect.classify = self.listen(self.engine.dialect.classify)

    def listen(self, classify):
        def classify_and_note(buf, at, end):
            event = classify(buf, at, end)
            self.heard.append(self.describe(event))
            if event == events._EV_UNKNOWN:
                self.unknown.append(bytes(buf[at:end]))
            return event

        return classify_and_note

    def describe(self, event: int) -> str:
        dialect = self.engine.dialect
        words = [EVENT_NAMES[event]]
        on_a_link = event >= events._EV_LINK
        if on_a_link or event in (events._EV_PUSHED, events._EV_PULLED):
            words.append(str(dialect.link))
        if event in (events._EV_ERROR, events._EV_SENT, events._EV_PUSHED, events._EV_PULLED):
            words += [str(dialect.value)] if dialect.value >= 0 else []
        return " ".join(words)

    def connect(self, kind: str):
        sock = self.session.modem.socket(type=1 if kind == "TCP" else 2)
        sock.setblocking(False)
        errno_of(sock.connect, ("h", 80))  # EINPROGRESS, but not for UDP
        link = b"0," if self.mux else b""
        self.session.expect(b'AT+CIPSTART=%s"%s","h",80\r' % (link, kind.encode()))
        return sock

    def type(self) -> None:
        """The same kind of command as in the capture, as this firmware types it."""
        typed = self.exchange.typed
        name = re.match(rb"(?:AT)?\+?(\w*)", typed).group(1)
        if name == b"CIPSTART":
            self.connect("UDP" if b"UDP" in typed else "TCP")
        elif name == b"CIPSEND":
            self.sock.write(self.exchange.payload)
            link = b"0," if self.mux else b""
            self.session.expect(b"AT+CIPSEND=%s%d\r\n" % (link, len(self.exchange.payload)))
        elif name == b"CIPCLOSE" and self.sock:
            self.sock.close()
            self.session.expect(b"AT+CIPCLOSE=0\r" if self.mux else b"AT+CIPCLOSE\r")
        else:
            self.command = self.make_command(name, typed)
            self.engine.call(self.command)
            self.session.expect(typed)

    def make_command(self, name: bytes, typed: bytes) -> Command:
        command = Command(self.asker, typed)
        if name == b"CIPSHUT":
            command.final = events._EV_SHUT
        elif name == b"CIPSTATUS":
            command.final = events._EV_STATUS
        elif name == b"CIPRXGET":
            command.link = int(typed.split(b",")[1])
        elif name == b"CIFSR":
            command.final, command.shape = events._EV_UNKNOWN, events._SHAPE_ADDRESS
        elif name in (b"CGSN", b"CIMI"):
            command.shape = events._SHAPE_DIGITS
        elif name == b"I":
            command.shape = events._SHAPE_TEXT
        elif typed.startswith(b"AT+"):
            command.prefix = b"+" + name
        return command

    def run(self, reads: list[tuple[bytes, ...]]) -> None:
        """`reads`: for each piece of the modem's bytes the portions in which it comes in."""
        if self.exchange.typed is not None:
            self.type()
        sending = self.exchange.typed is not None and b"CIPSEND" in self.exchange.typed
        self.states_before = [link.state_name() for link in self.engine.links.all]
        portions = iter(reads)
        for mark, _ in self.exchange.steps:
            if mark == "«":
                for chunk in next(portions):
                    self.session.uart.say(chunk)
                    self.session.modem.driver.pump()
            elif sending:
                self.session.expect(self.exchange.payload)
                sending = False
        self.check()

    def check(self) -> None:
        """An echo ends the firmware's trust in link lines: then they must do nothing."""
        exchange = self.exchange
        engine = self.engine
        assert self.heard == exchange.events
        assert engine.intake.losses == 0
        taken = [line for line in self.unknown if line in self.asker.replies]
        assert engine.intake.unknown == len(self.unknown) - len(taken)
        if exchange.echoes:
            assert [link.state_name() for link in engine.links.all] == self.states_before
            return
        for link, state in exchange.states:
            assert engine.links.all[link].state_name() == state
        self.check_payload()
        self.check_outcome()
        self.check_bearer()

    def check_payload(self) -> None:
        announced = [event.split() for event in self.exchange.events if event.startswith("PU")]
        for _, link, size in announced:
            assert link == "0"
            data = self.sock.recv(2000)
            assert len(data) == int(size) and data in b"".join(self.exchange.said)

    def check_outcome(self) -> None:
        if self.command is None:
            return
        errors = [event.split() for event in self.exchange.events if event.startswith("ERROR")]
        assert self.command.outcome == (events._ERROR if errors else events._OK)
        if errors:
            assert self.command.cme == int((errors[0] + [-1])[1])

    def check_bearer(self) -> None:
        states = re.findall(rb"STATE: (?:TCP |UDP )?([A-Z ]+)", b"".join(self.exchange.said))
        for state in states:
            assert self.engine.bearer.name() == state.decode()


def loaded(choose=lambda vector: True) -> list:
    vectors = [(path.stem, load(path)) for path in FILES]
    return [pytest.param(vector, id=name) for name, vector in vectors if choose(vector)]


def test_all_files_are_there():
    assert len(FILES) > 20
    assert sum(len(load(path).exchanges) for path in FILES) > 100


@pytest.mark.parametrize("vector", loaded())
def test_firmware_understands(vector):
    for exchange in with_and_without_echo(vector.exchanges):
        for reads in every_way(exchange.said):
            try:
                Replay(vector, exchange).run(reads)
            except Exception as error:
                raise AssertionError(f"{exchange.place}, read as {reads}: {error}") from error


def with_and_without_echo(exchanges: list[Exchange]):
    for exchange in exchanges:
        yield exchange
        if exchange.echoes:
            yield exchange.without_echo()


def every_way(said: list[bytes]):
    """Each piece whole, byte by byte and cut in two at every place, while the others are whole."""
    for number, piece in enumerate(said):
        for portions in splits(piece):
            reads = [(other,) for other in said]
            reads[number] = portions
            yield reads


# -- the virtual modem -------------------------------------------------------------------------


def lines_of(data: bytes) -> list[str]:
    """The lines, with what may differ between two modems of a family taken out."""
    return [shape(line) for line in re.split(r"[\r\n]+", data.decode("latin-1")) if line]


def shape(line: str) -> str:
    for pattern, instead in (
        (r"^AirM2M_\w+", "AirM2M"),
        (r"^(\+NITZ|\+CGEV: ME PDN ACT).*", r"\1"),
        (r"^(\d), ?", r"\1,"),
        (r"^[^ -~]+$", "noise"),
    ):
        line = re.sub(pattern, instead, line)
    return line if line.startswith("+CME") else re.sub(r"\d+", "#", line)


def act(host: Host, what: str) -> None:
    word, _, rest = what.partition(" ")
    if word == "say":
        host.network.peers[-1].send(bytes_of(rest))
    elif word == "close":
        host.network.peers[-1].close()
    elif word == "ask":
        host.run(rest)
    else:
        host.modem.inject(word)


@pytest.mark.parametrize("vector", loaded(lambda vector: vector.setup))
def test_virtual_modem_answers_alike(vector):
    network = served(**dict.fromkeys(PEERS, Sink))
    network.delay_us = 1000
    profile = replace(PROFILES[vector.family], **vector.options)
    host = Host(network=network, profile=profile, echo=True)
    for command in vector.setup:
        assert b"ERROR" not in host.ask(command), command
    for exchange in vector.exchanges:
        for what in exchange.acts:
            act(host, what)
        said = b"" if exchange.typed is None else host.type(exchange.typed)
        for mark, data in exchange.steps:
            if mark == "»+":
                said += host.type(data)
        said += host.rest(10_000)
        expected, got = lines_of(b"".join(exchange.said)), lines_of(said)
        if exchange.typed is None:  # what comes by itself may come in another order
            expected, got = sorted(expected), sorted(got)
        assert got == expected, exchange.place
