# mypy: ignore-errors
"""What packets and segments take of the heap, printed as JSON.

For each scene `[bytes a unit, whether it ran under heap_lock()]`. `mem_total` counts what was
asked for in all, whether or not it was given back; a locked heap proves that nothing was.
"""

import gc
import json
import sys

from micropython import heap_lock, heap_unlock, mem_total
from scenes import Receive, Scene, Send
from stand_in import SEGMENT, payload, pushed

_PULLED = 1024  # the ring of a link
_CHECK_MS = 31000  # an idle modem is asked AT+CIPSTATUS, which takes heap, every 30 s
_OVER_TIME = 240  # steps of one packet and one segment


def main(units):
    units //= 2  # in two stretches, each shorter than the 30 s between two checks
    figures = {
        "receive push": cost(Receive(push=True, units=units)),
        # What one AT+CIPRXGET brings: a larger `readinto` takes a view for each that follows.
        "receive pull": cost(Receive(size=_PULLED, units=units)),
        "send": cost(Send(units=units)),
    }
    print(json.dumps({"figures": figures, "over time": over_time()}))


def cost(scene):
    for _ in range(2):  # what is made once is made
        scene.prepare()
        scene.run()
    settle(scene)
    scene.prepare()
    gc.collect()
    gc.disable()
    before = mem_total()
    scene.run()
    taken = mem_total() - before
    gc.enable()
    return [taken / scene.units, runs_locked(scene) and runs_locked(scene)]


def settle(scene):
    """Let the modem be asked how it is: not again while we look at packets."""
    driver = scene.modem.driver
    scene.wire.wait(_CHECK_MS)
    for _ in range(30):
        driver.pump()
        scene.wire.wait(min(driver.due(), 500))


def runs_locked(scene):
    settle(scene)
    scene.prepare()
    gc.collect()
    heap_lock()
    try:
        scene.run()
    except MemoryError:
        return False
    finally:
        heap_unlock()
    return True


def over_time():
    """Bytes in use after each of many packets received and segments sent, as time goes on."""
    scene = Scene(push=True)
    sock = scene.socks[0]
    buf = bytearray(SEGMENT)
    data = payload(SEGMENT)
    scene.wire.coming = (pushed(0, SEGMENT),)
    used = [0] * _OVER_TIME
    gc.collect()
    gc.threshold(65536)  # as boards are told to, so that collections can be seen
    for step in range(_OVER_TIME):
        scene.wire.at = 0
        sock.readinto(buf)
        sock.write(data)
        used[step] = gc.mem_alloc()
    gc.threshold(-1)
    return used


main(int(sys.argv[1]))
