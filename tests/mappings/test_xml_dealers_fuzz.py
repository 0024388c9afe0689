"""UBL and cXML that went wrong on the way: problems or documents, never a crash, whatever became of the bytes or the elements."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.failures import Malformed
from mappings.translation import OWN_SPECS, Settings, Translations
from tests.support.examples import examples

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[1] / "samples"
TRANSLATIONS = Translations.load(OWN_SPECS / "ubl", OWN_SPECS / "cxml")
ORDER, NOTE = (SAMPLES / "ubl" / f"{name}.xml" for name in ("order", "credit_note"))
REQUEST = SAMPLES / "cxml" / "order_request.xml"
ZONE = Settings("dealer", "dealer", time_zone="Europe/Oslo", currency="EUR")
ODD = (b"", b"-1", b"NaN", b"1e9", b"9" * 60, b"2026-13-45", b"<x/>", b"&amp;", b"\xc3\xa9", b" ", b"true", b"0.0000000001")


def translated(connector: str, document: str, body: bytes) -> None:
    """Every part is documents, problems or a reason."""
    try:
        for part in TRANSLATIONS.translate(connector, document, body, ZONE):
            assert part.documents or part.problems or part.skipped
    except Malformed as malformed:
        assert malformed.problems


def texts_changed(body: bytes, seed: int) -> bytes:
    """A document with some of its texts exchanged for odd ones."""
    chance = random.Random(seed)
    pieces = body.split(b">")
    for _ in range(chance.randint(1, 5)):
        number = chance.randrange(1, len(pieces))
        _, between, tag = pieces[number].partition(b"<")
        pieces[number] = chance.choice(ODD) + between + tag
    return b">".join(pieces)


def pieces_moved(body: bytes, seed: int) -> bytes:
    """A document with some bytes taken out, doubled or exchanged."""
    chance = random.Random(seed)
    start, length = chance.randrange(len(body)), chance.randrange(1, 200)
    piece = body[start : start + length]
    return body[:start] + chance.choice((b"", piece * 2, piece[::-1])) + body[start + length :]


@pytest.mark.parametrize("change", [texts_changed, pieces_moved])
@pytest.mark.parametrize(
    ("connector", "document", "file"), [("ubl", "Order", ORDER), ("ubl", "CreditNote", NOTE), ("cxml", "OrderRequest", REQUEST)]
)
def test_what_went_wrong_is_told(connector, document, file, change):
    body = file.read_bytes()

    @examples(60)
    @given(st.integers(0, 2**32))
    def went_wrong(seed: int) -> None:
        translated(connector, document, change(body, seed))

    went_wrong()
