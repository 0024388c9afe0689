"""Changes that would make another order of it: another currency, other goods where some have left. Refused, whatever came first."""

from itertools import permutations

import pytest

from canonical.documents.order_changes import LineOp, OrderChanged
from canonical.documents.orders import OrderPlaced
from canonical.values import Quantity
from operations.decisions import decisions
from tests.handlers.golden import d, dispatched, level
from tests.handlers.pump import Pump
from tests.handlers.reading import document_of, ending_of, invoices, state_of
from tests.handlers.trading import SKU, changed, dealer, known, order, prices, product

S1 = dispatched("S1", lines={"1": 3}, item=SKU)
BEGUN = (level("WH-1", {SKU: 20}), order(qty="5", channel="edi"))


def copy(revision: int = 1, **of_line: object) -> OrderPlaced:
    placed = order(qty="5", channel="edi", revision=revision)
    return placed.but(lines=(placed.lines[0].but(**of_line),))


def refusals(pump: Pump) -> list[tuple[str | None, str | None, str]]:
    found = [one for run in decisions(pump.database, "SO-1").runs for one in run.decisions if one.policy == "change"]
    return [(one.line_no, one.code, one.text) for one in found]


def test_an_order_keeps_its_currency(pump: Pump) -> None:
    pump.take_each(*BEGUN, order(qty="6", channel="edi", revision=1, currency="USD"))
    assert (document_of(pump.database).currency, state_of(pump.database).lines["1"].ordered) == ("CNY", 5)
    answer = pump.of("order.response")[-1]
    assert (answer.revision, answer.code, answer.reasons) == (1, "RE", ("O_CURRENCY",))
    assert refusals(pump) == [(None, "O_CURRENCY", "an order keeps its currency: cancel it and order anew")]
    pump.take(order(qty="7", channel="edi", revision=2))
    assert state_of(pump.database).lines["1"].ordered == 7


def test_a_line_of_which_goods_have_left_cannot_become_other_goods(pump: Pump) -> None:
    pump.take_each(*BEGUN, S1, copy(sku="OTHER", qty=Quantity(value=d(9))))
    assert (document_of(pump.database).lines[0].sku, state_of(pump.database).lines["1"].ordered) == (SKU, 5)
    assert [code for _, code, _ in refusals(pump)] == ["O_ITEM_SHIPPED"]
    op = LineOp(op="update", line_no="1", sku="OTHER")
    pump.take(OrderChanged(order_no="SO-1", revision=2, line_ops=(op,)))
    assert [code for _, code, _ in refusals(pump)] == ["O_ITEM_SHIPPED", "O_ITEM_SHIPPED"]
    assert invoices(pump.database) == {"INV-SO-1-S1": (d("300.00"), d("300.00"))}


def test_before_anything_has_left_it_can(pump: Pump) -> None:
    pump.take_each(*BEGUN, copy(sku="OTHER"))
    assert (document_of(pump.database).lines[0].sku, refusals(pump)) == ("OTHER", [])


@pytest.mark.parametrize(
    "stated",
    [{"sku": "NEEDLE-OLD-NAME", "gtin": "10381780268468"}, {"sku": None, "gtin": "10381780268468"}, {"sku": None, "mpn": "M-1"}],
)
def test_other_names_of_the_same_goods_are_no_other_goods(pump: Pump, stated: dict[str, str | None]) -> None:
    """The first copy is known by our SKU meanwhile; some number that both copies state says that they are the same."""
    known(pump, product(gtin="10381780268468"), dealer(), prices())
    first = order(qty="5").but(lines=(order(qty="5").lines[0].but(sku="NEEDLE-OLD-NAME", gtin="10381780268468"),))
    pump.take(level("WH-1", {SKU: 20}), first, S1, source="portal")
    assert document_of(pump.database).lines[0].sku == SKU
    again = order(qty="6", revision=1)
    pump.take(again.but(lines=(again.lines[0].but(**stated),)), source="portal")
    assert [code for _, code, _ in refusals(pump) if code == "O_ITEM_SHIPPED"] == []


@pytest.mark.parametrize("other", [copy(sku="OTHER"), order(qty="6", channel="edi", revision=1, currency="USD")])
def test_it_ends_the_same_whatever_comes_first(pump: Pump, other: OrderPlaced) -> None:
    ends = []
    for number, arrival in enumerate(permutations((order(qty="5", channel="edi"), S1, other, changed("4", 2)))):
        order_no = f"SO-{number + 1}"
        pump.take(level("WH-1", {SKU: 20}, reference=order_no))
        pump.take_each(*(one.but(order_no=order_no) if one is not S1 else _of(order_no) for one in arrival))
        state = ending_of(pump.database, order_no)
        document = document_of(pump.database, order_no)
        ends.append((document.lines[0].sku, document.currency, document.lines[0].qty.value, state["lines"], state["payable"]))
    assert ends == [ends[0]] * len(ends)
    assert ends[0][:3] == (SKU, "CNY", 4)


def _of(order_no: str):
    lines = tuple(line.but(order_no=order_no) for line in S1.lines)
    return S1.but(shipment_no=f"{order_no}-S1", lines=lines, tracking_nos=(f"{order_no}-T",))


def test_a_copy_with_the_number_of_a_change_is_another_statement_whichever_comes_first(pump: Pump) -> None:
    for order_no, arrival in (("SO-1", (0, 1, 2)), ("SO-2", (0, 2, 1)), ("SO-3", (2, 1, 0))):
        facts = (order(order_no, "5", channel="edi"), changed("8", 1, order_no), order(order_no, "6", channel="edi", revision=1))
        pump.take_each(*(facts[place] for place in arrival))
        assert state_of(pump.database, order_no).lines["1"].ordered == 6
