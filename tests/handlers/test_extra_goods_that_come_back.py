"""Goods beyond the order that people let be without a bill go back first: nothing was billed for them, nothing is credited."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.documents.base import Document
from operations.deciding import decide
from operations.verify import verify
from store.database import Database
from tests.handlers.golden import dispatched, line, paid, placed, stocked
from tests.handlers.pump import Pump
from tests.handlers.reading import axes, empty_database, rows, state_of
from tests.handlers.test_money_that_goes_back import returned_goods
from tests.handlers.test_raised_after_goods_left import raised
from tests.handlers.trading import said
from tests.operations.small_hub import SmallHub
from tests.support.examples import examples

FIVE = placed(lines=(line("1", "SO-1-NEEDLE", 5, "100.00"),))
SEVEN = dispatched("S1", lines={"1": 7})
PAID = paid("B-1", "565.00")
LET_BE = said("release", role="sales_assistant", codes=("S_OVER_SHIPPED",))
TWO, ONE, THREE = (returned_goods(f"RMA-{qty}", {"1": qty}) for qty in (2, 1, 3))


def credited(database: Database) -> list[tuple[str, int]]:
    return rows(database, "SELECT invoice_no, gross FROM invoices WHERE kind = 'credit' ORDER BY 1")


@pytest.mark.parametrize("late", [False, True])
def test_the_extra_that_was_let_be_goes_back_without_a_credit_note(pump: Pump, late: bool) -> None:
    pump.take_each(stocked(), FIVE, SEVEN, PAID, *((TWO, LET_BE) if late else (LET_BE, TWO)))
    assert credited(pump.database) == []
    assert pump.parked["invoice"] == []
    assert axes(pump.database) == ("closed", "part_returned", "full", "paid")


@pytest.mark.parametrize("late", [False, True])
def test_what_comes_back_beyond_the_extra_is_credited(pump: Pump, late: bool) -> None:
    pump.take_each(stocked(), FIVE, SEVEN, PAID, *((THREE, LET_BE) if late else (LET_BE, THREE)))
    assert credited(pump.database) == [("CN-SO-1-RMA-3", 11_300)]
    assert axes(pump.database)[0] == "closed"


def test_while_nobody_has_said_what_becomes_of_the_extra_its_return_waits_and_is_credited_once_it_is_billed(pump: Pump) -> None:
    pump.take_each(stocked(), FIVE, SEVEN, THREE)
    assert credited(pump.database) == [("CN-SO-1-RMA-3", 11_300)]
    assert "billed:SO-1" in [one.waits_for for one in pump.parked["invoice"]]
    pump.take(raised(1, 7))
    assert sum(gross for _, gross in credited(pump.database)) == 33_900
    assert pump.parked["invoice"] == []


def test_a_return_that_states_its_money_gets_the_part_of_what_was_billed(pump: Pump) -> None:
    back = THREE.model_copy(update={"lines": (THREE.lines[0].model_copy(update={"amount": THREE.lines[0].qty * 90}),)})
    pump.take_each(stocked(), FIVE, SEVEN, PAID, LET_BE, back)
    assert credited(pump.database) == [("CN-SO-1-RMA-3", 9_000)]


def test_goods_that_the_buyer_gets_again_are_no_extra_that_went_back(pump: Pump) -> None:
    swapped = TWO.model_copy(update={"lines": (TWO.lines[0].model_copy(update={"disposition": "repair"}),)})
    pump.take_each(stocked(), FIVE, SEVEN, PAID, LET_BE, swapped, THREE)
    assert credited(pump.database) == [("CN-SO-1-RMA-3", 11_300)]
    assert axes(pump.database)[0] == "closed"


def test_what_a_shipment_that_a_return_names_does_not_bill_is_credited_of_another(pump: Pump) -> None:
    first, second = dispatched("S1", lines={"1": 4}), dispatched("S2", day=22, lines={"1": 3})
    of_first = returned_goods("RMA-A", {"1": 2}, shipment_no="SO-1-S1")
    of_second = returned_goods("RMA-B", {"1": 3}, shipment_no="SO-1-S2")
    pump.take_each(stocked(), FIVE, first, second, PAID, LET_BE, of_first, of_second)
    found = rows(pump.database, "SELECT original_no, gross FROM invoices WHERE kind = 'credit' ORDER BY 1")
    assert found == [("INV-SO-1-S1", 22_600), ("INV-SO-1-S2", 11_300)]
    assert axes(pump.database)[0] == "closed"


def ends_after(tmp: str, before: Sequence[Document], after: Sequence[Document], batch: int, seed: int) -> dict[str, object]:
    database = empty_database(tmp)
    pump = Pump(database, batch=batch, shuffle=random.Random(seed))
    for documents in (before, [LET_BE], after):
        pump.take(*documents)
    state = state_of(database)
    ended = {
        "axes": axes(database)[:3],
        "lines": {no: (one.shipped, one.returned, one.invoiced, one.credited) for no, one in state.lines.items()},
        "credited": sum(gross for _, gross in credited(database)),
        "payment": rows(database, "SELECT state, allocated FROM payments"),
        "parked": pump.parked["invoice"],
    }
    database.close()
    return ended


@examples(40)
@given(st.data(), st.sampled_from([1, 3, 50]), st.integers(0, 99))
def test_it_ends_the_same_whatever_came_first(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, batch: int, seed: int
) -> None:
    known = [stocked(), FIVE, SEVEN]
    others = data.draw(st.permutations([PAID, TWO, ONE, THREE, TWO]))
    at = data.draw(st.integers(0, len(others)))
    before = data.draw(st.permutations([*known, *others[:at]]))
    ended = ends_after(str(tmp_path_factory.mktemp("ends")), before, others[at:], batch, seed)
    assert ended == {
        "axes": ("closed", "part_returned", "full"),
        "lines": {"1": (7, 6, 5, 4)},
        "credited": 45_200,
        "payment": [("part_allocated", 11_300)],
        "parked": [],
    }


def test_the_ledger_is_exact_when_the_extra_has_gone_back(database: Database, time_stands_still: None) -> None:
    hub = SmallHub(database)
    for document in (stocked(), FIVE, SEVEN, PAID):
        hub.take(document)
    decide(hub.operations, "SO-1", "release", actor="ada", role="sales_assistant", reason="keep it", codes=["S_OVER_SHIPPED"])
    hub.run()
    hub.take(TWO, THREE)
    assert sum(gross for _, gross in credited(database)) == 33_900
    assert axes(database)[0] == "closed"
    result = verify(database, handlers=("invoice", "master", "order", "stock"), grace=0)
    assert (result.differences, result.exact) == ([], True)
