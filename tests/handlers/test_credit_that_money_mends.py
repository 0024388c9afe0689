"""Orders that are held for their buyer's credit, and the money that comes for them."""

from itertools import permutations

import pytest

from canonical.documents.stock import StockLevel
from tests.handlers.golden import level, paid
from tests.handlers.pump import Pump
from tests.handlers.reading import axes, rows, state_of
from tests.handlers.test_money_that_goes_back import reversed_payment
from tests.handlers.trading import SKU, dealer, known, order, prices, product, said

STOCK = level("WH-1", {SKU: 9})


def prepaying(pump: Pump, stock: StockLevel | None = STOCK) -> Pump:
    """A dealer who buys against prepayment only."""
    known(pump, product(), dealer(limit="0"), prices())
    if stock is not None:
        pump.take(stock, source="warehouse-main")
    return pump


def runs(pump: Pump) -> list[str]:
    return [step for (step,) in rows(pump.database, "SELECT step FROM order_decisions ORDER BY seq")]


def test_an_order_against_prepayment_goes_on_when_all_of_it_has_been_paid(pump: Pump) -> None:
    prepaying(pump).take(order(qty="5"), source="portal")
    assert (axes(pump.database)[0], state_of(pump.database).holds) == ("approval", ("K_LIMIT",))
    pump.take(paid("B-1", "300.00"))
    assert (axes(pump.database)[0], runs(pump), len(pump.of("order.held"))) == ("approval", ["confirm"], 1), "not enough yet"
    pump.take(paid("B-2", "200.00"))
    assert (axes(pump.database)[:2], state_of(pump.database).holds) == (("confirmed", "picking"), ())
    assert runs(pump) == ["confirm", "review", "release"]
    (request,) = pump.of("shipment.requested")
    assert [line.qty for line in request.lines] == [5]


@pytest.mark.parametrize("arrival", list(permutations(range(3))))
def test_it_ends_the_same_whatever_comes_first(pump: Pump, arrival: tuple[int, ...]) -> None:
    facts = ((order(qty="5"), "portal"), (paid("B-1", "300.00"), "bank"), (paid("B-2", "200.00"), "bank"))
    prepaying(pump)
    for place in arrival:
        pump.take(facts[place][0], source=facts[place][1])
    assert (axes(pump.database)[:2], state_of(pump.database).holds) == (("confirmed", "picking"), ())


def test_what_people_hold_and_what_else_is_asked_stays(pump: Pump) -> None:
    prepaying(pump).take(order(qty="5"), source="portal")
    pump.take(said("hold", role="compliance", actor="zhao"), paid("B-1", "500.00"))
    assert (axes(pump.database)[0], state_of(pump.database).holds) == ("on_hold", ("H_MANUAL",))


def test_money_that_is_taken_back_before_the_goods_leave_holds_them(pump: Pump) -> None:
    prepaying(pump, stock=None).take(order(qty="5"), source="portal")
    pump.take(paid("B-1", "500.00"))
    assert axes(pump.database)[0] == "confirmed"
    pump.take(reversed_payment("R-1", "500.00"))
    pump.take(STOCK, source="warehouse-main")
    assert (axes(pump.database)[0], state_of(pump.database).holds) == ("on_hold", ("K_LIMIT",))
    assert pump.of("shipment.requested") == []
    pump.take(paid("B-2", "500.00"))
    assert (axes(pump.database)[:2], len(pump.of("shipment.requested"))) == (("confirmed", "picking"), 1)
