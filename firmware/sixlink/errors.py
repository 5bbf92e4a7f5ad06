"""The two kinds of failure.

A caller's mistake is a `ValueError`, or an `OSError` with the errno a socket user expects.
A modem's failure is a `ModemError`: an `OSError` that also names the step or command that failed,
the modem's own error number and what to look at.
"""

import errno


class ModemError(OSError):
    """The modem could not do what was asked.

    `errno`    what a socket user tests for (ETIMEDOUT, EIO, ENODEV, …)
    `step`     the bring-up step or the AT command that failed
    `cme`      the number in `+CME ERROR: <n>`, or -1 when the modem gave none
    `hint`     what to check: power, wiring, SIM, antenna, APN
    `family`   whose number `cme` is: "luat", "sim800" or your own
    """

    def __init__(self, code, step, cme=-1, hint="", family=""):
        super().__init__(code, step)
        self.step = step
        self.cme = cme
        self.hint = hint
        self.family = family

    def __str__(self):
        name = errno.errorcode.get(self.errno, self.errno)
        text = "%s: %s" % (name, self.step)
        if self.cme >= 0:
            from .cmetext import meaning

            words = meaning(self.cme, self.family)
            text += ", +CME ERROR: %d" % self.cme + (" (%s)" % words if words else "")
        return text + (": " + self.hint if self.hint else "")


# The numbers that both families give the same meaning: Luat AT manual, CME ERROR table; SIM800 AT
# manual V1.10, chapter 19. Those of one family are in its dialect. What has no counterpart among
# the errno names that every MicroPython port knows becomes EIO.
_ERRNO_OF_CME = {
    4: errno.EOPNOTSUPP,
    10: errno.ENODEV,  # SIM not inserted
    11: errno.EACCES,  # SIM PIN required
    12: errno.EACCES,  # SIM PUK required
    16: errno.EACCES,  # incorrect password
    30: errno.EHOSTUNREACH,  # no network service
    31: errno.ETIMEDOUT,  # network timeout
    51: errno.ENOMEM,
    53: errno.EINVAL,
    765: errno.EINVAL,  # invalid input value
    766: errno.EOPNOTSUPP,  # unsupported mode
}


def errno_of_cme(cme):
    """The errno that says best what `+CME ERROR: <cme>` means; EIO where none fits."""
    return _ERRNO_OF_CME.get(cme, errno.EIO)
