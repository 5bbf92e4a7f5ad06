"""The `+++` that leads from data mode back to command mode.

Luat: at least 1 s of silence, three pluses within 0.5 s, 0.5 s of silence (Luat AT manual, +++).
SIM800: 1 s of silence, at most 1 s from plus to plus, 1 s of silence (SIM800 AT manual V1.10
section 2.2.9). Anything else is data, the pluses included.
"""

from .profiles import Profile

PLUS = b"+"


class EscapeGuard:
    """Holds pluses back while they may still become an escape."""

    def __init__(self, profile: Profile) -> None:
        self._before_us = profile.escape_before_us
        self._pluses_us = profile.escape_pluses_us
        self._after_us = profile.escape_after_us
        self._between = profile.escape_between_pluses
        self.start(0)

    def start(self, now_us: int) -> None:
        """Data mode begins; its beginning counts as traffic."""
        self._held = 0
        self._first_us = 0
        self._last_us = now_us

    def feed(self, data: bytes, now_us: int) -> bytes:
        """The bytes that are data for certain, held pluses among them."""
        pluses = data.count(PLUS) == len(data) and self._held + len(data) <= 3
        if pluses and self._in_time(now_us):
            if not self._held:
                self._first_us = now_us
            self._held += len(data)
            self._last_us = now_us
            return b""
        return self._release(now_us) + data

    def due_us(self) -> int | None:
        """When held pluses will have turned out to be an escape or not."""
        if self._held == 3:
            return self._last_us + self._after_us
        return self._limit_us + 1 if self._held else None

    def expire(self, now_us: int) -> bytes | None:
        """At `due_us`: None for an escape, else the pluses, which were data."""
        if self._held == 3:
            self._held = 0
            return None
        return self._release(self._last_us)  # nothing has been typed: the silence goes on

    @property
    def _limit_us(self) -> int:
        """Until when the next plus must have come."""
        return (self._last_us if self._between else self._first_us) + self._pluses_us

    def _in_time(self, now_us: int) -> bool:
        if self._held:
            return now_us <= self._limit_us
        return now_us - self._last_us >= self._before_us

    def _release(self, now_us: int) -> bytes:
        pluses = PLUS * self._held
        self._held = 0
        self._last_us = now_us
        return pluses
