"""The golden scenarios through the public door, figures exact: documents in over HTTP, what became of them out of the API.

Base order: 10 EA x 87.40 and 3 XBX x 120.00, tax 13% on top; the first shipment takes 10 EA and 1 XBX, the second the rest.
"""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

import pytest

from canonical.documents.base import Document
from canonical.documents.recalls import RecallOpened
from canonical.documents.returns import ReturnLine, ReturnReceived
from canonical.documents.sales_out import Period, SalesOutReported, SoldLine
from canonical.documents.shipments import DeliveryConfirmed, ShipmentDispatched
from canonical.documents.stock import StockItem, StockLevel
from canonical.values import LotRef
from tests.handlers import golden
from tests.handlers.golden import DAY, line
from tests.hub import documents
from tests.hub.running import World

pytestmark = pytest.mark.slow

WAREHOUSE = "warehouse-main"


@dataclass(frozen=True)
class Figures:
    """An order of two lines in two shipments: quantities and prices of the lines, what the first shipment takes of them, an
    allowance on the whole; and what each invoice (net, tax, gross) and the order come to."""

    lines: tuple[tuple[int, str], tuple[int, str]]
    first: tuple[int, int]
    discount: str | None
    invoices: tuple[tuple[str, str, str], tuple[str, str, str]]
    total: str

    def placed(self, order_no: str) -> Document:
        (needles, needle_price), (gloves, glove_price) = self.lines
        lines = (
            line("1", f"{order_no}-NEEDLE", needles, needle_price),
            line("2", f"{order_no}-GLOVES", gloves, glove_price, "XBX"),
        )
        return golden.placed(order_no, discount=self.discount, lines=lines, channel="direct")

    def dispatched(self, shipment: str, order_no: str) -> Document:
        ordered = [qty for qty, _ in self.lines]
        taken = self.first if shipment == "S1" else tuple(o - f for o, f in zip(ordered, self.first, strict=True))
        lines = {str(number): qty for number, qty in enumerate(taken, 1) if qty}
        return golden.dispatched(shipment, order_no, lines=lines, day=21 if shipment == "S1" else 22)


G1 = Figures(
    ((10, "87.40"), (3, "120.00")), (10, 1), None, (("994.00", "129.22", "1123.22"), ("240.00", "31.20", "271.20")), "1394.42"
)
G2 = Figures(
    ((10, "87.40"), (3, "120.00")), (10, 1), "100.00", (("913.45", "118.75", "1032.20"), ("220.55", "28.67", "249.22")), "1281.42"
)
ODD = Figures(((7, "33.33"), (5, "0.35")), (3, 5), None, (("101.74", "13.23", "114.97"), ("133.32", "17.33", "150.65")), "265.62")
ODD_LESS = Figures(
    ((7, "33.33"), (5, "0.35")), (3, 5), "10.01", (("97.41", "12.66", "110.07"), ("127.64", "16.60", "144.24")), "254.31"
)


def tell(world: World, *told: Document) -> None:
    """Documents arrive one after the other; nobody waits for what becomes of them."""
    for document in told:
        world.take(WAREHOUSE, json.dumps({"type": document.message_type, "data": json.loads(document.body())}).encode())


def on_its_way(world: World, number: int, figures: Figures = G1) -> str:
    """A confirmed order of these figures, its goods set aside."""
    order_no = f"GS{number}"
    tell(world, golden.stocked(order_no), figures.placed(order_no))
    world.asked_to_ship(f"{order_no}-S1")
    return order_no


def ship(world: World, order_no: str, *shipments: str, figures: Figures = G1) -> Any:
    """The shipments leave, and their invoices are out."""
    order: Any = None
    for count, shipment in enumerate(shipments, 1):
        tell(world, figures.dispatched(shipment, order_no))
        order = world.until(lambda count=count: shipped_and_billed(world, order_no, count), f"{shipment} is billed")
    return order


def shipped_and_billed(world: World, order_no: str, count: int) -> Any | None:
    """The order, once so many shipments and nothing else is billed."""
    order = world.found(f"/orders/{order_no}")
    whole = all(one["invoiced"] == one["shipped"] for one in order["lines"])
    return order if whole and len(order["invoices"]) >= count and len(order["shipments"]) >= count else None


def billed(order: Any) -> list[tuple[str, ...]]:
    """Net, tax and gross of each invoice, by its number."""
    invoices = sorted(order["invoices"], key=lambda invoice: invoice["invoice_no"])
    return [tuple(invoice["document"]["totals"][name] for name in ("net", "tax", "gross")) for invoice in invoices]


def still_open(order: Any) -> list[str]:
    return [invoice["open"] for invoice in sorted(order["invoices"], key=lambda invoice: invoice["invoice_no"])]


def pay(world: World, order_no: str, ref: str, amount: str) -> None:
    tell(world, golden.paid(ref, amount, refs=(order_no,)))


def left(world: World, order_no: str, ref: str, wanted: str) -> str:
    """The state of a payment once so much of it is left unapplied."""

    def look() -> str | None:
        payments = [p for p in world.found(f"/orders/{order_no}")["payments"] if p["payment_ref"] == ref]
        fits = [p for p in payments if golden.d(p["amount"]) - golden.d(p["allocated"]) == golden.d(wanted)]
        return fits[0]["state"] if fits else None

    return world.until(look, f"{wanted} of {ref} is left")


@pytest.mark.parametrize("figures", [G1, G2, ODD, ODD_LESS], ids=["g1", "g2", "other figures", "other figures, less"])
def test_g1_g2_two_shipments_are_billed_to_the_cent_and_the_order_walks_to_closed(
    world: World, number: int, figures: Figures
) -> None:
    order_no = f"GS{number}"
    tell(world, golden.stocked(order_no), figures.placed(order_no))
    order = world.order(order_no, state="confirmed")
    assert (order["display_zh"], order["payable"]) == ("已审核", figures.total)
    order = ship(world, order_no, "S1", figures=figures)
    assert (order["fulfilment"], order["billing"], order["display_zh"]) == ("part_shipped", "part", "部分发货")
    order = ship(world, order_no, "S1", "S2", figures=figures)
    assert (order["fulfilment"], order["billing"], order["display_zh"]) == ("shipped", "full", "已发货")
    assert billed(order) == list(figures.invoices)
    assert sum(golden.d(gross) for _, _, gross in billed(order)) == golden.d(figures.total)
    for shipment in ("S1", "S2"):
        tell(world, DeliveryConfirmed(shipment_no=f"{order_no}-{shipment}", delivered_at=DAY.replace(day=23), receiver="desk"))
    assert world.order(order_no, fulfilment="delivered")["display_zh"] == "已送达"
    pay(world, order_no, f"B-{number}", figures.total)
    order = world.order(order_no, state="closed", payment="paid")
    assert (still_open(order), order["display_zh"]) == (["0.00", "0.00"], "已回款，已结案")
    assert [(one["ordered"], one["delivered"], one["invoiced"], one["open"]) for one in order["lines"]] == [
        (str(qty), str(qty), str(qty), "0") for qty, _ in figures.lines
    ]


BOTH = pytest.mark.parametrize("figures", [G1, ODD], ids=["golden", "other figures"])


@BOTH
def test_g3_money_ahead_is_a_deposit_and_pays_each_invoice_as_it_is_issued(world: World, number: int, figures: Figures) -> None:
    order_no, ref = on_its_way(world, number, figures), f"B-{number}"
    pay(world, order_no, ref, figures.total)
    assert left(world, order_no, ref, figures.total) == "deposit"
    ship(world, order_no, "S1", figures=figures)
    assert left(world, order_no, ref, {G1: "271.20", ODD: "150.65"}[figures]) == "part_allocated"
    ship(world, order_no, "S1", "S2", figures=figures)
    assert left(world, order_no, ref, "0.00") == "allocated"
    assert world.order(order_no, payment="paid", state="closed")["fulfilment"] == "shipped"


@BOTH
def test_g4_too_much_money_stays_on_account(world: World, number: int, figures: Figures) -> None:
    order_no, ref = on_its_way(world, number, figures), f"B-{number}"
    ship(world, order_no, "S1", "S2", figures=figures)
    paid, more = {G1: ("1400.00", "5.58"), ODD: ("300.00", "34.38")}[figures]
    pay(world, order_no, ref, paid)
    assert left(world, order_no, ref, more) == "part_allocated"
    assert still_open(world.order(order_no, state="closed")) == ["0.00", "0.00"]


@BOTH
def test_g5_too_little_money_leaves_the_last_invoice_open(world: World, number: int, figures: Figures) -> None:
    order_no, ref = on_its_way(world, number, figures), f"B-{number}"
    ship(world, order_no, "S1", "S2", figures=figures)
    paid, lacking = {G1: ("1390.00", "4.42"), ODD: ("265.61", "0.01")}[figures]
    pay(world, order_no, ref, paid)
    assert left(world, order_no, ref, "0.00") == "allocated"
    order = world.order(order_no, payment="part")
    assert (still_open(order), order["state"]) == (["0.00", lacking], "confirmed")
    assert sorted(invoice["state"] for invoice in order["invoices"]) == ["paid", "part_paid"]


def test_g6_the_same_reference_counts_once_and_the_same_amount_again_is_suspended(world: World, number: int) -> None:
    order_no, ref = on_its_way(world, number), f"B-{number}"
    ship(world, order_no, "S1", "S2")
    for one in (ref, ref, f"{ref}-again"):
        pay(world, order_no, one, "1394.42")
    assert left(world, order_no, f"{ref}-again", "1394.42") == "suspense"
    assert left(world, order_no, ref, "0.00") == "allocated"
    payments = world.order(order_no, state="closed")["payments"]
    assert sorted(payment["payment_ref"] for payment in payments) == [ref, f"{ref}-again"]


@BOTH
def test_g7_a_cancellation_after_the_first_shipment_closes_the_rest_short(world: World, number: int, figures: Figures) -> None:
    order_no, ref = on_its_way(world, number, figures), f"B-{number}"
    pay(world, order_no, ref, figures.total)
    ship(world, order_no, "S1", figures=figures)
    tell(world, golden.cancelled(order_no))
    order = world.order(order_no, state="closed")
    assert (order["payable"], order["fulfilment"], billed(order)) == (figures.invoices[0][2], "shipped", [figures.invoices[0]])
    assert [(one["shipped"], one["cancelled"], one["open"]) for one in order["lines"]] == [
        (str(first), str(qty - first), "0") for (qty, _), first in zip(figures.lines, figures.first, strict=True)
    ]
    assert left(world, order_no, ref, {G1: "271.20", ODD: "150.65"}[figures]) == "part_allocated"
    answers = [answer for answer in bodies(world, order_no, "order.response") if answer["code"] == "CA"]
    changed = {line["line_no"] for answer in answers for line in answer["lines"] if line["code"] != "accepted"}
    assert changed == {
        str(no) for no, ((qty, _), first) in enumerate(zip(figures.lines, figures.first, strict=True), 1) if qty > first
    }


def bodies(world: World, order_no: str, kind: str) -> list[Any]:
    """The messages of one type in the story of an order."""
    steps = [step["message"] for step in world.found(f"/orders/{order_no}/timeline")["steps"]]
    return [world.found(f"/messages/{one['message_id']}")["body"] for one in steps if one["type"] == kind]


def test_g8_tracking_two_hours_before_its_order_waits_and_is_seen_at_once(world: World, number: int) -> None:
    order_no = f"GS{number}"
    told = world.take("parcels", documents.tracking(f"{order_no}-T-S1", "in_transit", "2026-11-20T06:00:00Z"))
    (early,) = told["message_ids"]
    world.until(lambda: world.found(f"/messages/{early}")["standing"] == "parked", "the news waits")
    tell(world, golden.stocked(order_no), G1.placed(order_no), G1.dispatched("S1", order_no))
    world.until(lambda: world.found(f"/messages/{early}")["standing"] == "handled", "the news is dealt with")
    (shipment,) = world.order(order_no, fulfilment="part_shipped")["shipments"]
    assert [(event["state"], event["at"]) for event in shipment["events"]] == [("in_transit", "2026-11-20T06:00:00Z")]


def rivals(world: World, number: int, *, allow_partial: bool) -> list[dict[str, Any]]:
    """Two orders of eight at the same moment for a stock of ten, once stock has decided; each order's only line."""
    item, order_nos = f"X-{number}", (f"GS{number}A", f"GS{number}B")
    tell(world, golden.level("MAIN", {item: 10}, reference=f"count {item}"))
    world.until(lambda: world.available(item) == "10", "the stock is counted")
    orders = [golden.placed(no, lines=(line("1", item, 8),), channel="direct", allow_partial=allow_partial) for no in order_nos]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda order: tell(world, order), orders))

    def decided() -> list[dict[str, Any]] | None:
        found = [world.found(f"/orders/{no}") for no in order_nos]
        lines = [order["lines"][0] for order in found if order]
        return lines if len(lines) == 2 and all(golden.d(o["reserved"]) + golden.d(o["backordered"]) == 8 for o in lines) else None

    return world.until(decided, "stock has decided")


@pytest.mark.parametrize(("allow_partial", "expected"), [(True, [("2", "6"), ("8", "0")]), (False, [("0", "8"), ("8", "0")])])
def test_g10_two_orders_of_eight_at_once_never_get_more_than_ten(
    world: World, number: int, allow_partial: bool, expected: Sequence[tuple[str, str]]
) -> None:
    lines = rivals(world, number, allow_partial=allow_partial)
    assert sorted((one["reserved"], one["backordered"]) for one in lines) == expected


def test_g13_a_recalled_lot_is_traced_to_its_buyer_and_on_and_what_nobody_tells_of_is_counted(world: World, number: int) -> None:
    order_no, lot = f"GS{number}", f"LOT-{number}"
    needle, lots = f"{order_no}-NEEDLE", (LotRef(lot=lot, qty=golden.d(10)),)
    day = golden.DAY.date()
    counted = StockItem(item=needle, on_hand=golden.d(30), lot=lot, expiry=day.replace(year=2028))
    gloves = StockItem(item=f"{order_no}-GLOVES", on_hand=golden.d(30))
    tell(world, StockLevel(location="WH-1", as_of=DAY, mode="snapshot", reference=f"lots {number}", items=(counted, gloves)))
    tell(world, G1.placed(order_no))
    world.asked_to_ship(f"{order_no}-S1")
    sent = cast(ShipmentDispatched, G1.dispatched("S1", order_no))
    tell(world, sent.model_copy(update={"lines": (sent.lines[0].model_copy(update={"lots": lots}), *sent.lines[1:])}))
    world.order(order_no, fulfilment="part_shipped")
    recall = RecallOpened(as_of=DAY, recall_no=f"RC-{number}", sku=needle, lots=(lot,), reason="broken needles")
    world.take("master-data", json.dumps({"type": "recall.opened", "data": json.loads(recall.body())}).encode())

    def traced(**wanted: str) -> Any | None:
        trace = world.found(f"/recalls/RC-{number}")
        return trace if trace and all(golden.d(trace[name]) == golden.d(value) for name, value in wanted.items()) else None

    trace = world.until(lambda: traced(shipped="10", unlocated="10"), "ten are with the buyer")
    assert [(one["buyer"], golden.d(one["shipped"])) for one in trace["buyers"]] == [("H-1", golden.d(10))]
    assert (golden.d(trace["received"]), golden.d(trace["in_stock"]), golden.d(trace["difference"])) == (30, 20, 0)
    back = ReturnLine(line_no="1", item=needle, qty=golden.d(1), lots=(LotRef(lot=lot, qty=golden.d(1)),))
    tell(world, ReturnReceived(rma_no=f"RMA-{number}", order_no=order_no, returned_at=DAY.replace(day=24), lines=(back,)))
    passed = SoldLine(line_no="1", item=needle, qty=golden.d(6), lots=(LotRef(lot=lot, qty=golden.d(6)),))
    month = Period(start=day.replace(day=1), end=day.replace(day=30))
    tell(world, SalesOutReported(report_no=f"R-{number}", dealer=golden.BUYER, period=month, lines=(passed,)))
    trace = world.until(lambda: traced(shipped="10", returned="1", confirmed="6"), "what was sold on and came back is counted")
    assert golden.d(trace["unlocated"]) == 3, "shipped - returned - confirmed"
    assert golden.d(trace["difference"]) == 0


def test_g14_a_time_without_a_zone_is_refused_and_nothing_is_taken(world: World, number: int) -> None:
    order_no = f"GS{number}"
    data = json.loads(G1.placed(order_no).body()) | {"ordered_at": "2026-11-23 10:00"}
    answer = world.send(WAREHOUSE, json.dumps({"type": "order.placed", "data": data}).encode())
    problems = [(one["code"], one["path"], one["value"]) for one in answer.json()["problems"]]
    assert (answer.status_code, problems) == (422, [("E_TIME_NAIVE", "data.ordered_at", "2026-11-23 10:00")])
    assert world.found(f"/orders/{order_no}") is None
