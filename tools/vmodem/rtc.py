"""The real-time clock: AT+CCLK in virtual time."""

import re
from datetime import datetime, timedelta

_FORMAT = "%y/%m/%d,%H:%M:%S"
_TEXT = re.compile(r"(\d\d/\d\d/\d\d,\d\d:\d\d:\d\d)(?:([+-])(\d\d))?")
_ZONE_MAX = 48  # quarter hours


class Clock:
    """Local time and its zone in quarter hours; it goes on while the modem is off."""

    def __init__(self, start: tuple[str, int]) -> None:
        text, self._zone = start
        self._at_zero = datetime.strptime(text, _FORMAT)

    def text(self, now_us: int) -> str:
        """`yy/MM/dd,hh:mm:ss±zz`."""
        now = self._at_zero + timedelta(microseconds=now_us)
        return f"{now.strftime(_FORMAT)}{self._zone:+03}"

    def set(self, text: str, now_us: int) -> None:
        """Raises ValueError for what is no time; the zone may be left out."""
        match = _TEXT.fullmatch(text)
        if not match or int(match[3] or 0) > _ZONE_MAX:
            raise ValueError(f"{text!r} is not yy/MM/dd,hh:mm:ss±zz")
        self._at_zero = datetime.strptime(match[1], _FORMAT) - timedelta(microseconds=now_us)
        if match[2]:
            self._zone = int(match[2] + match[3])
