"""asyncio's streams over sockets."""

import asyncio

from conformance import HOST, bits, digest, fill, pattern, ports, told

BRIEF_MS = 40


def stream(programme):
    """A stream on a connection whose peer has been told what to do."""
    sock = told(programme)
    sock.setblocking(False)
    return asyncio.StreamReader(sock)


async def opened(programme):
    """The same by `open_connection`: to be closed by the case."""
    reader, writer = await asyncio.open_connection(HOST, ports["puppet"])
    writer.write(programme.encode() + b"\n")
    await writer.drain()
    return reader, writer


async def close(writer):
    writer.close()
    await writer.wait_closed()


async def too_late(awaitable):
    """Whether waiting for it takes longer than a moment; then it is cancelled."""
    try:
        await asyncio.wait_for_ms(awaitable, BRIEF_MS)
    except asyncio.TimeoutError:
        return True
    return False


async def error_of(awaitable):
    try:
        await awaitable
    except (Exception, asyncio.CancelledError) as error:  # the latter is a BaseException
        return type(error).__name__


async def repeated(times, call):
    """MicroPython has no await in a comprehension."""
    results = []
    for _ in range(times):
        results.append(await call())
    return results


async def write(writer, data):
    writer.write(data)
    await writer.drain()


async def ask(reader, writer, data):
    """Whether a peer that digests lines has read this one."""
    await write(writer, data + b"\n")
    return await reader.readline() == digest(data)


# -- reading -----------------------------------------------------------------------------------


async def case_read_gives_what_there_is():
    reader = stream("send 5, line")
    data = b""
    while len(data) < 5:
        data += await reader.read(100)
    return data, await too_late(reader.read(1))


async def case_read_gives_no_more_than_is_asked_for():
    reader = stream("send 5")
    return await reader.read(1), await reader.read(1), await reader.readexactly(3)


async def case_read_to_the_end():
    reader = stream("slow 10 3")
    return await reader.read(), await reader.read(1), await reader.read()


async def case_read_much():
    reader = stream("send 12000")
    return await reader.read(-1) == pattern(12000)


async def case_readexactly():
    reader = stream("slow 20 2, line")
    return await reader.readexactly(3), await reader.readexactly(17)


async def case_readexactly_much():
    reader = stream("send 6000, line")
    return await reader.readexactly(6000) == pattern(6000)


async def case_readexactly_nothing():
    return await stream("line").readexactly(0)


async def case_readexactly_beyond_the_end():
    return await error_of(stream("send 5").readexactly(6))


async def case_readline():
    reader = stream("say one/two//last")
    return await repeated(5, reader.readline)


async def case_readline_of_a_torn_line():
    reader = stream("say be, line, say gin/next/")
    first = await reader.readexactly(1)
    await write(reader, b"\n")
    return first, await reader.readline(), await reader.readline()


async def case_readline_of_a_slow_line():
    reader = stream("slow 14 3")  # byte 10 is a line feed
    return await reader.readline(), await reader.readline()


async def case_readinto():
    reader = stream("send 5, line")
    buf = bytearray(2)
    return await reader.readinto(buf), bytes(buf)


async def case_readinto_at_the_end():
    reader = stream("half, sink")
    return await reader.readinto(bytearray(2)), await reader.read(1)


async def case_all_kinds_of_reading_in_turn():
    reader = stream("say one/two/, send 9")
    buf = bytearray(1)
    return (
        await reader.read(1),
        await reader.readline(),
        await reader.readinto(buf),
        bytes(buf),
        await reader.readexactly(3),
        await reader.read(),
    )


async def case_what_came_during_a_sleep_is_there():
    reader = stream("send 3000, line")
    await asyncio.sleep_ms(BRIEF_MS)
    return await reader.readexactly(3000) == pattern(3000)


async def case_the_end_wakes_the_reader():
    reader = stream("line")
    task = asyncio.create_task(reader.read(1))
    await asyncio.sleep_ms(1)
    await write(reader, b"\n")
    return await task


# -- writing -----------------------------------------------------------------------------------


async def case_write_and_drain():
    writer = stream("digest")
    return await ask(writer, writer, b"abc")


async def case_many_writes_and_one_drain():
    writer = stream("digest")
    for number in range(100):
        writer.write(b"number %d," % number)
    await write(writer, b"\n")
    data = b"".join([b"number %d," % number for number in range(100)])
    return await writer.readline() == digest(data)


async def case_write_much():
    writer = stream("digest")
    return await ask(writer, writer, bytes(10000))


async def case_write_much_in_pieces():
    writer = stream("digest")
    for _ in range(20):
        await write(writer, bytes(500))
    await write(writer, b"\n")
    return await writer.readline() == digest(bytes(10000))


async def case_write_a_string():
    writer = stream("digest")
    await write(writer, "abc\n")
    return await writer.readline() == digest(b"abc")


async def case_write_a_slice():
    writer = stream("digest")
    await write(writer, memoryview(b"abc\ndef")[:4])
    return await writer.readline() == digest(b"abc")


async def case_drain_with_nothing_to_send():
    writer = stream("line")
    return await writer.drain(), await writer.drain()


async def case_write_to_a_peer_that_has_closed():
    writer = stream("send 3")
    data = await writer.read()
    for _ in range(50):
        error = await error_of(write(writer, b"x"))
        if error:
            return data, error
        await asyncio.sleep_ms(10)


async def case_reader_and_writer_of_one_socket():
    sock = told("digest")
    sock.setblocking(False)
    return await ask(asyncio.StreamReader(sock), asyncio.StreamWriter(sock, {}), b"abc")


# -- open_connection ---------------------------------------------------------------------------


async def case_open_connection():
    reader, writer = await opened("digest, say done")
    answer = await ask(reader, writer, b"abc"), await reader.read()
    await close(writer)
    return answer


async def case_open_connection_by_name():
    reader, writer = await asyncio.open_connection("localhost", ports["puppet"])
    await write(writer, b"say hello\n")
    data = await reader.read()
    await close(writer)
    return data


async def case_open_connection_is_refused():
    async def use():
        reader, writer = await asyncio.open_connection(HOST, ports["refused"])
        try:
            await reader.read(1)
        finally:
            await close(writer)

    return await error_of(use())


async def case_open_connection_after_a_refusal():
    await case_open_connection_is_refused()
    return await case_open_connection()


async def case_open_connection_ten_times():
    return await repeated(10, case_open_connection)


async def case_open_four_at_once():
    return await asyncio.gather(*[case_open_connection() for _ in range(4)])


async def case_closing_tells_the_peer():
    _, writer = await opened("keep stream")
    await write(writer, b"abc")
    await close(writer)
    reader, other = await opened("tell stream")
    answer = await reader.readline()
    await close(other)
    return answer == digest(b"abc")


async def case_closing_twice():
    _, writer = await opened("line")
    await close(writer)
    return await error_of(close(writer))


# -- giving up ---------------------------------------------------------------------------------


async def case_wait_for_read():
    reader = stream("line, send 5")
    late = await too_late(reader.read(1)), await too_late(reader.read())
    await write(reader, b"\n")
    return late, await reader.read()


async def case_wait_for_readline():
    reader = stream("line, say one/two/")
    late = await too_late(reader.readline())
    await write(reader, b"\n")
    return late, await reader.readline(), await reader.readline()


async def case_wait_for_readexactly():
    reader = stream("line, send 5")
    late = await too_late(reader.readexactly(5))
    await write(reader, b"\n")
    return late, await reader.readexactly(5)


async def case_wait_for_that_is_met():
    reader = stream("send 5")
    return await asyncio.wait_for(reader.readexactly(5), 10), await reader.read(1)


async def case_no_byte_is_lost_between_timeouts():
    """None of them may fall on a read: MicroPython's wait_for then drops what was read."""
    reader = stream("line, send 3" + ", line, send 3" * 7)
    data = b""
    for _ in range(8):
        late = await too_late(reader.read(3))
        await write(reader, b"\n")
        data += await reader.readexactly(3) if late else b"early"
    return data, await reader.read(1)


async def case_cancelled_reader():
    reader = stream("line, send 5")
    task = asyncio.create_task(reader.read(5))
    await asyncio.sleep_ms(5)
    task.cancel()
    error = await error_of(task)
    await write(reader, b"\n")
    return error, await reader.readexactly(5)


async def case_reader_cancelled_before_it_began():
    reader = stream("send 5")
    task = asyncio.create_task(reader.readexactly(5))
    task.cancel()
    return await error_of(task), await reader.readexactly(5)


async def case_no_byte_is_lost_between_many_cancellations():
    """A task may have done its read when it is cancelled; then that is its result."""
    reader = stream("slow 40 3")
    data = b""
    part = None
    pause_ms = 0
    while part != b"":
        task = asyncio.create_task(reader.read(2))
        await asyncio.sleep_ms(pause_ms)
        pause_ms = (pause_ms + 1) % 5
        task.cancel()
        try:
            part = await task
            data += part
        except asyncio.CancelledError:
            pass
    return data


async def case_wait_for_drain_of_a_full_socket():
    sock = told("wait drain, sink")
    fill(sock)
    writer = asyncio.StreamWriter(sock, {})
    late = await too_late(write(writer, bytes(60000)))
    other = stream("digest")
    works = await ask(other, other, b"abc")
    await stream("signal drain").read()
    return late, works


async def case_drain_waits_for_room():
    sock = told("wait room for drain, digest")
    taken = fill(sock)
    writer = asyncio.StreamWriter(sock, {})
    task = asyncio.create_task(write(writer, bytes(5000) + b"\n"))
    await asyncio.sleep_ms(BRIEF_MS)
    early = task.done()
    await stream("signal room for drain").read()
    await task
    return early, await writer.readline() == digest(bytes(taken + 5000))


async def case_closed_by_another_task():
    reader = stream("line")
    task = asyncio.create_task(reader.read(1))
    await asyncio.sleep_ms(5)
    await reader.wait_closed()
    return await error_of(task)


# -- several tasks -----------------------------------------------------------------------------


async def case_one_task_reads_and_one_writes():
    both = stream("echo")

    async def write_all():
        for at in range(0, 4000, 400):
            await write(both, pattern(400, at))

    _, data = await asyncio.gather(write_all(), both.readexactly(4000))
    return data == pattern(4000)


async def case_a_reader_does_not_hold_up_a_writer():
    both = stream("line, say heard")
    task = asyncio.create_task(both.read())
    await asyncio.sleep_ms(5)
    await write(both, b"\n")
    return await task


async def case_tasks_with_a_stream_each():
    async def talk(number):
        both = stream("digest, " * 7 + "digest")
        return await repeated(8, lambda: ask(both, both, b"number %d" % number))

    return await asyncio.gather(*[talk(number) for number in range(4)])


async def case_other_tasks_run_while_one_reads():
    turns = 0

    async def count():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep_ms(1)

    task = asyncio.create_task(count())
    data = await stream("slow 10 10").read()
    task.cancel()
    return data, turns > 10


async def case_a_flood_does_not_starve_another_stream():
    flooded, both = stream("flood"), stream("digest")
    task = asyncio.create_task(flooded.readexactly(900))
    answer = await ask(both, both, b"abc")
    return answer, await task == pattern(900)


async def case_one_fails_and_the_other_goes_on():
    return await asyncio.gather(case_open_connection_is_refused(), case_open_connection())


async def case_poll_and_streams_side_by_side():
    both, sock = stream("digest"), told("send 3")
    ready = bits(sock)
    return await ask(both, both, b"abc"), ready != 0, sock.read()
