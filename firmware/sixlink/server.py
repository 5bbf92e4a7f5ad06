"""The modem as a server: AT+CIPSERVER (S800; older Air724). One port, callers on any link.

The modem takes a call by itself, on a free link of its choice, and tells: `0, REMOTE IP: <ip>`.
The link is then like any other. Calls wait here until they are accepted; those that find no room,
or a link that is in use, are hung up.
"""

import errno

from micropython import const

from .clock import FOREVER, after, until
from .command import Command

# As in their home files; a test holds the numbers together.
_OK = const(1)
_ERROR = const(2)
_EV_SERVER = const(18)

# Whether the modem listens.
_NO = const(0)
_YES = const(1)
_UNSURE = const(2)  # it was told to, or not to, and did not answer

_ANSWER_MS = const(9000)
_REFUSED_MS = const(30000)  # before a modem that would not listen again is asked once more


class Server:
    """`calls`: (link, generation, address) of callers that nobody has accepted yet. `error`: the
    errno of a modem that would not listen."""

    def __init__(self, engine, port, backlog):
        before = engine.server
        self._engine = engine
        self._command = Command(self)
        self.port = port
        self._backlog = max(1, backlog)
        self.calls = []
        self.wanted = True
        self.error = 0
        self._modem = _NO if before is None else _UNSURE  # that one's end is not heard of yet
        self._not_before = -1  # no pause

    @property
    def listening(self):
        """Whether the modem takes calls."""
        return self._modem == _YES

    @property
    def is_called(self):
        """Whether there is somebody to accept."""
        for link, generation, _ in self.calls:
            if link.generation == generation:
                return True
        return False

    def waiting(self):
        """Those that can be accepted; a link that has gone to another user is not among them."""
        self.calls = [call for call in self.calls if call[0].generation == call[1]]
        return self.calls

    def close(self):
        """No more callers; those that have been accepted stay."""
        self.wanted = False
        self._not_before = -1
        self._engine.links.alert = True
        self._hang_up()

    def lost(self):
        """The modem has let go of everything: ask again once there is a bearer."""
        self._modem = _NO
        self._not_before = -1
        self._hang_up()

    def _hang_up(self):
        for link, _, _ in self.waiting():
            link.close()
        self.calls = []

    # -- what the modem is told ----------------------------------------------------------------

    def due(self, now):
        """Milliseconds until it must be told something, or nothing any more."""
        if self.wanted and self.listening:
            return FOREVER
        return 0 if self._not_before < 0 else max(0, until(self._not_before, now))

    def next(self, now):
        """The command that is needed now, or None."""
        if self.due(now):
            return None
        if not self.wanted and self._modem == _NO:
            self._engine.server = None
            return None
        self._not_before = -1
        start = self.wanted and self._modem == _NO
        text = b"AT+CIPSERVER=1,%d\r" % self.port if start else b"AT+CIPSERVER=0\r"
        self._command.tag = start
        return self._command.again(text, len(text), _EV_SERVER, _ANSWER_MS)

    def reply(self, command, buf, at, end):
        return False

    def done(self, command, now):
        if command.outcome > _ERROR:
            self._modem = _UNSURE
        elif command.outcome == _OK:
            self._modem = _YES if command.tag else _NO
        elif not command.tag and self._modem == _UNSURE:
            self._modem = _NO  # refused again, or nobody knew: there is none
        elif not command.tag:
            self._modem = _UNSURE
            self._not_before = after(now, _REFUSED_MS)
        else:
            self._refused(command.cme)
            self._not_before = after(now, _REFUSED_MS)

    def _refused(self, cme):
        """An unknown command has no number of its own in most firmwares, a port in use neither."""
        code = self._engine.dialect.errno_of(cme)
        unknown = cme < 0 or code == errno.EOPNOTSUPP
        self.error = errno.EOPNOTSUPP if unknown else errno.EADDRINUSE
        self._engine.links.fault(self.error, "AT+CIPSERVER", cme)

    # -- who calls -----------------------------------------------------------------------------

    def called(self, link, address, now):
        """A peer has connected on `link`; whether it can be accepted. The last line makes it so:
        cut short before it, the link is still free."""
        engine = self._engine
        if not (self.wanted and engine.bearer.is_up and engine.supervisor.wanted):
            return False
        if not link.is_callable():
            return False
        # Who called on the same link before, and has gone, can be accepted no more.
        self.calls = [call for call in self.waiting() if call[0] is not link]
        if len(self.calls) >= self._backlog:
            return False
        self.calls.append((link, link.generation + 1, address))
        link.called(address, now)
        return True
