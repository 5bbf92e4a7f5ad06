"""The modem for asyncio: `modem.aio`. Nothing here blocks.

    async with modem.aio:
        reader, writer = await modem.aio.open_connection("example.com", 443, ssl=context)

Whatever a task waits for here is a `Gate`; when asyncio asks it whether it is open, it drives the
modem. Callbacks of the application run in between, never from there.
"""

import asyncio
import errno

from micropython import const

from .aiostream import AioStream, Gate, hand_over
from .clock import after, until
from .events import Events
from .fields import is_address
from .resolver import Resolver
from .socket import SOCK_STREAM

# ioctl requests and poll bits, as in MicroPython's py/stream.h.
_IOCTL_POLL = const(3)
_RD = const(1)
_WR = const(4)
_ERR = const(8)

_DNS_MS = const(16000)  # a modem that finds no answer says so within 14 s


class Aio:
    """`async with modem.aio` brings the modem up and keeps its data moving while tasks sleep; at
    the end it takes down what it brought up, and nothing that was up before."""

    def __init__(self, modem):
        self._modem = modem
        self._driver = modem.driver
        self._engine = modem.driver.engine
        self._users = 0
        self._pump_task = None
        self._mine = False  # the connection is of our making
        self._events = Events(modem)
        self._engine.resolver = Resolver(self._engine)

    async def __aenter__(self):
        if not self._users:
            self._mine = not self._modem.active()
            self._pump_task = asyncio.create_task(self._pump())
        self._users += 1
        try:
            await self.connect()
        except BaseException:
            self._leave()
            raise
        return self

    async def __aexit__(self, *_):
        if self._leave() and self._mine:
            await self.disconnect()

    def _leave(self):
        """Whether the last user has gone."""
        self._users -= 1
        if not self._users:
            self._pump_task.cancel()
        return not self._users

    async def _pump(self):
        while True:
            self._events.turn()
            await asyncio.sleep_ms(self._driver.due())

    async def connect(self, timeout=180):
        """As `Modem.connect`. Cancelled, it stops what it started."""
        mine = not self._modem.active()
        try:
            await self._follow(self._modem._connecting(timeout))
        except asyncio.CancelledError:
            if mine:
                self._engine.supervisor.stop()
            raise

    async def disconnect(self):
        """As `Modem.disconnect`."""
        await self._follow(self._modem._disconnecting())

    async def at(self, text, timeout=9):
        """As `Modem.at`. Cancelled, a command that is not typed yet never will be."""
        from .at import Question

        question = Question(self._modem, text, timeout)
        try:
            await self._follow(question.asking())
        finally:
            question.withdraw()
        return hand_over(question.lines)

    async def open_connection(self, host, port, ssl=None, server_hostname=None):
        """`(reader, writer)`. With `ssl` (a context, or True for the interpreter's default) the
        certificate has passed when it returns. Cancelled, it gives the link back.

        Raises as `Socket.connect` and `SSLContext.wrap_socket` do."""
        sock = self._modem.socket()
        try:
            sock.setblocking(False)
            try:
                sock.connect((host, port))
            except OSError as error:
                if error.errno != errno.EINPROGRESS:
                    raise
            await Gate(lambda: sock.ioctl(_IOCTL_POLL, _WR)).wait()
            if sock.ioctl(_IOCTL_POLL, _WR) & _ERR:
                sock.recv(1)  # raises what has gone wrong
            if ssl:
                sock = self._guarded(sock, ssl, server_hostname or host)
                passed = Gate(lambda: sock.ioctl(_IOCTL_POLL, _RD))
                while not sock.handshake():
                    await passed.wait()
        except BaseException:
            sock.close()
            raise
        stream = AioStream(sock)
        return hand_over((stream, stream))

    async def transparent(self, host, port, type=SOCK_STREAM, timeout=180):
        """`(reader, writer)` of one peer on the bare UART: see `Modem.transparent`. Cancelled, it
        leads back to six links."""
        from .transparent import Transparent

        stream = Transparent(self._modem, type)
        try:
            await self._follow(stream.opening(host, port, timeout))
        except BaseException:
            stream.give_up()
            raise
        stream.setblocking(False)
        both = AioStream(stream)
        return hand_over((both, both))

    def _guarded(self, sock, context, name):
        from .tls import patch

        patch()
        if context is True:
            import ssl

            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return context.wrap_socket(sock, server_hostname=name, do_handshake_on_connect=False)

    async def getaddrinfo(self, host, port, af=0, type=0, proto=0, flags=0):
        """As `socket.getaddrinfo`, with an address instead of the name. The modem asks the
        network; an answer is kept for five minutes.

        Raises OSError(ENOENT) when there is no such name, ETIMEDOUT when nobody answers,
        EHOSTUNREACH without a bearer."""
        entry = self._modem.getaddrinfo(host, port, af, type, proto, flags)[0]
        if not is_address(host.encode(), 0, len(host)):
            host = await self._resolve(host)
        return [entry[:4] + ((host, port),)]

    async def _resolve(self, name):
        resolver = self._engine.resolver
        asked = None
        while True:
            now = self._driver.now()
            address = resolver.find(name, now)
            if address is not None:
                return address
            if asked == name:
                raise OSError(resolver.error)
            asked = resolver.asked
            if asked is None:
                if not self._engine.bearer.is_up:
                    raise OSError(errno.EHOSTUNREACH)
                resolver.ask(name, now)
                asked = name
            if not await self._until(lambda: resolver.asked is None, _DNS_MS):
                resolver.give_up()

    def events(self):
        """What happens to the modem, for `async for event in modem.aio.events()`."""
        return self._events

    # -- shared --------------------------------------------------------------------------------

    async def _follow(self, steps):
        for ready, ms in steps:
            await self._until(ready, ms)

    async def _until(self, ready, ms):
        """Wait for `ready()`, but not longer than `ms`; whether it has come true."""
        driver = self._driver
        end = after(driver.now(), ms)

        def is_open():
            driver.tick()
            return ready() or self._engine.notes or until(end, driver.now()) <= 0

        while not ready() and until(end, driver.now()) > 0:
            await Gate(is_open).wait()
            self._events.turn()
        return ready()
