"""The framer: bytes in, events out, for every chunking of the stream."""

from session import splits
from sixlink.framer import Framer

NOTHING, LINE, PROMPT, PAYLOAD, LOSS = range(5)
PROMPTED = b"<prompt>"
LOST = b"<loss>"


def events(chunks, prompting=False, payload_after=None, grain=64):
    """What a framer makes of `chunks`. After line `payload_after`, five payload bytes are due."""
    framer = Framer(grain)
    framer.prompting = prompting
    found = []
    for chunk in chunks:
        for i in range(0, len(chunk), grain):
            part = chunk[i : i + grain]
            framer.buf[: len(part)] = part
            framer.at, framer.end = 0, len(part)
            while framer.next():
                take(framer, found, payload_after)
    return found


def take(framer, found, payload_after):
    kind = framer.next()
    if kind == PAYLOAD:
        n = min(framer.end - framer.at, framer.payload)
        data = bytes(framer.buf[framer.at : framer.at + n])
        framer.at, framer.payload = framer.at + n, framer.payload - n
        if found and isinstance(found[-1], list):
            found[-1][0] += data
        else:
            found.append([data])
        return
    if kind == LINE:
        line = bytes(framer.line[framer.start : framer.stop])
        found.append(line)
        if line == payload_after:
            framer.expect(5)
            return
    elif kind == PROMPT:
        found.append(PROMPTED)
    elif kind == LOSS:
        found.append(LOST)
        framer.abandon()
    framer.take()


def same_for_every_split(data, expected, **options):
    for chunks in splits(data):
        assert events(chunks, **options) == expected, chunks


def test_lines_with_every_kind_of_ending():
    data = b"AT\r\r\nOK\r\n\r\n\r\n+CSQ: 20,0 \r\nRDY\nlast\r\n"
    same_for_every_split(data, [b"AT", b"OK", b"+CSQ: 20,0", b"RDY", b"last"])


def test_an_unfinished_line_waits():
    same_for_every_split(b"\r\nOK", [])


def test_prompt_only_while_one_is_owed():
    same_for_every_split(b"\r\n> ", [PROMPTED], prompting=True)
    same_for_every_split(b"\r\n> \r\n", [b">"])


def test_prompt_only_at_line_start():
    same_for_every_split(b"a> \r\n\r\n> ", [b"a>", PROMPTED], prompting=True)


def test_result_right_behind_the_prompts_space():
    same_for_every_split(b"\r\n> \r\n0, SEND OK\r\n", [PROMPTED, b"0, SEND OK"], prompting=True)


def test_payload_is_counted_and_never_scanned():
    for payload in (b"\r\nOK", b"> > >", b"\n\n\n\n\n", b"0, CL", b"\x00\xff\x1a\x1b\r"):
        payload = payload + b"xxxxx"[len(payload) :]
        data = b"\r\nHEAD\r\n" + payload + b"\r\nOK\r\n"
        same_for_every_split(
            data, [b"HEAD", [payload], b"OK"], prompting=True, payload_after=b"HEAD"
        )


def test_payload_too_short_is_a_loss():
    data = b"\r\nHEAD\r\nfour\r\nOK\r\n"
    same_for_every_split(data, [b"HEAD", [b"four\r"], LOST, b"OK"], payload_after=b"HEAD")


def test_payload_too_long_is_a_loss():
    data = b"\r\nHEAD\r\nsix...\r\nOK\r\n"
    same_for_every_split(data, [b"HEAD", [b"six.."], LOST, b".", b"OK"], payload_after=b"HEAD")


def test_a_line_longer_than_any_of_the_dialect():
    data = b"x" * 1000 + b"\r\nOK\r\n"
    found = events([data])
    assert LOST in found and found[-1] == b"OK"


def test_endless_line_keeps_the_buffer_bounded():
    found = events([b"x" * 100000])
    assert set(found) == {LOST}


def test_an_event_stays_until_it_is_taken():
    framer = Framer(16)
    framer.buf[:4] = b"OK\r\n"
    framer.at, framer.end = 0, 4
    assert framer.next() == framer.next() == LINE
    framer.take()
    assert framer.next() == NOTHING
