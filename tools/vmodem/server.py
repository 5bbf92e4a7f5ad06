"""The modem as a TCP server: one listening port, every peer on a link of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .link import Link

if TYPE_CHECKING:
    from .core import VirtualModem


class Server:
    """AT+CIPSERVER: `port` is None while it is closed."""

    def __init__(self, modem: VirtualModem) -> None:
        self._modem = modem
        self.port: int | None = None

    def start(self, port: int) -> bool:
        """Listen; False if the network cannot."""
        if not self._modem.network.listen(port, self._modem, self._modem.now_us):
            return False
        self.port = port
        return True

    def stop(self) -> None:
        """No more peers; those that are connected stay."""
        if self.port is not None:
            self._modem.network.unlisten(self.port)
            self.port = None

    def free_link(self) -> Link | None:
        """The lowest link a newcomer can have: neither in use nor with bytes unread."""
        if self.port is None:
            return None
        links = self._modem.links if self._modem.settings.multi else self._modem.links[:1]
        return next((link for link in links if not link.live and not link.inbox.left), None)
