"""docs/dialect.md says what firmware and virtual modem do, and would fail if it lied."""

import ast
import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from vmodem_host import UP, Host, served

from tools import dialect_table
from tools.dialect_forms import FAMILIES, FORMS, OTHERS, ROWS, form_of
from tools.dialect_forms.form import Form, Typed
from tools.dialect_table import ENGINE, MODEM, NOT_YET, SEED
from tools.vmodem import PROFILES
from tools.vmodem.commands import registry

HERE = Path(__file__).resolve().parent


def test_the_committed_page_is_what_the_command_writes():
    committed = dialect_table.PAGE.read_text(encoding="utf-8")
    assert committed == dialect_table.page(), "run python -m tools.dialect_table"


def test_no_cell_is_empty():
    tables = [line for line in dialect_table.page().splitlines() if line.startswith("|")]
    assert len(tables) > 200
    for line in tables:
        assert all(cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]), line


# -- the rows ------------------------------------------------------------------------------------


def line_of(form):
    return form.example or form.line


def test_each_form_is_told_from_all_others():
    assert len({form.name for form in FORMS}) == len(FORMS)
    for form in FORMS:
        if form.is_line:
            assert [other for other in FORMS if other.fits(line_of(form), form.mode)] == [form]


def test_a_form_is_known_by_a_typed_line_and_the_mode():
    def name(line, mode):
        form = form_of(line, mode)
        return form and form.name

    assert name('AT+CIPSTART=5,TCP,"h",80', "multi").startswith("AT+CIPSTART=<n>")
    assert name("AT+CIPCLOSE=1", "multi") == "AT+CIPCLOSE=<n> (multi)"
    assert name("AT+CIPCLOSE=1", "single") == "AT+CIPCLOSE=<0|1> (single)"
    assert name("AT+CFUN=1,1", "multi") == "AT+CFUN=1,<0|1>"
    assert name("AT+CIPRXGET=2,0,1024", "multi") == "AT+CIPRXGET=2,<n>,<length> (multi)"
    assert name("AT+CSTT", "multi") == "AT+CSTT"
    assert name("AT+CIICR=1", "multi") is None


def kinds_with_a_row():
    """(command without AT, form) of each row, as the registry has them."""
    for form in FORMS:
        if form.is_line:
            name = re.match(r"AT([+&]?[A-Z]*)", form.line)[1]
            yield name, form.kind.split()[0]


def test_every_command_of_the_virtual_modem_has_a_row_for_each_of_its_forms():
    assert set(registry._handlers) <= set(kinds_with_a_row())


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("names, reason", OTHERS, ids=[names[0] for names, _ in OTHERS])
def test_what_neither_side_speaks_is_unknown_to_the_virtual_modem(names, reason, profile):
    for name in names:
        for line in (name, f"{name}?", f"{name}=?", f"{name}=1"):
            assert outcome(scene("idle", profile).ask(line)) == "unknown", line


# -- the virtual modem ---------------------------------------------------------------------------


# What is typed to get to where a form is tried: before the context is up, and whether it is.
SCENES = {
    "idle": ((), False),
    "multi idle": (("AT+CIPMUX=1",), False),
    "started": (("AT+CSTT",), False),
    "transparent": (("AT+CIPMODE=1",), False),
    "single up": ((), True),
    "single link": ((), True),
    "single pull": (("AT+CIPRXGET=1",), True),
    "multi up": (("AT+CIPMUX=1",), True),
    "multi link": (("AT+CIPMUX=1",), True),
    "multi pull": (("AT+CIPMUX=1", "AT+CIPRXGET=1"), True),
    "online": (("AT+CIPMODE=1",), True),
    "escaped": (("AT+CIPMODE=1",), True),
    "server": (("AT+CIPMUX=1",), True),
}


def scene(name, profile):
    """A host whose virtual modem has come that far; "link" has link 0 open, "pull" data in it."""
    host = Host(network=served(), profile=profile)
    before, up = SCENES[name]
    host.run("AT+CMEE=1", *before, *(UP if up else ()))
    place, _, what = name.partition(" ")
    if what in ("link", "pull"):
        host.open() if place == "multi" else host.open_single()
    if what == "pull":
        host.ask("AT+CIPSEND=0,5" if place == "multi" else "AT+CIPSEND=5")
        host.type(b"hello")
    if place in ("online", "escaped"):
        assert host.ask('AT+CIPSTART="TCP","echo",7').endswith(b"\r\nCONNECT\r\n")
    if place == "escaped":
        assert host.rest(2000) + host.type(b"+++") == b"\r\nOK\r\n"
    if place == "server":
        host.ask("AT+CIPSERVER=1,80")  # which not every family has
    return host


def outcome(answer):
    """The word for an answer, given AT+CMEE=1."""
    assert answer, "no answer at all"
    if b"\r\n+CME ERROR: " in answer:
        return "refuses"
    return "unknown" if b"\r\nERROR\r\n" in answer else "speaks"


def answer_of(form, profile):
    if form.is_line:
        return scene(form.at, profile).ask(line_of(form), 60_000)
    return SPECIAL[form.key](profile)


def prompted(profile):
    host = scene("multi link", profile)
    assert host.ask("AT+CIPSEND=0,5", 100) == b"\r\n> "
    return host.type(b"hello")


def ended_by_ctrl_z(profile):
    host = scene("multi link", profile)
    assert host.ask("AT+CIPSEND=0", 100) == b"\r\n> "
    answer = host.type(b"hello\x1a")
    assert host.network.peers[-1].received == b"hello"
    return answer


def cancelled_by_escape(profile):
    host = scene("multi link", profile)
    assert host.ask("AT+CIPSEND=0", 100) == b"\r\n> "
    host.type(b"hello\x1b")
    assert host.network.peers[-1].received == b""
    return host.ask("AT")


def carried_as_data(profile):
    host = scene("online", profile)
    assert host.type(b"AT\r") == b"AT\r"  # the peer's echo
    return b"AT\r"


def escaped_from_data(profile):
    return scene("escaped", profile).ask("AT")


SPECIAL = {
    "prompt": prompted,
    "ctrl-z": ended_by_ctrl_z,
    "esc": cancelled_by_escape,
    "data": carried_as_data,
    "+++": escaped_from_data,
}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_the_virtual_modem_does_as_the_table_says(form, profile):
    if dialect_table.modem_misses(form, profile):
        return  # NOT_YET, which ends empty
    assert outcome(answer_of(form, profile)) == form.modem_of(profile).word


# -- the tests that are named --------------------------------------------------------------------


def names_of_tests():
    for path in HERE.rglob("test_*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                yield f"{path.relative_to(HERE)}::{node.name}"


def test_every_test_that_the_page_names_exists():
    assert dialect_table.named_tests() <= set(names_of_tests())


@pytest.mark.parametrize("family", FAMILIES)
def test_what_the_firmware_types_has_a_test_that_sees_it(family):
    for form in FORMS:
        if isinstance(form.engine_of(family), Typed) and not dialect_table.engine_misses(
            form, family
        ):
            assert dialect_table.engine_tests(form, family), form.name


def test_rows_of_the_manuals_page_have_tests_of_their_own():
    tests = [test for row in ROWS for test in row.tests]
    assert len(set(tests)) == len(tests)
    assert all(row.tests for row in ROWS)


def test_nothing_is_called_missing_that_is_not():
    for column, only, pattern in NOT_YET:
        families = FAMILIES if only == "*" else (only,)
        texts = [text for family in families for text in texts_of(column, family)]
        assert any(fnmatchcase(text, pattern) for text in texts), pattern


def texts_of(column, family):
    if column == SEED:
        return [f"{row.text} {test}" for row in ROWS for test in row.tests]
    cell_of = {ENGINE: Form.engine_of, MODEM: Form.modem_of}[column]
    return [f"{form.name} {cell_of(form, family).text}" for form in FORMS]
