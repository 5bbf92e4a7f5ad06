"""Profiles for the tests of the virtual modem: whole families, and one thing changed in one."""

from dataclasses import replace

from vmodem_host import Host, served

from tools.vmodem.profiles import LUAT, PROFILES
from tools.vmodem.tcpip import SIM800_TCPIP


def luat(**changes):
    return replace(LUAT, **changes)


def sim800(**changes):
    """SIM800's TCP/IP commands; the rest of the modem may be another's."""
    if "sim800" in PROFILES:
        return replace(PROFILES["sim800"], **changes)
    family = {
        **SIM800_TCPIP,
        "name": "sim800",
        "cmee": 0,
        "quick_send_values": (0, 1),
        "receive_values": (0, 1),
        "acknowledge_us": 645_000_000,
        "escape_before_us": 1_000_000,
        "escape_pluses_us": 1_000_000,
        "escape_after_us": 1_000_000,
        "no_carrier": "ERROR",
    }
    return replace(LUAT, **{**family, **changes})


def multi(profile, *before, network=None, **options):
    """A host whose modem of that profile has its context up, six links."""
    return Host(network=network or served(), profile=profile, **options).up(*before)


def single(profile, *before, network=None, **options):
    host = Host(network=network or served(), profile=profile, **options)
    return host.up(*before, multi=False)


OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
REFUSED = b"\r\n+CME ERROR: 3\r\n"
BAD = b"\r\n+CME ERROR: 53\r\n"
