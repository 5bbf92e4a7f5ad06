"""Links of a page that lead out of docs/, to a file of the repository.

`../firmware/examples/http_blocking.py` works where the repository is browsed. On the site it leads
to a page that shows the file, below `files/`; a folder's page lists what is in it.
"""

from __future__ import annotations

import ast
import posixpath
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"\]\(([^)#:\s]+)(#[^)\s]*)?\)")
FENCE = "````"  # none of ours has four
NOT_SEARCHED = "---\nsearch:\n  exclude: true\n---\n"


def outside(text: str, folder: str) -> list[Path]:
    """What `text`, which stands in `folder` of the site, links to beyond docs/."""
    found = [target(match[1], folder) for match in LINK.finditer(text)]
    return [path for path in found if path is not None and path.parts[0] != "docs"]


def led(text: str, folder: str) -> str:
    """`text` with its links as the site needs them."""

    def to_page(match: re.Match[str]) -> str:
        path = target(match[1], folder)
        if path is None:
            return match[0]
        return f"]({posixpath.relpath(page_of(path), folder or '.')}{match[2] or ''})"

    return LINK.sub(to_page, text)


def target(link: str, folder: str) -> Path | None:
    """The file or folder of the repository that a link on a page in `folder` leads to."""
    base = ROOT / folder.partition("/")[2] if folder.startswith("files") else DOCS
    path = (base / link).resolve()
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) and path.exists() else None


def page_of(path: Path) -> str:
    """Where the site shows a file of the repository."""
    if path.parts[0] == "docs":
        return "/".join(path.parts[1:])
    return f"files/{path}" if path.suffix == ".md" else f"files/{path}.md"


def shown(path: Path) -> str:
    """The page about a file or a folder."""
    if (ROOT / path).is_dir():
        files = sorted((ROOT / path).glob("*.py"))
        rows = [f"| `{file.name}` | {purpose(file)} |" for file in files]
        return f"{NOT_SEARCHED}# {path}/\n\n| file | |\n|---|---|\n" + "\n".join(rows)
    content = (ROOT / path).read_text()
    if path.suffix == ".md":
        return content
    block = f"{FENCE}{path.suffix[1:]}\n{content}{FENCE}\n"
    return f"{NOT_SEARCHED}# {path.name}\n\n`{path}`\n\n{block}"


def purpose(file: Path) -> str:
    """The first sentence of a module's docstring."""
    text = (ast.get_docstring(ast.parse(file.read_text())) or "").partition("\n\n")[0]
    first = re.split(r"(?<=\.)\s", text.replace("\n", " "), maxsplit=1)[0]
    return first.rstrip(".:").replace("|", "\\|")
