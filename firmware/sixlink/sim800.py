"""SIMCom: SIM800, SIM900 and kin.

S800 = SIM800 Series AT Command Manual V1.10; S800APP = SIM800 Series TCPIP Application Note V1.02.
"""

import errno

from micropython import const

from .dialect import Dialect

# As in their home files; a test holds the numbers together.
_EV_CHECK = const(8)
_EV_NOTICE = const(13)


class Sim800(Dialect):
    name = "sim800"
    lines = (
        (b"DNS Fail", _EV_CHECK),  # whose name it was it does not say
    )
    registrations = (b"CREG", b"CGREG")  # 2G: no AT+CEREG
    needless = ("raw data",)  # AT+CIPRXF is Luat's
    reopens = False  # S800 CIPSTART: in IP INITIAL or IP STATUS only
    # S800 chapter 19. What is not here is in `errors`.
    errors = {
        107: errno.EACCES,  # GPRS services not allowed
        149: errno.EACCES,  # PDP authentication failure
        160: errno.ENOENT,  # DNS resolve failed
        161: errno.ECONNREFUSED,  # socket open failed
        177: errno.EHOSTUNREACH,  # connection to network failed
        180: errno.EHOSTUNREACH,  # GPRS is not attached
        181: errno.EAGAIN,  # TCP/IP stack is busy
        601: errno.EOPNOTSUPP,  # unrecognized command
        603: errno.EINVAL,  # syntax error
    }
