"""Orders that policies hold, and what people then decide about them."""

from datetime import timedelta
from decimal import Decimal

import orjson
import pytest

from canonical.envelope import first_message
from handlers.order import recording
from handlers.order.handler import OrderHandler
from handlers.order.policies.settings import Policies
from handlers.refusing import NotAllowed
from store import orders
from tests.handlers.golden import level
from tests.handlers.pump import NOW, Pump
from tests.handlers.reading import rows, state_of
from tests.handlers.trading import SKU, dealer, known, licence, order, prices, product, said

D = Decimal


def _codes(pump: Pump, order_no: str = "SO-1") -> list[str]:
    """What was decided and did not pass, in order."""
    with pump.database.reading() as tx:
        runs = orders.decisions(tx, order_no)
    return [part for run in runs for part in run.decisions.split('"') if part[:2] in {"P_", "K_", "C_", "A_", "O_", "E_", "M_"}]


def test_an_order_without_prices_is_priced_by_the_hub_and_confirmed_with_the_products_own_units(pump: Pump) -> None:
    known(pump, product(units=[{"uom": "XBX", "numerator": 10}]), dealer(item_ids={"THEIRS-1": SKU}), prices("8.00"))
    pump.take(order(qty="2", price=None).model_copy(update={"lines": _boxes()}), source="portal")
    (confirmed,) = pump.of("order.confirmed")
    assert (confirmed.customer_no, confirmed.credit_grade) == ("D-1", "B")
    assert [(one.item, one.qty.value, one.base_qty, one.base_uom) for one in confirmed.lines] == [(SKU, 2, 20, "EA")]
    state = state_of(pump.database)
    assert (state.state, state.payable) == ("confirmed", D("180.80"))  # 20 x 8.00, tax 13%
    (answer,) = pump.of("order.response")
    assert (answer.code, str(answer.lines[0].unit_price)) == ("AP", "80.00")


def _boxes() -> object:
    (line,) = order(qty="2", price=None).lines
    return (
        line.model_copy(update={"sku": None, "mpn": None, "ids": {}, "gtin": None, "buyer_item_id": "THEIRS-1", "qty": _qty()}),
    )


def _qty() -> object:
    return order(qty="2").lines[0].qty.model_copy(update={"uom": "XBX"})


def test_a_price_below_the_floor_is_held_until_two_roles_have_approved(pump: Pump) -> None:
    known(pump, product(), dealer(), prices("100.00", floor="95.00")).take(order(price="90.00"), source="portal")
    state = state_of(pump.database)
    assert (state.state, set(state.holds)) == ("on_hold", {"P_MISMATCH", "P_FLOOR"})
    (held,) = pump.of("order.held")
    assert held.owners == ("regional_manager", "finance")
    pump.take(said("release", 1, role="regional_manager", actor="zhao", codes=("P_MISMATCH",)))
    assert state_of(pump.database).state == "approval"
    pump.take(said("approve", 2, role="regional_manager", actor="zhao"))
    assert (state_of(pump.database).state, pump.of("order.confirmed")) == ("approval", [])
    pump.take(said("approve", 3, role="finance", actor="qian"))
    assert (state_of(pump.database).state, len(pump.of("order.confirmed"))) == ("confirmed", 1)


def test_nobody_approves_what_he_asked_for_nor_twice_nor_out_of_turn(pump: Pump) -> None:
    known(pump, product(), dealer(whitelisted=False), prices("100.00", floor="95.00"))
    pump.take(order(price="90.00", sold_to={"party_id": "D-1", "contact": "Wang"}), source="portal")
    pump.take(said("release", 1, role="regional_manager", actor="zhao", codes=("P_MISMATCH",)))
    before = state_of(pump.database)
    pump.take(said("approve", 2, role="sales_assistant", actor="wang"))
    pump.take(said("approve", 3, role="finance", actor="qian"))
    assert _codes(pump)[-2:] == ["A_SELF_APPROVAL", "A_NOT_YOUR_TURN"]
    with pump.database.reading() as tx:
        assert "this role is not the one to decide now: sales_assistant may" in orders.decisions(tx, "SO-1")[-1].decisions
    pump.take(said("approve", 4, role="sales_assistant", actor="sun"))
    pump.take(said("approve", 5, role="regional_manager", actor="sun"))
    assert _codes(pump)[-1] == "A_FOUR_EYES"
    assert (state_of(pump.database), pump.of("order.confirmed")) == (before, [])


def test_a_compliance_hold_belongs_to_compliance(pump: Pump) -> None:
    known(
        pump,
        product(device_class="III", certificates=[{"number": "国械注准20163140001"}]),
        dealer(),
        prices(),
        licence(kind="other"),
    )
    pump.take(order(), source="portal")
    assert state_of(pump.database).holds == ("C_LICENCE",)
    pump.take(said("release", role="credit_control"))
    assert _codes(pump)[-1] == "O_OWNER"
    pump.take(said("release", 2, role="compliance"))
    assert state_of(pump.database).state == "confirmed"


def test_an_order_that_is_rejected_is_answered_so_and_can_be_reopened(pump: Pump) -> None:
    known(pump, product(), dealer(limit="50"), prices()).take(level("WH-1", {SKU: 10}))
    pump.take(order(), source="portal")
    assert (state_of(pump.database).state, state_of(pump.database).holds) == ("approval", ("K_LIMIT",))
    pump.take(said("reject"))
    assert state_of(pump.database).state == "rejected"
    (answer,) = pump.of("order.response")
    assert (answer.code, answer.lines[0].code, answer.reasons) == ("RE", "rejected", ("K_LIMIT", "looked at it"))
    known(pump, dealer(limit="500").model_copy(update={"as_of": dealer().as_of.replace(month=2)}))
    pump.take(said("reopen", 2))
    assert (state_of(pump.database).state, len(pump.of("shipment.requested"))) == ("confirmed", 1)


def test_a_unit_the_product_is_not_sold_in_is_refused_at_once(pump: Pump) -> None:
    known(pump, product(), dealer(), prices())
    pump.take(order().model_copy(update={"lines": (order().lines[0].model_copy(update={"qty": _qty()}),)}), source="portal")
    assert state_of(pump.database).state == "rejected"
    assert [(one.code, one.reasons) for one in pump.of("order.response")] == [("RE", ("E_UOM",))]
    assert pump.of("order.held") == pump.of("order.confirmed") == []


def test_a_quantity_that_may_not_be_ordered_is_answered_with_those_that_may(pump: Pump) -> None:
    known(pump, product(moq=D(10), multiple=D(5)), dealer(), prices()).take(order(qty="12"), source="portal")
    assert state_of(pump.database).holds == ("M_MULTIPLE",)
    (answer,) = pump.of("order.response")
    assert (answer.code, answer.lines[0].code) == ("CA", "changed")
    assert answer.lines[0].reason.endswith("next: 10 or 15")


def test_goods_of_a_held_order_do_not_leave_until_it_is_released(pump: Pump) -> None:
    pump.take_each(order(channel="direct"))
    pump.take(said("hold", role="sales_assistant"))
    pump.take(level("WH-1", {SKU: 10}))
    assert (state_of(pump.database).holds, pump.of("shipment.requested")) == (("H_MANUAL",), [])
    assert state_of(pump.database).fulfilment == "allocated"
    pump.take(said("release", 2, role="sales_assistant"))
    assert [one.shipment_no for one in pump.of("shipment.requested")] == ["SO-1-S1"]
    assert state_of(pump.database).fulfilment == "picking"


def test_a_licence_that_lapses_between_confirmation_and_release_holds_the_goods(pump: Pump) -> None:
    device = product(device_class="III", certificates=[{"number": "国械注准20163140001"}])
    known(pump, device, dealer(), prices(), licence()).take(order(), source="portal")
    lapsed = licence(valid_to="2026-11-22").model_copy(update={"as_of": licence().as_of.replace(month=2)})
    known(pump, lapsed).take(level("WH-1", {SKU: 10}))
    assert (state_of(pump.database).holds, pump.of("shipment.requested")) == (("C_LICENCE",), [])
    pump.take(said("release", role="compliance"))
    assert len(pump.of("shipment.requested")) == 1


def test_what_was_found_when_an_order_was_placed_is_said_again_when_its_goods_leave(pump: Pump) -> None:
    known(pump, product(device_class="III", certificates=[{"number": "R-1"}]), dealer(), prices())
    pump.take(level("WH-1", {SKU: 10}), order(), source="portal")
    with pump.database.reading() as tx:
        placed, released = (recording.from_json(orjson.loads(run.decisions)) for run in orders.decisions(tx, "SO-1"))
    asked_again = [one for one in placed if one["policy"] in ("product", "saleable")]
    assert [(one["policy"], one["result"]) for one in asked_again] == [("product", "pass"), ("saleable", "pass")]
    assert released[:2] == asked_again


def test_a_certificate_that_ends_after_confirmation_holds_goods_that_would_leave_the_next_day(pump: Pump) -> None:
    device = product(device_class="III", certificates=[{"number": "R-1", "valid_to": pump.now.date()}])
    known(pump, device, dealer(), prices()).take(order(), source="portal")
    assert state_of(pump.database).state == "confirmed"
    pump.now += timedelta(days=1)
    pump.take(level("WH-1", {SKU: 10}))
    assert (state_of(pump.database).holds, pump.of("shipment.requested")) == (("C_REG_CERT",), [])


def test_cold_goods_and_other_addresses_travel_in_shipments_of_their_own(pump: Pump) -> None:
    first = order(qty="1").lines[0]
    lines = (
        first,
        first.model_copy(update={"line_no": "2", "cold_chain": True}),
        first.model_copy(update={"line_no": "3", "ship_to": order().ship_to.model_copy(update={"party_id": "BRANCH"})}),
        first.model_copy(update={"line_no": "4", "references": {"carrier_service": "express"}}),
    )
    pump.take(level("WH-1", {SKU: 10}), order().model_copy(update={"lines": lines}))
    told = {(one.ship_to.party_id, one.cold_chain, one.service, one.lines[0].line_no) for one in pump.of("shipment.requested")}
    assert told == {
        ("D-1", False, None, "1"),
        ("D-1", True, None, "2"),
        ("BRANCH", False, None, "3"),
        ("D-1", False, "express", "4"),
    }
    assert sorted(one.shipment_no for one in pump.of("shipment.requested")) == ["SO-1-S1", "SO-1-S2", "SO-1-S3", "SO-1-S4"]


def test_a_decision_that_comes_twice_counts_once(pump: Pump) -> None:
    pump.take(order(channel="direct"))
    pump.take(said("hold", role="sales_assistant"), said("hold", role="sales_assistant"))
    assert rows(pump.database, "SELECT count(*) FROM order_decisions WHERE step = 'hold'") == [(1,)]


def test_what_may_not_be_done_to_an_order_has_a_code_and_changes_nothing(pump: Pump) -> None:
    pump.take(order(channel="direct"))
    before = state_of(pump.database)
    for seq, (verdict, code) in enumerate((
        ("approve", "O_NO_APPROVAL"), ("reject", "O_TRANSITION"), ("release", "O_OWNER"), ("close", "O_NOT_DONE"),
        ("reopen", "O_TRANSITION"), ("short_close", "O_TRANSITION"),
    ), 1):  # fmt: skip
        pump.take(said(verdict, seq))
        assert _codes(pump)[-1] == code
    assert state_of(pump.database) == before


def test_where_nobody_is_named_for_a_role_nobody_decides_in_it(pump: Pump) -> None:
    known(pump, product(), dealer(limit="50"), prices()).take(order(), source="portal")
    before = rows(pump.database, "SELECT state, facts FROM orders")
    for approval, code in (({}, "A_NOBODY"), ({"people": {"credit_control": ["he.ying"]}}, "A_ROLE")):
        desk = OrderHandler(Policies.model_validate({"approval": approval}))
        for verdict in ("approve", "reject", "release", "hold", "cancel"):
            message = first_message(said(verdict), source="people", raw_id=None, now=NOW)
            with pytest.raises(NotAllowed) as refused, pump.database.transaction() as tx:
                desk.decide(message, tx, NOW)
            assert refused.value.code == code
    assert rows(pump.database, "SELECT state, facts FROM orders") == before
