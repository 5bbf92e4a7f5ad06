"""The virtual modem with a terminal for its standard input: a fault typed there happens once.

    python terminal_modem.py TERMINAL [options of tools.vmodem ...]

It takes faults from a terminal only, and this one reaches it through whatever stands between.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.vmodem.__main__ import main  # noqa: E402

sys.stdin = open(sys.argv.pop(1))
main()
