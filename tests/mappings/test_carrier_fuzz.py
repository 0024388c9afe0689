"""Whatever stands in a carrier's document, it is translated or its problems are told; nothing else ever comes out."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.failures import Malformed
from mappings.translation import OWN_SPECS, Settings, Translations
from tests.support.examples import examples

pytestmark = pytest.mark.slow

CARRIERS = ("easypost", "fedex", "ups", "dhl", "aftership", "track17", "kuaidi100", "sf")
TRANSLATIONS = Translations.load(*(OWN_SPECS / carrier for carrier in CARRIERS))
SAMPLES = Path(__file__).parents[1] / "samples"
IN_ZONE = Settings(endpoint="test", time_zone="Asia/Shanghai")
FILES = {(spec.connector, spec.file.stem): spec.documents for spec in TRANSLATIONS.documents.values() if spec.direction == "in"}
CASES = [
    (carrier, FILES[carrier, file.name.split("--")[0]][0], json.loads(file.read_bytes()))
    for carrier in CARRIERS
    for file in sorted((SAMPLES / carrier).glob("*--*.in.json"))
]
ODD = st.sampled_from([
    None, "", 0, -1, True, "x", "NaN", "2026-13-40", "2026-03-03T10:00:00", [], {}, [[]], [{}], [None], {"a": []}, {"#text": "x"},
    "9" * 5000,
])  # fmt: skip


def translated(carrier: str, document: str, body: bytes) -> None:
    try:
        parts = list(TRANSLATIONS.translate(carrier, document, body, IN_ZONE))
    except Malformed as malformed:
        assert all(problem.code.startswith("E_") for problem in malformed.problems)
        return
    for part in parts:
        assert not (part.documents and part.problems)
        assert all(problem.code.startswith("E_") and problem.path for problem in part.problems)


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Every place in a document: what holds it, and its key."""
    items = list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree)) if isinstance(tree, list) else []
    return [place for key, value in items for place in ((tree, key), *places(value))]


@examples(200)
@given(st.sampled_from(CASES), st.data())
def test_odd_values_anywhere_are_told_or_translated(case: tuple[str, str, Any], data: st.DataObject) -> None:
    carrier, document, sound = case
    tree = copy.deepcopy(sound)
    for _ in range(data.draw(st.integers(1, 4))):
        holder, key = data.draw(st.sampled_from(places(tree) or [({"": None}, "")]))
        holder[key] = copy.deepcopy(data.draw(ODD))
    translated(carrier, document, json.dumps(tree).encode())


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"7",
        b"null",
        b"<a/>",
        b"<a>",
        b"<a b='c'>d</a>",
        b"a=b",
        b"param=",
        b"param=%7B%7D",
        b"param=7",
        b"content=",
        b"content=%3Ca/%3E",
        b"content=7",
        b"\xff\xfe",
        b'{"Body":7}',
        b"<Request><Body>x</Body></Request>",
        b'{"lastResult":7}',
        b'{"apiResultCode":"A1000","apiResultData":"{"}',
        b'{"apiResultCode":"A1000","apiResultData":"7"}',
        b'{"data":[],"nu":1}',
    ],
)
def test_strange_bodies_are_told_or_translated(carrier: str, body: bytes) -> None:
    for spec in {id(spec): spec for spec in TRANSLATIONS.documents.values()}.values():
        if spec.connector == carrier and spec.direction == "in":
            translated(carrier, spec.document, body)
