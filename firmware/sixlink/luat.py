"""Luat: Air724UG (RDA8910), Air780E (EC618), Air780EP and kin (EC718).

LUAT = Luat AT command manual; its page of AT+CIPSTART is the same for all of them.
"""

import errno

from micropython import const

from .dialect import Dialect

# As in their home files; a test holds the numbers together.
_EV_CHECK = const(8)
_EV_NOTICE = const(13)


class Luat(Dialect):
    name = "luat"
    lines = (
        (b"+CGEV: NW PDN DEACT", _EV_CHECK),  # which loss brings which line is not documented
        (b"+CGEV", _EV_NOTICE),
        (b"+NITZ", _EV_NOTICE),
        (b"+E_UTRAN Service", _EV_NOTICE),
        (b"+GSM Service", _EV_NOTICE),
        (b"+NO Service", _EV_NOTICE),
        (b"+SIMCROSS", _EV_NOTICE),
        (b"^MODE", _EV_NOTICE),
        (b"^CARDMODE", _EV_NOTICE),
        (b"TCP ERROR", _EV_CHECK),  # the stack gave up a link and does not say which
        (b"UDP ERROR", _EV_CHECK),
        (b"SMS READY", _EV_NOTICE),
        (b"UART Boot Completed", _EV_NOTICE),
    )
    after_ms = 500  # LUAT +++
    hangups = Dialect.hangups + (b"TCP ERROR:", b"UDP ERROR:")
    # LUAT CME_ERROR. What is not here is in `errors`.
    errors = {
        50: errno.EIO,  # execution failed
        52: errno.EOPNOTSUPP,
        58: errno.EINVAL,  # invalid command line
        901: errno.EHOSTUNREACH,  # PDP not active
        910: errno.ECONNREFUSED,  # TCP reject
        911: errno.ETIMEDOUT,  # TCP connect overtime
        914: errno.ENOBUFS,  # buffer over size
        915: errno.ETIMEDOUT,  # sending overtime
        916: errno.ENOENT,  # 916–918: DNS
        917: errno.ENOENT,
        918: errno.ENOENT,
    }
