"""Documents that name code name code that is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *sorted((ROOT / "docs" / "flows").glob("*.md")),
    ROOT / "docs" / "architecture.md",
    *sorted((ROOT / "docs" / "adr").glob("*.md")),
]
MENTION = re.compile(r"`([a-z_0-9]+(?:/[a-z_0-9]+)*\.py):([A-Za-z_][\w.]*)`")
FILE = re.compile(r"`((?:[a-z_0-9]+/)+[a-z_0-9.]+\.(?:py|yaml|md|wsdl))`")


def _names(file: Path) -> set[str]:
    """Functions, classes, methods (`Class.method`) and constants of a module."""
    names: set[str] = set()
    for node in ast.parse(file.read_text()).body:
        names |= _names_of(node)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{name}" for member in node.body for name in _names_of(member)}
    return names


def _names_of(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _missing(page: Path) -> list[str]:
    missing = []
    for path, name in MENTION.findall(page.read_text()):
        if not (ROOT / path).is_file() or name not in _names(ROOT / path):
            missing.append(f"{page.name}: {path}:{name}")
    return missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_function_that_a_page_names_is_there(page: Path) -> None:
    assert _missing(page) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    assert [name for name in FILE.findall(page.read_text()) if not (ROOT / name).is_file()] == []


def test_the_flow_of_an_order_names_a_function_at_every_hop() -> None:
    text = (ROOT / "docs" / "flows" / "order.md").read_text()
    hops = [part for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:] if re.match(r"\d", part)]
    assert len(hops) >= 8
    assert [hop.splitlines()[0] for hop in hops if not MENTION.search(hop)] == []


def test_a_function_that_is_gone_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("`routing/keeping.py:keep`, `routing/keeping.py:gone`, `routing/gone.py:keep`, `routing/relay.py:Relay.gone`")
    assert [found.split(": ")[1] for found in _missing(page)] == [
        "routing/keeping.py:gone",
        "routing/gone.py:keep",
        "routing/relay.py:Relay.gone",
    ]
