"""Deciding about what got stuck: every decision takes effect once and is written down."""

import psycopg
import pytest

from canonical.failures import Conflict
from operations import find, messages, replaying
from operations.failing import NotFound, NotPossible
from operations.retranslating import retranslate
from routing.consumer import MOST_ATTEMPTS
from store import retries
from store.replaying import DeadFilter
from tests.handlers import golden
from tests.operations.small_hub import SmallHub, shopify_order

WHO = {"actor": "li.wei", "reason": "mended"}


def bury(hub: SmallHub, order_no: str) -> str:
    """The order handler gives up on an order; the dead id."""
    hub.failing.add(order_no)
    (message_id,) = hub.keep(golden.placed(order_no))
    with hub.database.transaction() as tx:
        retries.count_attempt(tx, "order", message_id, order_no, error="earlier", wait=0)
        tx.run("UPDATE retries SET attempts = :n WHERE message_id = :id", n=MOST_ATTEMPTS - 1, id=message_id)
    hub.run()
    hub.failing.clear()
    return f"{message_id}:order"


def test_what_was_given_up_is_not_tried_again_because_another_copy_of_it_was_there(hub: SmallHub) -> None:
    letter = bury(hub, "SO-1")
    with hub.database.reading() as tx:
        assert tx.rows("SELECT message_id, attempts FROM retries") == []
    assert [(entry.dead_id, entry.attempts) for entry in replaying.dead(hub.database).items] == [(letter, MOST_ATTEMPTS)]


def test_dead_letters_and_dead_deliveries_are_one_list(hub: SmallHub) -> None:
    letter = bury(hub, "SO-1")
    hub.refusing.add("warehouse-main-out")
    hub.take(golden.stocked("SO-2"), golden.placed("SO-2"))
    entries = replaying.dead(hub.database).items
    assert [(e.kind, e.channel, e.type, e.subject, e.attempts) for e in entries] == [
        ("handler", "order", "order.placed", "SO-1", 5),
        ("delivery", "warehouse-main-out", "shipment.requested", "SO-2", 1),
    ]
    assert entries[0].dead_id == letter
    assert entries[0].reason == "RuntimeError: no luck with SO-1"
    assert entries[1].reason == "warehouse-main-out says no"
    shown = replaying.show(hub.database, entries[1].dead_id)
    assert [(a.outcome, a.detail) for d in shown.deliveries for a in d.attempts] == [("refused", "warehouse-main-out says no")]


def test_the_dead_list_pages_and_is_filtered(hub: SmallHub) -> None:
    ids = [bury(hub, f"SO-{n}") for n in range(3)]
    first = replaying.dead(hub.database, limit=2)
    rest = replaying.dead(hub.database, cursor=first.next, limit=2)
    assert [e.dead_id for e in (*first.items, *rest.items)] == ids
    assert rest.next is None
    assert [e.subject for e in replaying.dead(hub.database, DeadFilter(reason="LUCK with so-1")).items] == ["SO-1"]
    assert replaying.dead(hub.database, DeadFilter(channel="stock")).items == []


def test_a_retried_dead_letter_takes_effect_once_and_is_recovered(hub: SmallHub) -> None:
    dead_id = bury(hub, "SO-1")
    assert replaying.retry(hub.operations, dead_id, **WHO).moved == [dead_id]
    hub.run()
    assert find.order(hub.database, "SO-1").state == "confirmed"
    assert replaying.dead(hub.database).items == []
    shown = replaying.show(hub.database, dead_id)
    assert (shown.status, shown.decided_by) == ("recovered", "li.wei")
    assert [(d.actor, d.action, d.reason, d.target) for d in shown.decisions] == [("li.wei", "retry", "mended", dead_id)]
    with pytest.raises(NotPossible, match="is recovered"):
        replaying.retry(hub.operations, dead_id, **WHO)


def test_a_retry_that_fails_again_is_dead_again_with_its_history(hub: SmallHub) -> None:
    dead_id = bury(hub, "SO-1")
    hub.failing.add("SO-1")
    replaying.retry(hub.operations, dead_id, **WHO)
    message_id = dead_id.partition(":")[0]
    with hub.database.transaction() as tx:
        retries.count_attempt(tx, "order", message_id, "SO-1", error="earlier", wait=0)
        tx.run("UPDATE retries SET attempts = :n WHERE message_id = :id", n=MOST_ATTEMPTS - 1, id=message_id)
    hub.run()
    shown = replaying.show(hub.database, dead_id)
    assert (shown.status, shown.attempts, len(shown.decisions)) == ("dead", 10, 1)


def test_a_discarded_dead_letter_leaves_the_list_and_can_be_taken_back(hub: SmallHub) -> None:
    dead_id = bury(hub, "SO-1")
    replaying.discard(hub.operations, dead_id, actor="li.wei", reason="test order")
    assert replaying.dead(hub.database).items == []
    assert messages.message(hub.database, dead_id.partition(":")[0]).standing == "discarded"
    with pytest.raises(NotPossible, match="is discarded"):
        replaying.discard(hub.operations, dead_id, **WHO)
    replaying.retry(hub.operations, dead_id, **WHO)
    hub.run()
    assert find.order(hub.database, "SO-1").state == "confirmed"
    decisions = messages.message(hub.database, dead_id.partition(":")[0]).decisions
    assert [(d.action, d.reason) for d in decisions] == [("discard", "test order"), ("retry", "mended")]


def test_a_retried_delivery_keeps_its_id_and_counts_a_new_attempt(hub: SmallHub) -> None:
    hub.refusing.add("warehouse-main-out")
    hub.take(golden.stocked(), golden.placed())
    (entry,) = replaying.dead(hub.database).items
    hub.refusing.clear()
    replaying.retry(hub.operations, entry.dead_id, **WHO)
    hub.run()
    (delivery,) = messages.message(hub.database, entry.message_id).deliveries
    assert (delivery.status, [a.outcome for a in delivery.attempts]) == ("sent", ["refused", "sent"])
    assert [sent[:2] for sent in hub.sent if sent[0] == "warehouse-main-out"] == [("warehouse-main-out", "shipment.requested")]


def test_a_discarded_delivery_is_not_tried_again(hub: SmallHub) -> None:
    hub.refusing.add("warehouse-main-out")
    hub.take(golden.stocked(), golden.placed())
    (entry,) = replaying.dead(hub.database).items
    replaying.discard(hub.operations, entry.dead_id, **WHO)
    hub.refusing.clear()
    hub.run()
    assert not any(endpoint == "warehouse-main-out" for endpoint, _, _ in hub.sent)


def test_a_selection_is_retried_oldest_first_and_not_more_than_asked(hub: SmallHub) -> None:
    ids = [bury(hub, f"SO-{n}") for n in range(3)]
    moved = replaying.retry_selected(hub.operations, DeadFilter(channel="order"), most=2, **WHO).moved
    assert sorted(moved) == sorted(ids[:2])
    hub.run()
    assert [e.dead_id for e in replaying.dead(hub.database).items] == ids[2:]


def test_replaying_a_handled_message_changes_nothing(hub: SmallHub) -> None:
    hub.take(golden.stocked())
    (message_id,) = hub.take(golden.placed())
    before = [m.message_id for m in messages.messages(hub.database, limit=200).items]
    assert replaying.replay(hub.operations, message_id, **WHO).moved == []
    hub.run()
    assert [m.message_id for m in messages.messages(hub.database, limit=200).items] == before
    assert [d.action for d in messages.message(hub.database, message_id).decisions] == ["replay"]


def test_replaying_a_message_whose_copy_was_lost_brings_its_effect(hub: SmallHub) -> None:
    (message_id,) = hub.keep(golden.placed())
    assert hub.drop_queues() == [message_id]
    hub.run()
    with pytest.raises(NotFound):
        find.order(hub.database, "SO-1")
    assert replaying.replay(hub.operations, message_id, **WHO).moved == [f"{message_id}:order"]
    hub.run()
    assert find.order(hub.database, "SO-1").state == "confirmed"


def test_only_an_explicit_resend_sends_a_taken_delivery_again(hub: SmallHub) -> None:
    hub.take(golden.stocked(), golden.placed())
    (requested,) = (m for m in messages.messages(hub.database).items if m.type == "shipment.requested")
    assert replaying.replay(hub.operations, requested.message_id, **WHO).moved == []
    moved = replaying.replay(hub.operations, requested.message_id, resend=True, **WHO).moved
    assert moved == [f"{requested.message_id}:warehouse-main-out"]
    hub.run()
    (delivery,) = messages.message(hub.database, requested.message_id).deliveries
    assert [a.outcome for a in delivery.attempts] == ["sent", "sent"]
    assert len([1 for endpoint, _, _ in hub.sent if endpoint == "warehouse-main-out"]) == 2


def test_a_quarantined_raw_message_is_translated_again_once_it_can_be_read(hub: SmallHub) -> None:
    hub.unreadable = True
    accepted = hub.shop(shopify_order())
    assert (accepted.status, accepted.message_ids) == ("quarantined", [])
    with pytest.raises(NotPossible, match="it still cannot be told what raw message"):
        retranslate(hub.operations, accepted.raw_id, **WHO)
    hub.unreadable = False
    done = retranslate(hub.operations, accepted.raw_id, **WHO)
    assert (done.before, done.raw.status, len(done.raw.message_ids), done.raw.problems) == ("quarantined", "accepted", 1, [])
    hub.run()
    assert find.order(hub.database, "1001").state == "confirmed"
    assert [d.action for d in messages.message(hub.database, done.raw.message_ids[0]).decisions] == ["retranslate"]
    with pytest.raises(NotPossible, match="is accepted: only"):
        retranslate(hub.operations, accepted.raw_id, **WHO)


def test_what_still_breaks_a_rule_stays_in_quarantine_with_todays_reasons(hub: SmallHub) -> None:
    accepted = hub.shop(shopify_order(currency="EURO"))
    assert accepted.status == "quarantined"
    done = retranslate(hub.operations, accepted.raw_id, **WHO)
    assert (done.raw.status, [p["code"] for p in done.raw.problems]) == ("quarantined", ["E_CURRENCY"])
    assert messages.messages(hub.database).items == []


def test_the_audit_cannot_be_changed_or_thinned(hub: SmallHub) -> None:
    dead_id = bury(hub, "SO-1")
    replaying.discard(hub.operations, dead_id, **WHO)
    for statement in ("UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"):
        with pytest.raises((psycopg.Error, Conflict), match="the audit is never changed"), hub.database.transaction() as tx:
            tx.run(statement)
    assert [d.actor for d in replaying.show(hub.database, dead_id).decisions] == ["li.wei"]


@pytest.mark.parametrize("decide", [replaying.retry, replaying.discard, replaying.replay, retranslate])
def test_nothing_is_decided_about_what_is_not_there(hub: SmallHub, decide) -> None:
    with pytest.raises(NotFound):
        decide(hub.operations, "nothing:order", **WHO)
    with hub.database.reading() as tx:
        assert tx.rows("SELECT count(*) AS n FROM audit")[0].n == 0
