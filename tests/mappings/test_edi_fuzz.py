"""Damaged X12, EDIFACT, table and XML files: always parts or a refusal with a place, never another exception or half an order."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.failures import Malformed
from mappings.translation import OWN_SPECS, Part, Settings, Translations
from tests.support.examples import examples

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[1] / "samples"
TRANSLATIONS = Translations.load(*(OWN_SPECS / name for name in ("x12", "edifact", "camt", "table")))
SETTINGS = Settings(endpoint="e", currency="EUR")
CHARACTERS = st.sampled_from([b"*", b"~", b">", b"\n", b"0", b"9", b"-", b"A", b"<", b"&", b"\x00", b"\xff", b"", b"ST", b"1e9"])
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), CHARACTERS), min_size=1, max_size=4)


def damaged(body: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    """The body with some pieces replaced: place as a share of its length, length of the piece, what stands there instead."""
    for place, length, instead in edits:
        at = int(place * len(body))
        body = body[:at] + instead + body[at + length :]
    return body


def checked(connector: str, document: str, body: bytes) -> list[Part]:
    """The parts of the body, each whole; none when it is refused. It takes less than a second."""
    began = time.process_time()
    try:
        parts = list(TRANSLATIONS.translate(connector, document, body, SETTINGS))
    except Malformed as refusal:
        assert all(problem.code and problem.path for problem in refusal.problems)
        return []
    finally:
        assert time.process_time() - began < 1
    for part in parts:
        assert bool(part.documents) + bool(part.problems) + bool(part.skipped) == 1, part
        assert all(problem.code and problem.path for problem in part.problems)
    return parts


@examples(150)
@given(EDITS, st.sampled_from(["850.hospital-order.edi", "850.second-of-three-is-bad.edi"]))
def test_a_damaged_interchange_is_told(edits: list[tuple[float, int, bytes]], name: str) -> None:
    parts = checked("x12", "850", damaged((SAMPLES / "x12" / name).read_bytes(), edits))
    for part in parts:
        if part.is_acknowledgement:
            assert part.documents[0].subject()


@examples(100)
@given(EDITS, st.sampled_from(["ORDERS--hospital.edi", "ORDERS--second_of_three_is_bad.edi"]))
def test_a_damaged_message_is_told(edits: list[tuple[float, int, bytes]], name: str) -> None:
    checked("edifact", "ORDERS", damaged((SAMPLES / "edifact" / name).read_bytes(), edits))


@examples(60)
@given(EDITS, st.sampled_from(["order--german_cp1252.in.csv", "order--chinese_gb18030.in.csv", "order--typed.in.xls"]))
def test_a_damaged_table_is_told(edits: list[tuple[float, int, bytes]], name: str) -> None:
    checked("table", "order", damaged((SAMPLES / "table" / name).read_bytes(), edits))


@examples(100)
@given(EDITS)
def test_a_damaged_statement_is_told(edits: list[tuple[float, int, bytes]]) -> None:
    checked("camt", "camt.053", damaged((SAMPLES / "camt" / "053.v8-everything.xml").read_bytes(), edits))


@pytest.mark.parametrize("name", ["850.hospital-order.edi", "850.second-of-three-is-bad.edi"])
def test_a_file_cut_off_at_any_place_gives_no_order(name: str) -> None:
    body = (SAMPLES / "x12" / name).read_bytes()
    for length in range(0, len(body) - 2, 7):
        parts = checked("x12", "850", body[:length])
        assert [part for part in parts if part.documents and not part.is_acknowledgement] == [], length
