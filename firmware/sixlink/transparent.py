"""One peer on the bare UART: `modem.transparent`.

The modem gives up its six links for a single one in transparent mode (AT+CIPMODE=1). What the
application writes goes to the peer without commands and prompts, at the full rate of the line.
Closing the stream brings the six links back.
"""

import errno

from .datamode import DataMode
from .inet import checked
from .socket import SOCK_STREAM, Socket


class Transparent(Socket):
    """A stream socket whose bytes are typed as they are. With SOCK_DGRAM, too, it is a stream:
    the modem cuts it into datagrams, by size and time (AT+CIPCCFG)."""

    def __init__(self, modem, type=SOCK_STREAM):
        super().__init__(modem)
        self._data = DataMode(modem.driver.engine, "TCP" if type == SOCK_STREAM else "UDP")
        self._was_wanted = False  # there was a connection before

    def opening(self, host, port, timeout):
        """Change the modem's mode and connect: yields what to wait for, and how many ms at the
        most. Who does not get to its end calls `give_up`."""
        host, port = checked((host, port))
        modem = self._modem
        driver = modem.driver
        engine = driver.engine
        busy = any(link.owned or link.up for link in modem.links)
        if engine.data is not None or engine.server is not None or busy:
            raise OSError(errno.EALREADY)
        while not self._is_quiet():  # what is answered now is in the words of six links
            yield self._is_quiet, timeout * 1000
        with driver:
            self._was_wanted = engine.supervisor.wanted
            engine.supervisor.use_data(self._data, driver.now())
        yield modem._is_decided, timeout * 1000
        modem._check_bearer()
        with driver:
            engine.links.open(self, False, host, port, driver.now())
        yield self._is_settled, timeout * 1000
        if not self._is_settled():
            raise OSError(errno.ETIMEDOUT)
        link = self._won_link()
        if link.error:
            raise OSError(link.error)

    def _is_quiet(self):
        return self._engine.inflight is None or self._bringup.active

    def give_up(self):
        """It could not be opened: back to six links, if there was a connection before."""
        if self._was_wanted:
            self._supervisor.wanted = True
        self.close()

    def close(self):
        """Returns at once; what was written still leaves, then the six links come back."""
        self._data.wanted = False
        super().close()
