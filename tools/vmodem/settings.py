"""What AT commands set and a restart forgets."""

from dataclasses import dataclass, field

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
    dns: tuple[str, str] | None = None  # AT+CDNSCFG; else those of the network
    clport: dict[tuple[int, str], int] = field(default_factory=dict)

    @classmethod
    def at_power_on(cls, profile: Profile, echo: bool) -> "Settings":
        return cls(echo=echo, cmee=profile.cmee, ciprxf=0 if profile.append_crlf else 1)

    @property
    def multi(self) -> bool:
        return self.cipmux == 1

    @property
    def transparent(self) -> bool:
        return self.cipmode == 1

    @property
    def pull(self) -> bool:
        return self.ciprxget != 0
