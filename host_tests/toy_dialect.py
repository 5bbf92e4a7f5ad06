"""A made-up family: what the file of a modem looks like that Sixlink does not know.

docs/adding-a-modem.md walks through it.
"""

import errno

from micropython import const
from sixlink.dialect import Dialect

# As in `sixlink.command`; a test holds the numbers together.
_EV_BOOT = const(6)
_EV_CHECK = const(8)
_EV_NOTICE = const(13)


class Toy(Dialect):
    name = "toy"
    separator = ord(";")  # `0; CONNECT OK`
    lines = (
        (b"%READY", _EV_BOOT),
        (b"%SIGNAL", _EV_NOTICE),
        (b"%PEER LOST", _EV_CHECK),  # it does not say whose
    )
    errors = {1: errno.EACCES, 7: errno.ETIMEDOUT}
    registrations = (b"CEREG",)
    pulls = False  # no AT+CIPRXGET
    needless = ("raw data",)  # no AT+CIPRXF
    texts = {"quick send": b"AT+CIPQSEND=0\r"}  # by 0 it means what others mean by 1
    guard_ms = 600
    after_ms = 300
    hangups = Dialect.hangups + (b"%GONE",)

    def link_text(self, name, n):
        """Its AT+CIPCLOSE waits for the peer unless it is told not to."""
        if name == b"CIPCLOSE" and self.mux:
            return b"AT+CIPCLOSE=%d,1\r" % n
        return super().link_text(name, n)
