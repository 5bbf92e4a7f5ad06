"""The supervisor: once the user wants a connection it is made again whenever it is lost.

1. What the user starts and what fails at the first attempt is the user's to start again.
2. A bearer that was up and is lost is brought up again in the background, for as long as it
   takes, each attempt on a higher rung of the ladder. Its sockets get an error; new ones wait.
3. A bearer that is lost again within a minute is not brought up again at once.
"""

import errno

from micropython import const

from .bringup import ROW_FIND, ROW_SHUT
from .clock import until
from .steps import apn_text

# As in their home files; a test holds the numbers together.
_HOME = const(1)
_ROAMING = const(5)

_STABLE_MS = const(60000)


class Supervisor:
    """`wanted`: the user wants a connection. `healing`: it was there, and is being mended.
    `restarts`: how often the modem has restarted by itself."""

    def __init__(self, engine):
        self._engine = engine
        self._bringup = engine.bringup
        self._ladder = engine.ladder
        self.wanted = False
        self.healing = False
        self.restarts = 0
        self._up_at = 0

    def start(self, now):
        """Begin at the beginning, unless it is done or under way."""
        apn_text(self._engine.config)  # raises what is wrong with it before anything is typed
        self.wanted = True
        if not self._bringup.active and not self._engine.bearer.is_up:
            self.healing = False
            self._ladder.relax()
            self._ladder.begin()
            self._bringup.begin(ROW_FIND, now)

    def stop(self):
        """The user does not want the connection any more."""
        self.wanted = self._bringup.active = False
        self._engine.links.claims = []  # nobody need wait any more
        self._engine.links.alert = True

    # -- modes ---------------------------------------------------------------------------------

    def use_data(self, data, now):
        """Give up six links for one in transparent mode."""
        self._engine.use(0, data)
        self.wanted = True
        self._bringup.begin(ROW_SHUT if self._engine.bearer.is_up else ROW_FIND, now)

    def use_links(self, now):
        """Back to six links, however often it takes: they were there before."""
        up = self._engine.bearer.is_up
        self._engine.use(1, None)
        if self.wanted:
            self.healing = True
            self._ladder.begin()
            self._bringup.begin(ROW_SHUT if up else ROW_FIND, now)

    # -- what bring-up comes to ----------------------------------------------------------------

    def on_up(self, now):
        self._up_at = now
        self._engine.checked(now)

    def on_failure(self, now):
        if not self.healing:
            self.stop()
            return
        failure = self._bringup.failure
        self._ladder.climb()
        self._ladder.begin()
        self._bringup.begin(ROW_FIND, now, self._ladder.pause(now))
        self._bringup.failure = failure

    # -- what happens to the modem -------------------------------------------------------------

    def on_boot(self, now):
        """The modem says that it has just started."""
        if not self._bringup.is_searching():
            self.restarts += 1
            self._engine.modem_lost()
            self._heal(ROW_FIND, "modem restarted", now)

    def on_silence(self, now):
        """The modem has not answered AT for seconds."""
        self._engine.modem_lost()
        self._heal(ROW_FIND, "modem silent", now)

    def on_bearer_lost(self, now):
        """The PDP context is gone while the modem still answers."""
        if not self._bringup.active:
            self._heal(ROW_SHUT, "bearer lost", now)

    def on_useless(self, now):
        """The modem answers, but nothing that the application asks for works."""
        self._engine.modem_lost()
        self._ladder.climb()
        self._heal(ROW_FIND, "modem useless", now)

    def on_registration(self, stat, now):
        """`+CREG: <stat>`, unasked; whether there is a network."""
        self._bringup.registered = stat
        home = stat == _HOME or stat == _ROAMING
        if home:
            self.on_good_news(now)
        return home

    def on_good_news(self, now):
        """What was missing is there again."""
        if self.healing:
            self._bringup.hasten(now)

    def _heal(self, row, why, now):
        self._engine.links.fault(errno.ECONNRESET, why)
        self._engine.resync.cancel()
        if not self.wanted:
            return
        pause_ms = 0
        if not self._bringup.active:
            self.healing = True
            self._ladder.begin()
            if -until(self._up_at, now) < _STABLE_MS:
                pause_ms = self._ladder.pause(now)
        self._bringup.begin(row, now, pause_ms)
