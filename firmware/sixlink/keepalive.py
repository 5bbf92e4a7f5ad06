"""TCP keep-alive: AT+CIPTKA. The modem has one setting for all of its links, and so has Sixlink.

Ranges and defaults: Luat AT manual and SIM800 AT manual V1.10, CIPTKA.
"""

import errno

from micropython import const

from .command import Command
from .steps import keepalive_text

# As in their home files; a test holds the numbers together.
_OK = const(1)

_SOL_SOCKET = const(1)
_IPPROTO_TCP = const(6)

# Level and option: the place in (on, idle, interval, count), smallest and largest value, name.
_OPTIONS = {
    (_SOL_SOCKET, 8): (0, 0, 1, "SO_KEEPALIVE"),
    (_IPPROTO_TCP, 4): (1, 30, 7200, "TCP_KEEPIDLE"),  # seconds
    (_IPPROTO_TCP, 5): (2, 30, 600, "TCP_KEEPINTVL"),  # seconds
    (_IPPROTO_TCP, 6): (3, 1, 9, "TCP_KEEPCNT"),
}
_DEFAULTS = (1, 7200, 75, 9)


def choose(engine, level, option, value):
    """Set one of the options of `_OPTIONS`, for all links, and for every bring-up to come.

    Raises ValueError for a value that AT+CIPTKA does not take, OSError(EOPNOTSUPP) for another
    option, OSError(ENOBUFS) when too many commands wait.
    """
    if (level, option) not in _OPTIONS:
        raise OSError(errno.EOPNOTSUPP)
    place, least, most, name = _OPTIONS[level, option]
    if place == 0:
        value = 1 if value else 0
    if not isinstance(value, int) or not least <= value <= most:
        raise ValueError("%s %r: not %d to %d" % (name, value, least, most))
    chosen = list(engine.config.keepalive or _DEFAULTS)
    chosen[place] = value
    engine.config.keepalive = tuple(chosen)
    if engine.bearer.is_up or engine.bringup.active:  # else bring-up will tell the modem
        _tell(engine)


def _tell(engine):
    text = keepalive_text(engine.config.keepalive)
    for command in engine.queue:
        if isinstance(command.owner, _Telling) and command is not engine.inflight:
            command.again(text, len(text))
            return
    engine.call(Command(_Telling(engine), text))


class _Telling:
    """Whoever set the option does not wait for the answer; a refusal is one of the errors."""

    def __init__(self, engine):
        self._engine = engine

    def reply(self, command, buf, at, end):
        return False

    def done(self, command, now):
        if command.outcome != _OK:
            code = self._engine.dialect.errno_of(command.cme)
            self._engine.links.fault(code, "AT+CIPTKA", command.cme)
