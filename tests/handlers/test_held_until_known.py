"""Orders held for what the hub does not know are decided on again when master data tell it."""

from datetime import date, timedelta

from canonical.documents.master import RecallOpened
from store import master, orders
from tests.handlers.golden import level
from tests.handlers.pump import Pump
from tests.handlers.reading import axes, rows, state_of
from tests.handlers.trading import SINCE, SKU, dealer, known, licence, order, prices, product, said

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
