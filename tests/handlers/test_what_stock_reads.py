"""Stock reads of an order what it goes by, as the documents' classes say it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from canonical.documents.base import Document
from canonical.documents.decisions import OrderHeld
from canonical.documents.order_answers import ConfirmedLine, OrderConfirmed
from canonical.envelope import first_message
from canonical.reading import part
from canonical.values import LotRef, Party, Quantity
from handlers.stock.wanted import Amount, NamedLot, Wanted, WantedLine
from tests.handlers.pump import NOW

BUYER = Party(party_id="H-1", name="Hospital", gln="4012345000009", ids={"DUNS": "12"}, region="310000")
LINES = (
    ConfirmedLine(line_no="1", item="GLOVES", qty=Quantity(value=Decimal("2.50"), uom="XBX"), base_qty=Decimal(250), base_uom="EA"),
    ConfirmedLine(
        line_no="2", item="STENT", qty=Quantity(value=Decimal(1)), base_qty=Decimal("1.0"), requested_date=date(2026, 12, 1),
        requested_lots=(LotRef(lot="L1"), LotRef(serial="S1")), min_remaining_shelf_days=90, cold_chain=True, ship_to=BUYER,
    ),
)  # fmt: skip
ORDER: dict[str, Any] = {"order_no": "SO-1", "origin": "shop-eu", "channel": "edi", "ship_to": BUYER, "lines": LINES}
FULL = ORDER | {
    "revision": 2, "kind": "implant_bill_only", "customer_no": "C1", "credit_grade": "A", "priority": 1, "allow_partial": False,
    "requested_delivery_date": date(2026, 12, 2), "extensions": {"note": [1, None]},
}  # fmt: skip
DOCUMENTS = (
    OrderConfirmed(**ORDER),
    OrderConfirmed(**FULL, restated=3, changed=True),
    OrderHeld(**ORDER, codes=("O_VALUE",)),
    OrderHeld(**FULL, codes=("O_VALUE",), owners=("sales",), seq=4, until=datetime(2026, 12, 3, 12, tzinfo=UTC)),
)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_is_read_is_what_the_document_says(document: Document) -> None:
    wanted = part(Wanted, document.body())
    for name in Wanted.__struct_fields__:
        if name not in ("ship_to", "lines"):
            assert getattr(wanted, name) == getattr(document, name, 0 if name != "until" else None), name
    assert wanted.receiver == BUYER
    assert [(line.base, line.pack) for line in wanted.lines] == [(250_000_000, (250_000_000, 2_500_000)), (1_000_000, None)]
    assert wanted.lines[1] == WantedLine(
        "2", "STENT", Amount("1"), "1.0", date(2026, 12, 1), (NamedLot("L1"), NamedLot(None, "S1")), 90
    )


@pytest.mark.parametrize(("kind", "said_by"), [(Wanted, OrderConfirmed), (Wanted, OrderHeld), (WantedLine, ConfirmedLine)])
def test_what_is_absent_is_what_the_class_says(kind: type[msgspec.Struct], said_by: type[Any]) -> None:
    for one in msgspec.structs.fields(kind):
        if (field := said_by.model_fields.get(one.name)) is not None:
            assert (one.required, one.required or one.default) == (field.is_required(), field.is_required() or field.default)


def test_a_message_is_read_once() -> None:
    message = first_message(DOCUMENTS[1], source="shop", raw_id=None, now=NOW)
    assert message.seen_as(Wanted) is message.seen_as(Wanted)


def test_what_is_no_order_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        part(Wanted, b'{"order_no":"SO-1"}')
