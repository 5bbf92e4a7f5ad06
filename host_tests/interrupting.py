"""Cut into the firmware at one exact place: line, and how often that line has run before.

A scene is a function of a `World` that plays an application and asserts what it must find. A
reference run counts how often each line of the firmware runs in it. Then the scene is played again
for each line, and at its first, middle and last run an action strikes: a tick of the background
timer, or Ctrl-C.

Ctrl-C is not tried where a lock is let go. MicroPython takes Ctrl-C only behind a jump, and there
is none between the end of a `with` or `try` body and the line that frees the flag.
"""

import linecache
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType

from sixlink import driver
from world import World

FIRMWARE = Path(driver.__file__).parent
LETTING_GO = ("self.busy = False", "self._waiting = False", "driver.watch, driver.log = kept")
NOTHING_RUNS = ("try:", "pass")  # CPython's table of a `with` body has a hole at such a line
TICK_AFTER_US = 1500  # a tick that comes at the very time of the last pump would find nothing new
BATCH = 16  # places struck in one world, one after the other, before the aftermath

CUT = object()

Scene = Callable[[World], None]
Action = Callable[[World], None]


def tick(world: World) -> None:
    """The background timer fires."""
    world.now_us += TICK_AFTER_US
    world.nic.driver.tick()


def ctrl_c(world: World) -> None:
    raise KeyboardInterrupt


def attempt(function: Callable, *args):
    """The result of a call, or CUT if Ctrl-C ended it."""
    try:
        return function(*args)
    except KeyboardInterrupt:
        return CUT


def again(function: Callable, *args):
    """The result of a call that is simply made again when it was cut."""
    result = attempt(function, *args)
    return attempt(function, *args) if result is CUT else result


@dataclass(frozen=True)
class Place:
    """The `hit`-th time that `line` of `code` is about to run."""

    code: CodeType
    line: int
    hit: int = 1

    @property
    def file(self) -> str:
        return Path(self.code.co_filename).name

    @property
    def source(self) -> str:
        return linecache.getline(self.code.co_filename, self.line).strip()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.hit} ({self.code.co_name}: {self.source})"


def frees_a_lock(place: Place, world: World) -> bool:
    """Whether the line is about to let go: a `with` line runs a second time for that."""
    leaves = place.source.startswith("with ") and world.nic.driver.busy
    return leaves or place.source in LETTING_GO or place.source in NOTHING_RUNS


# -- tracing -----------------------------------------------------------------------------------


def count_lines(scene: Scene, world: World, files: tuple[str, ...], action: Action) -> Counter:
    """How often each line of `files` runs in `scene`, by `Place` with hit 1."""
    names = {str(FIRMWARE / file) for file in files}
    hits: Counter[Place] = Counter()

    def local(frame: FrameType, event: str, _: object):
        if event == "line":
            place = Place(frame.f_code, frame.f_lineno)
            hits[place] += not (action is ctrl_c and frees_a_lock(place, world))
        return local

    def enter(frame: FrameType, event: str, _: object):
        return local if frame.f_code.co_filename in names else None

    _traced(enter, scene, world)
    return +hits


def strike(scene: Scene, world: World, place: Place, action: Action) -> bool:
    """Play `scene` and let `action` happen at `place`; whether the scene came by there."""
    # Looked up once: the tracer runs at every call.
    code, line, hit = place.code, place.line, place.hit
    may_free = action is ctrl_c and place.source.startswith("with ")
    passed = 0

    def local(frame: FrameType, event: str, _: object):
        nonlocal passed
        if frame.f_lineno == line and event == "line":
            passed += not (may_free and frees_a_lock(place, world))
            if passed == hit:
                sys.settrace(None)
                frame.f_trace = None
                passed += 1
                action(world)
        return local

    def enter(frame: FrameType, event: str, _: object):
        return local if frame.f_code is code else None

    try:
        _traced(enter, scene, world)
    except KeyboardInterrupt:
        assert passed <= hit, "Ctrl-C ended the scene"
        raise
    return passed > hit


def _traced(trace: Callable, scene: Scene, world: World) -> None:
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        scene(world)
    finally:
        sys.settrace(before)


# -- a campaign --------------------------------------------------------------------------------


@dataclass
class Campaign:
    """`scene` struck by `action` at the chosen hits of every line of `files`.

    `make_world` gives the world a scene is played in, several times over, and `aftermath` asserts
    that this world is still good. What breaks is tried again alone in a world of its own.
    """

    make_world: Callable[[], World]
    scene: Scene
    aftermath: Scene
    files: tuple[str, ...]
    action: Action
    choose: Callable[[int], set[int]] = lambda hits: {1, (hits + 1) // 2, hits}
    broken: list[str] = field(default_factory=list)

    def places(self) -> list[Place]:
        hits = count_lines(self.scene, self.make_world(), self.files, self.action)
        assert {place.file for place in hits} == set(self.files), "a file was never entered"
        return [
            Place(place.code, place.line, hit)
            for place, count in sorted(hits.items(), key=lambda item: item[0].line)
            for hit in sorted(self.choose(count))
        ]

    def run(self) -> int:
        """Returns how many places were struck; fails with all that broke."""
        places = self.places()
        for batch in _cut(places, BATCH):
            self._try_together(batch)
        assert not self.broken, f"{len(self.broken)} broken\n" + "\n".join(self.broken[:40])
        return len(places)

    def _try_together(self, batch: list[Place]) -> None:
        """One after the other in one world; alone, if that breaks or leads past the place."""
        missed = []
        try:
            world = self.make_world()
            for place in batch:
                if not strike(self.scene, world, place, self.action):
                    missed.append(place)
            self.aftermath(world)
        except Exception as error:
            known = len(self.broken)
            for place in batch:
                self._try_alone(place)
            if len(self.broken) == known:
                self._report(f"{batch[0]} to {batch[-1]}, only one after the other", error)
        else:
            for place in missed:
                self._try_alone(place)

    def _try_alone(self, place: Place) -> None:
        world = self.make_world()
        try:
            assert strike(self.scene, world, place, self.action), "the line was not reached"
            self.aftermath(world)
        except Exception as error:
            self._report(str(place), error)

    def _report(self, where: str, error: Exception) -> None:
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        self.broken.append(f"{where}\n    {self.action.__name__}: {what}")


def _cut(places: list[Place], size: int) -> Iterator[list[Place]]:
    for at in range(0, len(places), size):
        yield places[at : at + size]
