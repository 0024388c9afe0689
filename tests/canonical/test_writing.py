"""Documents are written to the byte as pydantic would, so that hashes of facts kept by any version agree."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from canonical.documents.base import Document
from canonical.documents.orders import OrderLine, OrderPlaced
from canonical.documents.registry import DOCUMENTS
from canonical.envelope import first_message
from canonical.values import Party, Quantity
from canonical.writing import members_of, written

SAMPLES = Path(__file__).parents[1] / "samples"
ORDER: dict[str, Any] = {
    "order_no": "A", "channel": "edi", "currency": "EUR", "price_date": "2026-11-26",
    "sold_to": {"party_id": "P"}, "ship_to": {"party_id": "P"}, "lines": [{"line_no": "1", "sku": "S", "qty": {"value": "1"}}],
}  # fmt: skip


def by_pydantic(document: Document, *without: str) -> bytes:
    return document.model_dump_json(exclude_none=True, exclude_defaults=True, exclude=set(without)).encode()


def canonical_documents() -> Iterator[Document]:
    """What the golden samples of all connectors become; a line does not say its kind, so it is read as each that it fits."""
    for line in sorted({line for file in SAMPLES.rglob("*.out.jsonl") for line in file.read_bytes().splitlines()}):
        for kind in DOCUMENTS.values():
            with suppress(ValidationError):
                yield kind.model_validate_json(line)


def test_every_golden_sample_is_written_as_pydantic_writes_it() -> None:
    kinds = set()
    for document in canonical_documents():
        kinds.add(document.message_type)
        assert written(document, frozenset()) == by_pydantic(document)
        assert document.content() == by_pydantic(document, "extensions")
        assert document.fact() == by_pydantic(document, "extensions", *document.addenda)
    assert len(kinds) > 8


@pytest.mark.parametrize("kind", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_every_document_has_its_function(kind: type[Document]) -> None:
    assert callable(members_of(kind, frozenset(("extensions",))))


def test_defaults_are_left_out_however_they_were_given() -> None:
    given = {
        **ORDER, "kind": "stock", "priority": 3, "allow_partial": True, "revision": 0, "references": {}, "doc_charges": [],
        "remarks": None,
        "lines": [{**ORDER["lines"][0], "price_base_qty": "1.000", "ids": {}, "qty": {"value": "2.50", "uom": "EA"}}],
    }  # fmt: skip
    order = OrderPlaced.model_validate_json(orjson.dumps(given))
    assert order.content() == by_pydantic(order, "extensions")
    assert orjson.loads(order.content()) == {**ORDER, "lines": [{"line_no": "1", "sku": "S", "qty": {"value": "2.50"}}]}


@pytest.mark.parametrize(
    "changes",
    [
        {"ordered_at": datetime(2026, 11, 26, 1, 2, 3, 4, UTC)},
        {"ordered_at": datetime(2026, 11, 26, 1, 2, 3, 400_000, timezone(timedelta(hours=5, minutes=30)))},
        {"ordered_at": datetime(1, 1, 1, tzinfo=UTC)},
        {"revision": 2**70},
        {"references": {'"\\/\b\f\n\r\t\x01\x1f\x7f': "Größe 漢字 🩺 <&>\u2028"}},
        {"extensions": {"a": [1, None, "x", {"b": 1.5}]}},
        {"lines": (OrderLine(line_no="1", sku="S", qty=Quantity(value=Decimal("1E+2")), unit_price=Decimal("0E-7")),)},
        {"bill_to": Party(party_id="P", ids={"91": "x"}, licences=("a", "b"))},
    ],
)
def test_odd_values_are_written_alike(changes: dict[str, Any]) -> None:
    order = OrderPlaced.model_validate({**OrderPlaced.model_validate_json(orjson.dumps(ORDER)).__dict__, **changes})
    assert order.content() == by_pydantic(order, "extensions")
    assert order.model_copy(update={"remarks": "copied"}).content() == by_pydantic(
        order.model_copy(update={"remarks": "copied"}), "extensions"
    )


def test_half_a_surrogate_pair_never_becomes_a_document() -> None:
    with pytest.raises((ValidationError, UnicodeEncodeError, ValueError)):
        OrderPlaced.model_validate({**ORDER, "price_date": datetime(2026, 11, 26).date(), "remarks": "\ud800"}).content()


def test_what_has_no_canonical_place_is_written_as_pydantic_writes_it() -> None:
    odd = {"a": [1.0, 1e16, 1e-7, -0.0, 0.1], 'b\x1f\x7f\u2028\U0001f600"\\': None, "c": {"d": True, "e": 2**63}, "f": []}
    for extensions in (odd, {**odd, "large": 2**70}):
        document = OrderPlaced.model_validate_json(orjson.dumps(ORDER)).model_copy(update={"extensions": extensions})
        head, _, told = document.body().partition(b',"extensions":')
        assert head + b"}" == document.content()
        assert told == document.__pydantic_serializer__.to_json(document, include={"extensions"})[len(b'{"extensions":') :]


def test_a_fact_read_again_is_the_same_fact() -> None:
    for document in canonical_documents():
        message = first_message(document, source="s", raw_id=None, now=datetime.now(UTC))
        assert message.content_sha256 == sha256(document.fact() if document.addenda else document.content()).hexdigest()
