"""Holds docs/dialect.md to what the tests did: a pytest plugin, see `conftest`.

While a test runs it notes which forms of which commands the firmware typed and the virtual modem
heard. At the end of a run of all tests it fails the run, with one sentence for each row of the
page that names a test which was not green, or did not do what the row says. A run of some tests
is left alone; whether the named tests exist is tested in `test_dialect_table`.
"""

from pathlib import Path

import pytest
from sixlink.engine import Engine

from tools.dialect_forms import MULTI, SINGLE, form_of
from tools.vmodem.interpreter import Interpreter

HERE = Path(__file__).resolve().parent
ASKED_FOR = ("sixlink.at",)  # where commands come from that the application has worded
SEEN = "dialect"  # name of the property that brings what a test did to the controller


class DialectWatch:
    """`judge(green, seen)` gives a sentence for each thing that does not hold, see
    `tools.dialect_table`. Of a parametrized test all cases must pass. `home`: where the tests
    are."""

    def __init__(self, config, judge, home=HERE):
        self._config = config
        self._judge = judge
        self._home = home
        self._now = set()
        self._passed, self._red = set(), set()
        self._seen = {}
        self._collected = set()
        self._problems = []
        self._listen()

    # -- while a test runs ---------------------------------------------------------------------

    def _listen(self):
        hear, start = Interpreter.line_typed, Engine._start

        def line_typed(interpreter, line):
            self._heard(interpreter._modem, line)
            hear(interpreter, line)

        def start_command(engine, command, now):
            if command is not None:
                self._typed(engine, command)
            start(engine, command, now)

        Interpreter.line_typed, Engine._start = line_typed, start_command

    def _heard(self, modem, line):
        mode = MULTI if modem.settings.multi else SINGLE
        form = form_of(text_of(line), mode)
        if form:
            self._now.add((f"modem {modem.profile.name}", form.name))

    def _typed(self, engine, command):
        """A command that the test itself made shows nothing of the firmware, nor does one that
        the application asked for by its text."""
        owner = command.owner if isinstance(command.owner, type) else type(command.owner)
        text = text_of(command.text[: command.length])
        if not text or not owner.__module__.startswith("sixlink"):
            return
        who = f"engine {engine.dialect.name}"
        form = form_of(text, MULTI if engine.dialect.mux else SINGLE)
        if form or owner.__module__ not in ASKED_FOR:
            self._now.add((who, form.name if form else text))
        if command.body is not None:
            self._now.add((who, form_of("prompt", "").name))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        self._now = set()
        try:
            return (yield)
        finally:
            if self._now:
                item.user_properties.append((SEEN, sorted(map(list, self._now))))

    # -- when it is over -----------------------------------------------------------------------

    def pytest_runtest_logreport(self, report):
        name = self._name(report.nodeid)
        if report.outcome != "passed":
            self._red.add(name)
        elif report.when == "call":
            self._passed.add(name)
            for key, pairs in report.user_properties:
                if key == SEEN:
                    self._seen.setdefault(name, set()).update(map(tuple, pairs))

    def _name(self, nodeid):
        """`host_tests/shared/test_send.py::test_x[1]@group` is `shared/test_send.py::test_x`."""
        return nodeid.partition("[")[0].partition("@")[0].removeprefix(self._home.name + "/")

    def pytest_collection_finish(self, session):
        self._collected.update(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node, ids):
        self._collected.update(ids)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session):
        if self._ran_everything(session):
            self._problems = self._judge(self._passed - self._red, self._seen)
            if self._problems and not session.exitstatus:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _ran_everything(self, session):
        is_worker = hasattr(self._config, "workerinput")
        options = ("keyword", "markexpr", "collectonly", "lf")
        chosen = any(self._config.getoption(option, False) for option in options)
        if is_worker or chosen or session.shouldstop or session.shouldfail:
            return False
        files = {f"{self._home.name}/{path.relative_to(self._home)}" for path in self._tests()}
        return files <= {nodeid.partition("::")[0] for nodeid in self._collected}

    def _tests(self):
        return self._home.rglob("test_*.py")

    def pytest_terminal_summary(self, terminalreporter):
        if self._problems:
            terminalreporter.section("docs/dialect.md does not hold", red=True)
            for problem in self._problems:
                terminalreporter.line(problem)


def text_of(line):
    return bytes(line).decode("latin-1").strip()
