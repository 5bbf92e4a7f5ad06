"""Names to addresses: AT+CDNSGIP, one name at a time, and the answers that are still good.

The command is answered with OK; what the network says comes later, as a line of its own, so that
the links go on meanwhile. A refusal does not tell which name it is about.
"""

import errno

from micropython import const

from .clock import until
from .command import Command
from .fields import is_address, number, quoted, safe

# As in their home files; a test holds the numbers together.
_OK = const(1)
_MAX_HOST = const(128)

_FRESH_MS = const(300000)  # the modem does not tell how long an answer holds
_NAMES = const(8)  # answers that are kept
_ANSWER_AT = const(9)  # behind `+CDNSGIP:`


class Resolver:
    """`asked`: the name that is being looked up, or None. `error`: the errno with which the last
    look-up ended, 0 if it brought an address."""

    def __init__(self, engine):
        self._engine = engine
        self._answers = {}  # name: (address, when it was asked for)
        self._asked_at = 0
        self.asked = None
        self.error = 0

    def find(self, name, now):
        """The address that is known for `name`, or None."""
        address, when = self._answers.get(name, (None, now))
        return address if until(now, when) < _FRESH_MS else None

    def ask(self, name, now):
        """Start to look `name` up: `asked` is None again when it is done.

        Raises ValueError for what no AT line may carry."""
        text = b'AT+CDNSGIP="%s"\r' % safe(name, _MAX_HOST, "host")
        self._engine.call(Command(self, text))
        self._asked_at = now
        self.asked = name

    def give_up(self):
        self._end(errno.ETIMEDOUT)

    def reply(self, command, buf, at, end):
        return False

    def done(self, command, now):
        """Only behind an OK will there be an answer."""
        if command.outcome != _OK:
            self._end(errno.EHOSTUNREACH)

    def resolved(self, buf, at, end):
        """`+CDNSGIP: 1,"<name>","<address>"[,…]` or `+CDNSGIP: 0,<error>`"""
        name, address = quoted(buf, at, end), quoted(buf, at, end, 1)
        if number(buf, at + _ANSWER_AT, end) != 1:
            self._end(errno.ENOENT)
        elif self.asked is None or name != self.asked.encode() or address is None:
            return  # a late answer; ours is still to come
        elif is_address(address, 0, len(address)):
            if len(self._answers) >= _NAMES:
                self._answers.clear()
            self._answers[self.asked] = (address.decode(), self._asked_at)
            self._end(0)

    def _end(self, error):
        self.error, self.asked = error, None
