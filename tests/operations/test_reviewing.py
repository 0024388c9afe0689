"""Orders that wait are looked at again by the clock: once for each version of the master data, and when a date has come."""

from datetime import date, datetime, timedelta

import pytest

from canonical.documents.licences import AuthorisationUpdated
from canonical.documents.master import Master
from canonical.documents.recalls import RecallOpened
from canonical.documents.reviews import ReviewRequested
from operations import find
from operations.reviewing import review_credit, review_turned, review_waiting
from store import master, orders
from store.database import to_micros
from store.master import Edition
from tests.handlers.golden import dispatched, level, paid
from tests.handlers.pump import NOW, Pump
from tests.handlers.reading import axes, rows, state_of
from tests.handlers.trading import SINCE, SKU, dealer, known, licence, order, prices, product
from tests.operations.small_hub import SmallHub


def test_data_that_came_while_an_order_was_decided_on_are_seen_by_the_clock(hub: SmallHub) -> None:
    assert review_waiting(hub.database, hub.router) == 0
    hub.take(product("OTHER"), dealer(), prices())
    hub.take(order())
    held = rows(hub.database, "SELECT state FROM orders")
    assert held == [("on_hold",)]
    assert review_waiting(hub.database, hub.router) == 1
    assert review_waiting(hub.database, hub.router) == 0
    hub.run()
    assert rows(hub.database, "SELECT state FROM orders") == held
    late = product()
    with hub.database.transaction() as tx:  # as if it had been kept while the order was being decided on
        master.add(tx, [Edition(late.message_type, late.key(), to_micros(late.as_of), late.body())])
    assert review_waiting(hub.database, hub.router) == 1
    hub.run()
    assert "E_ITEM" not in rows(hub.database, "SELECT facts FROM orders")[0][0]
    with hub.database.reading() as tx:
        assert [run.step for run in orders.decisions(tx, "SO-1")] == ["confirm", "review"]


ZONE = "Asia/Shanghai"
TODAY, DAY = NOW.date(), timedelta(days=1)
DEVICE = product(device_class="III", certificates=[{"number": "国械注准20203140123", "valid_to": date(2030, 1, 1)}])


def the_clock_looks(hub: SmallHub, pump: Pump, now: datetime) -> list[tuple[str, str, str]]:
    """(order, kind, key) of what it asks about, which is done at once."""
    before = rows(hub.database, "SELECT max(message_id) FROM messages")[0][0] or ""
    count = review_turned(hub.database, hub.router, ZONE, now)
    told = rows(hub.database, "SELECT body FROM messages WHERE message_id > :before ORDER BY message_id", before=before)
    asked = [ReviewRequested.model_validate_json(body) for (body,) in told]
    pump.now = now
    pump.take(*asked)
    assert len(asked) == count
    return [(one.order_no, one.kind, one.key) for one in asked]


def authorised(**fields: object) -> AuthorisationUpdated:
    return AuthorisationUpdated.model_validate({"authorisation_no": "A-1", "dealer": "D-1", "as_of": SINCE, **fields})


ELSEWHERE = authorised(authorisation_no="A-0", skus=("OTHER",))
LATER: dict[str, tuple[str, Master]] = {
    "a licence begins": ("C_LICENCE", licence(valid_from=TODAY + 2 * DAY)),
    "a certificate begins": (
        "C_REG_CERT",
        product(device_class="III", certificates=[{"number": "国械注准20203140123", "valid_from": TODAY + 2 * DAY}]),
    ),
    "an authorisation begins": ("C_AUTH_REGION", authorised(valid_from=TODAY + 2 * DAY)),
    "an authorisation is as of later": ("C_AUTH_REGION", authorised(as_of=NOW + 2 * DAY)),
    "a limit is raised": ("K_LIMIT", dealer(limit="5000", as_of=NOW + 2 * DAY)),
    "a product is sold again": ("C_RECALL", product(as_of=NOW + 2 * DAY)),
    "a recall ends": ("C_RECALL", RecallOpened(recall_no="R-1", sku=SKU, reason="x", status="closed", as_of=NOW + 2 * DAY)),
}
NOW_IN_FORCE: dict[str, tuple[Master, ...]] = {
    "a licence begins": (DEVICE, dealer()),
    "a certificate begins": (dealer(), licence()),
    "an authorisation begins": (product(), dealer(), ELSEWHERE),
    "an authorisation is as of later": (product(), dealer(), ELSEWHERE),
    "a limit is raised": (product(), dealer(limit="50")),
    "a product is sold again": (product(status="stop_sale"), dealer()),
    "a recall ends": (product(), dealer(), RecallOpened(recall_no="R-1", sku=SKU, reason="x", as_of=SINCE)),
}


@pytest.mark.parametrize("what", LATER)
def test_an_order_goes_on_on_the_day_that_what_it_is_held_for_is_mended_by_date(hub: SmallHub, what: str) -> None:
    code, record = LATER[what]
    pump = known(Pump(hub.database), *NOW_IN_FORCE[what], prices(), record)
    pump.take(order(), source="portal")
    the_clock_looks(hub, pump, NOW)
    assert state_of(hub.database).holds == (code,)
    assert the_clock_looks(hub, pump, NOW + DAY) == []
    assert the_clock_looks(hub, pump, NOW + 2 * DAY) == [("SO-1", record.message_type, record.key())]
    assert axes(hub.database)[0] == "confirmed"
    assert the_clock_looks(hub, pump, NOW + 2 * DAY + timedelta(hours=1)) == []


def test_an_order_without_a_price_gets_that_of_a_list_when_its_edition_comes_into_force(hub: SmallHub) -> None:
    later = prices().model_copy(update={"as_of": NOW + DAY})
    pump = known(Pump(hub.database), product(), dealer(), prices(sku="OTHER"), later)
    pump.take(order(price=None), source="portal")
    the_clock_looks(hub, pump, NOW)
    assert state_of(hub.database).holds == ("P_NO_PRICE",)
    assert the_clock_looks(hub, pump, NOW + DAY) == [("SO-1", "price.list", "L-1")]
    assert (axes(hub.database)[0], str(state_of(hub.database).payable)) == ("confirmed", "113.00")


def test_a_day_begins_where_the_policies_count_days(hub: SmallHub) -> None:
    pump = known(Pump(hub.database), DEVICE, dealer(), prices(), licence(valid_from=TODAY + DAY))
    pump.take(order(), source="portal")
    the_clock_looks(hub, pump, NOW)
    assert the_clock_looks(hub, pump, NOW.replace(hour=15, minute=59)) == []
    assert the_clock_looks(hub, pump, NOW.replace(hour=16, minute=1)) == [("SO-1", "licence.updated", "L-D-1")]
    assert axes(hub.database)[0] == "confirmed"


def test_a_recall_that_begins_later_stops_what_waits_for_goods_on_its_day(hub: SmallHub) -> None:
    recall = RecallOpened(recall_no="R-1", sku=SKU, reason="leaks", as_of=NOW + DAY)
    pump = known(Pump(hub.database), product(), dealer(), prices(), recall)
    pump.take(order(), source="portal")
    the_clock_looks(hub, pump, NOW)
    assert axes(hub.database)[0] == "confirmed"
    assert the_clock_looks(hub, pump, NOW + DAY) == [("SO-1", "recall.opened", "R-1")]
    assert state_of(hub.database).holds == ("C_RECALL",)


def test_after_a_long_time_every_order_that_waits_is_looked_at(hub: SmallHub) -> None:
    pump = known(Pump(hub.database), DEVICE, dealer(), prices(), licence(valid_from=TODAY + DAY))
    pump.take(order(), level("WH-1", {SKU: 5}), source="portal")
    the_clock_looks(hub, pump, NOW)
    assert [no for no, *_ in the_clock_looks(hub, pump, NOW + 40 * DAY)] == ["SO-1"]
    assert axes(hub.database)[0] == "confirmed"


def test_an_order_goes_on_when_another_of_the_account_is_paid(hub: SmallHub) -> None:
    hub.take(product(), dealer(limit="500"), prices(), source="master-data")
    hub.take(level("WH-1", {SKU: 20}))
    hub.take(order("SO-1", qty="4"), source="portal")
    hub.take(dispatched("S1", "SO-1", lines={"1": 4}, item=SKU))
    hub.take(order("SO-2", qty="4"), source="portal")
    assert axes(hub.database, "SO-2")[0] == "approval"
    assert [review_credit(hub.database, hub.router), review_credit(hub.database, hub.router)] == [1, 0], "once for each standing"
    hub.run()
    assert (axes(hub.database, "SO-2")[0], len(find.order(hub.database, "SO-2").holds)) == ("approval", 1)
    hub.take(paid("B-1", "400.00", refs=("SO-1",)))
    assert (axes(hub.database, "SO-1")[0], axes(hub.database, "SO-2")[0]) == ("closed", "approval")
    assert review_credit(hub.database, hub.router) == 1
    hub.run()
    assert axes(hub.database, "SO-2")[:2] == ("confirmed", "picking")
    assert review_credit(hub.database, hub.router) == 0


def test_what_an_overdue_invoice_holds_leaves_when_that_is_paid(hub: SmallHub) -> None:
    hub.take(product(), dealer(credit={"grace_days": 0}), prices(), source="master-data")
    hub.take(level("WH-1", {SKU: 3}))
    hub.take(order(qty="5", payment_terms={"net_days": 0}), source="portal")
    hub.take(dispatched("S1", lines={"1": 3}, item=SKU))
    hub.take(level("WH-1", {SKU: 2}, mode="delta", reference="in", at=NOW))
    assert (state_of(hub.database).holds, review_credit(hub.database, hub.router)) == (("K_OVERDUE",), 1)
    hub.run()
    assert state_of(hub.database).holds == ("K_OVERDUE",)
    hub.take(paid("B-1", "300.00"))
    assert review_credit(hub.database, hub.router) == 1
    hub.run()
    assert (state_of(hub.database).holds, axes(hub.database)[:3]) == ((), ("confirmed", "part_shipped", "part"))
    assert rows(hub.database, "SELECT count(*) FROM messages WHERE type = 'shipment.requested'") == [(2,)]
