# mypy: ignore-errors
"""What the firmware takes of the heap of a board with nothing else in it, a step at a time.

The steps are functions so that a host which only collects between two calls (webassembly) can call
them one by one; `main` does it in one go.
"""

import gc
import sys

_MODEM = []  # keeps it alive


def taken():
    gc.collect()
    return gc.mem_alloc()


def load():
    """Import what sockets on one dialect need; names of the modules that came."""
    before = set(sys.modules)
    import sixlink.errors  # noqa: F401
    import sixlink.luat  # noqa: F401
    import sixlink.modem  # noqa: F401

    return " ".join([name for name in sys.modules if name not in before])


def prepare():
    """What is not the firmware's: the stand-in."""
    from scenes import connected  # noqa: F401
    from stand_in import StandIn

    _MODEM.append(StandIn())


def connect(links):
    from scenes import connected

    _MODEM.append(connected(_MODEM[0], links))


def main():
    import micropython

    start = taken()
    modules = load()
    loaded = taken()
    prepare()
    prepared = taken()
    connect(6)
    print(loaded - start, taken() - prepared, modules)
    micropython.mem_info()


if __name__ == "__main__":
    main()
