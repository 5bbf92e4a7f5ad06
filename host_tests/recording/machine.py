"""`machine` as a notebook: every object that is made, and every call, in order, in `calls`.

Knows no port: what was written down is held against the signatures of each by
host_tests/test_boards.py. Runs on MicroPython and on CPython.
"""

calls = []  # (class, method, positional arguments, named ones)


def _plain(value):
    return repr(value) if isinstance(value, (_Recorded, _Cpu)) else value


class _Recorded:
    def __init__(self, *args, **named):
        self._note("__init__", args, named)
        self._made = args

    def _note(self, method, args, named):
        named = {name: _plain(value) for name, value in named.items()}
        calls.append((type(self).__name__, method, [_plain(value) for value in args], named))

    def __repr__(self):
        return "%s(%s)" % (type(self).__name__, ", ".join(map(repr, self._made)))


class _Cpu:
    """`Pin.cpu.A8`"""

    def __init__(self, name="cpu"):
        self._name = name

    def __getattr__(self, name):
        return _Cpu("%s.%s" % (self._name, name))

    def __repr__(self):
        return "Pin." + self._name


class Pin(_Recorded):
    OUT = "Pin.OUT"
    OPEN_DRAIN = "Pin.OPEN_DRAIN"
    cpu = _Cpu()

    def __call__(self, *args):
        self._note("__call__", args, {})


class I2C(_Recorded):
    def writeto_mem(self, *args, **named):
        self._note("writeto_mem", args, named)


class UART(_Recorded):
    """One with nothing to say."""

    RTS = 1
    CTS = 2

    def __init__(self, id, baudrate, *args, **named):
        super().__init__(id, baudrate, *args, **named)
        self._baudrate = baudrate

    def init(self, baudrate, *args, **named):
        self._note("init", (baudrate,) + args, named)
        self._baudrate = baudrate

    def any(self):
        return 0

    def readinto(self, buf, n=-1):
        return None

    def write(self, buf, *span):
        return span[-1] if span else len(buf)

    def txdone(self):
        return True

    def __repr__(self):
        return "UART(%r, baudrate=%d)" % (self._made[0], self._baudrate)
