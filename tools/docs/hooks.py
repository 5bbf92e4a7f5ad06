"""What mkdocs cannot do by itself: pages about files that are not in docs/.

A link that leads out of docs/ (`../firmware/examples/http_blocking.py`) works where the repository
is browsed. On the site it leads to a page that shows the file; a folder's page lists its files.
"""

from __future__ import annotations

import ast
import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"\]\(([^)#:\s]+)(#[^)\s]*)?\)")
FENCE = "````"  # none of ours has four
NOT_SEARCHED = "---\nsearch:\n  exclude: true\n---\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each file that a page links to, and those that these link to in turn."""
    waiting = [(path.read_text(), "") for path in sorted(DOCS.glob("*.md"))]
    while waiting:
        text, folder = waiting.pop()
        for path in outside(text, folder):
            uri = page_of(path)
            if files.get_file_from_path(uri) is None:
                content = shown(path)
                level = InclusionLevel.NOT_IN_NAV
                files.append(File.generated(config, uri, content=content, inclusion=level))
                if path.suffix == ".md":
                    waiting.append((content, f"files/{path.parent}"))
    return files


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Leave out of the navigation what has not been made: figures are measured by tools."""
    for section in config.nav or []:
        for title, pages in section.items():
            section[title] = [
                page for page in pages if (DOCS / next(iter(page.values()))).exists()
            ]
    return config


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    folder = posixpath.dirname(page.file.src_uri)

    def led(match: re.Match[str]) -> str:
        path = target(match[1], folder)
        if path is None:
            return match[0]
        return f"]({posixpath.relpath(page_of(path), folder or '.')}{match[2] or ''})"

    return LINK.sub(led, markdown)


def outside(text: str, folder: str) -> list[Path]:
    """What `text`, which stands in `folder` of the site, links to beyond docs/."""
    found = [target(match[1], folder) for match in LINK.finditer(text)]
    return [path for path in found if path is not None and path.parts[0] != "docs"]


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
        rows = [
            f"| `{file.name}` | {purpose(file)} |" for file in sorted((ROOT / path).glob("*.py"))
        ]
        return NOT_SEARCHED + f"# {path}/\n\n| file | |\n|---|---|\n" + "\n".join(rows)
    content = (ROOT / path).read_text()
    if path.suffix == ".md":
        return content
    return (
        f"{NOT_SEARCHED}# {path.name}\n\n`{path}`\n\n{FENCE}{path.suffix[1:]}\n{content}{FENCE}\n"
    )


def purpose(file: Path) -> str:
    """The first sentence of a module's docstring."""
    text = ast.get_docstring(ast.parse(file.read_text())) or ""
    return re.split(r"(?<=[.:])\s", text.replace("|", "\\|"), maxsplit=1)[0].replace("\n", " ")
