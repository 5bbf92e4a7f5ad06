"""`tools.flight` against the firmware's recorder, and against files that are no trace."""

import io
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from clients import board_and_modem
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from sixlink.flight import save
from sixlink.recorder import Recorder

from tools import flight, servers
from tools.flight import KINDS, NoTrace, Record, decode

HERE = Path(__file__).parent
HOWTO = HERE.parent / "docs" / "howto-debugging.md"
SCENES = HERE / "upy" / "scenes_flight.py"
MASK = (1 << 29) - 1


class Driver:
    """Of a driver, what saving a trace asks for."""

    def __init__(self, recorder):
        self.recorder = recorder

    def __enter__(self):
        pass

    def __exit__(self, *_):
        pass

    def now(self):
        return self.recorder.now


def saved(recorder):
    """What `modem.trace(file)` writes."""
    file = io.BytesIO()
    save(SimpleNamespace(driver=Driver(recorder)), file)
    return file.getvalue()


def note(recorder, kind, data):
    if kind == "mark":
        recorder.mark(data.decode("latin-1"))
    elif kind == "rx":
        recorder.seen = 0
        recorder.text(data, len(data))
    elif kind == "rx payload":
        recorder.seen = 0
        recorder.payload(data, 0, len(data))
    else:
        command = SimpleNamespace(text=data, secret=False)
        phase = 3 if kind == "tx payload" else 1
        engine = SimpleNamespace(tx_buf=data, inflight=command, phase=phase, timeouts=0)
        recorder.typed(engine, 0, len(data))


def expected(notes):
    """The records that `notes` (kind, ms since the one before, bytes) make, oldest first."""
    found = []
    now = 0
    for kind, ms, data in notes:
        now += ms
        last = found[-1] if found else None
        if kind == "mark" or last is None or last.kind != kind or ms > 10:
            goes_on = last is not None and last.kind == kind
            prefix = prefix if goes_on else 16  # noqa: F821 - set by the first note of a kind
            found.append(Record(now, kind, b""))
        if "payload" in kind:
            found[-1].data += data[:prefix]
            found[-1].left_out += len(data) - len(data[:prefix])
            prefix -= len(data[:prefix])
        else:
            found[-1].data += data
    return now, found


def in_parts(records):
    """Text that is longer than 120 bytes makes several records."""
    for record in records:
        for at in range(0, max(1, len(record.data)), 120):
            part = record.data[at : at + 120]
            yield Record(record.at_ms, record.kind, part, record.left_out)


NOTES = st.lists(
    st.tuples(
        st.sampled_from(["rx", "tx", "rx payload", "tx payload", "mark"]),
        st.one_of(st.integers(0, 30), st.integers(0, 1 << 22)),
        st.binary(min_size=1, max_size=200).map(lambda data: bytes(c & 127 for c in data)),
    ),
    max_size=60,
)


@given(NOTES, st.sampled_from([256, 300, 2048, 65535]), st.integers(0, MASK))
def test_what_the_board_notes_the_tool_reads(notes, size, start):
    notes = [(kind, ms, data[:120] if kind == "mark" else data) for kind, ms, data in notes]
    recorder = Recorder(size)
    recorder.now = start
    for kind, ms, data in notes:
        recorder.now = (recorder.now + ms) & MASK
        note(recorder, kind, data)
    end, records = expected(notes)
    trace = decode(saved(recorder))
    told = [(r.at_ms + end, r.kind, r.data, r.left_out) for r in trace.records]
    all_of_them = [(r.at_ms, r.kind, r.data, r.left_out) for r in in_parts(records)]
    assert told == all_of_them[len(all_of_them) - len(told) :]
    assert len(told) == len(all_of_them) or size < 65535
    shown(trace)
    json.loads(flight.as_json(trace))


def shown(trace):
    file = io.StringIO()
    flight.show(trace, Console(file=file, width=80))
    return file.getvalue()


# -- files that are no trace ----------------------------------------------------------------------


def sample():
    recorder = Recorder(256)
    for n, kind in enumerate(["rx", "tx", "rx payload", "mark", "rx"]):
        recorder.now = 200 * n
        note(recorder, kind, b"AT+CIPSTATUS\r\n" * 3)
    return saved(recorder)


def test_a_trace_that_was_cut_is_refused_wherever():
    whole = sample()
    for size in range(len(whole)):
        with pytest.raises(NoTrace):
            decode(whole[:size])
    with pytest.raises(NoTrace):
        decode(whole + b"x")


@given(st.data())
def test_damage_is_refused_or_read_but_never_more(data):
    whole = bytearray(sample())
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        shown(decode(bytes(whole)))
    except NoTrace:
        pass


@given(st.binary(max_size=300))
def test_garbage_is_refused_or_read_but_never_more(body):
    header = flight.HEADER.pack(flight.MAGIC, 1, 0, 5, 5, len(body))
    with pytest.raises(NoTrace):
        decode(body)
    try:
        shown(decode(header + body))
    except NoTrace:
        pass


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"", "this is not a trace of Sixlink"),
        (b"PNG" * 30, "this is not a trace of Sixlink"),
        (sample()[:-1], "bytes of records where its header names"),
        (sample()[:8] + b"\x02" + sample()[9:], "format 2"),
        (None, "No such file"),
    ],
    ids=["empty", "foreign", "cut", "newer", "absent"],
)
def test_what_is_wrong_is_one_sentence_and_status_2(tmp_path, capsys, content, sentence):
    path = tmp_path / "trace.bin"
    if content is not None:
        path.write_bytes(content)
    assert flight.main([str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == "" and sentence in said.err and len(said.err.splitlines()) == 1


# -- what a person sees ---------------------------------------------------------------------------


def test_commands_get_their_duration_and_lines_what_they_are():
    recorder = Recorder(1024)
    story = (
        (0, "tx", b"AT+CIPSEND=0,5\r\n"),
        (12, "rx", b"\r\n> "),
        (0, "tx payload", b"hello"),
        (30, "rx", b"\r\nDATA ACCEPT:0,5\r\n\r\n+CREG: 2\r\n"),
        (100, "mark", b"9600 baud"),
        (20, "tx", b"AT\r"),
        (11, "rx", b"\r\nERROR\r\n"),
    )
    for ms, kind, data in story:
        recorder.now += ms
        note(recorder, kind, data)
    told = [(line.way, line.note, line.style) for line in flight.lines(decode(saved(recorder)))]
    assert told == [
        ("tx", "42 ms", ""),
        ("rx", "", "prompt"),
        ("tx", "", "payload"),
        ("rx", "", ""),
        ("rx", "", "urc"),
        ("mark", "", "mark"),
        ("tx", "11 ms", ""),
        ("rx", "", "error"),
    ]


def test_every_kind_of_the_format_has_a_name():
    assert KINDS.index("rx withheld") == 4 and KINDS.index("mark") == 6


# -- real MicroPython -----------------------------------------------------------------------------


def test_a_trace_saved_by_a_board_is_read_here(tmp_path, capsys):
    path = tmp_path / "trace.bin"
    with servers.TcpEcho() as echo, board_and_modem() as (board, modem):
        stats = board.play("scenes_flight", "good_link", servers.HOST, echo.port, str(path))
        counted = modem.record(None).stats
    assert (stats["up"], stats["down"], stats["health"]) == (20, 20, "good")
    connection = counted["connections"][0]
    assert (connection["bytes_up"], connection["bytes_down"]) == (20, 20)
    assert flight.main([str(path)]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"^ +-\d+\.\d{3} > AT\+CIPMUX=1\\r   \d+ ms$", printed, re.MULTILINE)
    assert "[20 bytes] hello from the b ..." in printed
    assert "geheim" not in printed and b"geheim" not in path.read_bytes()
    assert flight.main([str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["records"]


def test_a_bad_link_as_the_howto_debugs_it(tmp_path):
    path = tmp_path / "trace.bin"
    with servers.TcpEcho() as echo, board_and_modem() as (board, modem):
        args = (servers.HOST, echo.port, str(path))
        scene = board.scene("scenes_flight", "bad_link", *args)
        assert scene.line() == "ready"
        modem.fault("lost_prompt")
        output, _ = scene.program.communicate("go\n", 60)
    lines = output.splitlines()
    assert any("ECONNRESET" in line for line in lines), output
    assert any(
        re.fullmatch(r"\d+\.\d s ago: ETIMEDOUT AT\+CIPSEND=0,5 -1", line) for line in lines
    )
    assert any(re.fullmatch(r" +-\d+\.\d{3} = link 0: ECONNRESET", line) for line in lines)
    assert all(len(line) <= 80 for line in lines[:-1]), output
    kinds = [record.kind for record in decode(path.read_bytes()).records]
    assert {"rx", "tx", "mark"} <= set(kinds)


def test_code_of_the_howto_is_what_the_scene_runs():
    source = SCENES.read_text().split("def bad_link")[1]
    blocks = re.findall(r"^```python\n(.*?)^```$", HOWTO.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 3
    for block in blocks:
        assert block in source, block
