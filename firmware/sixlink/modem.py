"""The modem as a network interface."""

import errno

from micropython import const

from .command import Command
from .driver import Driver
from .engine import Engine
from .families import family
from .socket import AF_INET, IPPROTO_TCP, IPPROTO_UDP, SOCK_DGRAM, SOCK_STREAM, Socket, getaddrinfo

# As in their home files; a test holds the numbers together.
_EV_SHUT = const(3)
_PIN_RESET = const(1)
_PIN_KEY = const(2)

_PUSH_RX_SIZE = const(2920)  # a ring for pushed data holds two packets
_PULL_RX_SIZE = const(1024)


class _Config:
    """What the user chose; `bringup` reads it."""

    def __init__(self, apn, user, password, pin, baud, flow, pins):
        self.apn = apn
        self.user = user
        self.password = password
        self.pin = pin
        self.baud = baud
        self.flow = flow
        self.pins = pins  # those that are wired, as in `ladder`
        self.dns = None  # name servers for AT+CDNSCFG
        self.keepalive = None  # as `keepalive` has it; None: as the modem does
        self.rx_size = _PUSH_RX_SIZE if flow else _PULL_RX_SIZE


class Interface:
    """All that a `Modem` does, and what it is made of."""

    STAT_IDLE = 0
    STAT_CONNECTING = 1
    STAT_GOT_IP = 3
    STAT_FAILED = -1
    AF_INET = AF_INET
    SOCK_STREAM = SOCK_STREAM
    SOCK_DGRAM = SOCK_DGRAM
    IPPROTO_TCP = IPPROTO_TCP
    IPPROTO_UDP = IPPROTO_UDP
    getaddrinfo = staticmethod(getaddrinfo)

    def __init__(
        self,
        uart,
        apn="",
        *,
        user="",
        password="",
        pin="",
        baud=0,
        flow=False,
        power=None,
        reset=None,
        dcd=None,
        timer=None,
        log=None,
        trace=2048,
        rxbuf=256,
        txbuf=0,
        dialect=None,
        set_baud=None,
        ticks_ms=None,
        wait=None,
    ):
        pins = (_PIN_RESET * (reset is not None)) | (_PIN_KEY * (power is not None))
        config = _Config(apn, user, password, pin, baud, flow, pins)
        rate = _rate_of(uart)
        if baud and not (set_baud or hasattr(uart, "init")):
            raise ValueError("baud=%d needs a UART with init()" % baud)
        if dialect is None or isinstance(dialect, str):
            spoken = family(dialect or "luat")()
        else:
            spoken = dialect
        engine = Engine(spoken, dialect is not None, config)
        engine.baud = rate
        self.driver = Driver(
            engine, uart, ticks_ms or _ticks_ms(), wait or _wait_on(uart), rate, rxbuf, txbuf, flow
        )
        self.driver.set_baud = set_baud
        self.driver.log = log
        self.driver.power = power
        self.driver.reset = reset
        self.driver.dcd = dcd
        if trace:
            from .recorder import Recorder

            self.driver.recorder = engine.intake.recorder = Recorder(trace)
        self.links = engine.links.all
        self._known = {}  # what the modem has said of itself: see `facts`
        self._aio = None
        if timer is not None:
            self._beat(timer)

    # -- network.AbstractNIC -------------------------------------------------------------------

    def active(self, on=None):
        """Whether a connection is wanted; `active(True)` starts making one."""
        supervisor = self.driver.engine.supervisor
        if on is None:
            return supervisor.wanted
        if on:
            self.connect(timeout=0)
        elif supervisor.wanted:
            self.disconnect()
        return supervisor.wanted

    def connect(self, timeout=180):
        """Bring the connection up: find the modem, unlock the SIM, register, attach, get an
        address. Waits for `timeout` seconds; 0 only starts it.

        Raises ModemError, which names the step that failed and what to check.
        """
        for ready, ms in self._connecting(timeout):
            self.driver.wait_for(ready, ms)

    def _connecting(self, timeout):
        """`connect` for those who wait in their own way: yields what to wait for, and how many
        ms at the most."""
        driver = self.driver
        with driver:
            driver.engine.supervisor.start(driver.now())
        if timeout == 0:
            driver.pump()
            return
        yield self._is_decided, timeout * 1000
        self._check_bearer()

    def disconnect(self):
        """Let every socket send what it has, then take the connection down."""
        for ready, ms in self._disconnecting():
            self.driver.wait_for(ready, ms)

    def _disconnecting(self):
        """`disconnect` for those who wait in their own way, as `_connecting` is."""
        driver = self.driver
        engine = driver.engine
        engine.supervisor.wanted = False
        if self._has_bearer():
            for link in self.links:
                driver.close_link(link)
            yield self._is_drained, 12000
            engine.call(_Query(b"AT+CIPSHUT\r", _EV_SHUT, 90000))
            yield self._is_idle, 95000
        engine.supervisor.stop()
        engine.modem_lost()

    def isconnected(self):
        """Whether there is a bearer that carries links."""
        self.driver.pump()
        return self._has_bearer()

    def status(self, what=None):
        """STAT_IDLE, STAT_CONNECTING, STAT_GOT_IP or STAT_FAILED. `status("rssi")` in dBm,
        `status("registration")` (as in `sixlink.watch`) and `status("operator")` ask the modem."""
        if what is not None:
            from .facts import status

            return status(self, what)
        self.driver.pump()
        bringup = self.driver.engine.bringup
        if bringup.active:
            return self.STAT_CONNECTING
        if self._has_bearer():
            return self.STAT_GOT_IP
        return self.STAT_FAILED if bringup.failure else self.STAT_IDLE

    def ifconfig(self, config=None):
        """`(address, netmask, gateway, dns)`; the modem tells only the address, and the name
        server once `ipconfig` has asked for it or set it."""
        if config is not None:
            raise OSError(errno.EOPNOTSUPP)
        address = self.driver.engine.bearer.address or "0.0.0.0"
        return address, "255.255.255.255", "0.0.0.0", self._known.get("dns", ("0.0.0.0",))[0]

    def ipconfig(self, what=None, **settings):
        """`ipconfig("addr4")` is `(address, netmask)`. `ipconfig("dns")` asks for the name
        servers; `ipconfig(dns="9.9.9.9")`, or two of them, sets them until the modem restarts."""
        if what == "addr4" and not settings:
            return self.ifconfig()[:2]
        from .facts import ipconfig

        return ipconfig(self, what, settings)

    def config(self, what=None, **settings):
        """`config("apn")` and the other names the constructor takes; they cannot be set later.
        `config("imei")`, `imsi`, `iccid`, `model`, `firmware` ask the modem."""
        from .facts import config

        return config(self, settings or what)

    def time(self):
        """The network's time in UTC, as `machine.RTC().datetime()` takes it. Raises
        OSError(EAGAIN) as long as the network has not told it."""
        from .facts import time

        return time(self)

    def at(self, text, timeout=9):
        """Ask the modem anything: the lines of its answer to AT command `text`, without the
        final OK. `timeout`: seconds that it may wait for its turn, and then for the answer.

        Raises ModemError (`cme` has the number of `+CME ERROR`; ETIMEDOUT: no answer, EIO:
        damaged, ENOBUFS: over 4 kB), ENOTCONN before the first `connect`, and ValueError
        for what no line may carry, and for commands that would end the session."""
        from .at import ask

        return ask(self, text, timeout)

    # -- socket --------------------------------------------------------------------------------

    def socket(self, af=AF_INET, type=SOCK_STREAM, proto=0):
        """A socket over this modem."""
        return Socket(self, af, type, proto)

    def transparent(self, host, port, type=SOCK_STREAM, timeout=180):
        """A stream to one peer on the bare UART, in place of six links until it is closed: see
        `sixlink.transparent`. Waits for `timeout` seconds for either step.

        Raises ValueError as `connect` of a socket does, OSError(EALREADY) while links are in use,
        ModemError when the mode cannot be had, OSError as the peer has it.
        """
        from .transparent import Transparent

        stream = Transparent(self, type)
        try:
            for ready, ms in stream.opening(host, port, timeout):
                self.driver.wait_for(ready, ms)
        except BaseException:
            stream.give_up()
            raise
        return stream

    @property
    def aio(self):
        """The modem for asyncio: see `sixlink.aio`."""
        if self._aio is None:
            from .aio import Aio

            self._aio = Aio(self)
        return self._aio

    # -- what a person wants to know -----------------------------------------------------------

    @property
    def keep_going(self):
        """Called on each turn of a blocking wait: feed a watchdog, serve other sockets without
        blocking. What it raises is kept in `last_error`."""
        return self.driver.keep_going

    @keep_going.setter
    def keep_going(self, callback):
        self.driver.keep_going = callback

    def on_event(self, callback):
        """Call `callback(event)` for what happens to the modem: see `sixlink.watch`. It may do
        what `keep_going` may. For asyncio there is `modem.aio.events()`."""
        from .watch import Watch

        self.driver.watch = Watch(self, callback).look
        self.driver.news = True

    @property
    def last_error(self):
        """What a callback of the application raised last, or None."""
        return self.driver.last_error

    @property
    def flow(self):
        """Whether the modem pushes data (with flow control), or None before it is known."""
        return not self.driver.engine.links.pull

    def stats(self):
        """Counters and the last errors, as a dict: see `sixlink.stats`."""
        from .stats import collect

        return collect(self)

    def trace(self, file=None, rows=22):
        """Print what last crossed the UART, `rows` of it; or save all of it to `file`, which is a
        path or an object with `write`, for `python -m tools.flight`. Raises OSError(EOPNOTSUPP)
        with `trace=0`."""
        from .flight import save, show

        show(self, rows) if file is None else save(self, file)

    def console(self, timeout=9, echo=None):
        """An AT terminal beside the sockets: type commands, read answers and what happens to the
        modem. Ctrl-C, Ctrl-D and `exit` leave it. `timeout` is that of `at`; `echo`: whether the
        keys have to be shown (None: where no terminal driver shows them, that is on a board).

        Raises OSError(ENOTCONN) before the first `connect`, EALREADY from inside a callback."""
        from .console import Console

        Console(self, timeout, echo).run()

    def __repr__(self):
        from .report import screen

        return screen(self)

    # -- shared --------------------------------------------------------------------------------

    def _has_bearer(self):
        engine = self.driver.engine
        return engine.bearer.is_up and not engine.bringup.active

    def _check_bearer(self):
        """Raises ModemError when bring-up has not brought one."""
        if not self._has_bearer():
            from .errors import ModemError

            bringup = self.driver.engine.bringup
            late = (errno.ETIMEDOUT, bringup.step(), -1, bringup.hint())
            failure = late if bringup.active else bringup.failure
            self.driver.engine.supervisor.stop()
            raise ModemError(*(failure or late))

    def _is_decided(self):
        engine = self.driver.engine
        is_leaving = engine.data is not None and not engine.data.wanted  # transparent mode
        return not (engine.bringup.active or is_leaving)

    def _is_drained(self):
        return not any(link.up for link in self.links)

    def _is_idle(self):
        engine = self.driver.engine
        return not engine.queue

    def _beat(self, timer):
        tick = self.driver.tick  # stored once: each look-up of a bound method allocates
        mode = type(timer).ONE_SHOT

        def rearm(ms):
            timer.init(mode=mode, period=ms, callback=tick)

        self.driver.rearm = rearm


class _Help:
    """`help(modem)`, `modem.help()` and `modem.help` print what a modem can do."""

    def __repr__(self):
        from .manual import TEXT

        return TEXT

    def __call__(self):
        print(self)


class Modem(Interface):
    """A cellular modem on a UART, with the methods of `network.AbstractNIC` and of `socket`.

    `uart`      any object with `any()`, `readinto(buf, n)` and `write(buf, offset, n)`
    `apn`       access point name; empty: the one the network gives. `user`, `password` go with it
    `pin`       of the SIM card, if it asks for one
    `baud`      rate to raise the modem to; 0 keeps the one it is found at
    `flow`      RTS and CTS are wired and switched on: the modem may push data as it comes
    `power`     called with 0 and 1: the level of the power key (a `Pin`); 0 presses it
    `reset`     the same for the reset pin
    `dcd`       called for the level of the DCD pin: 0 while transparent mode goes on (AT&C1)
    `timer`     a `machine.Timer` that keeps data moving while the application sleeps
    `log`       called with a line of text for each step of bring-up
    `trace`     bytes of RAM for the flight recorder: 256 to 65535, or 0 for none
    `rxbuf`     bytes that the UART itself can hold of what comes in
    `txbuf`     and of what goes out: a `write` of so many does not block; 0 if nobody knows
    `dialect`   the modem's family, "luat" or "sim800", or a `Dialect` of your own; if not given,
                the modem is asked
    `set_baud`  called with a baud rate in place of `uart.init(baudrate=)`, which on a STM32 and a
                Pico sets `rxbuf` back to its default, on a STM32 `flow` too
    `ticks_ms`, `wait`  a millisecond counter, and a rest of so many ms that input may cut short

    Raises ValueError for a text that no AT line may carry, or a size no recorder can have.
    """

    # MicroPython's `help` lists what the class itself has, not what it inherits: this, alone.
    help = _Help()


class _Query:
    """A command of the facade: nobody waits for its words."""

    def __new__(cls, text, final, timeout_ms):
        return Command(cls, text, timeout_ms, None, final)

    @staticmethod
    def reply(command, buf, at, end):
        return False

    @staticmethod
    def done(command, now):
        pass


def _ticks_ms():
    import time

    return time.ticks_ms


def _rate_of(uart):
    """The baud rate that a machine.UART shows in its repr, 0 if it does not."""
    text = repr(uart)
    at = text.find("baudrate=") + 9
    end = at
    while at > 8 and end < len(text) and text[end].isdigit():
        end += 1
    return int(text[at:end] or 0) if at > 8 else 0


def _wait_on(uart):
    """A wait that ends early when the UART has something to read, where the port can tell."""
    import select
    import time

    poller = select.poll()
    try:
        poller.register(uart, 1)
        poller.poll(0)
    except (OSError, TypeError, AttributeError, ValueError):
        return time.sleep_ms
    return poller.poll
