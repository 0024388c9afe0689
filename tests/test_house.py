"""House rules that no linter knows: what may stand in files, and that documents speak of things that exist."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("canonical", "store", "mappings", "connectors", "routing", "handlers", "operations", "hub_api", "orderlane")
OUTSIDE = ("demo", "benchmarks", "tools")

REGISTRY_HOST = re.compile(
    r"\b(?:py" r"pi|python" r"hosted|npm" r"js|deb\.debian|archive\.ubuntu|rubygems|crates)\.(?:org|com|io)\b"
)
MACHINE_PATH = re.compile(r"(?<![\w./~-])/(?:work|root|home|Users|tmp)/\w")
MADE = {
    ".venv",
    "var",
    "build",
    "out",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    "orderlane.egg-info",
}
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
MAKE_COMMAND = re.compile(r"(?:^|`)(?:\$ )?make ([a-z]+)", re.MULTILINE)


def _files(pattern: str = "*") -> list[Path]:
    """The project's files: tracked, or new and not ignored; outside a clone, all but what the project makes itself."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", pattern]
    if (ROOT / ".git").exists():
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
        return [ROOT / name for name in listed if (ROOT / name).is_file()]
    return [file for file in ROOT.rglob(pattern) if file.is_file() and not MADE & set(file.relative_to(ROOT).parts)]


def _findings(pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern stands in text files, as `file:line: text`."""
    found = []
    for file in _files():
        text = file.read_bytes().decode("utf-8", "replace")
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{file.relative_to(ROOT)}:{line}: {match[0]}")
    return found


def test_no_file_names_a_package_registry() -> None:
    assert _findings(REGISTRY_HOST) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert _findings(MACHINE_PATH) == []


def test_every_link_in_the_documents_leads_somewhere() -> None:
    broken = []
    for page in _files("*.md"):
        for target in LINK.findall(CODE_BLOCK.sub("", page.read_text())):
            if not re.match(r"[a-z]+:", target) and not _leads_somewhere(page, target):
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def _leads_somewhere(page: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    linked = (page.parent / name).resolve() if name else page
    if not linked.exists():
        return False
    return not anchor or linked.suffix != ".md" or anchor in _anchors(linked)


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ +(.+?) *$", CODE_BLOCK.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_make_targets_that_the_documents_name_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {(page.name, target) for page in _files("*.md") for target in MAKE_COMMAND.findall(page.read_text())}
    assert {(page, target) for page, target in named if target not in targets} == set()
    assert {"setup", "demo", "test", "check", "bench", "chaos", "clean", "help"} <= targets


def test_help_lists_every_target_with_one_line() -> None:
    said = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [line.split()[1] for line in said.splitlines()] == targets


@pytest.mark.parametrize("room", ROOMS)
def test_only_the_composition_root_reads_the_environment(room: str) -> None:
    readers = [file for file in (ROOT / room).rglob("*.py") if re.search(r"\bos\.(environ|getenv)\b", file.read_text())]
    assert readers == [] or room == "orderlane"


@pytest.mark.parametrize("room", (*ROOMS, *OUTSIDE))
def test_package_markers_are_empty(room: str) -> None:
    assert [file for file in (ROOT / room).rglob("__init__.py") if file.stat().st_size] == []
