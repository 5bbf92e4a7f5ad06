"""Whether a commit's subject is as all others: `engine: Pad after any send without a result.`

    python3 tools/commit_subject.py .git/COMMIT_EDITMSG

A hook, see .pre-commit-config.yaml: it runs on any Python, outside of `.venv`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

LONGEST = 100
_SUBJECT = re.compile(r"[A-Za-z0-9_./, -]+: [^a-z\s].*[.!?]")
_BY_GIT = ("Merge ", "Revert ", "fixup! ", "squash! ")


def complaint(message: str) -> str:
    """What is wrong with the first line, and how it should be; nothing if all is well."""
    subject = message.partition("\n")[0]
    if subject.startswith(_BY_GIT):
        return ""
    if len(subject) > LONGEST:
        return (
            f"The subject has {len(subject)} characters: at most {LONGEST}; go on two lines below."
        )
    if not _SUBJECT.fullmatch(subject):
        return f"Not {subject!r} but, for example: engine: Pad after any send without a result."
    return ""


if __name__ == "__main__":
    sys.exit(complaint(Path(sys.argv[1]).read_text()) or 0)
