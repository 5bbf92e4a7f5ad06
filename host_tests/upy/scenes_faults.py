"""Six links that echo numbered blocks, whatever happens to the modem."""

import errno
import time

import sixlink
from machine import UART
from micropython import const

_BAUD = const(460800)
_BLOCK = const(600)
_REST_MS = const(500)  # before a link is opened again
_CALM_MS = const(2000)  # after the last mark; only then blocks count
_BLOCKS = const(3)
_POLL = const(3)  # ioctl's, and what it is asked for, as `select` does
_WRITABLE = const(4)


class Link:
    """Writes a block, waits for its echo, writes the next. `errors`: the errnos that ended its
    connections; `ends`: ends of stream; `wrong`: bytes that were not sent, and no error behind."""

    def __init__(self, modem, n, port):
        self._modem = modem
        self._n = n
        self._port = port
        self._number = 0
        self._sock = None
        self._closed_at = time.ticks_add(time.ticks_ms(), -_REST_MS)
        self.errors = []
        self.ends = self.wrong = self.blocks = 0

    def step(self):
        try:
            if self._sock is not None:
                self._exchange()
            elif time.ticks_diff(time.ticks_ms(), self._closed_at) >= _REST_MS:
                self._open()
        except OSError as error:
            if error.errno != errno.EINPROGRESS:
                self.errors.append(error.errno)
                self._close()

    def _open(self):
        self._begin_block()
        self._connected = False
        self._sock = self._modem.socket()
        self._sock.setblocking(False)
        self._sock.connect(("127.0.0.1", self._port))

    def _begin_block(self):
        self._number += 1
        text = b"link %d block %d, " % (self._n, self._number)
        self._block = (text * _BLOCK)[:_BLOCK]
        self._written = 0
        self._got = b""

    def _exchange(self):
        self._connected = self._connected or self._sock.ioctl(_POLL, _WRITABLE)
        if not self._connected:
            return
        if self._written < _BLOCK:
            self._written += self._sock.write(self._block, self._written, _BLOCK) or 0
        data = self._sock.read(_BLOCK)
        if data == b"":
            self.ends += 1
            self.check()
            self._close()
        elif data is not None:
            self._got += data
            if self._got == self._block:
                self.blocks += 1
                self._begin_block()

    def _close(self):
        self._sock.close()
        self._sock = None
        self._closed_at = time.ticks_ms()

    def check(self):
        """What has come and no error after it must be right. (An error excuses the packet that
        was being torn when it came, and a block is shorter than that.)"""
        self.wrong += not self._block.startswith(self._got)


def pin(name):
    """A pin of the modem: who reads what we print drives it."""

    def drive(level):
        if level != levels[0]:
            levels[0] = level
            print(name, level)

    levels = [1]
    return drive


def six_links(port, flow, marks_ms, limit_s):
    """Prints "mark" at each of `marks_ms`, which are in order. After the last the links must echo
    again: {errors, ends, wrong, back, seconds until then}"""
    wires = UART.RTS | UART.CTS if flow else 0
    uart = UART(1, _BAUD, rxbuf=4096, flow=wires)
    pins = {name: pin(name) for name in ("power", "reset")}
    modem = sixlink.Modem(uart, apn="cmnet", flow=flow, rxbuf=4096, **pins)
    modem.connect()
    links = [Link(modem, n, port) for n in range(6)]
    _until(links, lambda: min(link.blocks for link in links), limit_s)
    start = time.ticks_ms()
    for mark_ms in marks_ms:
        _until(links, lambda at=mark_ms: time.ticks_diff(time.ticks_ms(), start) >= at, limit_s)
        print("mark")
    over = time.ticks_ms()
    _until(links, lambda: time.ticks_diff(time.ticks_ms(), over) >= _CALM_MS, limit_s)
    wanted = [link.blocks + _BLOCKS for link in links]
    back = _until(links, lambda: all(k.blocks >= w for k, w in zip(links, wanted)), limit_s)  # noqa: B905
    seconds = time.ticks_diff(time.ticks_ms(), over) // 1000
    for link in links:
        link.check()
    return {
        "errors": sorted(set(error for link in links for error in link.errors)),
        "ends": sum(link.ends for link in links),
        "wrong": sum(link.wrong for link in links),
        "back": back,
        "seconds": seconds,
        "screen": repr(modem),
    }


def _until(links, reached, limit_s):
    """Whether it came to that in time."""
    start = time.ticks_ms()
    while not reached():
        if time.ticks_diff(time.ticks_ms(), start) > limit_s * 1000:
            return False
        for link in links:
            link.step()
        time.sleep_ms(5)
    return True
