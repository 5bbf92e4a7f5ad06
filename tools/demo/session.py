"""What the board has told so far, and how fast its links are."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

RATE_SECONDS = 2.0


@dataclass
class LinkFigures:
    """One link as the firmware's engine sees it; bytes, and bytes per second."""

    link: int
    protocol: str
    state: str
    port: int
    up: int
    down: int
    up_rate: float = 0.0
    down_rate: float = 0.0


@dataclass
class Session:
    """Takes the board's JSON lines; `clock` gives seconds.

    `links`      the latest figures by link number
    `compared`   bytes that came back right, a number for each client, once the board is done
    `resent`     datagrams the board had to send again
    `failure`    why the board gave up
    `noise`      lines that are not JSON: a traceback
    """

    clock: Callable[[], float]
    links: dict[int, LinkFigures] = field(default_factory=dict)
    compared: list[int] | None = None
    resent: int = 0
    failure: str = ""
    noise: list[str] = field(default_factory=list)
    _past: dict[int, deque[tuple[float, int, int]]] = field(default_factory=dict)

    def take(self, line: str) -> str | None:
        """Take a line; the text of a log line is returned, to be shown once."""
        try:
            message = json.loads(line)
            kind = message.pop("kind")
        except (ValueError, KeyError, AttributeError, TypeError):
            self.noise.append(line.rstrip())
            return None
        if kind == "log":
            return str(message["text"])
        if kind == "links":
            for row in message["links"]:
                self._update(row)
        elif kind == "done":
            self.compared, self.resent = message["compared"], message["resent"]
        elif kind == "failed":
            self.failure = message["why"]
        return None

    def _update(self, row: dict[str, Any]) -> None:
        figures = LinkFigures(**row)
        self.links[figures.link] = figures
        past = self._past.setdefault(figures.link, deque())
        past.append((self.clock(), figures.up, figures.down))
        while past[-1][0] - past[0][0] > RATE_SECONDS:
            past.popleft()
        since, up, down = past[0]
        seconds = past[-1][0] - since
        # A link that was opened anew counts from zero.
        if seconds and up <= figures.up and down <= figures.down:
            figures.up_rate = (figures.up - up) / seconds
            figures.down_rate = (figures.down - down) / seconds
