"""Stock holds what it promises whatever comes: never more reserved than there is, and facts end alike in any order."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.documents.base import Document
from canonical.documents.decisions import OrderHeld
from canonical.documents.order_answers import ConfirmedLine, OrderConfirmed
from canonical.documents.order_changes import LineQty, OrderReduced
from canonical.documents.recalls import RecallOpened
from canonical.documents.reservations import ReservationExpired
from canonical.documents.returns import ReturnLine, ReturnReceived
from canonical.documents.shipments import ShipmentDispatched, ShipmentLine
from canonical.documents.stock import StockItem, StockLevel
from canonical.envelope import first_message
from canonical.values import LotRef, Quantity
from handlers.stock.handler import StockHandler
from store import ledger
from store.database import Database, Transaction, open_database
from tests.handlers.golden import BUYER, DAY, d
from tests.handlers.pump import NOW, Pump
from tests.handlers.reading import rows
from tests.support.examples import examples
from tests.support.tables import file_with_tables

pytestmark = pytest.mark.slow

LOTS = {"": None, "L1": date(2026, 12, 20), "L2": date(2027, 6, 1), "L3": None}
ORDERS = ("SO-1", "SO-2", "SO-3", "SO-4")
OF_STOCK = ("stock", "lots", "order lines")


@st.composite
def happenings(draw: st.DrawFn) -> list[Document]:
    """Anything that may happen to stock, each with an identity of its own."""
    count = draw(st.integers(2, 14))
    return [_happening(random.Random(draw(st.integers(0, 10**6))), number) for number in range(count)]


def _happening(chance: random.Random, number: int) -> Document:
    order_no, at = chance.choice(ORDERS), DAY + timedelta(hours=chance.randint(0, 50))
    kind = chance.choice(
        ("confirm", "confirm", "hold", "reduce", "dispatch", "count", "count", "delta", "recall", "return", "expire")
    )
    if kind in ("confirm", "hold"):
        return _demand(chance, order_no, number, kind)
    if kind == "reduce":
        lines = (LineQty(line_no="1", qty=d(chance.randint(1, 3))),)
        return OrderReduced(order_no=order_no, origin="x", seq=number, reason_code="x", lines=lines)
    if kind == "expire":
        return ReservationExpired(order_no=order_no, until=NOW + timedelta(hours=chance.choice((0, 500))))
    if kind == "recall":
        names = chance.choice(((), ("L1",), ("L2", "L3")))
        status = chance.choice(("open", "closed"))
        return RecallOpened(recall_no=chance.choice("AB"), sku="X", lots=names, reason="x", status=status, as_of=at)
    return _goods(chance, order_no, number, kind, at)


def _goods(chance: random.Random, order_no: str, number: int, kind: str, at: Any) -> Document:
    lot, qty = chance.choice(list(LOTS)), chance.randint(1, 9)
    refs = (LotRef(lot=lot, qty=d(qty)),) if lot else ()
    if kind == "dispatch":
        sent = ShipmentLine(order_no=order_no, line_no="1", item="X", qty=d(qty), lots=refs)
        return ShipmentDispatched(
            shipment_no=f"S-{number}", warehouse=chance.choice(("WH-1", "WH-2")), dispatched_at=at, lines=(sent,)
        )
    if kind == "return":
        back = ReturnLine(line_no="1", item="X", qty=d(qty), lots=refs, disposition=chance.choice((None, "restock", "scrap")))
        return ReturnReceived(rma_no=f"R-{number}", order_no=order_no, warehouse="WH-1", returned_at=at, lines=(back,))
    named = chance.sample(list(LOTS), chance.randint(1, 3))
    items = tuple(
        StockItem(item="X", on_hand=d(chance.randint(0, 12)), lot=one or None, expiry=LOTS[one],
                  status=chance.choice(("released", "released", "quarantine")) if one else "released")
        for one in named
    )  # fmt: skip
    mode = "snapshot" if kind == "count" else "delta"
    return StockLevel(location=chance.choice(("WH-1", "WH-2")), as_of=at, mode=mode, reference=f"r-{number}", items=items)


def _demand(chance: random.Random, order_no: str, number: int, kind: str) -> Document:
    qty = chance.randint(1, 6)
    packs = chance.choice((None, None, d(qty * 3)))
    line = ConfirmedLine(
        line_no="1", item="X", qty=Quantity(value=d(qty)), base_qty=packs, min_remaining_shelf_days=chance.choice((None, 90))
    )
    more: dict[str, Any] = {
        "order_no": order_no, "origin": "x", "channel": "ecommerce", "ship_to": BUYER, "lines": (line,),
        "priority": chance.randint(1, 3), "credit_grade": chance.choice("ABC"), "allow_partial": chance.random() < 0.7,
    }  # fmt: skip
    if kind == "hold":
        return OrderHeld(**more, seq=number, codes=("K_LIMIT",), until=NOW + timedelta(hours=chance.choice((-1, 100))))
    return OrderConfirmed(**more, revision=number)


def _after(database: Database, documents: Sequence[Document], *, batch: int) -> Pump:
    """What stock has kept after these, from empty tables."""
    with database.transaction() as tx:
        for table in (
            "stock",
            "stock_lots",
            "stock_holds",
            "stock_lines",
            "stock_orders",
            "stock_moves",
            "stock_entries",
            "stock_recalls",
            "messages",
        ):
            tx.run(f"DELETE FROM {table}")
    pump = Pump(database, batch=batch)
    for start in range(0, len(documents), batch):
        pump.accept_for("stock", *documents[start : start + batch])
    return pump


def test_whatever_happens_the_books_add_up_and_never_more_is_reserved_than_there_is(tmp_path: Path) -> None:
    database = open_database(file_with_tables(tmp_path / "stock.db"))

    @examples(200)
    @given(happenings(), st.sampled_from((1, 3, 50)))
    def check(documents: list[Document], batch: int) -> None:
        _after(database, documents, batch=batch)
        with database.reading() as tx:
            broken = [row.what for row in ledger.differences(tx, handlers=("stock",)) if row.what.startswith(OF_STOCK)]
        assert broken == []
        assert rows(database, "SELECT item FROM stock_lots WHERE reserved > 0 AND status <> 'released'") == []

    check()
    database.close()


def test_goods_that_come_go_and_are_counted_end_alike_in_any_order(tmp_path: Path) -> None:
    database = open_database(file_with_tables(tmp_path / "stock.db"))

    def lying(documents: Sequence[Document], batch: int) -> list[Any]:
        _after(database, documents, batch=batch)
        return [
            rows(database, "SELECT location, on_hand, owed, as_of FROM stock WHERE location <> '' ORDER BY 1"),
            rows(database, "SELECT location, lot, status, on_hand, owed FROM stock_lots ORDER BY 1, 2, 3"),
        ]

    @examples(150)
    @given(st.lists(st.integers(0, 10**6), min_size=2, max_size=7), st.randoms(use_true_random=False))
    def check(seeds: list[int], chance: random.Random) -> None:
        documents = [_fact(random.Random(seed), number) for number, seed in enumerate(seeds)]
        mixed = documents[:]
        chance.shuffle(mixed)
        first = StockLevel(
            location="WH-1", as_of=DAY - timedelta(1), mode="snapshot", reference="first",
            items=(StockItem(item="X", on_hand=d(3), lot="L1"),),
        )  # fmt: skip
        assert lying([first, *documents], 1) == lying([first, *mixed], 2)

    check()
    database.close()


def _fact(chance: random.Random, number: int) -> Document:
    """Goods move at different instants; of known lots only, as a place does that keeps its goods apart."""
    at = DAY + timedelta(hours=chance.randint(0, 50), seconds=number)
    kind, lot, qty = chance.choice(("dispatch", "count", "delta", "return")), chance.choice(("L1", "L2")), chance.randint(1, 9)
    refs = (LotRef(lot=lot, qty=d(qty)),)
    if kind == "dispatch":
        sent = ShipmentLine(order_no="SO-1", line_no="1", item="X", qty=d(qty), lots=refs)
        return ShipmentDispatched(shipment_no=f"S-{number}", warehouse="WH-1", dispatched_at=at, lines=(sent,))
    if kind == "return":
        back = ReturnLine(line_no="1", item="X", qty=d(qty), lots=refs, disposition="restock")
        return ReturnReceived(rma_no=f"R-{number}", order_no="SO-1", warehouse="WH-1", returned_at=at, lines=(back,))
    mode = "snapshot" if kind == "count" else "delta"
    items = (StockItem(item="X", on_hand=d(qty), lot=lot, expiry=LOTS[lot]),)
    return StockLevel(location="WH-1", as_of=at, mode=mode, reference=f"r-{number}", items=items)


class Counting(Transaction):
    """A transaction that counts its statements."""

    statements = 0

    def _fetched(self, statement: str, parameters: Any) -> Any:
        self.statements += 1
        return super()._fetched(statement, parameters)

    def _told(self, statement: str, parameters: Any) -> None:
        self.statements += 1
        super()._told(statement, parameters)

    def _touched(self, statement: str, parameters: Any) -> int:
        self.statements += 1
        return super()._touched(statement, parameters)

    def tuples_of_set(self, sql: str, columns: Any, rows: Any, /, **parameters: Any) -> Any:
        self.statements += bool(rows)
        return super().tuples_of_set(sql, columns, rows, **parameters)


def test_a_batch_takes_few_statements_however_much_it_holds(tmp_path: Path) -> None:
    database, chance, most = open_database(file_with_tables(tmp_path / "stock.db")), random.Random(7), 0
    for size in (20, 20, 400):
        batch = [_happening(chance, 1000 * size + number) for number in range(size)]
        with database.transaction() as tx:
            counting = Counting(tx._driver, tx.dialect)
            StockHandler().handle([first_message(one, source="x", raw_id="y", now=NOW) for one in batch], counting, NOW)
        most = max(most, counting.statements)
    new = [_demand(random.Random(number), f"NEW-{number}", 0, "confirm") for number in range(200)]
    with database.transaction() as tx:
        counting = Counting(tx._driver, tx.dialect)
        StockHandler().handle([first_message(one, source="x", raw_id="y", now=NOW) for one in new], counting, NOW)
    database.close()
    assert most <= 36
    assert counting.statements <= 16
