"""Load a board's `board.py` on the recording `machine`; print what it did there as JSON.

    micropython load_board.py '{"flow": true}' baud

`baud`: the modem is found at another rate.
"""

import json
import sys

import board
import machine

modem = board.modem(**json.loads(sys.argv[1]))
modem.driver.engine.baud = int(sys.argv[2])
modem.driver.pump()
print(json.dumps(machine.calls))
