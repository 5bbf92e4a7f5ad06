"""A board's long life: real MicroPython and the virtual modem in lockstep on a virtual clock.

What the board runs is in host_tests/upy. Both ends make and read the same messages with the same
few functions, so they are on the path here, too, with the shim of `micropython` they need.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEVICE = ROOT / "host_tests" / "upy"

sys.path.insert(0, str(ROOT / "host_tests" / "shims"))
sys.path.append(str(DEVICE))
