"""Target `vmodem`: a host that types anything, at any time, at the virtual modem.

Bytes decide the modem's options, what is typed, how time passes and which faults strike. Nothing
is raised, what waits to be understood is bounded, and a host that goes the way out of every mode
(`+++`, ESC, a segment's worth of CR) is answered OK when it says AT.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.vmodem import PROFILES, MemoryNetwork, VirtualModem
from tools.vmodem.faults import ALL
from tools.vmodem.typed import FIFO_BYTES

from . import words
from .choices import Choices

PAUSES_US = (0, 100, 1000, 20_000, 500_000, 1_200_000, 10_000_000, 100_000_000)
UNANSWERING = ("hang", "error_everything")  # by design, until a reset
FAULTS = sorted(set(ALL) - set(UNANSWERING))
ROUNDS = 5  # what was typed ahead may have opened another mode
BUSY_US = 100_000_000  # no command takes longer


@dataclass(frozen=True)
class Options:
    """Of the virtual modem, under its own names."""

    profile: str = "luat"
    echo: bool = True
    flow: bool = False
    pin: str | None = None
    sim: bool = True
    booted: bool = True
    interleave: float = 0.0
    rxget_urc: str = "first"
    merge_datagrams: bool = False
    send_timeout_us: int | None = None
    latency_us: int = 1000


class Host:
    """Types at a virtual modem on a virtual clock."""

    def __init__(self, options: Options) -> None:
        self.now_us = 0
        network = MemoryNetwork.with_standard_peers(delay_us=2000)
        self.modem = VirtualModem(network, **vars(options))

    def type(self, data: bytes) -> None:
        self.modem.feed(data, self.now_us)

    def listen(self, us: int) -> bytes:
        """What the modem says within `us`, or at once."""
        said = self.modem.take(self.now_us)
        end_us = self.now_us + us
        while (due_us := self.modem.due_us(self.now_us)) is not None and due_us < end_us:
            self.now_us = max(due_us, self.now_us + 1)
            said += self.modem.take(self.now_us)
        self.now_us = end_us
        return said + self.modem.take(end_us)

    def check(self) -> None:
        typed = self.modem.typed
        profile = self.modem.profile
        assert len(typed._fifo) <= FIFO_BYTES
        assert len(typed._line) <= profile.max_line + 1
        assert 0 <= self.modem.awaiting_payload <= profile.segment_max

    def recover(self) -> None:
        """From here on the host goes by the book."""
        self.modem.faults.armed.clear()
        for _ in range(ROUNDS):
            self.listen(BUSY_US)
            self.type(b"+++")
            self.listen(2_000_000)
            self.type(b"\x1b" + b"\r" * self.modem.profile.segment_max)
            self.listen(BUSY_US)
            self.type(b"AT\r")
            if b"\r\nOK\r\n" in self.listen(1_000_000):
                return
        raise AssertionError(f"no answer to AT in mode {self.modem.mode}")


def _options(choices: Choices) -> Options:
    kind = choices.number()
    return Options(
        profile=choices.one_of(sorted(PROFILES)),
        echo=not kind & 2,
        flow=kind & 4 > 0,
        pin="1234" if kind & 8 else None,
        sim=kind & 48 != 48,
        booted=not kind & 64,
        interleave=0.3 if kind & 128 else 0.0,
        rxget_urc="every" if kind & 16 else "first",
        merge_datagrams=kind & 1 > 0,
        send_timeout_us=choices.one_of((None, None, 60_000_000)),
        latency_us=choices.one_of((0, 1000, 50_000)),
    )


def _step(host: Host, choices: Choices) -> None:
    act = choices.number()
    if act < 110:
        host.type(choices.filled(choices.one_of(words.HOST)))
    elif act < 170:
        host.type(choices.bytes(choices.number()))
    elif act < 240:
        host.listen(choices.one_of(PAUSES_US))
    else:
        host.modem.inject(choices.one_of(FAULTS))


def run(data: bytes) -> None:
    choices = Choices(data)
    host = Host(_options(choices))
    while choices:
        _step(host, choices)
        host.check()
    host.recover()
