# mypy: ignore-errors
"""What is measured: each scene is a class whose `run` does `units` of the work.

`bytes`: the payload that moves in one `run`. `prepare` comes before each `run` and is not part of
the work.
"""

import sixlink
from micropython import const
from stand_in import SEGMENT, StandIn, payload, pushed

_HOST = "10.0.0.1"
_PORT = const(7)


def connected(wire, links, **options):
    """A modem at `wire`, and so many sockets with a peer."""
    modem = sixlink.Modem(
        wire,
        "cmnet",
        dialect="luat",
        rxbuf=4096,
        txbuf=2048,
        ticks_ms=wire.ticks_ms,
        wait=wire.wait,
        **options,
    )
    modem.connect()
    socks = [modem.socket() for _ in range(links)]
    for sock in socks:
        sock.connect((_HOST, _PORT))
    return modem, socks


class Scene:
    def __init__(self, push=False, links=1, logging=False, trickle=False, trace=2048):
        self.wire = StandIn(logging, trickle)
        self.modem, self.socks = connected(self.wire, links, flow=push, trace=trace)
        self.bytes = 0

    def prepare(self):
        pass


class Receive(Scene):
    """Messages of `size` bytes to each link in turn, read by `readinto`."""

    def __init__(self, size=SEGMENT, units=12, push=False, **options):
        super().__init__(push=push, **options)
        self.push = push
        self.size = size
        self.units = units
        self.bytes = size * units
        self.buf = bytearray(size)
        links = len(self.socks)
        messages = [
            [pushed(n, min(SEGMENT, size - at)) for at in range(0, size, SEGMENT)]
            for n in range(links)
        ]
        self.packets = []
        for at in range(units if push else 0):
            self.packets += messages[at % links]

    def prepare(self):
        if self.push:
            self.wire.coming, self.wire.at = self.packets, 0

    def run(self):
        socks = self.socks
        buf = self.buf
        wire = self.wire
        links = len(socks)
        push = self.push
        for at in range(self.units):
            n = at % links
            if not push:
                wire.held[n] += self.size
                wire.rx.write(_ARRIVED[n])
            if socks[n].readinto(buf) != self.size:
                raise ValueError("short read")


_ARRIVED = [b"\r\n+CIPRXGET: 1,%d\r\n" % n for n in range(6)]


class Send(Scene):
    """Messages of `size` bytes on each link in turn, written by `write`."""

    def __init__(self, size=SEGMENT, units=12, **options):
        super().__init__(**options)
        self.units = units
        self.bytes = size * units
        self.buf = payload(size)
        self.goal = 0  # bytes that the modem has accepted when all is done

    def run(self):
        socks = self.socks
        buf = self.buf
        for at in range(self.units):
            socks[at % len(socks)].write(buf)
        for sock in socks:
            sock.ioctl(1, 0)  # flush
        self.goal += self.bytes
        driver = self.modem.driver
        while sum([link.tx.sent for link in self.modem.links]) < self.goal:
            driver.pump()
            self.wire.wait(driver.due())


class Idle(Scene):
    """Pumps with nothing to do."""

    def __init__(self, units=20, **options):
        super().__init__(**options)
        self.units = units

    def run(self):
        pump = self.modem.driver.pump
        for _ in range(self.units):
            pump()


class Poll(Idle):
    """As `select` and asyncio ask each socket; nothing to do."""

    def run(self):
        socks = self.socks
        for at in range(self.units):
            socks[at % len(socks)].ioctl(3, 1)


class Command(Scene):
    """A command and its answer."""

    def __init__(self, units=6, **options):
        super().__init__(**options)
        self.units = units

    def run(self):
        at = self.modem.at
        for _ in range(self.units):
            at("+CSQ")


class Urc(Scene):
    """`burst` lines at a time that nobody has asked for."""

    def __init__(self, burst=1, units=16, **options):
        super().__init__(**options)
        self.units = units
        self.lines = [b"\r\n+CREG: 1\r\n" * burst] * (units // burst)

    def prepare(self):
        self.wire.coming, self.wire.at = self.lines, 0

    def run(self):
        wire = self.wire
        pump = self.modem.driver.pump
        while wire.at < len(wire.coming) or wire.rx.any():
            pump()
