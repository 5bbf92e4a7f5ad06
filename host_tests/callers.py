"""A scenario whose application is a server as well: it listens, takes callers in, talks to them as
to any other peer, and stops listening. What must hold between two ends is the same."""

import errno

from conversation import Broken, Conversation, Talker

PORT = 8080
# What `listen` may raise: the modem is not well, has no bearer, or does not answer.
CANNOT = {errno.EADDRINUSE, errno.EHOSTUNREACH, errno.ETIMEDOUT, errno.EOPNOTSUPP}


class Callers:
    """`sock`: the socket that listens, None while none does."""

    def __init__(self, scenario):
        self._scenario = scenario
        self._world = scenario.world
        self.sock = None
        self._peers = {}  # address: who calls from there

    def step(self):
        act = self._scenario.rng.random()
        if self.sock is None:
            self._listen()
        elif act < 0.4:
            self._call()
        elif act < 0.95:
            self._accept()
        else:
            self.close()

    def _listen(self):
        self._scenario.tell("listen")
        sock = self._world.nic.socket()
        sock.bind(("", PORT))
        try:
            sock.listen(3)
        except OSError as error:
            code = error.args[0]
            if code not in CANNOT or self._scenario.calm:
                raise Broken("errno %d from listen" % code) from error
            return
        self.sock = sock

    def _call(self):
        address = "10.76.40.%d" % (len(self._peers) + 1)
        self._scenario.tell("a call from %s" % address)
        self._peers[address] = Talker(self._scenario.rng)
        self._world.network.dial(PORT, self._peers[address], address)

    def _accept(self):
        self._scenario.tell("accept")
        self.sock.settimeout(self._scenario.rng.choice((0, 1)))
        try:
            sock, (address, _) = self.sock.accept()
        except OSError as error:
            if error.args[0] not in (errno.EAGAIN, errno.ETIMEDOUT):
                raise Broken("errno %d from accept" % error.args[0]) from error
            return
        if address in self._peers:
            sock.settimeout(self._scenario.rng.choice((0, 0.2)))
            self._scenario.talks.append(self._conversation(sock, address))
        elif self._scenario.calm:
            raise Broken("a caller from %s, where nobody is" % address)
        else:
            sock.close()  # its address was misheard

    def _conversation(self, sock, address):
        talk = Conversation(sock, False, self._scenario.may_be_cut)
        talk.link, talk.generation = sock._link, sock._generation
        talk.peer = self._peers[address]
        opened = self._world.modem.connections
        (talk.connection,) = [one for one in opened if one.accepted and one.host == address]
        return talk

    def close(self):
        if self.sock is not None:
            self._scenario.tell("stop listening")
            self.sock.close()
            self.sock = None

    def check_stopped(self):
        """Once nobody listens any more the modem does not either."""
        if self._world.modem.stack.server.port is not None:
            raise Broken("the modem still listens")
