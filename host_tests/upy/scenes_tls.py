"""Scenes with TLS over the firmware's sockets; the test has the servers and the certificates.

`ca` is a file with the certificate to trust, in binary: this interpreter reads no other.
"""

import asyncio
import errno
import select
import ssl
import time

import echo
import sixlink
from micropython import const
from scenes_socket import HOST, connected_modem, connected_socket

NAME = "localhost"
_PATIENCE_MS = const(20000)
LINE = "line %d of a thousand, and some more words to make it longer\n"


def context(ca):
    """A context that verifies, as our documentation shows it."""
    result = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    result.verify_mode = ssl.CERT_REQUIRED
    result.load_verify_locations(cafile=ca)
    return result


def installed_modem():
    modem = connected_modem()
    sixlink.install(modem)
    return modem


def secured(modem, port, ca, blocking=True, name=NAME):
    """A TLS stream over a connected socket; a blocking one has finished its handshake."""
    sock = connected_socket(modem, port)
    sock.setblocking(blocking)
    return context(ca).wrap_socket(sock, server_hostname=name, do_handshake_on_connect=blocking)


def outcome(function, *arguments):
    """What it returned, or how it failed."""
    try:
        return function(*arguments)
    except Exception as error:
        return failure(error)


def failure(error):
    """An exception in words."""
    if isinstance(error, OSError):
        return errno.errorcode.get(error.errno) or repr(error.args)
    return "%s: %s" % (type(error).__name__, error)


def links_in_use(modem):
    """Links that are not free once all has settled."""
    modem.driver.wait_for(lambda: all(link.is_free() for link in modem.links), _PATIENCE_MS)
    return sum(1 for link in modem.links if not link.is_free())


def finish(modem, result):
    """The result, and what is left of the links."""
    left = links_in_use(modem)
    modem.disconnect()
    return [result, left]


# -- both ways ------------------------------------------------------------------------------------


def blocking_echo(port, ca, sizes):
    """Write and read back each of `sizes`: [cipher, TLS version, sizes that were right]"""
    modem = installed_modem()
    stream = secured(modem, port, ca)
    right = []
    for size in sizes:
        data = echo.body(size & 255, size)
        if stream.write(data) == size and stream.read(size) == data:
            right.append(size)
    result = list(stream.cipher()) + [right]
    stream.close()
    return finish(modem, result)


def asyncio_echo(port, ca, sizes):
    """The same through `asyncio.open_connection`: the sizes that were right"""
    modem = installed_modem()

    async def main():
        reader, writer = await asyncio.open_connection(NAME, port, ssl=context(ca))
        right = []
        for size in sizes:
            data = echo.body(size & 255, size)
            writer.write(data)
            await writer.drain()
            if await reader.readexactly(size) == data:
                right.append(size)
        writer.close()
        await writer.wait_closed()
        return right

    return finish(modem, asyncio.run(main()))


def duplex(port, ca, size):
    """A reader that waits from the start, and a writer beside it: bytes that came back right"""
    modem = installed_modem()
    sent = echo.body(5, size)

    async def read_all(reader):
        return await reader.readexactly(size)

    async def main():
        reader, writer = await asyncio.open_connection(NAME, port, ssl=context(ca))
        reading = asyncio.create_task(read_all(reader))
        await asyncio.sleep_ms(200)
        for at in range(0, size, 700):
            writer.write(sent[at : at + 700])
            await writer.drain()
        back = await reading
        await writer.wait_closed()
        return size if back == sent else 0

    return finish(modem, asyncio.run(main()))


# -- lines through asyncio ------------------------------------------------------------------------


def lines(port, ca, count, guarded, early):
    """Write numbered lines, some at a time. `early`: the context is older than `install`.
    Without the guard the interpreter's own `wrap_socket` is put back."""
    older = context(ca)
    unguarded = ssl.SSLContext.wrap_socket
    modem = installed_modem()
    if not guarded:
        ssl.SSLContext.wrap_socket = unguarded
    trusted = older if early else context(ca)

    async def main():
        _, writer = await asyncio.open_connection(NAME, port, ssl=trusted)
        for number in range(count):
            writer.write((LINE % number).encode())
            if number % 7 == 0:
                await writer.drain()
        await writer.drain()
        await writer.wait_closed()

    asyncio.run(main())
    return finish(modem, None)


def changing_pieces(port, ca, size):
    """Offer the stream in pieces that change their length after each refusal: how often a write
    would have blocked"""
    modem = installed_modem()
    stream = secured(modem, port, ca, blocking=False)
    sent = memoryview(echo.body(9, size))
    poller = select.poll()
    poller.register(stream, select.POLLOUT)
    lengths = [6000, 10, 4096, 1, 3000, 5000, 100, 4097, 2000]
    at = turn = refused = 0
    while at < size and poller.poll(_PATIENCE_MS):
        n = stream.write(sent[at : at + lengths[turn % len(lengths)]])
        turn += 1
        refused += n is None
        at += n or 0
    stream.close()
    return finish(modem, [at, refused])


# -- reading --------------------------------------------------------------------------------------


def polled_reading(port, ca, size, piece):
    """Read `size` bytes, a piece at a time and only when `poll` says so: bytes that were right"""
    modem = installed_modem()
    stream = secured(modem, port, ca)
    stream.write(b"go\n")
    stream.setblocking(False)
    poller = select.poll()
    poller.register(stream, select.POLLIN)
    data = b""
    while len(data) < size and poller.poll(3000):
        data += stream.read(min(piece, size - len(data))) or b""
    stream.close()
    return finish(modem, data == echo.body(1, size))


def reading_records(port, ca, sizes, asynchronous):
    """Read records of these sizes: those that were right, and what comes behind them, twice"""
    modem = installed_modem()

    async def main():
        reader, writer = await asyncio.open_connection(NAME, port, ssl=context(ca))
        writer.write(b"go\n")
        await writer.drain()
        right = []
        for n in sizes:
            if await reader.readexactly(n) == echo.body(1, n):
                right.append(n)
        ends = [len(await reader.read(10)), len(await reader.read(10))]
        await writer.wait_closed()
        return [right, ends]

    if asynchronous:
        return finish(modem, asyncio.run(main()))
    stream = secured(modem, port, ca)
    stream.write("go\n")
    right = [n for n in sizes if stream.read(n) == echo.body(1, n)]
    ends = [len(stream.read(10)), len(stream.read())]
    stream.close()
    return finish(modem, [right, ends])


def ways_of_reading(port, ca):
    """`readline`, `readinto`, `recv`, `recv_into`, `read` of it all"""
    modem = installed_modem()
    with secured(modem, port, ca) as stream:
        stream.write(b"go\n")
        stream.write(b"beyond", 0)
        buf = bytearray(8)
        result = [stream.readline().decode(), stream.readline(4).decode()]
        result += [stream.readinto(buf, 3), bytes(buf).decode()]
        result += [stream.recv(100).decode(), stream.read().decode()]
    return finish(modem, result)


def cut_short(port, ca, size):
    """The peer ends without TLS's farewell, which the interpreter takes for an end: whether what
    came before is there, and what comes behind it"""
    modem = installed_modem()
    stream = secured(modem, port, ca)
    stream.write(b"go\n")
    result = [stream.read(size + 5) == echo.body(1, size), len(stream.read(5)), len(stream.read())]
    stream.close()
    return finish(modem, result)


def forged(port, ca, size):
    """A forged record comes behind good ones: whether they are delivered, then how reading on
    fails, twice, and what a write and reading to the end come to"""
    modem = installed_modem()
    stream = secured(modem, port, ca)
    stream.write(b"go\n")
    result = [stream.read(size + 5) == echo.body(1, size)]
    result += [outcome(stream.read, 5), outcome(stream.read, 5), outcome(stream.write, b"x")]
    stream.close()
    other = secured(modem, port, ca)
    other.write(b"go\n")
    result.append(outcome(other.read))
    other.close()
    return finish(modem, result)


# -- certificates ---------------------------------------------------------------------------------


def untrusted(port, ca, name):
    """Try to talk: blocking, then through asyncio, where the first write or read fails; a second
    write must not get further"""
    modem = installed_modem()

    def blocking():
        sock = connected_socket(modem, port)
        try:
            stream = context(ca).wrap_socket(sock, server_hostname=name)
            stream.write(b"secret")
        finally:
            sock.close()

    async def talk(first):
        reader, writer = await asyncio.open_connection(
            NAME, port, ssl=context(ca), server_hostname=name
        )
        writer.write(b"secret")
        try:
            await (writer.drain() if first == "write" else reader.read(10))
        finally:
            first = outcome(writer.s.write, b"secret")
            second = outcome(writer.s.read, 10)
            again.append([first, second])
            await writer.wait_closed()

    again = []
    result = [outcome(blocking)]
    result.append(outcome(asyncio.run, talk("write")))
    result.append(outcome(asyncio.run, talk("read")))
    return finish(modem, result + again)


# -- slow peers -----------------------------------------------------------------------------------


def stalled_handshake(port, ca):
    """A peer that falls silent in the handshake: how long each way of connecting took to give up,
    and how it failed"""
    modem = installed_modem()

    def blocking():
        sock = connected_socket(modem, port)
        sock.settimeout(1)
        try:
            context(ca).wrap_socket(sock, server_hostname=NAME)
        finally:
            sock.close()

    async def talk():
        reader, writer = await asyncio.open_connection(NAME, port, ssl=context(ca))
        try:
            await asyncio.wait_for(reader.read(1), 1)
        finally:
            await writer.wait_closed()

    result = []
    for attempt in (blocking, lambda: asyncio.run(talk())):
        start = time.ticks_ms()
        how = outcome(attempt)
        result.append([how, time.ticks_diff(time.ticks_ms(), start)])
    return finish(modem, result)


def polling_in_a_handshake(port, ca):
    """A write that waits for the peer's part of the handshake: what `poll` says to it at once,
    and when reads have brought the handshake to its end; then what comes back"""
    modem = installed_modem()
    stream = secured(modem, port, ca, blocking=False)
    poller = select.poll()
    poller.register(stream, select.POLLOUT)
    result = [stream.write(b"hello"), len(poller.poll(0))]
    poller.modify(stream, select.POLLIN)
    read = []
    while poller.poll(1000):  # until the peer has no more to say
        read.append(stream.read(1))
    result += [len(read) > 0, set(read) == {None}]
    poller.modify(stream, select.POLLOUT)
    result += [len(poller.poll(2000)), stream.write(b"hello")]
    stream.setblocking(True)
    result.append(stream.read(5).decode())
    stream.close()
    return finish(modem, result)


def silent_peer(port, ca):
    """Reading from a peer that says nothing times out, again and again, and loses nothing"""
    modem = installed_modem()
    stream = secured(modem, port, ca)
    stream.settimeout(0.3)
    result = [outcome(stream.read, 5), outcome(stream.readline)]
    stream.settimeout(10)
    stream.write(b"hello")
    result.append(stream.read(5).decode())
    stream.close()
    return finish(modem, result)


# -- the rest -------------------------------------------------------------------------------------


def cipher_too_early(port, ca):
    """Asking for the cipher before, in and after the handshake, and behind the end"""
    modem = installed_modem()
    stream = secured(modem, port, ca, blocking=False)
    result = [outcome(stream.cipher)]
    stream.write(b"hello")
    result.append(outcome(stream.cipher))
    stream.setblocking(True)
    stream.write(b"hello")
    result.append(len(stream.cipher()))
    stream.close()
    result.append(outcome(stream.cipher))
    result.append(outcome(stream.read, 1))
    result.append(outcome(stream.write, b"x"))
    stream.close()
    return finish(modem, result)


def own_socket(port, ca):
    """TLS over the interpreter's own socket stays what it was, however often we install"""
    import usocket

    modem = installed_modem()
    sixlink.install(modem)
    sock = usocket.socket()
    sock.connect(usocket.getaddrinfo(HOST, port)[0][-1])
    stream = context(ca).wrap_socket(sock, server_hostname=NAME)
    stream.write(b"hello")
    result = [type(stream).__name__, stream.read(5).decode()]
    stream.close()
    return finish(modem, result)


def context_of_a_library(port, ca):
    """TLS as `requests` makes it, with the context of the module `tls`"""
    modem = installed_modem()
    import tls

    trusted = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    trusted.verify_mode = tls.CERT_REQUIRED
    trusted.load_verify_locations(cafile=ca)
    sock = connected_socket(modem, port)
    stream = trusted.wrap_socket(sock, server_hostname=NAME)
    stream.write(b"hello")
    result = [type(stream).__name__, stream.read(5).decode()]
    stream.close()
    return finish(modem, result)


def interrupted(port, ca):
    """Ctrl-C in a blocking read; afterwards the stream goes on"""
    modem = installed_modem()
    stream = secured(modem, port, ca)
    stream.settimeout(None)
    stream.write(b"before")
    result = [stream.read(6).decode()]
    try:
        print("reading")  # in here: Ctrl-C may come at once
        stream.read(1)
    except KeyboardInterrupt:
        result.append("interrupted")
    stream.write(b"after!")
    result.append(stream.read(6).decode())
    stream.close()
    return finish(modem, result)
