"""What mkdocs cannot do by itself: pages about files that are not in docs/ (see `links`)."""

from __future__ import annotations

import posixpath
import re
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel

from tools.docs.links import DOCS, led, outside, page_of, shown

MEASURED = "performance.md"  # figures that are there once they have been measured


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    for section in config.nav or []:
        for title, pages in section.items():
            section[title] = [page for page in pages if is_there(*page.values())]
    return config


def is_there(name: str) -> bool:
    return name != MEASURED or (DOCS / name).exists()


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each file that a page links to, and those that these link to in turn."""
    waiting = [(path.read_text(), "") for path in sorted(DOCS.glob("*.md"))]
    while waiting:
        for path in outside(*waiting.pop()):
            uri = page_of(path)
            if files.get_file_from_path(uri) is None:
                content = shown(path)
                level = InclusionLevel.NOT_IN_NAV
                files.append(File.generated(config, uri, content=content, inclusion=level))
                if path.suffix == ".md":
                    waiting.append((content, f"files/{path.parent}"))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    return led(markdown, posixpath.dirname(page.file.src_uri))


def on_page_content(html: str, **_: Any) -> str:
    """A `|` in code in a table is written with a backslash, which only GitHub takes away."""
    return re.sub(r"<code>[^<]*</code>", lambda code: code[0].replace("\\|", "|"), html)
