"""What is made only to be sent is written as the class writes it, and answers the envelope as the class does."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from canonical.documents.order_answers import OrderConfirmed
from canonical.documents.stock import ReservedLine, StockReserved
from canonical.envelope import caused_message, first_message
from canonical.lean import lean
from canonical.values import LotRef, Party
from tests.canonical.test_writing import canonical_documents

NOW = datetime(2026, 11, 26, tzinfo=UTC)
LINE = {"line_no": "1", "item": 'GLÖVES\n"\\', "qty": Decimal("2.50"), "lots": (LotRef(lot="L1", qty=Decimal("1.0")),)}
HEAD = {"order_no": "SO-1", "origin": "shop", "channel": "edi", "seq": 2, "location": "WH-1"}


def test_every_golden_sample_is_written_as_its_class_writes_it() -> None:
    kinds = set()
    for document in canonical_documents():
        made = lean(type(document))(**dict(document))
        assert (made.content(), made.fact(), made.body()) == (document.content(), document.fact(), document.body())
        for asked in ("subject", "identity", "partition_key", "occurred_at"):
            assert getattr(made, asked)() == getattr(document, asked)()
        kinds.add(document.message_type)
    assert len(kinds) > 8


def test_parts_may_be_structs_too() -> None:
    made = lean(StockReserved)(**HEAD, lines=(lean(ReservedLine)(**LINE), lean(ReservedLine)(**LINE)))
    assert made.content() == StockReserved(**HEAD, lines=(ReservedLine(**LINE), ReservedLine(**LINE))).content()


def test_what_equals_a_default_is_left_out_whatever_it_was_made_of() -> None:
    head = {"order_no": "SO-1", "origin": "shop", "channel": "edi", "ship_to": Party(party_id="H-1"), "lines": ()}
    told = {**head, "kind": "".join(("st", "ock")), "priority": 3}
    assert lean(OrderConfirmed)(**told).content() == OrderConfirmed(**told).content() == OrderConfirmed(**head).content()


def test_a_message_of_it_is_the_message_of_the_document() -> None:
    cause = first_message(OrderConfirmed(order_no="SO-1", origin="s", channel="edi", ship_to=Party(party_id="H"), lines=()),
                          source="shop", raw_id=None, now=NOW)  # fmt: skip
    document = StockReserved(**HEAD, lines=(ReservedLine(**LINE),))
    made = lean(StockReserved)(**HEAD, lines=(lean(ReservedLine)(**LINE),))
    one, other = (caused_message(told, cause, source="stock", now=NOW) for told in (made, document))
    for name in ("type", "subject", "partition_key", "identity", "body", "content_sha256", "schema_version"):
        assert getattr(one, name) == getattr(other, name)
    assert one.document == other.document == document


def test_missing_and_unknown_fields_are_errors_of_the_caller() -> None:
    make = lean(ReservedLine)
    with pytest.raises(TypeError):
        make(line_no="1")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        make(**LINE, colour="blue")  # type: ignore[call-arg]
