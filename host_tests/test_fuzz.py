"""Any bytes at all: what takes them never raises, and finds its way back.

`make fuzz` looks further, guided by coverage; what it found is replayed by test_corpus.py.
"""

import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sixlink.fields import is_address, is_digits, number, plain, put_number, quoted, safe
from sixlink.framer import Framer

from tools.fuzz import words
from tools.fuzz.choices import NUMBERS
from tools.fuzz.engine import Session
from tools.fuzz.vmodem import PAUSES_US, Host, Options

bounded = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
few = settings(bounded, max_examples=50)


def filled(templates):
    """One of the templates, numbers in it, and perhaps cut off."""

    def fill(template, numbers, end):
        parts = template.split(b"#")
        numbers = [b"%d" % n for n in numbers[: len(parts) - 1]] + [b""]
        return b"".join(a + b for a, b in zip(parts, numbers, strict=True))[:end]

    numbers = st.lists(st.sampled_from(NUMBERS), min_size=5, max_size=5)
    return st.builds(fill, st.sampled_from(templates), numbers, st.none() | st.integers(0, 30))


# -- the firmware --------------------------------------------------------------------------------

noise = st.lists(st.binary(max_size=300) | filled(words.MODEM), max_size=6).map(b"".join)
mishaps = st.lists(
    st.tuples(st.just("say"), noise)
    | st.tuples(st.just("run"), st.integers(0, 20_000))
    | st.tuples(st.just("grain"), st.integers(0, 40))
    | st.tuples(st.sampled_from(("mute", "deaf")), st.booleans()),
    max_size=12,
)


@pytest.mark.parametrize("flow", [False, True], ids=["pull", "push"])
@given(busy=st.integers(0, 60), mishaps=mishaps)
@few
def test_a_session_survives_any_noise(flow, busy, mishaps):
    """Noise begins `busy` ms after three links got work to do: between any two of the commands
    that it takes. Recovery is within `engine.RECOVERY_MS`."""
    session = Session(flow=flow)
    session.nic.connect()
    for udp, host in ((False, "source"), (False, "silent"), (True, "echo")):
        session.open(udp, host)
        session.use(-1, lambda sock: sock.write(b"\xe0" * 700))
    session.run(busy)
    for what, value in mishaps:
        if what in ("say", "run"):
            getattr(session, what)(value)
        else:
            setattr(session.tap, what, value)
        session.check()
    session.recover()


# -- the virtual modem ---------------------------------------------------------------------------


@given(
    st.builds(Options, echo=st.booleans(), pin=st.sampled_from((None, "1234"))),
    st.lists(st.binary(max_size=300) | filled(words.HOST) | st.sampled_from(PAUSES_US)),
)
@bounded
def test_the_virtual_modem_survives_any_typing(options, acts):
    host = Host(options)
    for act in acts:
        if isinstance(act, bytes):
            host.type(act)
        else:
            host.listen(act)
        host.check()
    host.recover()


# -- the framer ----------------------------------------------------------------------------------

lines = st.lists(
    st.binary(max_size=120).map(lambda line: line.replace(b"\n", b"")) | st.just(b"@20"),
    max_size=12,
).map(b"\n".join)


def events(chunks, prompting, size=512):
    """What the framer makes of the chunks; a line `@<n>` announces a payload of n bytes."""
    framer = Framer(size)
    framer.prompting = prompting
    found = []
    for chunk in chunks:
        framer.buf[: len(chunk)] = chunk
        framer.at, framer.end = 0, len(chunk)
        while kind := framer.next():
            if kind == PAYLOAD:
                n = min(framer.payload, framer.end - framer.at)
                found.append(bytes(framer.buf[framer.at : framer.at + n]))
                framer.at, framer.payload = framer.at + n, framer.payload - n
                continue
            if kind == LOSS:
                framer.abandon()
            line = bytes(framer.line[framer.start : framer.stop]) if kind == LINE else None
            found.append((kind, line))
            if line and re.fullmatch(rb"@[1-9]\d?", line):
                framer.expect(int(line[1:]))
            else:
                framer.take()
    return merged(found)


def merged(found):
    """Parts of one payload become one."""
    whole = []
    for part in found:
        if isinstance(part, bytes) and whole and isinstance(whole[-1], bytes):
            whole[-1] += part
        else:
            whole.append(part)
    return whole


LINE, PAYLOAD, LOSS = 1, 3, 4


@given(lines, st.lists(st.integers(1, 40), min_size=1), st.booleans())
@example(b"@20\n01234567890123456789\r\nnext\n", [1], False)
@bounded
def test_portions_change_nothing_for_the_framer(data, sizes, prompting):
    chunks, at = [], 0
    while at < len(data):
        size = sizes[len(chunks) % len(sizes)]
        chunks.append(data[at : at + size])
        at += size
    assert events(chunks, prompting) == events([data], prompting, max(512, len(data)))


# -- fields --------------------------------------------------------------------------------------

texts = st.binary(max_size=60) | st.text('0123456789,:" .-a', max_size=40).map(str.encode)


@given(texts, st.integers(0, 4))
@bounded
def test_number_is_what_a_regular_expression_finds(text, index):
    parts = text.split(b",", index)
    found = re.match(rb" *(\d[\d ]*)(?:[,:]|$)", parts[index]) if len(parts) > index else None
    value = int(found[1].replace(b" ", b"")) if found else -1
    line = text + b"\r\n"
    assert number(line, 0, len(text), index) == (value if value <= 99_999_999 else -1)


@given(texts, st.integers(0, 4))
@bounded
def test_quoted_is_what_stands_between_quotes(text, index):
    strings = re.findall(rb'"([^"]*)"', text)
    wanted = strings[index] if index < len(strings) else None
    assert quoted(text, 0, len(text), index) == wanted


dotted = st.lists(st.integers(0, 1200), min_size=3, max_size=5).map(
    lambda parts: b".".join(b"%d" % part for part in parts)
)


@given(texts | dotted)
@bounded
def test_shapes_of_bare_replies(text):
    address = re.fullmatch(rb"\d{1,3}(\.\d{1,3}){3}", text) is not None
    assert is_address(text, 0, len(text)) == address
    assert is_digits(text, 0, len(text)) == (re.fullmatch(rb"[0-9]+", text) is not None)
    assert plain(text, 0, len(text)) == "".join(chr(c) for c in text if 32 <= c < 127)


@given(st.integers(0, 99_999), st.integers(0, 3))
@bounded
def test_what_is_put_is_read(value, at):
    buf = bytearray(b"\r" * 10)
    end = put_number(buf, at, value)
    assert number(buf, at, end) == value and buf[end] == 13


@given(st.text(max_size=40) | st.binary(max_size=40))
@bounded
def test_safe_lets_through_nothing_that_ends_a_string(text):
    raw = text.encode() if isinstance(text, str) else text
    try:
        assert safe(text, 32, "host") == raw
        assert len(raw) <= 32 and re.fullmatch(rb"[ !#-~]*", raw)
    except ValueError as error:
        assert len(raw) > 32 or re.search(rb"[^ !#-~]", raw), error
