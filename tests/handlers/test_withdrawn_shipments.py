"""What a warehouse was asked to ship and shall not leave any more: it is told, and a recall holds the order."""

import tempfile
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from canonical.documents.order_changes import LineQty, OrderCancelled
from canonical.documents.recalls import RecallOpened
from canonical.documents.shipments import ShipmentWithdrawn
from canonical.documents.stock import StockItem, StockLevel
from store.database import Database
from tests.handlers.golden import DAY, cancelled, dispatched, level
from tests.handlers.pump import Pump
from tests.handlers.reading import axes, empty_database, held, rows, state_of
from tests.handlers.trading import SKU, changed, order, said
from tests.support.examples import examples

D = Decimal


def withdrawn(pump: Pump) -> list[tuple[str, str, str, Decimal, Decimal]]:
    told: list[ShipmentWithdrawn] = pump.of("shipment.withdrawn")  # type: ignore[assignment]
    return [(one.shipment_no, one.status, one.reason, line.qty, line.left) for one in told for line in one.lines]


def lots(**quantities: int) -> StockLevel:
    return StockLevel(
        location="WH-1", as_of=DAY, mode="snapshot", reference=f"lots {quantities}",
        items=tuple(StockItem(item=SKU, on_hand=D(qty), lot=lot) for lot, qty in quantities.items()),
    )  # fmt: skip


def recall(**fields: object) -> RecallOpened:
    return RecallOpened.model_validate({"recall_no": "R-1", "sku": SKU, "reason": "leaks", "as_of": DAY, **fields})


def test_a_cancelled_order_is_called_back_from_the_warehouse(pump: Pump) -> None:
    pump.take_each(level("WH-1", {SKU: 20}), order(qty="5", channel="edi"), cancelled())
    assert withdrawn(pump) == [("SO-1-S1", "cancel", "cancelled", 5, 0)]
    (told,) = pump.of("shipment.withdrawn")
    assert (told.warehouse, told.seq, told.lines[0].item) == ("WH-1", 1, SKU)


def test_a_cancellation_of_a_part_leaves_the_rest(pump: Pump) -> None:
    pump.take_each(level("WH-1", {SKU: 20}), order(qty="5", channel="edi"), cancelled(lines={"1": 2}), cancelled(lines={"1": 2}))
    assert withdrawn(pump) == [("SO-1-S1", "change", "cancelled", 2, 3)]


def test_a_lowered_order_takes_back_what_was_asked_last(pump: Pump) -> None:
    pump.take_each(level("WH-1", {SKU: 3}), order(qty="5", channel="edi"))
    pump.take(level("WH-1", {SKU: 2}, mode="delta", reference="in", at=DAY + timedelta(1)))
    pump.take(changed("2"))
    assert withdrawn(pump) == [("SO-1-S2", "cancel", "changed", 2, 0), ("SO-1-S1", "change", "changed", 1, 2)]


def test_what_was_cancelled_beyond_the_order_is_taken_off_when_it_is_raised(pump: Pump) -> None:
    pump.take_each(level("WH-1", {SKU: 4}), order(qty="4", channel="edi"), cancelled(lines={"1": 5}))
    pump.take_each(dispatched("X1", lines={"1": 1}, item=SKU), changed("6", counted=False))
    assert [(one.reason_code, one.lines[0].qty) for one in pump.of("order.reduced")] == [("changed_mind", 4), ("changed", 1)]
    assert held(pump.database, "SO-1") == {"1": ("", 0, 0)}
    assert pump.milestones("SO-1")[-1] == "reduced"


def test_the_cancellation_of_a_whole_order_holds_when_it_is_raised_after_some_has_left(pump: Pump) -> None:
    pump.take_each(level("WH-1", {SKU: 20}), order(qty="4", channel="edi"), dispatched("X1", lines={"1": 1}, item=SKU))
    pump.take_each(cancelled(), changed("9", counted=False))
    assert [one.lines[0].qty for one in pump.of("order.reduced")] == [3, 5]
    assert held(pump.database, "SO-1") == {"1": ("", 0, 0)}


def test_a_quantity_refused_after_goods_left_leaves_what_was_cancelled_off(pump: Pump) -> None:
    pump.take_each(
        level("WH-1", {SKU: 20}), order(qty="20", channel="edi"), changed("4", counted=False), cancelled(lines={"1": 10})
    )
    assert held(pump.database, "SO-1") == {"1": ("", 0, 0)}
    pump.take(dispatched("X1", lines={"1": 5}, item=SKU))
    assert [one.lines[0].qty for one in pump.of("order.reduced")] == [4, 6]
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 5, 0)}


def test_what_has_left_under_its_number_is_not_called_back(pump: Pump) -> None:
    pump.take_each(level("WH-1", {SKU: 20}), order(qty="5", channel="edi"), dispatched("S1", lines={"1": 3}, item=SKU), cancelled())
    assert withdrawn(pump) == []
    assert axes(pump.database)[:2] == ("confirmed", "shipped")


def test_a_recalled_lot_is_taken_back_from_the_warehouse_and_holds_the_order(pump: Pump) -> None:
    pump.take_each(lots(L1=5, L2=20), order(qty="8", channel="edi"))
    assert [[(lot.lot, lot.qty) for lot in one.lines[0].lots] for one in pump.of("shipment.requested")] == [[("L1", 5), ("L2", 3)]]
    pump.take(recall(lots=["L1"]))
    assert withdrawn(pump) == [("SO-1-S1", "change", "recalled", 5, 3)]
    (told,) = pump.of("shipment.withdrawn")
    assert [(lot.lot, lot.qty) for lot in told.lines[0].lots] == [("L1", 5)]
    assert rows(pump.database, "SELECT lot, reserved FROM stock_lots ORDER BY lot") == [("L1", 0), ("L2", 8_000_000)]
    assert (axes(pump.database)[0], state_of(pump.database).holds) == ("on_hold", ("C_RECALL",))
    assert [(one.codes, one.owners) for one in pump.of("order.held")] == [(("C_RECALL",), ("compliance",))]
    assert len(pump.of("shipment.requested")) == 1
    pump.take(said("release", role="compliance"))
    assert axes(pump.database)[0] == "confirmed"
    assert [[(lot.lot, lot.qty) for lot in one.lines[0].lots] for one in pump.of("shipment.requested")][1:] == [[("L2", 5)]]


def test_a_recall_of_the_whole_product_gives_everything_back_and_says_why_it_waits(pump: Pump) -> None:
    pump.take_each(level("WH-1", {SKU: 20}), order(qty="5", channel="edi"), order("SO-2", qty="2", channel="edi"), recall())
    assert sorted(withdrawn(pump)) == [("SO-1-S1", "cancel", "recalled", 5, 0), ("SO-2-S1", "cancel", "recalled", 2, 0)]
    assert held(pump.database, "SO-1") == {"1": ("", 0, 5)}
    assert {one.lines[0].code for one in pump.of("stock.backordered")} == {"C_RECALL"}
    assert axes(pump.database, "SO-2")[0] == "on_hold"


def test_goods_that_were_set_aside_for_an_order_on_hold_are_asked_for_once(pump: Pump) -> None:
    pump.take_each(lots(L1=5, L2=20), order(qty="8", channel="edi"), recall(lots=["L1"]))
    pump.take(recall(recall_no="R-2", lots=["L2"]))
    assert [one[2:] for one in withdrawn(pump)] == [("recalled", 5, 3), ("recalled", 3, 0)]
    pump.take(lots(L1=5, L2=20, L3=20).model_copy(update={"as_of": DAY + timedelta(1)}))
    pump.take(said("release", role="compliance"))
    asked = [[(lot.lot, lot.qty) for lot in one.lines[0].lots] for one in pump.of("shipment.requested")]
    assert asked[1:] == [[("L3", 8)]]


@examples(40)
@given(st.lists(st.tuples(st.sampled_from(["in", "cancel", "leave", "count", "change", "copy"]), st.integers(1, 6)), max_size=8))
def test_what_warehouses_are_asked_for_is_always_what_is_set_aside(events: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        pump = Pump(empty_database(folder))
        pump.take_each(level("WH-1", {SKU: 4}), order(qty="9", channel="edi"))
        for number, (event, qty) in enumerate(events):
            pump.take(_event(event, qty, number))
            assert_asked(pump.database, pump)
        pump.database.close()


def _event(event: str, qty: int, number: int) -> object:
    at = DAY + timedelta(days=number)
    if event == "in":
        return level("WH-1", {SKU: qty}, mode="delta", reference=f"in-{number}", at=at)
    if event == "count":
        return level("WH-1", {SKU: qty}, reference=f"count-{number}", at=at)
    if event == "leave":
        return dispatched(f"X{number}", lines={"1": qty}, item=SKU)
    if event == "change":
        return changed(str(qty + 3), revision=number + 1, counted=False)
    if event == "copy":
        return order(qty=str(qty + 3), channel="edi", revision=number + 1)
    lines = (LineQty(line_no="1", qty=D(qty)),)
    return OrderCancelled(order_no="SO-1", reason_code=f"{number}", requested_by="b", lines=lines)


def assert_asked(database: Database, pump: Pump) -> None:
    """What was asked for and not withdrawn or shipped is what is set aside; stock serves just what is open."""
    asked = sum(one.lines[0].qty for one in pump.of("shipment.requested"))
    back = sum(line.qty for one in pump.of("shipment.withdrawn") for line in one.lines)
    line = state_of(database).lines["1"]
    ((reserved, waiting),) = rows(database, "SELECT reserved, backordered FROM stock_lines")
    assert D(reserved + waiting) / 1_000_000 == line.open
    if not state_of(database).holds:
        assert asked - back >= D(reserved) / 1_000_000
        assert asked - back <= D(reserved) / 1_000_000 + line.shipped
