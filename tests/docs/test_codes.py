"""Every stable code of the code is explained, and no code is explained that is not there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from handlers.invoice.matching import AMBIGUOUS, RETURN_CURRENCY, RETURNED_TOO_MUCH

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("canonical", "store", "mappings", "connectors", "routing", "handlers", "operations", "hub_api", "orderlane")
CODE = re.compile(r"\b[A-Z]_[A-Z0-9][A-Z0-9_]+\b")
DOCUMENTED = re.compile(r"^\| `([A-Z]_[A-Z0-9_]+)` \|", re.MULTILINE)
FINDING = re.compile(r"\"([a-z]+(?:-[a-z]+)+|yaml|unreadable)\"")
DOCUMENTED_FINDING = re.compile(r"`([a-z][a-z-]+)`")
NOT_CODES = {"S_IFREG", "S_ISREG", "E_SPEC", "O_WRONLY", "O_CREAT", "O_EXCL", "O_RDWR"}
OUTCOME = re.compile(r"Verdict\(\"([a-z]+)\"")


def _used() -> set[str]:
    files = [file for room in ROOMS for suffix in ("*.py", "*.yaml") for file in (ROOT / room).rglob(suffix)]
    found: set[str] = set()
    for file in files:
        found |= {code for code in CODE.findall(file.read_text()) if code[0] in "ACDEFHKMOPSW"}
    return found - NOT_CODES


def test_every_code_that_the_hub_can_say_is_explained() -> None:
    documented = DOCUMENTED.findall((ROOT / "docs" / "codes.md").read_text())
    assert sorted(_used() - set(documented)) == []


def test_every_code_that_is_explained_can_be_said() -> None:
    documented = DOCUMENTED.findall((ROOT / "docs" / "codes.md").read_text())
    assert sorted(set(documented) - _used()) == []
    assert len(documented) == len(set(documented)) > 60


def test_every_finding_of_the_rules_check_is_explained() -> None:
    source = "\n".join(file.read_text() for file in (ROOT / "routing" / "rules").glob("*.py"))
    table = (ROOT / "docs" / "rules.md").read_text().partition("## What the check finds")[2].partition("\n## ")[0]
    documented = set(DOCUMENTED_FINDING.findall(table))
    assert sorted({code for code in FINDING.findall(source) if "-" in code} - documented) == []


def test_every_finding_about_endpoints_is_explained() -> None:
    found = {code for name in ("checking.py", "endpoints.py", "policies.py") for code in _findings(ROOT / "orderlane" / name)}
    table = (ROOT / "docs" / "codes.md").read_text().partition("## Endpoints and secrets")[2].partition("\n## ")[0]
    assert sorted(found) == sorted(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE))
    assert len(found) >= 10


def _findings(file: Path) -> Iterator[str]:
    """The codes of `Finding(file, line, code, ...)`, `.finding(code, ...)` and of yielded (line, code, message)."""
    for node in ast.walk(ast.parse(file.read_text())):
        values: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
            values = node.args[2:3]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "finding":
            values = node.args[:1]
        elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
            values = node.value.elts[1:2]
        yield from (value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str))


def test_every_outcome_of_an_attempt_is_explained() -> None:
    outcomes = set(OUTCOME.findall((ROOT / "routing" / "delivery.py").read_text()))
    table = (ROOT / "docs" / "codes.md").read_text().partition("## Outcomes of an attempt")[2].partition("\n## ")[0]
    assert outcomes == set(re.findall(r"^\| `([a-z]+)` \|", table, re.MULTILINE))
    assert len(outcomes) >= 8


def test_every_reason_for_suspense_is_explained() -> None:
    matching = (ROOT / "handlers" / "invoice" / "matching.py").read_text()
    body = matching.partition("def reason_for_suspense")[2].partition("\ndef ")[0].partition('"""')[2].partition('"""')[2]
    table = (ROOT / "docs" / "codes.md").read_text().partition("## Why a payment waits")[2].partition("\n## ")[0]
    reasons = {*re.findall(r"\"([a-z_]+)\"", body), AMBIGUOUS, RETURN_CURRENCY, RETURNED_TOO_MUCH}
    assert reasons == set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert len(reasons) == 7
