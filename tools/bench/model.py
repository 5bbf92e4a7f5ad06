"""How fast the dialect itself can be: bytes on the line and answers of the modem, nothing else.

A host that needs no time at all would reach these figures. Bytes are those of the Luat AT manual
(CIPSEND with CIPQSEND=1, CIPRXGET, +RECEIVE), with the largest sizes that it allows; every byte
takes ten bits, and the modem answers a command line, and a payload, after its latency.

Seconds and bytes per second.
"""

from __future__ import annotations

BITS = 10  # start, eight, stop
SEGMENT = 1460  # the most in one AT+CIPSEND or +RECEIVE (Luat AT manual, CIPSEND)

_PROMPT = b"\r\n> "
_OK = b"\r\nOK\r\n"


def wire(baud: int) -> float:
    """Bytes per second one way, if there were nothing but payload."""
    return baud / BITS


def push_down(baud: int, size: int = SEGMENT) -> float:
    """Payload that the modem pushes: each packet has its header."""
    return wire(baud) * size / (_pushed(size) + size)


def pull_down(baud: int, latency: float, size: int) -> float:
    """Payload that is asked for, `size` bytes at a time; the next question follows the OK."""
    return size / _read_seconds(baud, latency, size, len(_OK))


def up(baud: int, latency: float, size: int = SEGMENT) -> float:
    """Payload in segments of `size`: command, prompt, payload, acceptance, one after the other."""
    return size / _send_seconds(baud, latency, size)


def round_trip(baud: int, latency: float, size: int, push: bool) -> float:
    """From the first byte of a send command to the last byte of what a peer at once returns.

    The modem passes the payload on when it accepts it, so the answer follows the acceptance.
    """
    there = _send_seconds(baud, latency, size)
    if push:
        return there + (_pushed(size) + size) / wire(baud)
    return there + len(_announcement()) / wire(baud) + _read_seconds(baud, latency, size, 0)


def arrival(baud: int, size: int) -> float:
    """From a peer's packet to its last byte at the host, pushed."""
    return (_pushed(size) + size) / wire(baud)


def _send_seconds(baud: int, latency: float, size: int) -> float:
    line = len(b"AT+CIPSEND=0,%d\r\n" % size)
    accepted = len(b"\r\nDATA ACCEPT:0,%d\r\n" % size)
    return (line + len(_PROMPT) + size + accepted) / wire(baud) + 2 * latency


def _read_seconds(baud: int, latency: float, size: int, behind: int) -> float:
    """`behind`: bytes that must come after the payload. More waits, as in a download."""
    line = len(b"AT+CIPRXGET=2,0,%d\r\n" % size)
    head = len(b"\r\n+CIPRXGET: 2,0,%d,%d\r\n" % (size, SEGMENT))
    return (line + head + size + behind) / wire(baud) + latency


def _pushed(size: int) -> int:
    return len(b"\r\n+RECEIVE,0,%d:\r\n" % size)


def _announcement() -> bytes:
    return b"\r\n+CIPRXGET: 1,0\r\n"
