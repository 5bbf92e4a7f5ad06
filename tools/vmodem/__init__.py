"""A virtual cellular modem: a second, independent implementation of the CIP* AT dialect.

    network = MemoryNetwork()
    network.serve("example.com", 7, Echo)
    modem = VirtualModem(network)
    modem.feed(b"AT\\r", 0)
    modem.take(10_000)

`python -m tools.vmodem --help` puts it behind a pty with real sockets.
"""

from .core import VirtualModem
from .families import PROFILES
from .faults import Faults
from .link import Connection, Link
from .memory import (
    CloseEarly,
    Echo,
    MemoryNetwork,
    Peer,
    Refuse,
    Silent,
    Sink,
    Slow,
    Source,
)
from .profiles import Profile
from .wire import Wire

__all__ = [
    "PROFILES",
    "CloseEarly",
    "Connection",
    "Echo",
    "Faults",
    "Link",
    "MemoryNetwork",
    "Peer",
    "Profile",
    "Refuse",
    "Silent",
    "Sink",
    "Slow",
    "Source",
    "VirtualModem",
    "Wire",
]
