"""Profiles for the tests of the virtual modem: whole families, and one thing changed in one."""

from dataclasses import replace

from vmodem_host import Host, served

from tools.vmodem import PROFILES


def luat(**changes):
    return replace(PROFILES["luat"], **changes)


def sim800(**changes):
    return replace(PROFILES["sim800"], **changes)


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
