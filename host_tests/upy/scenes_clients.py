"""What the scenes with other people's clients share.

Every scene is told `over`: "modem" plays it over Sixlink and the virtual modem, "own" over the
interpreter's own sockets, which is how a test shows that an outcome is the client's.
"""

import errno
import sys
import time

import sixlink
from micropython import const
from scenes_socket import connected_modem

HOST = "127.0.0.1"
_LIMIT_MS = const(20000)

# Last: one of the wheels brings modules with names such as `main` and `config`.
sys.path.append(__file__.rsplit("/", 3)[0] + "/.venv/micropython-lib")


def online(over):
    """Make `import socket` mean the modem; returns it, or None over the own sockets."""
    if over == "own":
        return None
    modem = connected_modem()
    sixlink.install(modem)
    return modem


def offline(modem):
    """Let all that was written leave, and hang up."""
    if modem is not None:
        modem.disconnect()


def outcome(function, *args, **options):
    """What `function` returned, or the name of what it raised: "ValueError", "ECONNREFUSED"."""
    try:
        return function(*args, **options)
    except OSError as error:
        return errno.errorcode.get(error.errno, "OSError")
    except Exception as error:
        return type(error).__name__


def turn_until(ready, *clients):
    """Turn poll-driven clients until `ready()`; False when that takes 20 s."""
    start = time.ticks_ms()
    while not ready():
        if time.ticks_diff(time.ticks_ms(), start) > _LIMIT_MS:
            return False
        for client in clients:
            now = time.ticks_ms()
            if client.check(now):
                client.handle(now)
        time.sleep_ms(1)
    return True
