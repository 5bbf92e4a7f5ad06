"""docs/reference.md: signatures from the stubs, words from the firmware's docstrings.

    python -m tools.docs.reference

A test fails when the page is stale.
"""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware" / "sixlink"
STUBS = ROOT / "firmware" / "sixlink-stubs"
PAGE = ROOT / "docs" / "reference.md"

Function = ast.FunctionDef | ast.AsyncFunctionDef

# Heading, the stub that has it, the class, how one is named in a signature.
CLASSES = (
    ("Modem", "modem", "Modem", "modem"),
    ("Sockets", "socket", "Socket", "sock"),
    ("asyncio", "aio", "Aio", "modem.aio"),
    ("Streams for asyncio", "aiostream", "AioStream", "stream"),
    ("Transparent mode", "transparent", "Transparent", "stream"),
    ("Links", "link", "Link", "link"),
    ("The pump", "driver", "Driver", "modem.driver"),
    ("Dialects", "dialect", "Dialect", "dialect"),
)

TOP = """\
# Reference

Made from the firmware by `python -m tools.docs.reference`; a test fails when it is stale. What
has no place here, or begins with an underscore, is not public and may change.

Errors: the caller's mistake is a `ValueError`, or an `OSError` with the errno that a user of
sockets expects; the modem's is a `ModemError`, which is an `OSError` too. `errno` names are those
of MicroPython.

An editor, or mypy, knows all of this from `firmware/sixlink-stubs`: copy that folder, as
`sixlink`, to where it looks for stubs (`typings/sixlink` for Pylance and pyright, a folder of
`MYPYPATH` for mypy).
"""


def main() -> None:
    PAGE.write_text(page())
    print(f"docs/{PAGE.name} written")


def page() -> str:
    parts = [TOP, functions_of_the_package()]
    parts += [section(*row) for row in CLASSES]
    parts += [of_module("Events", "watch"), of_module("Counters", "stats")]
    return "\n".join(parts)


# -- parts of the page ----------------------------------------------------------------------------


def functions_of_the_package() -> str:
    [install] = [node for node in tree(STUBS / "install.pyi").body if isinstance(node, Function)]
    doc = documented(definitions("install")["install"])
    error = definitions("errors")["ModemError"]
    return (
        f"## sixlink\n\n{entry(install, 'sixlink', doc)}\n"
        f"### ModemError\n\n{documented(error)}\n\n`str(error)` has all of it, the number's "
        "meaning in words as well.\n"
    )


def section(title: str, module: str, name: str, called: str) -> str:
    found = lineage(STUBS, module, name)
    docs = lineage(FIRMWARE, module, name)
    parts = [f"## {title}\n\n{class_words(docs)}\n"]
    for node in found:
        for item in public(node):
            if isinstance(item, ast.AnnAssign):
                parts.append(attribute(item, called, docs))
            else:
                parts.append(entry(item, called, member_words(docs, item.name)))
    return "\n".join(gathered(parts))


def gathered(parts: list[str]) -> list[str]:
    """Rows of attributes stand together, behind what a class says of itself."""
    rows = [part for part in parts if part.startswith("- ")]
    rest = [part for part in parts if not part.startswith("- ")]
    return rest[:1] + (["\n".join(rows) + "\n"] if rows else []) + rest[1:]


def of_module(title: str, module: str) -> str:
    text = ast.get_docstring(tree(FIRMWARE / f"{module}.py")) or ""
    return f"## {title}\n\n{prose(text)}\n"


def entry(node: Function, called: str, words: str) -> str:
    kinds = {ast.unparse(decorator) for decorator in node.decorator_list}
    name = f"{called}.{node.name}"
    if node.name == "__init__":
        return ""
    if "property" in kinds:
        shape = f"{name}: {ast.unparse(node.returns) if node.returns else 'Any'}"
    else:
        result = ast.unparse(node.returns) if node.returns else "None"
        wait = "await " if isinstance(node, ast.AsyncFunctionDef) else ""
        shape = f"{wait}{name}({arguments(node)})" + ("" if result == "None" else f" -> {result}")
    return f"### {node.name}\n\n`{shape}`\n" + (f"\n{words}\n" if words else "")


def attribute(item: ast.AnnAssign, called: str, docs: list[ast.ClassDef]) -> str:
    """A row, or an entry where the firmware has words for it."""
    name, kind = ast.unparse(item.target), ast.unparse(item.annotation)
    words = member_words(docs, name)
    if words:
        return f"### {name}\n\n`{called}.{name}: {kind}`\n\n{words}\n"
    return f"- `{name}: {kind}" + (f" = {ast.unparse(item.value)}`" if item.value else "`")


def arguments(node: Function) -> str:
    """Without `self`, and without the types of a long list: the words have them."""
    args = [arg for arg in node.args.args if arg.arg != "self"]
    copy = ast.arguments(**{**vars(node.args), "args": args})
    text = re.sub(r"(: [^,=]+)=", r"\1 = ", ast.unparse(copy))
    return re.sub(r"str \| bytes \| bytearray \| memoryview", "buffer", text)


# -- where it comes from --------------------------------------------------------------------------


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def definitions(module: str) -> dict[str, ast.ClassDef | Function]:
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    body = tree(FIRMWARE / f"{module}.py").body
    return {node.name: node for node in body if isinstance(node, kinds)}


def lineage(folder: Path, module: str, name: str) -> list[ast.ClassDef]:
    """The class and those that it inherits from, as far as they are ours."""
    suffix = ".pyi" if folder == STUBS else ".py"
    for path in [folder / f"{module}{suffix}", *sorted(folder.glob(f"*{suffix}"))]:
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and node.name == name:
                bases = [ast.unparse(base) for base in node.bases]
                return [node] + [n for base in bases for n in lineage(folder, path.stem, base)]
    return []


def public(node: ast.ClassDef) -> list[ast.AnnAssign | ast.FunctionDef | ast.AsyncFunctionDef]:
    """What a class declares: attributes, then methods as they stand; overloads once."""
    found: dict[str, ast.AnnAssign | ast.FunctionDef | ast.AsyncFunctionDef] = {}
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            found[item.target.id] = item
        elif isinstance(item, Function) and not item.name.startswith("_"):
            found[item.name] = item
    return list(found.values())


def class_words(classes: list[ast.ClassDef]) -> str:
    return documented(classes[0])


def member_words(classes: list[ast.ClassDef], name: str) -> str:
    for node in classes:
        for item in node.body:
            if isinstance(item, Function) and item.name == name and ast.get_docstring(item):
                return documented(item)
            if isinstance(item, ast.Assign) and ast.unparse(item.targets[0]) == name:
                helper = [n for n in definitions_beside(node) if n.name == called_by(item.value)]
                return documented(helper[0]) if helper else ""
    return ""


def definitions_beside(node: ast.ClassDef) -> list[ast.ClassDef]:
    for path in FIRMWARE.glob("*.py"):
        body = tree(path).body
        if node in body:
            return [other for other in body if isinstance(other, ast.ClassDef)]
    return []


def called_by(value: ast.expr) -> str:
    return ast.unparse(value.func) if isinstance(value, ast.Call) else ""


# -- words ----------------------------------------------------------------------------------------


def documented(node: ast.ClassDef | Function) -> str:
    return prose(ast.get_docstring(node) or "")


def prose(text: str) -> str:
    """Markdown of a docstring. Rows of two columns become a list."""
    lines: list[str] = []
    for line in inspect.cleandoc(text).split("\n"):
        row = re.match(r"^([`(].*?[`)])(?:\s{2,})(\S.*)$", line)
        if row:
            if lines and lines[-1] and not lines[-1].startswith(("- ", "  ")):
                lines.append("")
            lines.append(f"- {quoted(row[1])}: {row[2]}")
        elif lines and lines[-1].startswith(("- ", "  ")) and line.startswith(" "):
            lines.append("  " + line.strip())
        else:
            lines.append(line)
    return "\n".join(lines).strip()


def quoted(term: str) -> str:
    return term if "`" in term else f"`{term}`"


if __name__ == "__main__":
    main()
