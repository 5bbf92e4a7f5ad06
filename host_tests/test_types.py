"""The stubs of firmware/sixlink-stubs say what the firmware has: names, arguments, defaults."""

import ast
import asyncio
import importlib
import inspect
import re
import sys
from pathlib import Path
from unittest import mock

import pytest
from test_repl import PUBLIC

from tools.deploy.boards import BOARDS

ROOT = Path(__file__).parent.parent
STUBS = sorted((ROOT / "firmware" / "sixlink-stubs").glob("*.pyi"))
NAMES = [path.stem for path in STUBS]

# Of these a program needs a part; the rest is for the firmware itself.
IN_PART = {"Link", "Driver", "Dialect", "Events"}
ONLY_TYPES = {"Uart", "Sink"}  # what an argument must be like; the firmware has no class for it
FOR_ASYNCIO = {"aio", "aiostream", "events"}
TYPE_NAMES = {"Address", "Event"}


def module_of(stub):
    """The firmware's module. What is for MicroPython's asyncio alone is loaded to be looked at."""
    name = "sixlink" if stub.stem == "__init__" else f"sixlink.{stub.stem}"
    if stub.stem not in FOR_ASYNCIO:
        return importlib.import_module(name)
    with mock.patch.object(asyncio, "core", None, create=True), mock.patch.dict(sys.modules):
        return importlib.import_module(name)


def tree(stub):
    return ast.parse(stub.read_text())


def classes(stub):
    """(stub, class) of each class that a stub declares and the firmware has."""
    found = [node for node in tree(stub).body if isinstance(node, ast.ClassDef)]
    return [node for node in found if node.name not in ONLY_TYPES]


def functions(body):
    """The functions of a stub by name; of overloads the last."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name: node for node in body if isinstance(node, kinds)}


def decorators(node):
    return {ast.unparse(decorator) for decorator in node.decorator_list}


def declared(node):
    """(name, kind, default) of each parameter, as `inspect` has them."""
    args = node.args
    assert not args.posonlyargs
    defaults = [None] * (len(args.args) - len(args.defaults)) + args.defaults
    found = [(a.arg, "POSITIONAL_OR_KEYWORD", d) for a, d in zip(args.args, defaults, strict=True)]
    if args.vararg:
        found.append((args.vararg.arg, "VAR_POSITIONAL", None))
    pairs = zip(args.kwonlyargs, args.kw_defaults, strict=True)
    found += [(arg.arg, "KEYWORD_ONLY", default) for arg, default in pairs]
    if args.kwarg:
        found.append((args.kwarg.arg, "VAR_KEYWORD", None))
    return [(name, kind, default and ast.literal_eval(default)) for name, kind, default in found]


def actual(function):
    found = []
    for name, parameter in inspect.signature(function).parameters.items():
        empty = parameter.default is inspect.Parameter.empty
        found.append((name, parameter.kind.name, None if empty else parameter.default))
    return found


def same(node, function):
    """Fails unless the stub's function is the firmware's."""
    assert isinstance(node, ast.AsyncFunctionDef) == inspect.iscoroutinefunction(function), (
        node.name
    )
    assert declared(node) == actual(function), node.name


@pytest.mark.parametrize("stub", STUBS, ids=NAMES)
def test_functions_and_names_of_a_module(stub):
    module = module_of(stub)
    for name, node in functions(tree(stub).body).items():
        same(node, getattr(module, name))
    for node in tree(stub).body:
        if isinstance(node, ast.AnnAssign):
            assert hasattr(module, node.target.id), node.target.id
        elif isinstance(node, ast.ImportFrom) and node.names[0].asname:
            assert hasattr(module, node.names[0].asname), node.names[0].asname
        elif isinstance(node, ast.Assign):
            assert node.targets[0].id in TYPE_NAMES


@pytest.mark.parametrize("stub", STUBS, ids=NAMES)
def test_methods_and_attributes_of_its_classes(stub):
    for node in classes(stub):
        real = getattr(module_of(stub), node.name)
        for name, method in functions(node.body).items():
            found = inspect.getattr_static(real, name)
            kinds = decorators(method)
            assert ("property" in kinds) == isinstance(found, property), name
            if "property" in kinds:
                continue
            if name == "help":
                assert not declared(method) and callable(found)
                continue
            assert ("staticmethod" in kinds) == isinstance(found, staticmethod), name
            same(method, getattr(real, name))
        for item in node.body:
            if isinstance(item, ast.AnnAssign):
                assert has_attribute(real, item.target.id), f"{node.name}.{item.target.id}"


def has_attribute(real, name):
    if hasattr(real, name):
        return True
    homes = [base.__module__ for base in real.__mro__ if base.__module__.startswith("sixlink.")]
    sources = [
        (ROOT / "firmware" / (home.replace(".", "/") + ".py")).read_text() for home in homes
    ]
    return any(re.search(rf"self\.{name}\b.* = ", source) for source in sources)


@pytest.mark.parametrize("stub", STUBS, ids=NAMES)
def test_the_stub_has_all_that_is_public(stub):
    for node in classes(stub):
        if node.name in IN_PART:
            continue
        real = getattr(module_of(stub), node.name)
        ours = [base for base in real.__mro__ if base.__module__.startswith("sixlink")]
        public = {name for base in ours for name in vars(base) if not name.startswith("_")}
        assert public - internal(node.name) <= declared_names(stub, node), node.name


def internal(name):
    """What has no underscore because another file of the firmware calls it."""
    return {"adopt", "opening", "give_up"} if name in ("Socket", "Transparent") else {"turn"}


def declared_names(stub, node):
    """The names of a class and of those it inherits from."""
    names = set(functions(node.body))
    names |= {item.target.id for item in node.body if isinstance(item, ast.AnnAssign)}
    for base in node.bases:
        for path in STUBS:
            for other in tree(path).body:
                if isinstance(other, ast.ClassDef) and other.name == ast.unparse(base):
                    names |= declared_names(path, other)
    return names


def test_what_the_tabulator_shows_is_what_the_stub_declares():
    [stub] = [path for path in STUBS if path.stem == "modem"]
    [modem] = [node for node in classes(stub) if node.name == "Modem"]
    assert {name for name in declared_names(stub, modem) if not name.startswith("_")} == PUBLIC


def test_every_board_is_of_a_port_with_stubs():
    ports = {path.stem.split("-")[0] for path in (ROOT / "tools" / "stubs").glob("*.txt")}
    boards = {path.parent.name for path in (ROOT / "boards").glob("*/board.py")}
    assert boards == set(BOARDS)
    assert {board.port for board in BOARDS.values()} <= ports


def test_each_port_is_checked_in_its_oldest_and_newest_version():
    found = sorted(path.stem for path in (ROOT / "tools" / "stubs").glob("*.txt"))
    assert found == [f"{p}-{v}" for p in ("esp32", "rp2", "stm32") for v in ("1.24", "1.29")]
