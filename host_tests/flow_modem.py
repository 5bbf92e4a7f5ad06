"""The virtual modem with flow control on, as `AT+IFC=2,2`, `AT&W` and a restart leave a real one.

The firmware lets a modem push data only when `AT+IFC?` says that RTS and CTS hold it back.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.vmodem.__main__ import main  # noqa: E402
from tools.vmodem.answer import ok  # noqa: E402
from tools.vmodem.commands.registry import command  # noqa: E402
from tools.vmodem.line import QUERY  # noqa: E402


@command("+IFC", QUERY)
def flow_control_query(modem, args):
    return ok("+IFC: 2,2")


main()
