"""Build the site to build/site. A warning is a failure: a dead link, a page that nobody finds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NEWS = "INFO "  # how lines begin that say that all is well


def main() -> int:
    # Not with --quiet: mkdocs then counts no warnings. The theme prints news of its own.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    build = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    for line in (build.stdout + build.stderr).splitlines():
        if not line.startswith(NEWS):
            print(line)
    if not build.returncode:
        print("build/site/index.html; its search works where it is served:")
        print(".venv/bin/python -m http.server --bind 127.0.0.1 --directory build/site")
    return build.returncode


if __name__ == "__main__":
    sys.exit(main())
