"""People decide about orders: carried out at once, kept as a message, refused with a code and without a trace."""

import pytest

from handlers.refusing import NotAllowed
from operations import find
from operations.deciding import decide
from operations.decisions import decisions
from operations.failing import NotFound
from operations.timeline import timeline
from operations.verify import verify_hub
from tests.handlers import golden, trading
from tests.operations.small_hub import SmallHub


def test_a_hold_and_its_release_are_carried_out_at_once_and_belong_to_the_story(hub: SmallHub) -> None:
    (placed,) = hub.take(golden.placed(channel="edi"))
    held = decide(hub.operations, "SO-1", "hold", actor="li.wei", role="sales_assistant", reason="buyer called")
    assert (held.state, held.holds, held.emitted) == ("on_hold", ["H_MANUAL"], ["order.held"])
    released = decide(hub.operations, "SO-1", "release", actor="li.wei", role="sales_assistant", reason="buyer agreed")
    assert (released.seq, released.state, released.holds) == (2, "confirmed", [])
    hub.run()
    steps = [step for step in timeline(hub.database, "SO-1").steps if step.message.type == "order.decided"]
    assert [step.told for step in steps] == [
        "hold, li.wei, sales_assistant, buyer called", "release, li.wei, sales_assistant, buyer agreed",
    ]  # fmt: skip
    assert {step.message.correlation_id for step in steps} == {placed}
    assert verify_hub(hub.operations, grace=0.0).exact


def test_what_is_not_allowed_has_a_code_and_leaves_no_trace(hub: SmallHub) -> None:
    hub.take(golden.placed())
    with pytest.raises(NotAllowed) as refused:
        decide(hub.operations, "SO-1", "reopen", actor="li.wei", role="finance", reason="why not")
    assert refused.value.code == "O_TRANSITION"
    assert len(decisions(hub.database, "SO-1").runs) == 1
    assert "order.decided" not in [step.message.type for step in timeline(hub.database, "SO-1").steps]


def test_there_is_nothing_to_decide_about_an_order_nobody_placed(hub: SmallHub) -> None:
    with pytest.raises(NotFound):
        decide(hub.operations, "SO-9", "hold", actor="li.wei", role="finance", reason="x")


def test_credit_and_approvals_work_through_the_whole_hub_and_the_books_agree(hub: SmallHub) -> None:
    hub.take(trading.product(), trading.dealer(limit="50"), trading.prices(), source="master-data")
    hub.take(trading.order(), source="portal")
    found = find.order(hub.database, "SO-1")
    assert (found.customer_no, found.holds) == ("D-1", ["K_LIMIT"])
    assert [(one.code, one.role) for one in found.waits_for] == [("approval", "credit_control"), ("approval", "finance_director")]
    approved = [
        decide(hub.operations, "SO-1", "approve", actor=actor, role=role, reason="a good payer")
        for actor, role in (("zhao", "credit_control"), ("qian", "finance_director"))
    ]
    assert [(one.state, one.emitted) for one in approved] == [
        ("approval", []),
        ("confirmed", ["order.confirmed", "order.response"]),
    ]
    hub.run()
    assert verify_hub(hub.operations, grace=0.0).exact


def test_nobody_has_to_decide_about_an_order_that_has_ended(hub: SmallHub) -> None:
    hub.take(trading.product(), trading.dealer(credit={"blocked": True}), trading.prices(), source="master-data")
    hub.take(trading.order(), source="portal")
    assert [(one.code, one.role) for one in find.order(hub.database, "SO-1").waits_for] == [("K_BLOCKED", "credit_control")]
    decide(hub.operations, "SO-1", "cancel", actor="li.wei", role="sales_assistant", reason="buyer gave up")
    found = find.order(hub.database, "SO-1")
    assert (found.state, found.waits_for) == ("cancelled", [])
