"""Become a program whose controlling terminal is stdin, so that Ctrl-C there reaches it.

    python on_terminal.py PROGRAM [ARGUMENT ...]

Run by a parent that has given it a session of its own.
"""

import fcntl
import os
import sys
import termios

fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
