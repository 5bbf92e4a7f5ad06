"""Scenes of the UART and Timer shims; the other end of the pty is played by the test."""

import select
import time

from machine import UART, Timer
from micropython import const

_WAIT_MS = const(5000)


def wait_until(condition):
    """Wait for `condition()`, at most five seconds; its last value."""
    start = time.ticks_ms()
    while not condition() and time.ticks_diff(time.ticks_ms(), start) < _WAIT_MS:
        time.sleep_ms(1)
    return condition()


def idle():
    uart = UART(1)
    return [uart.any(), uart.read(), uart.readline(), uart.readinto(bytearray(3)), uart.txdone()]


def upper(size):
    """Send back in upper case what comes, until `size` bytes came; how often things went wrong."""
    uart = UART(1, 921600, rxbuf=1024, flow=UART.RTS)
    buf = bytearray(300)
    done = 0
    while done < size:
        n = min(wait_until(uart.any), len(buf))
        got = uart.readinto(buf, n)
        reply = bytes(buf[:got]).upper()
        at = 0
        while at < got:
            at += uart.write(reply, at, got - at) or 0
        done += got
    uart.flush()
    return [uart.overflows, uart.overreads]


def overflow(size, rxbuf, flow):
    """Leave `size` bytes unread until all have come, then read: the bytes, and the count lost."""
    uart = UART(1, rxbuf=rxbuf, flow=UART.RTS if flow else 0)
    print("ready")
    input()  # the test has written everything
    got = bytearray()
    while uart.any():
        got += uart.read()
    return [got.hex(), uart.overflows]


def full(size):
    """Write to a peer that does not read: how much was taken, and what comes after that."""
    uart = UART(1, 921600, txbuf=size)
    taken = 0
    last = uart.write(bytes(size))
    while last and taken < size:
        taken += last
        uart.flush()
        last = uart.write(bytes(size))
    return [taken, last]


def pace(baud, size):
    """Microseconds that `size` written bytes need to leave."""
    uart = UART(1, baud)
    start = time.ticks_us()
    at = 0
    while at < size:
        at += uart.write(bytes(size - at)) or 0
    uart.flush()
    return time.ticks_diff(time.ticks_us(), start)


def poll():
    """What select.poll sees before and after the test has sent a byte."""
    uart = UART(1)
    poller = select.poll()
    poller.register(uart, select.POLLIN)
    before = len(poller.poll(0))
    print("ready")
    came = [flags for _, flags in poller.poll(_WAIT_MS)]
    uart.any()  # the byte is now in the ring, no longer in the file
    return [before, came, [flags for _, flags in poller.poll(_WAIT_MS)]]


def irq():
    uart = UART(1)
    calls = []
    uart.irq(calls.append, UART.IRQ_RX)
    print("ready")
    called = wait_until(lambda: len(calls) > 0)
    got = uart.read()
    uart.irq(None)
    return [called, calls[0] is uart, got.decode()]


def timer():
    """Times at which a periodic and a one-shot timer fired, in ms; a cleared one never does."""
    start = time.ticks_ms()
    fired = {"periodic": [], "once": [], "cleared": []}

    def note(name):
        return lambda timer: fired[name].append(time.ticks_diff(time.ticks_ms(), start))

    periodic = Timer(-1, mode=Timer.PERIODIC, period=20, callback=note("periodic"))
    once = Timer(-1)
    once.init(mode=Timer.ONE_SHOT, period=30, callback=note("once"))
    cleared = Timer(-1, mode=Timer.ONE_SHOT, period=10, callback=note("cleared"))
    cleared.deinit()
    wait_until(lambda: len(fired["periodic"]) >= 4)
    periodic.deinit()
    return fired


def hang_up():
    """The errno of a read after the other end has gone."""
    uart = UART(1)
    print("ready")
    input()
    try:
        uart.any()
    except OSError as error:
        return error.errno
