# mypy: ignore-errors
"""Work for callgrind to count, run by MicroPython under it.

    micropython count.py <SETS

`SETS` is a JSON list of `[scene, options]`; an argument may not be longer than 255 bytes. For each
one three stretches are marked by calls of
`micropython.mem_total` (begin) and `mem_current` (end): the work, the same calls of the stand-in
alone, and the loop around those. A line of JSON for each tells what was done.
"""

import gc
import json
import sys

import scenes
from micropython import mem_current, mem_total
from stand_in import hollow


def main():
    for name, options in json.loads(sys.stdin.read()):
        scene = getattr(scenes, name)(logging=True, **options)
        count(scene)
        print(json.dumps({"bytes": scene.bytes, "units": scene.units}))


def count(scene):
    wire = scene.wire
    for _ in range(2):  # what is made once is made, and the clock of the line has settled
        scene.prepare()
        scene.run()
    gc.collect()
    gc.disable()  # it would come at a moment that depends on the heap
    scene.prepare()
    scene.run()  # fills the holes of the heap: to look for one costs much, and differs
    scene.prepare()
    wire.record()
    mem_total()
    scene.run()
    mem_current()
    log, said = wire.record()
    scene.prepare()
    mem_total()
    wire.replay(log, said)
    mem_current()
    mem_total()
    hollow(log)
    mem_current()
    gc.enable()


main()
