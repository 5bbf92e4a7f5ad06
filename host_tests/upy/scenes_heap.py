"""What calls cost of the heap."""

import gc
import os
import sys

import sixlink
from micropython import RingIO, heap_lock, heap_unlock, mem_total
from sixlink.stream import Stream


class Full(Stream):
    """Has as much as anybody wants."""

    _udp = False

    def _await_input(self, have):
        return self

    def _take(self, link, buf, size):
        return size


def _cost(call, *args):
    call(*args)  # warm up
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    call(*args)
    cost = gc.mem_alloc() - before
    gc.enable()
    return cost


def readinto_view(size):
    """Bytes of heap that `readinto` of a view of `size` bytes takes."""
    return _cost(Full().readinto, memoryview(bytearray(size)))


def write_view(size):
    """Bytes of heap that a socket takes to find out that it may not write a view."""
    modem = sixlink.Modem(_Deaf(), ticks_ms=lambda: 0, wait=lambda ms: None)
    return _cost(_refused, modem.socket(), memoryview(bytearray(size)))


def _refused(sock, view):
    try:
        sock.write(view)
    except OSError:
        pass


class _Deaf:
    def any(self):
        return 0


class _Ring:
    """A UART that takes nothing of the heap."""

    def __init__(self):
        self.ring = RingIO(1024)

    def any(self):
        return self.ring.any()

    def readinto(self, buf, n):
        return self.ring.readinto(buf, n)

    def write(self, buf, at, n):
        return n


def transparent(alphabet, size):
    """Bytes that came right out of `size` received in transparent mode under a locked heap, and
    what they took of it. `alphabet`: what they are made of, or all."""
    sys.path.append(__file__.rsplit("/", 2)[0] + "/shared")
    from test_transparent import opened

    session, stream = opened()
    link = session.modem.links[0]
    driver = session.modem.driver
    driver.uart = uart = _Ring()
    into = bytearray(512)
    right = taken = 0
    for at in range(0, size, 512):
        data = os.urandom(512)
        if alphabet:
            data = bytes([ord(alphabet[byte % len(alphabet)]) for byte in data])
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        if at:  # what is made once is made
            heap_lock()
        uart.ring.write(data)
        driver.pump()
        session.now += 60
        driver.pump()
        n = stream.recv_into(into) if link.rx.waiting() else 0
        if at:
            heap_unlock()
            taken += gc.mem_alloc() - before
        gc.enable()
        right += n if into[:n] == data[:n] else 0
    return [right, taken]


_STRETCHES = 4  # each is shorter than the 30 s after which an idle modem is asked how it is
_UNITS = 250


def sending(trace):
    """Let full segments be sent under a locked heap, each written when there is room for it: how
    many went, how many of them the short way, and what so many took of a heap that is open, where
    frames come from if they are too large."""
    # Where data is pushed: elsewhere each link is asked every 2 s whether any waits.
    scene = _scenes().Send(units=_UNITS, trace=trace, push=True)
    link = scene.modem.links[0]
    driver = scene.modem.driver
    short = _count_short(driver.engine.express)

    def run():
        for _ in range(_UNITS):
            while link.tx.size - link.tx.any() < len(scene.buf):
                driver.pump()
                scene.wire.wait(driver.due())
            scene.socks[0].write(scene.buf)
        while link.tx.any() or driver.engine.inflight is not None:
            driver.pump()
            scene.wire.wait(driver.due())

    before = _run_locked(scene, run, lambda: (link.tx.sent, short[0]))
    sent = (link.tx.sent - before[0]) // len(scene.buf)
    return [sent, short[0] - before[1], _taken(scene, run)]


def receiving():
    """The same with packets that are pushed: how many were read, and what they took."""
    scene = _scenes().Receive(push=True, units=_UNITS)
    link = scene.modem.links[0]
    before = _run_locked(scene, scene.run, lambda: link.rx.received)
    return [(link.rx.received - before) // len(scene.buf), _taken(scene, scene.run)]


def _scenes():
    sys.path.append(__file__.rsplit("/", 3)[0] + "/tools/bench/device")
    import scenes

    return scenes


def _run_locked(scene, run, count):
    """What `count` gave once the scene was warm."""
    for _ in range(2):
        scene.prepare()
        run()
    before = count()
    for _ in range(_STRETCHES):
        _be_checked(scene)
        scene.prepare()
        gc.collect()
        heap_lock()
        try:
            run()
        finally:
            heap_unlock()
    return before


def _taken(scene, run):
    _be_checked(scene)
    scene.prepare()
    gc.collect()
    gc.disable()
    before = mem_total()
    run()
    taken = mem_total() - before
    gc.enable()
    return taken


def _count_short(express):
    accepted = express.accepted
    count = [0]

    def counted(now):
        taken = accepted(now)
        if taken:
            count[0] += 1
        return taken

    express.accepted = counted
    return count


def _be_checked(scene):
    """Let the modem be asked how it is, which takes heap."""
    driver = scene.modem.driver
    scene.wire.wait(31_000)
    for _ in range(30):
        driver.pump()
        scene.wire.wait(min(driver.due(), 500))
