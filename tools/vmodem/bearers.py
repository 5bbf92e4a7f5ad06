"""The bearers of AT+SAPBR, which HTTP and FTP use beside the TCP/IP application's context."""

CLOSED, CONNECTED = 3, 1  # <status> of AT+SAPBR=2


class Bearers:
    """Three of them, numbered from 1 by the text the host types."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.parameters: dict[str, dict[str, str]] = {}
        self.open: set[str] = set()

    def lose(self) -> list[str]:
        """The network is gone: what the modem says about those that were open."""
        lines = [f"+SAPBR {cid}: DEACT" for cid in sorted(self.open)]
        self.open.clear()
        return lines
