"""What an order goes by of a reservation is what the document says."""

from datetime import UTC, datetime
from decimal import Decimal

from canonical.documents.stock import ReservedLine, StockReserved
from canonical.envelope import first_message
from canonical.values import LotRef
from handlers.order.reserving import Reserved

NOW = datetime(2026, 11, 26, tzinfo=UTC)
HEAD = {"order_no": "SO-1", "origin": "shop", "channel": "edi", "seq": 2, "location": "WH-1"}


def seen(*lines: ReservedLine, soft: bool = False) -> Reserved:
    document = StockReserved(**HEAD, soft=soft, lines=lines)
    return first_message(document, source="stock", raw_id=None, now=NOW).seen_as(Reserved)


def test_quantities_stay_as_they_were_written() -> None:
    told = seen(ReservedLine(line_no="1", item="GLOVES", qty=Decimal("2.50")), ReservedLine(line_no="2", item="M", qty=Decimal(1)))
    assert (told.order_no, told.seq, told.soft) == ("SO-1", 2, False)
    assert told.as_fact() == {"at": "WH-1", "lines": {"1": "2.50", "2": "1"}}


def test_a_lot_of_one_piece_has_its_quantity_among_the_facts() -> None:
    lots = (LotRef(serial="S1"), LotRef(lot="L1", expiry=datetime(2027, 1, 31).date(), qty=Decimal(3)))
    told = seen(ReservedLine(line_no="1", item="PUMP", qty=Decimal(4), lots=lots), soft=True)
    assert told.soft
    assert told.as_fact()["lots"] == {"1": [{"serial": "S1", "qty": "1"}, {"lot": "L1", "expiry": "2027-01-31", "qty": "3"}]}
