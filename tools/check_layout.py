"""The shape of the source tree: who may import whom, and how long modules and functions may be.

Imports point one way: cmetext <- errors <- core <- driver <- socket, tls, aio <- modem <- boards,
examples.
Every firmware module that is not named in `_ROOMS` belongs to the core, which has no IO and no
clock and so may import next to nothing. `tools/vmodem` shares no code with the firmware, so that
one misunderstanding cannot cancel itself out.
"""

from __future__ import annotations

import ast
import io
import statistics
import sys
import tokenize
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FIRMWARE = ROOT / "firmware" / "sixlink"

MODULE_LINES = 300
FUNCTION_LINES = 50
MEDIAN_LINES = 10

_CORE = 1
_ROOMS = {
    "cmetext": -1,
    "errors": 0,
    "driver": 2,
    "inet": 2,
    "stream": 2,
    "listener": 2,
    "reader": 3,
    "writer": 4,
    "socket": 5,
    "tlswire": 3,
    "aiostream": 3,
    "watch": 3,
    "tls": 6,
    "transparent": 6,
    "events": 4,
    "aio": 7,
    "modem": 8,
    "install": 8,
    "report": 4,
    "flight": 3,
    "stats": 3,
    "at": 3,
    "console": 4,
    "facts": 4,
    "__init__": 9,
}
_CORE_MAY_IMPORT = {"micropython", "errno"}
_HOST_ONLY = {"tools", "host_tests", "boards"}
COMPUTED = "<computed name>"


class Function(NamedTuple):
    name: str
    line: int
    size: int


# -- sizes ---------------------------------------------------------------------------------------


def code_lines(source: str) -> set[int]:
    """Numbers of the lines that hold code: not blank, comment or docstring."""
    ignored = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in ignored:
            lines.update(range(token.start[0], token.end[0] + 1))
    return lines - docstring_lines(ast.parse(source))


def docstring_lines(tree: ast.Module) -> set[int]:
    lines: set[int] = set()
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            lines.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return lines


def functions(source: str) -> list[Function]:
    """Every function with its number of code lines, the `def` line among them."""
    code = code_lines(source)
    return [
        Function(node.name, node.lineno, len(code & set(range(node.lineno, _end(node) + 1))))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


def _end(node: ast.stmt) -> int:
    assert node.end_lineno is not None  # the parser sets it on every statement
    return node.end_lineno


def size_problems(sources: dict[str, str]) -> list[str]:
    """`sources`: text by module name. The median is taken over all functions together."""
    problems = []
    sizes = []
    for name, source in sources.items():
        lines = len(code_lines(source))
        if lines > MODULE_LINES:
            problems.append(f"{name}: {lines} code lines, at most {MODULE_LINES}")
        for function in functions(source):
            sizes.append(function.size)
            if function.size > FUNCTION_LINES:
                problems.append(
                    f"{name}:{function.line}: {function.name} has {function.size} code lines, "
                    f"at most {FUNCTION_LINES}"
                )
    median = statistics.median(sizes) if sizes else 0
    if median > MEDIAN_LINES:
        problems.append(f"the median function has {median} code lines, at most {MEDIAN_LINES}")
    return problems


# -- imports -------------------------------------------------------------------------------------


def imports(source: str, package: str = "") -> list[tuple[int, str]]:
    """(line, absolute name) of every import, at whatever depth; relative ones within `package`.

    `from a import b` gives `a.b`: only the caller knows whether b is a module.
    """
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            found += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]
        elif isinstance(node, ast.Call) and _imports_by_call(node.func):
            found.append((node.lineno, _called_name(node)))
    return found


def _base(node: ast.ImportFrom, package: str) -> str:
    if node.level == 0:
        return node.module or ""
    parents = package.split(".")
    base = parents[: len(parents) - node.level + 1] or ["<above the package>"]
    return ".".join(base + ([node.module] if node.module else []))


def _imports_by_call(called: ast.expr) -> bool:
    if isinstance(called, ast.Attribute):
        return called.attr == "import_module"
    return isinstance(called, ast.Name) and called.id in ("__import__", "import_module")


def _called_name(call: ast.Call) -> str:
    name = call.args[0] if call.args else None
    return (
        name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else COMPUTED
    )


def firmware_problems(name: str, source: str, modules: Iterable[str]) -> list[str]:
    """What module `name` of the package, which consists of `modules`, imports but must not."""
    modules = set(modules)
    return [
        f"{name}:{line}: imports {imported}, which {complaint}"
        for line, imported in imports(source, "sixlink")
        if (complaint := _complaint(name, imported, modules))
    ]


def _complaint(name: str, imported: str, modules: set[str]) -> str:
    room = _ROOMS.get(name, _CORE)
    head, _, rest = imported.partition(".")
    if head == "sixlink":
        other = rest.partition(".")[0]
        other = other if other in modules else "__init__"
        there = _ROOMS.get(other, _CORE)
        allowed = there < room or there == room == _CORE or name == "__init__"
        return "" if allowed else "points back against the arrows"
    if head in _HOST_ONLY:
        return "does not exist on a board"
    if room <= _CORE and head not in _CORE_MAY_IMPORT:
        return "the core, having no IO and no clock, may not"
    return ""


def foreign_problems(name: str, source: str, forbidden: Iterable[str]) -> list[str]:
    """Imports of the packages `forbidden` in a file that has to live without them."""
    return [
        f"{name}:{line}: imports {imported}"
        for line, imported in imports(source, name.rpartition("/")[0].replace("/", "."))
        if imported.partition(".")[0] in set(forbidden)
    ]


# -- the tree ------------------------------------------------------------------------------------


def firmware_sources() -> dict[str, str]:
    return {path.stem: path.read_text() for path in sorted(FIRMWARE.glob("*.py"))}


def problems() -> list[str]:
    sources = firmware_sources()
    found = size_problems(sources)
    for name, source in sources.items():
        found += firmware_problems(name, source, sources)
    found += _foreign("firmware/examples", _HOST_ONLY)
    found += _foreign("boards", {"tools", "host_tests"})
    found += _foreign("tools/vmodem", {"sixlink", "firmware"})
    return found


def _foreign(folder: str, forbidden: set[str]) -> list[str]:
    found: list[str] = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        found += foreign_problems(path.relative_to(ROOT).as_posix(), path.read_text(), forbidden)
    return found


def main() -> int:
    found = problems()
    print("\n".join(found) or "The layout is as it should be.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
