"""The journey of an order, from the first message to the last delivery."""

import pytest

from operations.failing import NotFound
from operations.timeline import timeline
from tests.handlers import golden
from tests.handlers.trading import changed
from tests.operations.small_hub import SmallHub


def test_the_journey_holds_every_message_about_the_order_and_none_of_another(hub: SmallHub) -> None:
    hub.take(golden.stocked(), golden.placed(), golden.stocked("SO-2"), golden.placed("SO-2"))
    hub.take(golden.dispatched("S1"), golden.dispatched("S2"), golden.tracked("S2", "in_transit", 5), golden.paid("P-1", "50.00"))
    journey = timeline(hub.database, "SO-1")
    told = [step.message.type for step in journey.steps]
    assert journey.complete
    assert sorted(told) == sorted(
        ["order.placed", "order.confirmed", "stock.reserved", "shipment.requested"]
        + ["shipment.dispatched", "invoice.issued"] * 2
        + ["order.progressed"] * 6
        + ["shipment.tracking", "payment.received", "payment.allocated"]
    )
    assert told[0] == "order.placed"
    assert not any("SO-2" in step.message.subject for step in journey.steps)


def test_each_step_tells_what_it_says_and_what_it_led_to(hub: SmallHub) -> None:
    hub.take(golden.stocked(), golden.placed())
    steps = {step.message.type: step for step in timeline(hub.database, "SO-1").steps}
    assert steps["order.placed"].told == "2 lines, 1394.42 CNY, Hospital One"
    assert steps["order.placed"].led_to == [steps["order.confirmed"].message.message_id]
    assert steps["order.confirmed"].message.causation_id == steps["order.placed"].message.message_id
    (delivery,) = steps["shipment.requested"].deliveries
    assert (delivery.endpoint, delivery.status) == ("warehouse-main-out", "sent")


def test_what_made_stock_free_belongs_to_the_journey_of_who_waited(hub: SmallHub) -> None:
    hub.take(golden.placed())
    hub.take(golden.stocked())
    told = [step.message.type for step in timeline(hub.database, "SO-1").steps]
    assert told.index("stock.level") > told.index("stock.backordered")
    assert told.index("stock.reserved") > told.index("stock.level")


def test_a_message_that_waits_for_an_order_is_all_there_is_of_its_journey(hub: SmallHub) -> None:
    hub.take(golden.cancelled("SO-9"), golden.dispatched("S1", "SO-8"))
    (step,) = timeline(hub.database, "SO-9").steps
    assert (step.message.type, step.message.standing) == ("order.cancelled", "parked")
    (step,) = timeline(hub.database, "SO-8").steps
    assert (step.message.type, step.message.standing) == ("shipment.dispatched", "parked")


def test_an_order_nobody_spoke_of_has_no_journey(hub: SmallHub) -> None:
    with pytest.raises(NotFound, match="there is no order 'SO-1'"):
        timeline(hub.database, "SO-1")


def test_the_story_of_the_order_tells_what_is_asked_back(hub: SmallHub) -> None:
    hub.take(golden.stocked(), golden.placed(channel="edi"))
    hub.take(golden.dispatched("S1"))
    hub.take(golden.cancelled(), source="shop-eu")
    told = [(step.message.type, step.told) for step in timeline(hub.database, "SO-1").steps]
    assert ("return.requested", "2 lines, SO-1-C1, cancelled") in told
    assert ("order.response", "2 lines, CA, changed_mind O_SHIPPED") in told


def test_a_change_is_told_with_its_lines_and_its_revision(hub: SmallHub) -> None:
    hub.take(golden.stocked(), golden.placed(channel="edi"))
    hub.take(changed("9", 1, requested_by="buyer"), source="shop-eu")
    steps = {step.message.type: step.told for step in timeline(hub.database, "SO-1").steps}
    assert steps["order.changed"] == "1 line, revision 1, buyer"
