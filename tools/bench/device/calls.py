# mypy: ignore-errors
"""How often each function of the firmware is called, a unit of work.

    micropython calls.py SCENE OPTIONS

Every function and method is wrapped before the scene begins; properties and static methods are
not seen. Prints a JSON list of `[calls a unit, name]`, the most frequent first.
"""

import json
import sys

import scenes
import sixlink.luat
import sixlink.modem  # noqa: F401 (with all that it needs)

_FUNCTIONS = (type(lambda: 0), type((lambda: (yield))))

calls = {}


def main():
    wrapped = {}
    modules = [module for name, module in sys.modules.items() if name.startswith("sixlink")]
    for module in modules:
        wrap_all(module, "", wrapped)
    scene = getattr(scenes, sys.argv[1])(**json.loads(sys.argv[2]))
    for _ in range(2):  # the first time, what is made once is made
        calls.clear()
        scene.prepare()
        scene.run()
    rows = [[count / scene.units, name] for name, count in calls.items()]
    print(json.dumps(sorted(rows, reverse=True)))


def wrap_all(place, name, wrapped):
    """Count the calls of every function in `place`, a module or a class."""
    for key, value in list(place.__dict__.items()):
        if isinstance(value, type):
            if value not in wrapped and hasattr(value, "__dict__"):
                wrapped[value] = value
                wrap_all(value, key + ".", wrapped)
        elif isinstance(value, _FUNCTIONS):
            # Imported by name: one function, one count.
            if value not in wrapped:
                wrapped[value] = counted(value, name + key)
            setattr(place, key, wrapped[value])


def counted(function, name):
    def wrapper(*args, **options):
        calls[name] = calls.get(name, 0) + 1
        return function(*args, **options)

    return wrapper


main()
