"""What calls cost of the heap."""

import gc

import sixlink
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
