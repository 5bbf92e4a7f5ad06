"""A private constant costs a board nothing, so files repeat those they share.

A name therefore means the same number in every file of the firmware; these tests hold that.
"""

import ast
from pathlib import Path

FIRMWARE = Path(__file__).parent.parent / "firmware" / "sixlink"


def constants(source):
    """(name, value) of each `_NAME = const(<number>)` at module level."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            call = node.value
            if getattr(call.func, "id", "") == "const" and isinstance(call.args[0], ast.Constant):
                yield node.targets[0].id, call.args[0].value


def conflicts(sources):
    """Names that mean more than one number, with the files and numbers."""
    meanings = {}
    for name, source in sources.items():
        for constant, value in constants(source):
            meanings.setdefault(constant, {}).setdefault(value, []).append(name)
    return {constant: values for constant, values in meanings.items() if len(values) > 1}


def test_a_name_means_one_number_everywhere():
    sources = {path.name: path.read_text() for path in FIRMWARE.glob("*.py")}
    assert conflicts(sources) == {}


def test_a_name_is_given_once_a_file():
    for path in FIRMWARE.glob("*.py"):
        names = [name for name, _ in constants(path.read_text())]
        assert len(names) == len(set(names)), path.name


def test_the_check_sees_a_conflict():
    assert conflicts({"a.py": "_X = const(1)", "b.py": "_X = const(2)"}) == {
        "_X": {1: ["a.py"], 2: ["b.py"]}
    }
