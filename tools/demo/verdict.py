"""Do the firmware's figures agree with the virtual modem's own?"""

from __future__ import annotations

from typing import Any

from .session import Session

LINKS = 6


def problems(session: Session, stats: dict[str, Any], size: int) -> list[str]:
    """What does not agree; empty when every figure of every link does.

    `size` is what each client had to send and get back, in bytes.
    """
    if session.failure:
        return [f"the board gave up: {session.failure}"]
    if session.compared is None:
        return ["the board ended without a word"]
    found = [
        f"client {number} compared {count} bytes, less than {size}"
        for number, count in enumerate(session.compared)
        if count < size
    ]
    if len(session.compared) != LINKS:
        found.append(f"{len(session.compared)} clients instead of {LINKS}")
    return found + _disagreements(session, stats["connections"])


def _disagreements(session: Session, connections: list[dict[str, Any]]) -> list[str]:
    firmware = sorted((row.link, row.port, row.up, row.down) for row in session.links.values())
    modem = sorted((c["link"], c["port"], c["bytes_up"], c["bytes_down"]) for c in connections)
    if firmware == modem and len(modem) == LINKS:
        return []
    return [
        "(link, port, bytes up, bytes down) by the firmware: "
        + ", ".join(map(str, firmware))
        + "; by the virtual modem: "
        + ", ".join(map(str, modem))
    ]


def summary(session: Session, seconds: float) -> str:
    """One sentence with the numbers behind a verdict that found no problem."""
    up = sum(row.up for row in session.links.values())
    down = sum(row.down for row in session.links.values())
    return (
        f"Verified: {sum(session.compared or ()):,} bytes went out on {LINKS} links at once, came "
        f"back and were compared one by one on the board; the firmware's counts of {up:,} bytes "
        f"up and {down:,} down agree with the virtual modem's on every link "
        f"({_resent(session.resent)}); {seconds:.0f} s."
    )


def _resent(count: int) -> str:
    if not count:
        return "no datagram had to be sent again"
    return f"{count} datagram{'s' if count > 1 else ''} sent again after 3 s without an echo"
