"""Each claim of docs/threat-model.md names a test that exists."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "threat-model.md"


def names_of_tests():
    for path in HERE.rglob("test_*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                yield node.name


def test_every_test_that_the_threat_model_names_exists():
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text()))
    assert len(named) > 20
    assert named <= set(names_of_tests()), named - set(names_of_tests())


def test_every_claim_names_a_test():
    defended = PAGE.read_text().partition("## What is defended")[2].partition("\n## ")[0]
    claims = re.split(r"\n(?=- |\*\*)", defended)
    for claim in claims:
        is_introduction = claim.startswith("**") and not claim.startswith("**Secrets")
        assert is_introduction or not claim.strip() or "`test_" in claim, claim
