"""config.py, looked at before anything is copied."""

from __future__ import annotations

import ast
from pathlib import Path

from .errors import DeployError

_HOW = 'write APN = "internet", as your operator has it, or APN = None for what the network gives'


def check(path: Path) -> None:
    """Raises DeployError unless `path` is a config.py that names an APN."""
    try:
        tree = ast.parse(path.read_text())
    except OSError:
        raise DeployError(
            f"There is no {path}: copy boards/config.py there and write your APN into it."
        ) from None
    except (SyntaxError, UnicodeDecodeError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        how = "mend it, or copy boards/config.py anew"
        raise DeployError(f"{path}{line} is not Python: {how}.") from error
    apn = _assigned(tree, "APN")
    if apn is None:
        raise DeployError(f"{path} names no APN: {_HOW}.")
    if isinstance(apn, ast.Constant) and apn.value is not None:
        _check_apn(path, apn.value)


def _check_apn(path: Path, apn: object) -> None:
    if not isinstance(apn, str):
        raise DeployError(f"{path}: APN = {apn!r} is no text: {_HOW}.")
    if not apn.strip():
        raise DeployError(f"{path}: the APN is empty: {_HOW}.")
    if not apn.isascii() or not apn.isprintable() or '"' in apn:
        raise DeployError(f"{path}: APN = {apn!r} has a character that no AT command carries.")


def _assigned(tree: ast.Module, name: str) -> ast.expr | None:
    """The last value that `name` gets; an expression, which only the board can work out."""
    value = None
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            value = node.value if name in names else value
    return value
