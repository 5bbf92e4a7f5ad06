"""A board's long life: real MicroPython and the virtual modem in lockstep on a virtual clock."""
