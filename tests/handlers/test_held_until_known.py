"""Orders held for what the hub does not know are decided on again when master data tell it."""

import random
import tempfile
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from canonical.documents.recalls import RecallOpened
from canonical.documents.reviews import ReviewRequested
from store import master, orders
from tests.handlers.golden import level
from tests.handlers.pump import Pump
from tests.handlers.reading import axes, empty_database, rows, state_of
from tests.handlers.trading import SINCE, SKU, dealer, known, licence, order, prices, product, said
from tests.support.examples import examples

CERTIFICATE = {"number": "国械注准20203140123", "valid_from": date(2020, 1, 1), "valid_to": date(2030, 1, 1)}
LATER = SINCE + timedelta(days=1)


def steps(pump: Pump, order_no: str = "SO-1") -> list[str]:
    with pump.database.reading() as tx:
        return [run.step for run in orders.decisions(tx, order_no)]


def test_an_order_for_an_unknown_product_is_confirmed_when_the_product_comes(pump: Pump) -> None:
    known(pump, product("OTHER"), dealer(), prices())
    pump.take(level("WH-1", {SKU: 5}), order(), source="portal")
    assert (axes(pump.database)[0], state_of(pump.database).holds) == ("on_hold", ("E_ITEM",))
    known(pump, product("ANOTHER"))
    assert pump.of("review.requested") == []
    known(pump, product())
    assert [(one.kind, one.key) for one in pump.of("review.requested")] == [("product.master", SKU)]
    assert (axes(pump.database)[0], state_of(pump.database).holds) == ("confirmed", ())
    assert (len(pump.of("order.confirmed")), len(pump.of("shipment.requested"))) == (1, 1)
    assert steps(pump)[:2] == ["confirm", "review"]


def test_a_missing_price_licence_and_certificate_are_healed_one_by_one(pump: Pump) -> None:
    known(pump, product(device_class="III", certificates=[]), product("OTHER"), dealer(), prices(sku="OTHER"))
    known(pump, licence("D-2"))
    pump.take(order(price=None), source="portal")
    assert set(state_of(pump.database).holds) == {"C_REG_CERT", "C_LICENCE", "P_NO_PRICE"}
    known(pump, product(device_class="III", certificates=[CERTIFICATE], as_of=LATER))
    assert set(state_of(pump.database).holds) == {"C_LICENCE", "P_NO_PRICE"}
    known(pump, licence())
    assert set(state_of(pump.database).holds) == {"P_NO_PRICE"}
    known(pump, prices().model_copy(update={"version": "2", "as_of": LATER}))
    assert axes(pump.database)[0] == "confirmed"
    assert steps(pump) == ["confirm", "review", "review", "review"]


def test_a_raised_limit_lets_an_order_go_on_and_other_news_do_not_repeat_its_hold(pump: Pump) -> None:
    known(pump, product(), dealer(limit="50"), prices()).take(order(), source="portal")
    assert state_of(pump.database).holds == ("K_LIMIT",)
    before = steps(pump)
    known(pump, product(as_of=LATER), prices().model_copy(update={"version": "2", "as_of": LATER}))
    assert steps(pump) == before
    known(pump, dealer(limit="5000", as_of=LATER))
    assert axes(pump.database)[0] == "confirmed"


def test_what_people_hold_stays_held_and_so_does_what_is_still_missing(pump: Pump) -> None:
    known(pump, product("OTHER"), dealer(), prices()).take(order(), source="portal")
    pump.take(said("hold", role="finance"))
    known(pump, product())
    assert state_of(pump.database).holds == ("H_MANUAL",)
    pump.take(said("release", 2, role="finance"))
    assert axes(pump.database)[0] == "confirmed"


def test_goods_whose_licence_lapsed_before_they_left_leave_when_it_is_renewed(pump: Pump) -> None:
    known(pump, product(device_class="III", certificates=[CERTIFICATE]), dealer(), prices(), licence(valid_to=date(2027, 1, 1)))
    pump.take(order(), source="portal")
    known(pump, licence(valid_to=date(2026, 11, 1), as_of=LATER))
    pump.take(level("WH-1", {SKU: 5}))
    assert (axes(pump.database)[0], state_of(pump.database).holds) == ("on_hold", ("C_LICENCE",))
    known(pump, licence(valid_to=date(2028, 1, 1), as_of=LATER + timedelta(days=1)))
    assert (axes(pump.database)[0], len(pump.of("shipment.requested"))) == ("confirmed", 1)


def test_a_recall_that_ends_lets_an_order_for_its_product_go_on(pump: Pump) -> None:
    recall = RecallOpened(recall_no="R-1", sku=SKU, reason="x", as_of=SINCE)
    known(pump, product(), dealer(), prices(), recall).take(order(), source="portal")
    assert state_of(pump.database).holds == ("C_RECALL",)
    known(pump, recall.model_copy(update={"status": "closed", "as_of": LATER}))
    assert axes(pump.database)[0] == "confirmed"


def recall(**fields: object) -> RecallOpened:
    return RecallOpened.model_validate({"recall_no": "R-1", "sku": SKU, "reason": "leaks", "as_of": SINCE, **fields})


CLOSED = recall(status="closed", as_of=LATER)


def test_a_recall_of_a_product_holds_orders_that_wait_for_it_until_it_is_closed(pump: Pump) -> None:
    known(pump, product(), product("OTHER"), dealer(), prices())
    pump.take(order(), order("SO-2"), source="portal")
    assert axes(pump.database)[0] == "confirmed"
    known(pump, recall(recall_no="R-2", sku="OTHER"))
    assert axes(pump.database)[0] == "confirmed"
    known(pump, recall())
    assert (axes(pump.database)[0], state_of(pump.database).holds, steps(pump)[-1]) == ("on_hold", ("C_RECALL",), "recall")
    assert [(one.order_no, one.codes, one.owners) for one in pump.of("order.held")] == [
        ("SO-1", ("C_RECALL",), ("compliance",)), ("SO-2", ("C_RECALL",), ("compliance",)),
    ]  # fmt: skip
    known(pump, CLOSED)
    assert (axes(pump.database)[0], steps(pump)[-1]) == ("confirmed", "review")
    pump.take(level("WH-1", {SKU: 5}))
    assert len(pump.of("shipment.requested")) == 2


def test_a_product_whose_sale_is_stopped_holds_what_waits_for_it_until_it_is_sold_again(pump: Pump) -> None:
    known(pump, product(), dealer(), prices()).take(order(), source="portal")
    known(pump, product(status="stop_sale", as_of=LATER))
    assert state_of(pump.database).holds == ("C_RECALL",)
    known(pump, product(as_of=LATER + timedelta(days=1)))
    assert axes(pump.database)[0] == "confirmed"


def test_a_recall_of_a_lot_holds_nobody_who_asked_for_no_lot(pump: Pump) -> None:
    known(pump, product(), dealer(), prices()).take(order(), source="portal")
    known(pump, recall(lots=["L-1"]))
    assert axes(pump.database)[0] == "confirmed"


def test_what_compliance_released_is_not_held_again_for_the_same_recall(pump: Pump) -> None:
    known(pump, product(), dealer(), prices()).take(order(), source="portal")
    known(pump, recall())
    pump.take(said("release", role="compliance"))
    known(pump, recall(reason="leaks at the valve", as_of=LATER))
    assert axes(pump.database)[0] == "confirmed"


def test_goods_that_were_taken_back_for_a_recall_are_asked_for_again_when_it_is_closed(pump: Pump) -> None:
    known(pump, product(), dealer(), prices()).take(level("WH-1", {SKU: 5}), order(), source="portal")
    known(pump, recall())
    assert (axes(pump.database)[0], len(pump.of("shipment.withdrawn"))) == ("on_hold", 1)
    known(pump, CLOSED)
    assert (axes(pump.database)[0], len(pump.of("shipment.requested"))) == ("confirmed", 2)


@examples(40)
@given(st.permutations(["stock", "order", "recall", "closed", "recall", "order"]), st.integers(0, 99), st.booleans())
def test_whatever_comes_first_a_recall_holds_an_order_as_long_as_it_is_open(arriving: list[str], seed: int, closes: bool) -> None:
    documents = {"stock": level("WH-1", {SKU: 5}), "order": order(), "recall": recall(), "closed": CLOSED if closes else recall()}
    with tempfile.TemporaryDirectory() as folder:
        database = empty_database(folder)
        pump = known(Pump(database, shuffle=random.Random(seed), batch=3), product(), dealer(), prices())
        for name in arriving:
            pump.take(documents[name], source="portal" if name == "order" else "master-data")
        pump.take(ReviewRequested(order_no="SO-1", version=9, kind="clock", key="master data"))
        state = state_of(database)
        assert state.holds == (() if closes else ("C_RECALL",))
        assert (state.state, state.fulfilment) == (("confirmed", "picking") if closes else ("on_hold", "none"))
        database.close()


def test_many_records_ask_once_and_the_same_again_asks_nothing(pump: Pump) -> None:
    known(pump, product("OTHER"), dealer(), prices()).take(order(), order("SO-2"), source="portal")
    batch = Pump(pump.database, batch=50)
    known(batch, product(), *(product(f"P-{number}") for number in range(20)))
    known(batch, product(as_of=SINCE))
    assert sorted(one.order_no for one in batch.of("review.requested")) == ["SO-1", "SO-2"]
    assert rows(pump.database, "SELECT order_no, state FROM orders ORDER BY 1") == [("SO-1", "confirmed"), ("SO-2", "confirmed")]


def test_the_clock_finds_what_waits_and_was_not_asked_about_at_a_version(pump: Pump) -> None:
    known(pump, product("OTHER"), dealer(), prices()).take(order(), order("SO-2"), source="portal")
    with pump.database.reading() as tx:
        assert master.version(tx) == 3
        assert orders.unreviewed(tx, " 3 clock", 10) == ["SO-1", "SO-2"]
        assert orders.unreviewed(tx, " 3 clock", 1) == ["SO-1"]
