"""What a modem has done so far, as JSON."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .core import VirtualModem


def snapshot(modem: VirtualModem) -> dict[str, Any]:
    """Bearer, DCD, server, links, every connection ever opened, counters, faults that struck."""
    return {
        "bearer": modem.bearer,
        "baud": modem.baud,
        "links": [
            {
                "link": link.number,
                "state": link.state,
                "kind": link.kind,
                "host": link.host,
                "port": link.port,
                "sent": link.sent,
                "received": link.received,
            }
            for link in modem.links
        ],
        "connections": [asdict(connection) for connection in modem.connections],
        "carrier": modem.carrier,
        "server": _server(modem),
        "counters": dict(modem.counters),
        "faults": dict(modem.faults.struck),
    }


def _server(modem: VirtualModem) -> dict[str, int] | None:
    """The port of AT+CIPSERVER, and the port of the network behind it that peers connect to."""
    port = modem.stack.server.port
    if port is None:
        return None
    return {"port": port, "listens_at": modem.network.listening[port]}


def write(modem: VirtualModem, path: Path) -> None:
    """Replace `path` in one step: a reader sees the old snapshot or the new one."""
    draft = path.with_name(path.name + ".part")
    draft.write_text(json.dumps(snapshot(modem), indent=2) + "\n")
    os.replace(draft, path)
