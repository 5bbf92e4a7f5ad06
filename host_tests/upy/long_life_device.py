"""A telemetry device that must never need a restart.

An MQTT client lives on one link for good. Every minute a datagram goes out and comes back on a
link of its own, every five minutes an HTTP request; both block, and MQTT goes on inside
`modem.keep_going`. Figures of the heap and of the traffic are reported at regular times. So many
bytes as `leak` says are kept for each connection of the MQTT client: a run that must fail.
"""

import errno
import gc
import random
import time

import lockstep
import sixlink
from long_life_message import body
from long_life_mqtt import Client
from micropython import const

_BAUD = const(115200)
_DATAGRAM_MS = const(60000)
_REQUEST_MS = const(300000)
_TRIES = const(3)
_RETRY_MS = const(20000)
_LAST_MS = const(600000)  # for what has not been acknowledged when the hours are over


class Spoilt(Exception):
    """What came is not what was sent, and no error told so."""


class Job:
    """Something that blocks and is done every `period_ms`; a failed one is tried again."""

    def __init__(self, name, period_ms, work, device):
        self._name = name
        self._period_ms = period_ms
        self._work = work
        self._device = device
        self._number = 1
        self._tries = 0
        self._at = time.ticks_add(time.ticks_ms(), period_ms)
        self._next_at = self._at

    def step(self):
        if time.ticks_diff(time.ticks_ms(), self._at) < 0:
            return
        sock = None
        try:
            sock = self._device.modem.socket(type=self._kind())
            self._work(sock, self._number)
            self._device.count(self._name + "_done")
            self._advance()
        except OSError as error:
            self._device.error(error)
            self._tries += 1
            self._at = time.ticks_add(time.ticks_ms(), _RETRY_MS)
            if self._tries == _TRIES:
                self._device.count(self._name + "_abandoned")
                self._advance()
        except Spoilt:
            self._advance()
            self._device.count("corrupted")
        finally:
            if sock is not None:
                sock.close()

    def _kind(self):
        modem = self._device.modem
        return modem.SOCK_DGRAM if self._name == "datagram" else modem.SOCK_STREAM

    def _advance(self):
        self._number += 1
        self._tries = 0
        self._at = self._next_at = time.ticks_add(self._next_at, self._period_ms)


def warm_up(modem):
    """Use all six links once: each makes its rings when it is first used, and keeps them. And
    load what is loaded when something goes wrong."""
    import sixlink.errors  # noqa: F401

    socks = [modem.socket() for _ in modem.links]
    for sock in socks:
        sock.connect(("telemetry", 80))
    for sock in socks:
        sock.close()


def send_datagram(sock, number):
    sock.settimeout(5)
    data = body(number)[:1400]
    sock.sendto(data, ("echo", 7))
    answer = sock.recv(1460)
    if not answer:
        raise OSError(errno.ECONNABORTED)  # the link was closed
    if answer != data:
        try:
            sock.recv(1460)
        except OSError as error:
            if error.errno != errno.ETIMEDOUT and error.errno != errno.EAGAIN:
                raise  # the link says itself that it was spoilt
        raise Spoilt


def post(sock, number):
    sock.settimeout(30)
    sock.connect(("telemetry", 80))
    data = body(number)
    sock.write(b"POST / HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(data))
    sock.write(data)
    expected = b"HTTP/1.0 200 OK\r\n\r\n" + body(number + 1)
    answer = sock.read()
    if answer != expected:
        sock.read(1)  # raises what befell the link
        raise OSError(errno.ECONNABORTED) if expected.startswith(answer) else Spoilt


class Device:
    def __init__(self, hours, seed, report_min, leak):
        random.seed(seed)
        self.counts = {}
        self.errors = {}
        self._leak = leak
        self._kept = []
        self._start = time.ticks_ms()
        self._total_ms = int(hours * 3600000)
        self._report_ms = int(report_min * 60000)
        self.modem = sixlink.Modem(
            lockstep.Uart(_BAUD),
            "cmnet",
            ticks_ms=lockstep.ticks_ms,
            wait=lockstep.wait,
            power=lockstep.power,
            rxbuf=1 << 16,  # `wait` ends when bytes come: no need to look for them
        )

    def count(self, name):
        self.counts[name] = self.counts.get(name, 0) + 1
        if name == "connects" and self._leak:
            self._kept.append(bytearray(self._leak))

    def error(self, error):
        name = errno.errorcode.get(error.errno, str(error.errno))
        self.errors[name] = self.errors.get(name, 0) + 1

    def run(self):
        modem = self.modem
        modem.connect()
        warm_up(modem)
        self.client = client = Client(modem, ("broker", 1883), self.count, self.error)
        modem.keep_going = client.step
        jobs = (
            Job("datagram", _DATAGRAM_MS, send_datagram, self),
            Job("request", _REQUEST_MS, post, self),
        )
        report_at = self._report_ms
        while self._spent() < self._total_ms:
            for job in jobs:
                job.step()
            self._turn()
            if self._spent() >= report_at:
                report_at += self._report_ms
                self.report(False)
        self._finish()

    def _finish(self):
        client = self.client
        client.publishing = False
        while not client.is_done and self._spent() < self._total_ms + _LAST_MS:
            self._turn()
        self.report(True)

    def _spent(self):
        return time.ticks_diff(time.ticks_ms(), self._start)

    def _turn(self):
        self.client.step()
        self.modem.isconnected()  # pumps
        if self.modem.last_error is not None:
            raise self.modem.last_error
        lockstep.wait(self.modem.driver.due())

    def report(self, last):
        engine = self.modem.driver.engine
        gc.collect()
        allocated = gc.mem_alloc()
        lockstep.report(
            last=last,
            spent_ms=self._spent(),
            allocated=allocated,
            free=gc.mem_free(),
            largest=largest_block(),
            made=self.client.made,
            returned=self.client.taken,
            unacked=len(self.client.unacked),
            counts=self.counts,
            errors=self.errors,
            waits=lockstep.waits,
            overflows=lockstep.overflows,
            timeouts=engine.timeouts,
            resyncs=engine.resync.count,
            losses=engine.intake.losses,
            bringups=engine.bringup.count,
            unexpected=engine.links.unexpected + engine.bearer.unexpected,
        )


def largest_block():
    """Bytes of the largest piece that the heap can still give, to within 32."""
    gc.collect()
    low, high = 0, gc.mem_free()
    while high - low > 32:
        size = (low + high) // 2
        try:
            bytearray(size)
            low = size
        except MemoryError:
            high = size
        gc.collect()
    return low
