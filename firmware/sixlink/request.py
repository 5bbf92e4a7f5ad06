"""The one command of a link, in the forms it takes during the link's life.

It is made once and filled in again and again, so that sending and receiving allocate nothing.
"""

from micropython import const

from .command import Command

# As in their home files; a test holds the numbers together.
_OK = const(1)
_EV_OK = const(1)
_EV_SENT = const(35)
_EV_CLOSE_OK = const(37)

# What the command is for.
_DO_OPEN = const(1)
_DO_SEND = const(2)
_DO_PULL = const(3)
_DO_LOOK = const(4)  # how much waits in the modem
_DO_ACK = const(5)  # how much the modem took, how much the peer has acknowledged
_DO_CLOSE = const(6)
_DO_BIND = const(7)

_RESULT_MS = const(10000)  # quick send answers at once; more only while the modem is full
_ANSWER_MS = const(9000)


class Request(Command):
    def __init__(self, owner, n, dialect):
        super().__init__(owner)
        self.link = n
        self.outcome = _OK  # not in flight
        self.usual = b""  # all that the modem prints when it has accepted a full segment …
        self.usual_size = -1  # … and how many bytes that is
        self.speak(dialect)

    def speak(self, dialect):
        """From now on in another dialect."""
        n = self.link
        self._dialect = dialect
        self._send_form = dialect.send_form(n)
        self._pull_form = dialect.pull_form(n)

    def open(self, kind, peer):
        host, port = peer
        text = self._dialect.open_text(self.link, kind.encode(), host.encode(), port)
        return self._be(_DO_OPEN, text)

    def bind(self, kind, port):
        text = self._dialect.bind_text(self.link, kind.encode(), port)
        return self._be(_DO_BIND, text)

    def close(self):
        text = self._dialect.link_text(b"CIPCLOSE", self.link)
        return self._be(_DO_CLOSE, text, _EV_CLOSE_OK)

    def ask_acknowledged(self):
        text = self._dialect.link_text(b"CIPACK", self.link)
        return self._be(_DO_ACK, text, _EV_OK, b"+CIPACK")

    def look(self):
        return self._be(_DO_LOOK, self._dialect.left_text(self.link))

    def pull(self, size):
        self.tag = _DO_PULL
        return self.again(self._pull_form, self._dialect.fill_in(self._pull_form, size))

    def send(self, size, body):
        form = self._send_form
        length = self._dialect.fill_in(form, size)
        self.tag = _DO_SEND
        return self.again(form, length, _EV_SENT, _RESULT_MS, None, body, size)

    def _be(self, what, text, final=_EV_OK, prefix=None):
        self.tag = what
        return self.again(text, len(text), final, _ANSWER_MS, prefix)
