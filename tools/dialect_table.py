"""docs/dialect.md: every command of the dialect in every form, and who speaks it.

    python -m tools.dialect_table

writes the page anew from `dialect_forms`. The page is kept honest in three ways. The cells about
the virtual modem are tried in host_tests/test_dialect_table.py, one by one. Those about the
firmware, and the names of the tests, are compared with what the tests really did, at the end of
each run of all tests (`judge`, asked by host_tests/dialect_watch.py). What does not exist yet is
named in one list, `NOT_YET`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from tools.dialect_forms import CHAPTERS, FAMILIES, FORMS, OTHERS, ROWS, Form
from tools.dialect_forms.form import ON_REQUEST, Typed, those_for
from tools.dialect_forms.seed import PLACE, Row
from tools.vmodem import PROFILES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "dialect.md"

ENGINE, MODEM, SEED = "engine", "modem", "seed"

# What does not exist yet: column, family ("*" for any), and a shell pattern of its form and cell.
# It says "not yet" on the page and is held to nothing. Empty when all is done.
NOT_YET: tuple[tuple[str, str, str], ...] = ()

EVERY_FORM = "test_dialect_table.py::test_the_virtual_modem_does_as_the_table_says"
BOTH_INTERPRETERS = (
    "test_upy.py::test_shared_tests_pass_on_micropython_and_are_those_that_pytest_collects"
)
MISSING = "not yet"

Seen = dict[str, set[tuple[str, str]]]


def is_missing(column: str, family: str, text: str) -> bool:
    """Whether `NOT_YET` has that cell."""
    return any(
        column == which and only in ("*", family) and fnmatchcase(text, pattern)
        for which, only, pattern in NOT_YET
    )


# -- the cells -----------------------------------------------------------------------------------


def engine_misses(form: Form, family: str) -> bool:
    return is_missing(ENGINE, family, f"{form.name} {form.engine_of(family).text}")


def modem_misses(form: Form, profile: str) -> bool:
    return is_missing(MODEM, profile, f"{form.name} {form.modem_of(profile).text}")


def engine_tests(form: Form, family: str) -> list[str]:
    return [] if engine_misses(form, family) else those_for(form.engine_of(family).tests, family)


def modem_tests(form: Form, family: str) -> list[str]:
    return [] if modem_misses(form, family) else those_for(form.heard, family) or [EVERY_FORM]


def seed_tests(row: Row, family: str) -> list[str]:
    return [
        f"{PLACE}::{test}"
        for test in row.tests
        if not is_missing(SEED, family, f"{row.text} {test}")
    ]


def modem_cell(form: Form, family: str) -> str:
    """What the virtual modem of `family` does, and other profiles of it where they differ."""
    words = {
        name: MISSING if modem_misses(form, name) else form.modem_of(name).text
        for name in [family, *PROFILES]
        if name == family or family_of(name) == family
    }
    others = [f"`{name}`: {text}" for name, text in words.items() if text != words[family]]
    return "; ".join([words[family], *others])


def family_of(profile: str) -> str:
    """All other profiles are of the first family."""
    return profile if profile in FAMILIES else FAMILIES[0]


def cells(form: Form, family: str) -> tuple[str, ...]:
    missing = engine_misses(form, family)
    return (
        MISSING if missing else form.engine_of(family).text,
        listed(engine_tests(form, family)) or "–",
        modem_cell(form, family),
        listed(modem_tests(form, family)) or "–",
    )


def listed(tests: list[str]) -> str:
    names = ["every form" if test == EVERY_FORM else f"`{test}`" for test in tests]
    return "<br>".join(names)


# -- the page ------------------------------------------------------------------------------------

INTRODUCTION = f"""\
# The dialect, form by form

Every command that a TCP/UDP user of these modems can meet, in every form, for both families: what
the firmware does with it, what the [virtual modem](../tools/vmodem/) does, and the tests that saw
it. `luat` is Air724UG, Air780E and kin, `sim800` SIM800 and SIM900. `python -m
tools.dialect_table` writes this page; a test fails when it is stale, and at the end of each run
of all tests each row is compared with what the tests did.

- *types it*: the firmware does, there, by itself. *on request: `modem.at`*: the application may
  have it typed. *not typed*: never, and why; `modem.at` refuses it too. In no test does the
  firmware by itself type what has no row.
- *speaks*: the virtual modem answers as the family does, *refuses*: with `+CME ERROR`, *unknown*:
  with `ERROR`, as a command that the family does not have.
- *every form*: `{EVERY_FORM}`,
  which types each form of this page at a virtual modem of each profile.
- A dash: no test is needed to show that nothing happens.

A form that has another meaning in the other link mode (`AT+CIPMUX`) has a row for each.
"""

HEAD = "| form | kind | family | firmware | seen by | virtual modem | seen by |\n|" + "---|" * 7


def rows_of(form: Form) -> Iterator[str]:
    """One line for both families where they do not differ."""
    both = {family: cells(form, family) for family in FAMILIES}
    alike = len(set(both.values())) == 1
    for family, row in list(both.items())[: 1 if alike else None]:
        name = form.line if form.key else f"`{form.line}`"
        parts = (name, form.kind, "both" if alike else family, *row)
        yield "| " + " | ".join(part.replace("|", "\\|") for part in parts) + " |"


def chapter(title: str, forms: tuple[Form, ...]) -> str:
    return "\n".join(
        [f"## {title}", "", HEAD, *(line for form in forms for line in rows_of(form))]
    )


def others() -> str:
    lines = [
        "## Commands that neither side speaks",
        "",
        "| commands | reason |\n|---|---|",
        *(f"| {', '.join(f'`{name}`' for name in names)} | {why} |" for names, why in OTHERS),
    ]
    return "\n".join(lines)


def seed() -> str:
    lines = [
        "## The manual's page of AT+CIPSTART",
        "",
        f"Each row of its two tables and each of its notes has a test in `{PLACE}`,",
        "which runs on CPython and on MicroPython. A state that a modem tells means the same in",
        "every family.",
        "",
        "| part | row | family | test |\n|---|---|---|---|",
    ]
    for row in ROWS:
        found = {family: seed_row(row, family) for family in row.families or FAMILIES[:1]}
        alike = len(set(found.values())) == 1
        for family, test in list(found.items())[: 1 if alike else None]:
            whose = "both" if alike else family
            lines.append(
                f"| {row.part} | {row.text.replace('|', chr(92) + '|')} | {whose} | {test} |"
            )
    return "\n".join(lines)


def seed_row(row: Row, family: str) -> str:
    tests = [test.partition("::")[2] for test in seed_tests(row, family)]
    return "<br>".join(f"`{test}`" for test in tests) or MISSING


def page() -> str:
    chapters = [chapter(title, forms) for title, forms in CHAPTERS.items()]
    return "\n\n".join([INTRODUCTION.rstrip(), *chapters, others(), seed()]) + "\n"


# -- is it true? ---------------------------------------------------------------------------------


def named_tests() -> set[str]:
    """Every test that the page names."""
    names = {EVERY_FORM, BOTH_INTERPRETERS}
    for family in FAMILIES:
        for form in FORMS:
            names.update(engine_tests(form, family), modem_tests(form, family))
        for row in ROWS:
            names.update(seed_tests(row, family))
    return names


def judge(green: set[str], seen: Seen) -> list[str]:
    """A sentence for each thing on the page that did not come true in a run of all tests.

    `green`: the tests that passed. `seen`: by test, pairs of "engine <family>" or "modem
    <profile>" and the name of a form.
    """
    problems = [f"{test} was not green." for test in sorted(named_tests() - green)]
    for family in FAMILIES:
        for form in FORMS:
            problems += _form_problems(form, family, seen)
        for row in ROWS:
            problems += _seed_problems(row, family, seen)
    problems += _unlisted(seen)
    return [f"docs/dialect.md: {problem}" for problem in problems]


def _form_problems(form: Form, family: str, seen: Seen) -> Iterator[str]:
    typed = (f"{ENGINE} {family}", form.name)
    engine = form.engine_of(family)
    if isinstance(engine, Typed) and form.leaves_traces:
        for test in engine_tests(form, family):
            if typed not in seen.get(test, ()):
                yield f"{form.name}, {family}: the firmware did not type it in {test}."
    elif engine is not ON_REQUEST and not engine_misses(form, family):
        for test, pairs in seen.items():
            if typed in pairs and form.leaves_traces and not isinstance(engine, Typed):
                yield f"{form.name}, {family}: the firmware typed it in {test}."
    for test in modem_tests(form, family) if form.is_line else ():
        if (f"{MODEM} {family}", form.name) not in seen.get(test, ()):
            yield f"{form.name}, {family}: no virtual modem heard it in {test}."


def _seed_problems(row: Row, family: str, seen: Seen) -> Iterator[str]:
    for test in seed_tests(row, family) if family in row.families else ():
        if not any(who == f"{ENGINE} {family}" for who, _ in seen.get(test, ())):
            yield f"{row.text}, {family}: no modem of that family in {test}."


def _unlisted(seen: Seen) -> Iterator[str]:
    known = {form.name for form in FORMS}
    for test, pairs in seen.items():
        for who, what in sorted(pairs):
            if what not in known:
                yield f"the firmware ({who}) typed {what}, which has no row, in {test}."


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"docs/{PAGE.name} written")
