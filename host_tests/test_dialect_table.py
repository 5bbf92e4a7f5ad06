"""docs/dialect.md says what firmware and virtual modem do, and would fail if it lied."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from shared.session import Session
from vmodem_host import UP, Host, served

from tools import dialect_table
from tools.dialect_forms import FAMILIES, FORMS, OTHERS, ROWS, form_of
from tools.dialect_forms.form import (
    ON_REQUEST,
    SPEAKS,
    Form,
    Typed,
    never,
    those_for,
    typed,
    unknown,
)
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


# -- the firmware --------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_what_the_application_may_have_typed_and_what_not(family):
    """`modem.at` of a modem that nobody has connected raises ENOTCONN for what it would type."""
    modem = Session().modem
    for form in FORMS:
        cell = form.engine_of(family)
        if form.is_line and not isinstance(cell, Typed):
            expected = OSError if cell is ON_REQUEST else ValueError
            with pytest.raises(expected):
                modem.at(line_of(form))


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


def test_nothing_is_missing():
    assert NOT_YET == ()


# -- the judge -----------------------------------------------------------------------------------


def all_well():
    """What the tests would have done if every word on the page were true."""
    seen = {}
    for family in FAMILIES:
        for form in FORMS:
            for test in dialect_table.engine_tests(form, family):
                if isinstance(form.engine_of(family), Typed):
                    seen.setdefault(test, set()).add((f"engine {family}", form.name))
            for test in dialect_table.modem_tests(form, family):
                seen.setdefault(test, set()).add((f"modem {family}", form.name))
        for row in ROWS:
            for test in dialect_table.seed_tests(row, family):
                seen.setdefault(test, set()).add((f"engine {family}", "AT"))
    return dialect_table.named_tests(), seen


SEND = "AT+CIPSEND=<n>,<length> (multi)"
SENDER = "shared/test_send.py::test_prompt_body_result"


SOME = ((ENGINE, "sim800", "*"), (MODEM, "*", "AT+CIPSEND*"), (SEED, "*", "* test_note_*"))


@pytest.mark.parametrize("missing", [(), SOME], ids=["all there", "some not yet"])
def test_nothing_is_said_where_all_is_well(missing, monkeypatch):
    monkeypatch.setattr(dialect_table, "NOT_YET", missing)
    assert (dialect_table.MISSING in dialect_table.page()) == bool(missing)
    assert dialect_table.judge(*all_well()) == []


def lie(change):
    green, seen = all_well()
    change(green, seen)
    return dialect_table.judge(green, seen)


def test_a_named_test_that_was_not_green():
    assert lie(lambda green, seen: green.remove(SENDER)) == [
        f"docs/dialect.md: {SENDER} was not green."
    ]


def test_a_form_that_the_firmware_did_not_type():
    assert lie(lambda green, seen: seen[SENDER].remove(("engine luat", SEND))) == [
        f"docs/dialect.md: {SEND}, luat: the firmware did not type it in {SENDER}."
    ]


def test_a_form_that_no_virtual_modem_heard():
    test = "test_vmodem_links.py::test_payload_at_every_split"
    assert lie(lambda green, seen: seen[test].remove(("modem luat", SEND))) == [
        f"docs/dialect.md: {SEND}, luat: no virtual modem heard it in {test}."
    ]


def test_a_form_that_the_firmware_types_although_the_page_says_never():
    never_typed = ("engine luat", "AT+CIPSEND=<n> (multi)")
    assert lie(lambda green, seen: seen[SENDER].add(never_typed)) == [
        f"docs/dialect.md: {never_typed[1]}, luat: the firmware typed it in {SENDER}."
    ]


def test_a_line_without_a_row():
    assert lie(lambda green, seen: seen[SENDER].add(("engine luat", "AT+NEW=1"))) == [
        "docs/dialect.md: the firmware (engine luat) typed AT+NEW=1, which has no row, in "
        f"{SENDER}."
    ]


def test_a_row_of_the_manual_whose_test_has_no_modem_of_the_family():
    test = "shared/test_seed_cipstart.py::test_multi_cme_error"
    assert lie(lambda green, seen: seen.pop(test)) == [
        f"docs/dialect.md: else: `+CME ERROR: <err>`, {family}: no modem of that family in {test}."
        for family in FAMILIES
    ]


def test_the_run_by_micropython_counts():
    test = dialect_table.BOTH_INTERPRETERS
    assert lie(lambda green, seen: green.remove(test)) == [
        f"docs/dialect.md: {test} was not green."
    ]


def test_a_cell_may_differ_between_families_and_profiles(monkeypatch):
    form = Form(
        "AT+X",
        typed("a", "one", "two@luat", "three@sim800"),
        engines={"sim800": never("b")},
        modems={"sim800": SPEAKS, "luat": unknown("c"), "other": SPEAKS},
    )
    monkeypatch.setattr(dialect_table, "NOT_YET", ())
    monkeypatch.setattr(dialect_table, "PROFILES", {"luat": 0, "other": 0, "sim800": 0})
    assert dialect_table.cells(form, "luat")[:3] == (
        "types it: a",
        "`one`<br>`two`",
        "unknown: c; `other`: speaks",
    )
    assert dialect_table.cells(form, "sim800")[:3] == ("not typed: b", "–", "speaks")
    assert len(list(dialect_table.rows_of(form))) == 2
    assert those_for(form.engine.tests, "sim800") == ["one", "three"]


# -- the plugin ----------------------------------------------------------------------------------

CONFTEST = """\
import sys
from pathlib import Path

sys.path[:0] = {path!r}
from dialect_watch import DialectWatch


def judge(green, seen):
    good = "test_a.py::test_modem" in green and "test_b.py::test_firmware" in green
    good = good and ("modem luat", "AT+CIPSTART=? (multi)") in seen["test_a.py::test_modem"]
    good = good and ("engine luat", "AT+CIPSHUT") in seen["test_b.py::test_firmware"]
    good = good and ("engine luat", "AT+CGMM") not in seen["test_b.py::test_firmware"]
    return [] if good else ["a sentence"]


def pytest_configure(config):
    home = Path(__file__).resolve().parent
    config.pluginmanager.register(DialectWatch(config, judge, home))
"""
TEST_MODEM = """\
from vmodem_host import Host


def test_modem():
    host = Host()
    host.run("AT+CIPMUX=1", "AT+CIPSTART=?")
"""
TEST_FIRMWARE = """\
import pytest
from shared.session import Session
from sixlink.command import Command


class Owner:
    reply = done = staticmethod(lambda *args: False)


@pytest.mark.parametrize("round", [1, 2])
def test_firmware(round):
    session = Session().bring_up()
    session.engine.call(Command(Owner(), b"AT+CGMM\\r"))
    session.expect(b"AT+CGMM\\r")
"""


@pytest.fixture
def project(tmp_path):
    """Two test files, held to the judge above."""
    home = tmp_path / "home"
    home.mkdir()
    root = HERE.parent
    path = [str(root / part) for part in ("host_tests/shims", "host_tests", "firmware", "")]
    (home / "conftest.py").write_text(CONFTEST.format(path=path))
    (home / "test_a.py").write_text(TEST_MODEM)
    (home / "test_b.py").write_text(TEST_FIRMWARE)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider\n")
    return home


def run(project, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *(arguments or ["home"])],
        cwd=project.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout


PARALLEL = ("home", "--numprocesses", "2", "--dist", "loadgroup")


@pytest.mark.parametrize("arguments", [("home",), PARALLEL], ids=["alone", "side by side"])
def test_a_run_in_which_all_came_true_is_green(project, arguments):
    code, said = run(project, *arguments)
    assert code == 0, said
    assert "does not hold" not in said


@pytest.mark.parametrize("arguments", [("home",), PARALLEL], ids=["alone", "side by side"])
@pytest.mark.parametrize(
    "name, old, new",
    [
        ("test_a.py", '"AT+CIPSTART=?"', '"AT+CIPSTATUS"'),
        ("test_a.py", "    host = Host()", "    import pytest; pytest.skip(); host = Host()"),
        ("test_b.py", "def test_firmware(", "def test_hardware("),
    ],
    ids=["does something else", "is skipped", "is gone"],
)
def test_a_run_in_which_a_named_test(project, name, old, new, arguments):
    text = (project / name).read_text()
    assert old in text
    (project / name).write_text(text.replace(old, new))
    code, said = run(project, *arguments)
    assert code == 1, said
    assert "docs/dialect.md does not hold" in said
    assert "a sentence" in said.splitlines()


@pytest.mark.parametrize(
    "arguments", [("home/test_a.py",), ("home", "-k", "firmware")], ids=["a file", "a word"]
)
def test_a_run_of_some_tests_is_left_alone(project, arguments):
    code, said = run(project, *arguments)
    assert code == 0, said


def test_one_case_of_many_that_is_red_is_enough(project):
    text = (project / "test_b.py").read_text()
    (project / "test_b.py").write_text(text + "    assert round != 1\n")
    code, said = run(project)
    assert code == 1 and "a sentence" in said.splitlines(), said
