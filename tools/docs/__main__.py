"""Build the site to build/site. A warning is a failure: a dead link, a page that nobody finds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    status = subprocess.run(command, cwd=ROOT).returncode
    if not status:
        print("build/site/index.html")
    return status


if __name__ == "__main__":
    sys.exit(main())
