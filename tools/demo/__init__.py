"""`python -m tools.demo`: six links at work without hardware.

The firmware runs on real MicroPython (`device/program.py`), talks over a pty to the virtual modem,
and reaches servers on this computer's loopback. `rig` starts the processes, `session` follows
what the board tells, `view` shows it, `verdict` checks it against what the modem counted.
"""
