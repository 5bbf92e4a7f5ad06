"""The modem as a server: AT+CIPSERVER (S800; older Air724). One port, callers on any link.

The modem takes a call by itself, on a free link of its choice, and tells: `0, REMOTE IP: <ip>`.
The link is then like any other. Calls wait here until they are accepted; those that find no room,
or a link that is in use, are hung up.
"""

import errno

from micropython import const

from .command import Command

# As in their home files; a test holds the numbers together.
_OK = const(1)
_ERROR = const(2)
_EV_SERVER = const(18)

_ANSWER_MS = const(9000)


class Server:
    """`calls`: (link, generation, address) of callers that nobody has accepted yet. `listening`:
    the modem has said so. `error`: the errno of a modem that would not."""

    def __init__(self, engine, port, backlog):
        self._engine = engine
        self._command = Command(self)
        self.port = port
        self._backlog = max(1, backlog)
        self.calls = []
        self.listening = False
        self.wanted = True
        self.error = 0

    def close(self):
        """No more callers; those that have been accepted stay."""
        self.wanted = False
        for link, generation, _ in self.calls:
            if link.generation == generation:
                link.close()
        self.calls = []

    def lost(self):
        """The modem has let go of everything: ask again once there is a bearer."""
        self.listening = False
        self.calls = []

    @property
    def is_due(self):
        """Whether the modem does not do what is wanted, or nothing is any more."""
        return not self.wanted or not (self.listening or self.error)

    def next(self, now):
        """The command that is needed now, or None."""
        if not (self.wanted or self.listening):
            self._engine.server = None
        if self.wanted == self.listening or self.error:
            return None
        text = b"AT+CIPSERVER=1,%d\r" % self.port if self.wanted else b"AT+CIPSERVER=0\r"
        return self._command.again(text, len(text), _EV_SERVER, _ANSWER_MS)

    def reply(self, command, buf, at, end):
        return False

    def done(self, command, now):
        if command.outcome == _OK:
            self.listening = not self.listening
        elif not self.wanted:
            self.listening = False  # there is none any more
        elif command.outcome == _ERROR:
            # An unknown command has no number of its own in most firmwares.
            self.error = errno.EOPNOTSUPP if command.cme < 0 else errno.EADDRINUSE

    def called(self, link, address, now):
        """A peer has connected on `link`."""
        if self.wanted and len(self.calls) < self._backlog and link.is_free:
            link.called(address, now)
            self.calls.append((link, link.generation, address))
        else:
            link.up = link.alert = True  # nobody's: it will be closed
