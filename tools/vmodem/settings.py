"""What AT commands set and a restart forgets."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from .profiles import Profile

LINKS = 6


@dataclass
class Settings:
    """Field names follow the commands; the defaults are the power-on values."""

    echo: bool = True
    cmee: int = 1
    ifc: int | None = None  # what AT+IFC asked for; AT&W and a restart make it true
    report: dict[str, int] = field(default_factory=dict)  # <n> of CREG, CGREG, CEREG
    contexts: dict[str, tuple[str, ...]] = field(default_factory=dict)  # CGDCONT by cid
    cipmux: int = 0
    cipmode: int = 0
    cipqsend: int = 0
    ciprxget: int = 0
    ciprxf: int = 1
    ciphead: int = 0
    cipsrip: int = 0
    cipsprt: int = 1
    cstt: tuple[str, str, str] = ("", "", "")
    clport: dict[tuple[int, str], int] = field(default_factory=dict)
    # What the links do.
    cipshowtp: int = 0
    cipats: tuple[int, int] = (0, 0)  # on or off, seconds
    cipats_us: int = 0  # when it was set
    ciptka: tuple[int, ...] = (1, 7200, 75, 9)
    cipsgtxt: int = 0
    cipudpmode: dict[int, int] = field(default_factory=dict)  # by link
    cipdpdp: tuple[int, ...] = (1, 10, 3)
    ciprdtimer: tuple[int, ...] = (2000, 3500)
    cipqrclose: int = 0
    cipccfg: tuple[int, ...] = ()
    dcd: int = 1  # AT&C
    dtr: int = 0  # AT&D

    # Command line, clock, serial line.
    ipr: int = 115200
    clts: int = 0
    ciurc: int = 1
    csclk: int = 0
    call_results: int = 4  # ATX
    cops_format: int = 0
    dns: tuple[str, str] = ("", "")

    @classmethod
    def at_power_on(cls, profile: Profile, echo: bool) -> "Settings":
        return cls(
            echo=echo,
            cmee=profile.cmee,
            ciprxf=0 if profile.append_crlf else 1,
            cstt=profile.access_point,
            dns=profile.dns,
            cipccfg=profile.transfer_defaults,
        )

    def copy(self, fields: Iterable[str]) -> dict[str, Any]:
        """The values of `fields`, which what is set later does not change."""
        return {name: deepcopy(getattr(self, name)) for name in fields}

    def put(self, values: Mapping[str, Any]) -> None:
        """The opposite of `copy`."""
        for name, value in values.items():
            setattr(self, name, deepcopy(value))

    @property
    def multi(self) -> bool:
        return self.cipmux == 1

    @property
    def transparent(self) -> bool:
        return self.cipmode == 1

    @property
    def pull(self) -> bool:
        return self.ciprxget != 0
