"""What happens to the modem, for `async for`: the tuples of `watch`."""

from micropython import const

from .aiostream import Gate, hand_over
from .watch import Watch

_WAITING = const(16)


class Events(Watch):
    """Sixteen may wait; then the oldest are dropped, and counted as `missed`. Each is given once,
    to whoever asks."""

    def __init__(self, modem):
        super().__init__(modem, self._put)
        self._waiting = []
        self.missed = 0

    def turn(self):
        """Drive the modem, callbacks included. What fails there is kept in `last_error`."""
        try:
            self._driver.pump()
        except OSError as error:
            self._driver.last_error = error
        self.look()

    def __aiter__(self):
        return self

    async def __anext__(self):
        while not self._waiting:
            await Gate(self._has_news).wait()
            self.turn()
        return hand_over(self._waiting.pop(0))

    def _has_news(self):
        self._driver.tick()
        self.look()
        return self._waiting or self._engine.notes

    def _put(self, event):
        if len(self._waiting) == _WAITING:
            self._waiting.pop(0)
            self.missed += 1
        self._waiting.append(event)
