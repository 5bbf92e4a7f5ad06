"""Scenes with `modem.aio`; the test has the servers, the certificates and the faults."""

import asyncio
import sys
import time

import echo
import sixlink
from machine import UART
from micropython import const
from scenes_socket import BAUD, HOST, connected_modem
from scenes_tls import NAME, context, failure, finish

_LONG_MS = const(20000)


def new_modem(**options):
    """Not connected yet."""
    return sixlink.Modem(UART(1, BAUD, rxbuf=4096), apn="cmnet", rxbuf=4096, **options)


def with_connected(main):
    """Run `main(modem)` on a modem that is up already, and look at the links afterwards."""
    modem = connected_modem()
    return finish(modem, asyncio.run(main(modem)))


async def connected(modem, port, ca):
    """A connection, with TLS if there is a `ca`."""
    trusted = context(ca) if ca else None
    return await modem.aio.open_connection(NAME, port, ssl=trusted)


async def how(awaitable):
    """What it returned, or how it failed."""
    try:
        return await awaitable
    except (Exception, asyncio.CancelledError) as error:
        return failure(error)


# -- up and down ----------------------------------------------------------------------------------


def up_and_down():
    """Whether it is connected before, in and after `async with`, twice; in one another; and on a
    modem that was up before"""
    modem = new_modem()
    states = [modem.isconnected()]

    async def once():
        async with modem.aio:
            states.append(modem.isconnected())
        states.append(modem.isconnected())

    async def nested():
        async with modem.aio:
            async with modem.aio:
                pass
            states.append(modem.isconnected())
        states.append(modem.isconnected())

    async def main():
        await once()
        await once()
        await nested()
        await modem.aio.connect(timeout=30)
        await once()
        await modem.aio.disconnect()
        states.append(modem.isconnected())

    asyncio.run(main())
    return states


def cancelled_bring_up():
    """A bring-up that is cancelled half-way, and one that is not"""
    modem = new_modem()

    async def main():
        result = [await how(asyncio.wait_for_ms(modem.aio.connect(), 100))]
        result += [modem.active(), modem.isconnected()]
        await modem.aio.connect(timeout=30)
        result += [modem.active(), modem.isconnected()]
        await modem.aio.disconnect()
        return result

    return asyncio.run(main())


def failing_bring_up():
    """Without the PIN: the step that fails, and whether the modem is left alone then"""
    modem = new_modem()

    async def main():
        try:
            async with modem.aio:
                return None
        except sixlink.ModemError as error:
            return [error.step, modem.active()]

    return asyncio.run(main())


# -- connections ----------------------------------------------------------------------------------


def echoes(port, ca, sizes):
    """The sizes that came back right"""

    async def main(modem):
        reader, writer = await connected(modem, port, ca)
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

    return with_connected(main)


def ways_of_reading(port, ca):
    """Every method of a reader, and what each says at the end"""

    async def main(modem):
        reader, writer = await connected(modem, port, ca)
        writer.write("a line\nabcdefghij and the rest, which has no end")
        await writer.drain()
        buf = bytearray(4)
        result = [(await reader.readline()).decode(), (await reader.readexactly(3)).decode()]
        result += [await reader.readinto(buf), bytes(buf).decode(), len(await reader.read(0))]
        result += [(await reader.read(3)).decode()]
        writer.write(b"\nbye\n")
        await writer.drain()
        result += [(await reader.readline()).decode(), await how(reader.readexactly(9))]
        result += [(await reader.read()).decode(), len(await reader.read(1))]
        result += [len(await reader.readline()), await reader.readinto(buf)]
        await writer.wait_closed()
        result += [await how(reader.read(1))]
        return result

    return with_connected(main)


def refusals(closed_port, open_port, ca):
    """A port where nobody listens, a host that does not exist, a certificate for another name, a
    host that no command may carry"""

    async def main(modem):
        aio = modem.aio
        result = [await how(aio.open_connection(HOST, closed_port))]
        result += [await how(aio.open_connection("no-such-name.invalid", 80))]
        wrong = aio.open_connection(NAME, open_port, ssl=context(ca), server_hostname="other")
        result += [await how(wrong)]
        result += [await how(aio.open_connection('quo"te', 80))]
        return result

    return with_connected(main)


def cancelled_connects(black_hole, stalled, good, ca):
    """Connecting is cancelled: before the peer answers, and in the handshake. Then six links at
    once are opened, and one more."""

    async def main(modem):
        aio = modem.aio
        attempt = aio.open_connection(HOST, black_hole)
        result = [await how(asyncio.wait_for_ms(attempt, 300))]
        attempt = aio.open_connection(NAME, stalled, ssl=context(ca))
        result += [await how(asyncio.wait_for_ms(attempt, 600))]
        streams = []
        for _ in range(6):
            streams.append((await aio.open_connection(HOST, good))[1])
        result += [len(streams), await how(aio.open_connection(HOST, good))]
        for stream in streams:
            stream.write(b"still here\n")
            await stream.drain()
            result.append((await stream.readline()).decode())
            await stream.wait_closed()
        return result

    return with_connected(main)


# -- cancellation ---------------------------------------------------------------------------------


def impatient_reading(port, ca, count, ms):
    """`count` numbered lines and then as many numbered blocks of 16 bytes, while `wait_for` gives
    up every few milliseconds: what arrived, and how often it gave up"""

    async def main(modem):
        reader, writer = await connected(modem, port, ca)
        writer.write(b"go\n")
        await writer.drain()
        right = gave_up = 0
        while right < 2 * count:
            call = reader.readline() if right < count else reader.readexactly(16)
            try:
                got = await asyncio.wait_for_ms(call, 1 + (gave_up + right) % ms)
            except asyncio.TimeoutError:
                gave_up += 1
                continue
            if got != (b"line %d\n" if right < count else b"block %10d") % right:
                break
            right += 1
        await writer.wait_closed()
        return [right, gave_up]

    return with_connected(main)


def impatient_draining(port, ca, size):
    """`drain` is given up again and again, and more is written: how often it gave up"""

    async def main(modem):
        _, writer = await connected(modem, port, ca)
        sent = echo.body(4, size)
        gave_up = 0
        for at in range(0, size, 9000):
            writer.write(sent[at : at + 9000])
            gave_up += await how(asyncio.wait_for_ms(writer.drain(), 40)) is not None
        while await how(asyncio.wait_for_ms(writer.drain(), 20)) is not None:
            gave_up += 1
        await writer.wait_closed()
        return gave_up

    return with_connected(main)


def cancelled_reader(port, ca, size):
    """A reader is cancelled while a writer waits for room: whether the writer goes on"""

    async def main(modem):
        reader, writer = await connected(modem, port, ca)
        reading = asyncio.create_task(how(reader.readexactly(10 * size)))
        writer.write(echo.body(4, size))
        writing = asyncio.create_task(writer.drain())
        await asyncio.sleep_ms(30)
        reading.cancel()
        result = [await how(asyncio.wait_for_ms(writing, _LONG_MS)), await reading]
        result.append(await reader.readexactly(size) == echo.body(4, size))
        await writer.wait_closed()
        return result

    return with_connected(main)


def second_waiters(port, ca):
    """A second reader and a second writer are refused; the first ones get what they want"""

    async def main(modem):
        reader, writer = await connected(modem, port, ca)
        first = asyncio.create_task(reader.readline())
        await asyncio.sleep_ms(10)
        result = [await how(reader.read(1)), await how(reader.readexactly(1))]
        writer.write(b"for the first\n" + echo.body(4, 9000))
        draining = asyncio.create_task(writer.drain())
        await asyncio.sleep_ms(1)
        result.append(await how(writer.drain()))
        await draining
        result.append((await first).decode())
        result.append(await reader.readexactly(9000) == echo.body(4, 9000))
        await writer.wait_closed()
        return result

    return with_connected(main)


def closed_under_a_reader(port, ca):
    """One task reads, another closes"""

    async def main(modem):
        reader, writer = await connected(modem, port, ca)
        reading = asyncio.create_task(how(reader.read(1)))
        await asyncio.sleep_ms(50)
        writer.close()
        return await how(asyncio.wait_for_ms(reading, _LONG_MS))

    return with_connected(main)


# -- names ----------------------------------------------------------------------------------------


def names(port):
    """Addresses by name: two tasks at once, again, an address, a name that does not exist, one
    whose asker is cancelled, one that no command may carry; then a connection by address"""

    async def main(modem):
        look_up = modem.aio.getaddrinfo
        both = await asyncio.gather(look_up(NAME, 80), look_up(NAME, 81))
        result = [both[0][0][-1], both[1][0][-1], (await look_up(NAME, 82))[0][-1]]
        result += [(await look_up(HOST, 83))[0][-1]]
        result += [await how(look_up("no-such-name.invalid", 80))]
        result += [await how(asyncio.wait_for_ms(look_up("other.invalid", 80), 1))]
        result += [await how(look_up('quo"te', 80))]
        address = (await look_up(NAME, port))[0][-1]
        reader, writer = await modem.aio.open_connection(*address)
        writer.write(b"by address\n")
        await writer.drain()
        result.append((await reader.readline()).decode())
        await writer.wait_closed()
        return result

    return with_connected(main)


def silent_name_server(port):
    """Nobody answers: how it ends, how many lines another task exchanged meanwhile, and how long
    the slowest of them took"""

    async def main(modem):
        reader, writer = await modem.aio.open_connection(HOST, port)
        print("connected")
        sys.stdin.readline()
        asking = asyncio.create_task(how(modem.aio.getaddrinfo(NAME, 80)))
        await asyncio.sleep_ms(500)
        exchanged = longest_ms = 0
        while not asking.done():
            start = time.ticks_ms()
            writer.write(b"line %d\n" % exchanged)
            await writer.drain()
            exchanged += await reader.readline() == b"line %d\n" % exchanged
            longest_ms = max(longest_ms, time.ticks_diff(time.ticks_ms(), start))
        await writer.wait_closed()
        return [await asking, exchanged, longest_ms]

    return with_connected(main)


# -- events ---------------------------------------------------------------------------------------


def events(port):
    """What is told while the modem comes up and, after a fault, loses its bearer and a link, until
    it is up again; whether the log had the notes, too"""
    log = []
    modem = new_modem(log=log.append)
    told = []

    async def listen():
        async for event in modem.aio.events():
            told.append(event)

    async def until_told(kind, times):
        while sum(event[0] == kind for event in told) < times:
            await asyncio.sleep_ms(10)

    async def main():
        listening = asyncio.create_task(listen())
        async with modem.aio:
            await modem.aio.open_connection(HOST, port)
            await until_told("bearer up", 1)
            print("up")
            await asyncio.wait_for_ms(until_told("bearer up", 2), _LONG_MS)
        listening.cancel()

    asyncio.run(main())
    return [
        told,
        log == [event[1] for event in told if event[0] == "note"],
        modem.aio.events().missed,
    ]


def nobody_listens():
    """More happens than may wait: how many events are left, and how many were missed"""
    modem = new_modem()

    async def main():
        for _ in range(2):
            async with modem.aio:
                pass
        left = 0
        async for _ in modem.aio.events():
            left += 1
            if left == 16:
                break
        return left

    return [asyncio.run(main()), modem.aio.events().missed > 0]


def asleep(port):
    """What a link has sent and received by the end of a sleep of the only task"""

    async def main(modem):
        async with modem.aio:
            reader, writer = await modem.aio.open_connection(HOST, port)
            writer.write(echo.body(2, 900))
            await asyncio.sleep_ms(1500)
            link = modem.links[0]
            result = [link.tx.sent, link.rx.received]
            result.append(await reader.readexactly(900) == echo.body(2, 900))
            await writer.wait_closed()
        return result + [modem.isconnected()]

    return with_connected(main)
