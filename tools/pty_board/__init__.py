"""A board without a board: MicroPython's unix port behind a serial port, as a real one is.

    with PtyBoard() as board:
        subprocess.run(["mpremote", "connect", board.port, "fs", "ls"])

Its file system is a littlefs in an image file, its `main.py` runs after a soft reset, Ctrl-D at
the REPL is one, and `machine.UART(1)` leads to what `uart` is the number of: a pty, say, with the
virtual modem behind it. What it cannot do is what only hardware can.
"""

from .parent import PtyBoard

__all__ = ("PtyBoard",)
