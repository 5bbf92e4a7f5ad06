"""What happens to the modem, as tuples, for `modem.on_event` and `modem.aio.events()`:

("note", text)              a line of the log, such as a step of the bring-up
("bearer up", address)      connections can be made
("bearer lost",)            … and cannot any more; it is being mended
("link lost", n, errno)     what came or went on link n can no longer be vouched for
("restarted", times)        the modem has restarted by itself
("registration", stat)      as in AT+CREG: 1 home, 5 roaming, 2 searching, 3 denied
("unwell",)                 three commands in a row were not answered
("well",)                   one is answered again
("rung", name)              what the next attempt to bring it up begins with: see `ladder`
"""

from .ladder import NAMES


class Watch:
    """Calls `tell(event)` for whatever has changed since the last `look()`."""

    def __init__(self, modem, tell):
        self._driver = modem.driver
        self._engine = modem.driver.engine
        self._links = modem.links
        self._tell = tell
        self._told = [0] * len(modem.links)  # the user, by number, whose loss has been told
        self._was_up = False
        self._was_well = True
        self._restarts = self._registered = self._rung = 0
        self._log, modem.driver.log = modem.driver.log, self._note

    def look(self):
        engine = self._engine
        self._look_at_links()
        supervisor = engine.supervisor
        if supervisor.restarts != self._restarts:
            self._restarts = supervisor.restarts
            self._tell(("restarted", self._restarts))
        if engine.bringup.registered != self._registered:
            self._registered = engine.bringup.registered
            self._tell(("registration", self._registered))
        if engine.is_well() != self._was_well:
            self._was_well = engine.is_well()
            self._tell(("well",) if self._was_well else ("unwell",))
        if engine.ladder.rung != self._rung:
            self._rung = engine.ladder.rung
            self._tell(("rung", NAMES[self._rung]))
        if engine.bearer.is_up != self._was_up:
            self._was_up = engine.bearer.is_up
            self._tell(("bearer up", engine.bearer.address) if self._was_up else ("bearer lost",))

    def _look_at_links(self):
        for link in self._links:
            if link.error and self._told[link.n] != link.generation:
                self._told[link.n] = link.generation
                self._tell(("link lost", link.n, link.error))

    def _note(self, text):
        self._tell(("note", text))
        if self._log is not None:
            self._log(text)
