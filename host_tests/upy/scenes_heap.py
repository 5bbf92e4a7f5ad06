"""What calls cost of the heap."""

import gc
import os
import sys

import sixlink
from micropython import RingIO, heap_lock, heap_unlock
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
