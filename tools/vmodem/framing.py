"""What stands around data that the modem passes on without being asked."""

from .link import Link
from .profiles import Profile
from .settings import Settings


def pushed(profile: Profile, settings: Settings, link: Link, data: bytes) -> bytes:
    """One packet as it goes out: header, data, and the CR LF of AT+CIPRXF=0.

    Source: Luat AT manual, CIPHEAD, CIPSHOWTP, CIPSRIP, CIPRXF, +RECEIVE; SIM800 AT manual V1.10
    CIPHEAD, CIPSRIP, CIPSHOWTP.
    """
    if settings.transparent:
        return data
    tail = b"" if settings.ciprxf else b"\r\n"
    length = len(data) + (len(tail) if profile.crlf_counted else 0)
    head = _of_several if settings.multi else _of_single
    return head(profile, settings, link, length).encode() + data + tail


def _of_several(profile: Profile, settings: Settings, link: Link, length: int) -> str:
    if settings.cipsrip and profile.address_in_multi:
        return f"\r\n+RECEIVE,{link.number},{length},{link.place}{profile.address_end}\r\n"
    return f"\r\n+RECEIVE,{link.number},{length}:\r\n"


def _of_single(profile: Profile, settings: Settings, link: Link, length: int) -> str:
    head = f"\r\n{profile.receive_from}{link.place}\r\n" if settings.cipsrip else ""
    if settings.ciphead:
        kind = f",{link.kind}" if settings.cipshowtp else ""
        head += f"\r\n{profile.ipd_prefix}{length}{kind}:"
    return head


def read_place(profile: Profile, settings: Settings, link: Link) -> str:
    """`,<ip>:<port>` behind the fields of CIPRXGET, where AT+CIPSRIP=1 asks for it."""
    return f",{link.place}" if settings.cipsrip and profile.address_in_multi else ""
