"""Play one scene: a function of a module of this folder, run by real MicroPython.

    micropython play.py MODULE FUNCTION [JSON-LIST-OF-ARGUMENTS]

What the function returns is printed as JSON, alone on the last line.
"""

import json
import sys

module = __import__(sys.argv[1])
arguments = json.loads(sys.argv[3]) if len(sys.argv) > 3 else []
print(json.dumps(getattr(module, sys.argv[2])(*arguments)))
