"""The demo on the screen: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from rich import box
from rich.console import Console
from rich.live import Live
from rich.table import Table

from .session import LinkFigures, Session

PLAIN_SECONDS = 2.0
TITLE = "Bytes on the six links, as the firmware's engine counts them"


class View(Protocol, AbstractContextManager["View"]):
    """`say` shows a line for good, `show` the figures of this moment."""

    def say(self, text: str) -> None: ...

    def show(self, session: Session) -> None: ...


class LiveView:
    """Lines above, and below them a table that changes in place. `roles`: what a port is for."""

    def __init__(self, console: Console, roles: Mapping[int, str]) -> None:
        self._roles = roles
        self._live = Live(console=console, auto_refresh=False)

    def __enter__(self) -> LiveView:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def say(self, text: str) -> None:
        self._live.console.print(text, markup=False, soft_wrap=True)

    def show(self, session: Session) -> None:
        self._live.update(links_table(session, self._roles), refresh=True)


class PlainView:
    """One line for a log line, and every two seconds one for all links."""

    def __init__(self, console: Console, roles: Mapping[int, str]) -> None:
        self._console = console
        self._next = 0.0

    def __enter__(self) -> PlainView:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def say(self, text: str) -> None:
        self._console.print(text, markup=False, soft_wrap=True)

    def show(self, session: Session) -> None:
        if time.monotonic() >= self._next and session.links:
            self._next = time.monotonic() + PLAIN_SECONDS
            self.say("  ".join(_brief(row) for _, row in sorted(session.links.items())))


def best_view(console: Console, roles: Mapping[int, str]) -> View:
    return (LiveView if console.is_terminal else PlainView)(console, roles)


def links_table(session: Session, roles: Mapping[int, str]) -> Table:
    """Fits a terminal of 80 columns."""
    table = Table(
        title=TITLE,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 1, 0, 0),
    )
    for name in ("#", "state", "peer", "client"):
        table.add_column(name, no_wrap=True)
    for name in ("up", "down", "up/s", "down/s"):
        table.add_column(name, justify="right", no_wrap=True)
    for number, row in sorted(session.links.items()):
        counts = (row.up, row.down, row.up_rate, row.down_rate)
        table.add_row(
            str(number),
            row.state,
            f"{row.protocol} :{row.port}",
            roles.get(row.port, ""),
            *(f"{count:,.0f}" for count in counts),
        )
    return table


def _brief(row: LinkFigures) -> str:
    return f"{row.link} {row.protocol} {row.state} {row.up}/{row.down}"
