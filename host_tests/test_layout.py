"""The shape of the tree, and proof that each rule's checker can fail."""

import json
import re
from pathlib import Path

import pytest

from tools import check_layout as layout

ROOT = Path(__file__).resolve().parent.parent
FIRMWARE = ROOT / "firmware"
MODULES = sorted(path.name for path in (FIRMWARE / "sixlink").glob("*.py"))


def test_firmware_exists():
    assert "__init__.py" in MODULES


def test_layout_of_the_tree():
    problems = layout.problems()
    assert not problems, "\n".join(problems)


# -- the import rule can fail --------------------------------------------------------------------

PACKAGE = {"__init__", "errors", "engine", "framer", "driver", "socket", "tls", "aio", "modem"}


@pytest.mark.parametrize(
    "module, source",
    [
        ("framer", "import time"),
        ("framer", "from machine import UART"),
        ("framer", "import micropython, sys"),
        ("framer", "def f():\n    import select"),
        (
            "framer",
            "if True:\n    try:\n        import os.path\n    except ImportError:\n        pass",
        ),
        ("framer", "time = __import__('time')"),
        ("framer", "def f(name):\n    return __import__(name)"),
        ("framer", "import importlib"),
        ("some_new_module", "import time"),
        ("errors", "import sys"),
        ("errors", "from .framer import Framer"),
        ("engine", "from . import driver"),
        ("engine", "from .socket import Socket"),
        ("engine", "import sixlink.driver"),
        ("engine", "from sixlink.driver import Driver"),
        ("engine", "from sixlink import driver"),
        ("engine", "from sixlink import Modem"),
        ("engine", "import sixlink"),
        ("engine", "from .. import anything"),
        ("engine", "__import__('sixlink.modem')"),
        ("driver", "from .socket import Socket"),
        ("driver", "from . import modem"),
        ("driver", "from . import aio"),
        ("socket", "from . import tls"),
        ("tls", "def f():\n    from .modem import Modem"),
        ("modem", "from tools import vmodem"),
        ("modem", "import host_tests.shims"),
        ("modem", "import sixlink"),
        ("__init__", "import tools.demo"),
    ],
)
def test_import_against_the_arrows_is_found(module, source):
    assert len(layout.firmware_problems(module, source, PACKAGE)) == 1


@pytest.mark.parametrize(
    "module, source",
    [
        ("errors", "import errno"),
        ("framer", "from micropython import const\nimport errno\nfrom .errors import ModemError"),
        ("framer", "from sixlink import errors\nfrom sixlink.errors import ModemError"),
        ("engine", "from . import framer\nfrom .framer import LINE"),
        ("driver", "import time, sys\nfrom .engine import Engine\nfrom . import errors"),
        ("tls", "import ssl\nfrom .driver import Driver\nfrom . import engine"),
        ("modem", "from . import socket, tls, aio\nfrom .driver import Driver"),
        ("__init__", "def f(name):\n    return __import__(name)\nfrom .modem import Modem"),
        ("framer", "'import time'\n# import time\ntime = 1\ntime.sleep"),
    ],
)
def test_import_along_the_arrows_is_not(module, source):
    assert layout.firmware_problems(module, source, PACKAGE) == []


def test_problem_names_file_line_and_import():
    source = "x = 1\n\nfrom time import ticks_ms\n"
    [problem] = layout.firmware_problems("framer", source, PACKAGE)
    assert problem.startswith("framer:3: imports time.ticks_ms")


@pytest.mark.parametrize("source", ["import sixlink", "def f():\n    from sixlink import fields"])
def test_virtual_modem_that_shares_code_is_found(source):
    assert layout.foreign_problems("tools/vmodem/link.py", source, {"sixlink"})


def test_virtual_modem_may_use_its_own_modules():
    source = "from . import link\nfrom ..servers import Echo\nimport tools.vmodem.wire"
    assert layout.foreign_problems("tools/vmodem/core.py", source, {"sixlink"}) == []


# -- the size rule can fail ----------------------------------------------------------------------

NOT_CODE = '''"""A docstring
of three
lines."""

# a comment

'''

THREE_LINES = '''
def f(a):  # the def line counts

    """A docstring."""
    # a comment
    b = [
        a,
    ]
'''


def test_comments_docstrings_and_blank_lines_are_not_code():
    assert layout.code_lines(NOT_CODE) == set()
    assert layout.code_lines(NOT_CODE + "x = 1  # why\n") == {7}


def test_docstrings_of_classes_and_coroutines_are_not_code():
    source = 'class C:\n    """One\n    two."""\n\n    async def f(self):\n        """Three."""\n'
    assert layout.code_lines(source) == {1, 5}


def test_strings_that_are_no_docstrings_are_code():
    assert layout.code_lines('x = """a\nb\nc"""\n') == {1, 2, 3}


def test_lines_of_a_function():
    [function] = layout.functions(THREE_LINES)
    assert function == ("f", 2, 4)


def test_methods_and_nested_functions_are_measured():
    source = "class C:\n    def f(self):\n        def g():\n            pass\n"
    assert [(f.name, f.size) for f in layout.functions(source)] == [("f", 3), ("g", 2)]


def function_of(lines):
    return "def f():\n" + "    x = 1\n" * (lines - 1)


def with_short_ones(source):
    return source + "".join(f"\ndef g{n}(): pass\n" for n in range(3))


def test_limits_are_allowed():
    assert layout.size_problems({"m": "x = 1\n" * layout.MODULE_LINES}) == []
    assert layout.size_problems({"m": with_short_ones(function_of(50))}) == []
    assert layout.size_problems({"m": function_of(10)}) == []


def test_long_module_is_found():
    [problem] = layout.size_problems({"m": "x = 1\n" * (layout.MODULE_LINES + 1)})
    assert problem == "m: 301 code lines, at most 300"


def test_long_function_is_found():
    [problem] = layout.size_problems({"m": with_short_ones("\n" + function_of(51))})
    assert problem == "m:2: f has 51 code lines, at most 50"


def test_long_median_is_found():
    [problem] = layout.size_problems({"a": function_of(11), "b": function_of(11)})
    assert "median" in problem


# -- what is shipped is what is there ------------------------------------------------------------


def manifest(path):
    """The calls that a manifest makes, as MicroPython's build would see them."""
    calls = []

    def record(name):
        return lambda *args, **options: calls.append((name, args, options))

    functions = ("include", "metadata", "module", "package", "require")
    exec(compile(path.read_text(), str(path), "exec"), {name: record(name) for name in functions})
    return calls


def packages(path):
    """Folders that a manifest freezes whole: without `files` it takes every .py below."""
    return [
        (path.parent / options.get("base_path", ".") / args[0]).resolve()
        for name, args, options in manifest(path)
        if name == "package" and "files" not in options
    ]


def test_mip_list_is_true_to_the_tree():
    package = json.loads((FIRMWARE / "package.json").read_text())
    names = [f"sixlink/{name}" for name in MODULES]
    assert package["urls"] == [[name, name] for name in names]
    assert package["deps"] == []


def test_freeze_list_is_true_to_the_tree():
    assert packages(FIRMWARE / "manifest.py") == [FIRMWARE / "sixlink"]


def test_package_is_flat():
    everything = (FIRMWARE / "sixlink").rglob("*.py")
    assert (
        sorted(path.relative_to(FIRMWARE / "sixlink").as_posix() for path in everything) == MODULES
    )


def test_one_version_everywhere():
    [metadata] = [
        options for name, _, options in manifest(FIRMWARE / "manifest.py") if name == "metadata"
    ]
    package = json.loads((FIRMWARE / "package.json").read_text())
    project = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert metadata["version"] == package["version"] == project.group(1)
