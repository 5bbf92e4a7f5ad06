"""What happens to the modem, as events for `async for`:

    ("note", text)              a line of the log, such as a step of the bring-up
    ("bearer up", address)      connections can be made
    ("bearer lost",)            … and cannot any more; it is being mended
    ("link lost", n, errno)     what came or went on link n can no longer be vouched for

Sixteen may wait; then the oldest are dropped, and counted. Each is given once, to whoever asks.
"""

from micropython import const

from .aiostream import Gate, hand_over

_WAITING = const(16)


class Events:
    """`missed`: events that nobody took in time."""

    def __init__(self, modem):
        self._driver = modem.driver
        self._engine = modem.driver.engine
        self._links = modem.links
        self._waiting = []
        self.missed = 0
        self._told = [0] * len(modem.links)  # the user, by number, whose loss has been told
        self._was_up = False
        self._log, modem.driver.log = modem.driver.log, self._note

    def turn(self):
        """Drive the modem, callbacks included. What fails there is kept in `last_error`."""
        try:
            self._driver.pump()
        except OSError as error:
            self._driver.last_error = error
        self._look()

    def __aiter__(self):
        return self

    async def __anext__(self):
        while not self._waiting:
            await Gate(self._has_news).wait()
            self.turn()
        return hand_over(self._waiting.pop(0))

    def _has_news(self):
        self._driver.tick()
        self._look()
        return self._waiting or self._engine.notes

    def _note(self, text):
        self._put(("note", text))
        if self._log is not None:
            self._log(text)

    def _look(self):
        for link in self._links:
            if link.error and self._told[link.n] != link.generation:
                self._told[link.n] = link.generation
                self._put(("link lost", link.n, link.error))
        bearer = self._engine.bearer
        if bearer.is_up != self._was_up:
            self._was_up = bearer.is_up
            self._put(("bearer up", bearer.address) if bearer.is_up else ("bearer lost",))

    def _put(self, event):
        if len(self._waiting) == _WAITING:
            self._waiting.pop(0)
            self.missed += 1
        self._waiting.append(event)
