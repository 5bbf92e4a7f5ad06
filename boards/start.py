"""What every board does first: make the modem that board.py and config.py describe, connect it."""

import time

import board
import sixlink

_NO_CONFIG = "There is no config.py on this board: fill in boards/config.py and copy it here."
_PAUSE_S = 10  # between two tries to connect, each of which has taken minutes


class ConfigError(Exception):
    """The text says what is wrong with config.py and how to mend it."""


def modem(**options):
    """The modem of this board with the settings of config.py; `options` go before them.

    Raises ConfigError when there is no APN.
    """
    settings = read_config()
    settings.update(options)
    settings.setdefault("log", print)
    return board.modem(**settings)


def read_config():
    """What config.py says, as options of `board.modem`. Raises ConfigError."""
    try:
        import config
    except ImportError:
        raise ConfigError(_NO_CONFIG) from None
    apn = getattr(config, "APN", "")
    if apn == "":
        raise ConfigError(
            'config.py names no APN: write it as in APN = "internet", '
            "or APN = None for the one that the network gives."
        )
    return {
        "apn": apn or "",
        "user": getattr(config, "USER", ""),
        "password": getattr(config, "PASSWORD", ""),
        "pin": getattr(config, "PIN", ""),
        "flow": getattr(config, "FLOW", False),
    }


def connect(modem):
    """Connect, for as long as it takes, and let `socket` and `ssl` mean the modem from then on.

    Ctrl-C ends it; what has failed is printed.
    """
    while True:
        try:
            modem.connect()
            break
        except sixlink.ModemError as error:
            print(error)
            time.sleep(_PAUSE_S)
    sixlink.install(modem)
