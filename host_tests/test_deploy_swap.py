"""Old and new change places on the board, and the power fails at every step of it."""

import itertools
import shutil

import pytest

from tools.deploy import onboard

OLD = {"/lib/sixlink/a.mpy": "old", "/lib/sixlink/gone.mpy": "old", "/lib/other.py": "other"}
OLD.update({"/board.py": "old", "/main.py": "the user's"})
NEW = {"/lib/sixlink/a.mpy": "new", "/lib/sixlink/more.mpy": "new"}
NEW.update({"/board.py": "new", "/start.py": "new", "/config.py": "new"})
KEPT = {"/lib/other.py": "other", "/main.py": "the user's"}

CALLS = ("mkdir", "rename", "remove", "rmdir")


class PowerFailure(Exception):
    pass


@pytest.fixture
def flash(tmp_path, monkeypatch):
    folder = tmp_path / "flash"
    folder.mkdir()
    monkeypatch.setattr(onboard, "ROOT", str(folder))
    return folder


def write(root, files):
    for path, text in files.items():
        target = root / path[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def files(root):
    found = {path for path in root.rglob("*") if path.is_file()}
    return {f"/{path.relative_to(root)}": path.read_text() for path in found}


def copied(root):
    write(root, {onboard.NEW + path: text for path, text in NEW.items()})


def powered(steps, work, monkeypatch):
    """Do `work` with power for so many changes of the file system; whether that was enough."""
    left = itertools.count(steps, -1)

    def counted(function):
        def call(*args):
            if next(left) <= 0:
                raise PowerFailure
            return function(*args)

        return call

    with monkeypatch.context() as patch:
        for name in CALLS:
            patch.setattr(onboard.os, name, counted(getattr(onboard.os, name)))
        patch.setattr(onboard, "open", counted(open), raising=False)
        try:
            work()
        except PowerFailure:
            return False
    return True


def install():
    onboard.swap()
    onboard.clear()


def swap_and_undo():
    onboard.swap()
    onboard.undo()


def begin(root, before):
    shutil.rmtree(root)
    root.mkdir()
    write(root, before)
    copied(root)


def after(before):
    """What there is when all has gone well."""
    kept = {path: text for path, text in before.items() if path in KEPT}
    return {**kept, **NEW}


@pytest.mark.parametrize("before", [OLD, KEPT, {}], ids=["update", "first", "empty"])
def test_new_takes_the_place_of_old(flash, before):
    begin(flash, before)
    install()
    assert files(flash) == after(before)


@pytest.mark.parametrize("before", [OLD, KEPT, {}], ids=["update", "first", "empty"])
def test_undo_puts_all_back(flash, before):
    begin(flash, before)
    swap_and_undo()
    assert files(flash) == before


@pytest.mark.parametrize("work", [install, swap_and_undo])
@pytest.mark.parametrize("before", [OLD, KEPT, {}], ids=["update", "first", "empty"])
def test_all_is_old_or_all_is_new_wherever_the_power_fails(flash, before, work, monkeypatch):
    """And when it fails again while that is being put right."""
    seen = []
    for steps in itertools.count():
        begin(flash, before)
        if powered(steps, work, monkeypatch):
            break
        cut = shutil.copytree(flash, flash.with_name(f"cut{steps}"))
        for again in itertools.count():
            shutil.rmtree(flash)
            shutil.copytree(cut, flash)
            is_tidy = powered(again, onboard.tidy, monkeypatch)
            onboard.tidy()
            seen.append(files(flash))
            assert seen[-1] in (before, after(before)), (steps, again)
            if is_tidy:
                break
    assert before in seen
    assert (after(before) in seen) == (work is install)


def test_a_copy_that_was_never_finished_goes_away(flash):
    write(flash, OLD)
    write(flash, {onboard.NEW + "/lib/sixlink/a.mpy": "ne"})
    onboard.tidy()
    assert files(flash) == OLD


def test_tidy_is_content_with_nothing_to_do(flash):
    write(flash, OLD)
    onboard.tidy()
    assert files(flash) == OLD
