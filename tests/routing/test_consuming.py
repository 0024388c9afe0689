"""The consumer loop and the relay, on real channels: nothing lost, nothing twice, order kept, poison found."""

from collections.abc import Collection

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canonical.envelope import Message, caused_message
from canonical.failures import Transient
from canonical.handling import Outcome
from routing.channels import Queue
from store import retries
from tests.routing.conftest import Rig
from tests.routing.toy import NOW, Toy, note, number_of, told
from tests.support.examples import examples


def test_messages_of_one_key_are_handled_once_and_in_order(rig: Rig) -> None:
    messages = [note(f"K{n % 3}", n) for n in range(90)]
    rig.keep(*messages)
    rig.work()
    seen = rig.seen()
    assert sorted(seen) == sorted((m.subject, number_of(m)) for m in messages)
    for key in ("K0", "K1", "K2"):
        numbers = [number for k, number in seen if k == key]
        assert numbers == sorted(numbers)
    assert rig.count("receipts") == 90
    assert rig.count("outbox") == 0


def test_a_redelivered_message_has_no_second_effect(rig: Rig) -> None:
    message = note("K")
    rig.keep(message)
    rig.work()
    rig.loop.settle(told(message))
    rig.loop.settle(told(message, redriven=True, suspect=True))
    assert rig.seen() == [("K", 0)]
    assert rig.count("receipts") == 1


def test_receipts_tell_in_what_order_messages_were_handled_whatever_their_ids(rig: Rig) -> None:
    messages = [note(f"K{n}", n) for n in range(20)]
    rig.keep(*messages)
    handled = [messages[place] for place in (7, 3, 19, 0, 12, 5)]
    rig.loop.settle(told(*handled))
    with rig.database.reading() as tx:
        written = [row.message_id for row in tx.rows("SELECT message_id FROM receipts ORDER BY receipt_id")]
    assert written == [message.message_id for message in handled]


def test_the_same_fact_under_another_id_is_kept_once(rig: Rig) -> None:
    first, again = note("K", 4), note("K", 4)
    rig.keep(first)
    recorded = rig.keep(again)
    assert recorded.new == frozenset()
    assert recorded.known_as == {again.message_id: first.message_id}
    assert recorded.conflicts == frozenset()
    rig.work()
    assert rig.seen() == [("K", 4)]


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_poison_is_found_at_every_position_and_only_its_key_waits(rig: Rig, size: int) -> None:
    for position in range(0, size, max(1, size // 4)):
        poison = note(f"poison-{position}", position)

        def decide(message: Message, outcome: Outcome, poison: Message = poison) -> None:
            if message.message_id == poison.message_id:
                raise ValueError("this one is bad")

        good = [note(f"good-{position}-{n}", n) for n in range(size - 1)]
        follower = note(poison.subject, 999)
        toy = Toy(decide)
        batch = [*good[:position], poison, *good[position:], follower]
        rig.keep(*batch)
        rig.loop_of(toy).settle(told(*batch))
        seen = rig.seen()
        assert [key for key, _ in seen if key.startswith(f"good-{position}-")] == [m.subject for m in good]
        assert not [key for key, _ in seen if key == poison.subject]
        assert toy.calls <= 2 * (size + 1).bit_length() + 2
        with rig.database.reading() as tx:
            standing = retries.standing(tx, "toy", [(poison.message_id, poison.subject)])
        assert standing.lines == {poison.subject: [poison.message_id, follower.message_id]}


def test_a_failing_message_becomes_a_dead_letter_and_what_waited_behind_it_goes_on(rig: Rig) -> None:
    poison, follower, last = note("K", 0), note("K", 1), note("K", 2)

    def decide(message: Message, outcome: Outcome) -> None:
        if message.message_id == poison.message_id:
            raise ValueError("this one is bad")

    rig.toy.decide = decide
    rig.keep(poison, follower)
    rig.work()
    rig.keep(last)
    for _ in range(6):
        rig.make_due()
        rig.work()
    assert rig.seen() == [("K", 1), ("K", 2)]
    assert rig.count("retries") == 0
    assert rig.count("dead_letters", "status = 'dead' AND attempts = 5 AND reason = 'ValueError: this one is bad'") == 1


def test_a_stray_copy_of_a_dead_letter_is_not_handled(rig: Rig) -> None:
    poison = note("K", 0)
    rig.keep(poison)
    with rig.database.transaction() as tx:
        retries.bury(tx, "toy", poison.message_id, attempts=5, reason="bad")
    rig.loop.settle(told(poison))
    assert rig.seen() == []
    assert rig.count("receipts") == 0


def test_a_message_that_fails_for_a_while_is_handled_before_its_followers(rig: Rig) -> None:
    first = note("K", 0)
    failing = {first.message_id}

    def decide(message: Message, outcome: Outcome) -> None:
        if message.message_id in failing:
            raise ValueError("not yet")

    rig.toy.decide = decide
    rig.keep(first, *(note("K", n) for n in range(1, 5)), note("other", 7))
    rig.work()
    assert rig.seen() == [("other", 7)]
    failing.clear()
    rig.make_due()
    rig.work()
    assert rig.seen() == [("other", 7), *(("K", n) for n in range(5))]
    assert rig.count("dead_letters") == 0


def test_a_handler_that_dies_on_a_message_is_spared_it_after_two_counted_deaths(rig: Rig) -> None:
    killer, innocent = note("K", 0), note("L", 1)

    class Killed(BaseException):
        """Stands for the process being gone: nothing after it runs."""

    def decide(message: Message, outcome: Outcome) -> None:
        if message.message_id == killer.message_id:
            raise Killed

    rig.toy.decide = decide
    rig.keep(killer, innocent)
    suspects = told(killer, innocent, suspect=True)
    for _ in range(2):
        with pytest.raises(Killed):
            rig.loop_of(rig.toy).settle(suspects)
    rig.loop_of(rig.toy).settle(suspects)
    assert rig.seen() == [("L", 1)]
    assert rig.count("dead_letters", "reason = 'the handler died each time'") == 1


def test_a_transient_failure_leaves_nothing_behind_and_the_batch_is_tried_again(rig: Rig) -> None:
    message = note("K")
    down = iter([True, False])

    def decide(message: Message, outcome: Outcome) -> None:
        if next(down):
            raise Transient("database: gone for a moment")

    rig.toy.decide = decide
    rig.keep(message)
    received = told(message)
    with pytest.raises(Transient):
        rig.loop.settle(received)
    assert rig.count("receipts") == 0
    rig.loop.settle(received)
    assert rig.seen() == [("K", 0)]


def test_a_parked_message_is_released_by_what_it_waits_for(rig: Rig) -> None:
    early, late = note("early", 0), note("late", 1)
    arrived: set[str] = set()

    def decide(message: Message, outcome: Outcome) -> None:
        if message.subject == "late":
            arrived.add("late")
            outcome.arrived.add("token:late")
        elif "late" not in arrived:
            outcome.park(message, "token:late")

    rig.toy.decide = decide
    rig.keep(early)
    rig.work()
    assert rig.seen() == []
    assert rig.count("parked", "waits_for = 'token:late'") == 1
    assert rig.count("receipts") == 0
    rig.keep(late)
    rig.work()
    assert rig.seen() == [("late", 1), ("early", 0)]
    assert rig.count("parked") == 0


def test_a_message_parked_while_its_reason_was_being_committed_comes_back_by_itself(rig: Rig) -> None:
    waiting = iter([True, False])

    def decide(message: Message, outcome: Outcome) -> None:
        if next(waiting):
            outcome.park(message, "token:committed-meanwhile")

    rig.toy.decide = decide
    rig.keep(note("K"))
    rig.work()
    rig.make_due()
    rig.work()
    assert rig.seen() == [("K", 0)]
    assert rig.count("parked") == 0


def test_what_only_the_broker_remembers_after_a_restore_has_no_effect(rig: Rig) -> None:
    rig.toy.decide = lambda message, outcome: outcome.park(message, "token:never") if message.subject == "gone" else None
    rig.keep(note("gone", 0), note("kept", 1))
    rig.relay.step()
    received = rig.receive(2)
    with rig.database.transaction() as tx:
        tx.run("DELETE FROM messages WHERE subject = 'gone'")
    rig.loop.settle(received)
    rig.make_due()
    rig.work()
    assert rig.seen() == [("kept", 1)]
    assert (rig.count("receipts"), rig.count("parked"), rig.count("outbox")) == (1, 0, 0)


def test_what_the_channel_lost_is_sent_again_by_the_sweeper(rig: Rig) -> None:
    messages = [note(f"K{n}", n) for n in range(20)]
    rig.keep(*messages)
    with rig.database.transaction() as tx:
        tx.run("DELETE FROM outbox")  # as if published and then lost with the broker's data
    assert rig.sweep() == 20
    rig.work()
    assert sorted(n for _, n in rig.seen()) == list(range(20))
    assert rig.sweep() == 0


def test_what_is_published_and_lost_while_the_sweeper_looks_is_found_by_the_next_sweep(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, lost = note("K1", 1), note("K2", 2)
    rig.keep(waiting, lost)

    def published_and_lost(*which: Message) -> None:
        with rig.database.transaction() as tx:
            for message in which:
                tx.run("DELETE FROM outbox WHERE message_id = :message_id", message_id=message.message_id)

    def empty_meanwhile(names: Collection[str]) -> dict[str, Queue]:
        published_and_lost(waiting)
        return dict.fromkeys(names, Queue(0, None))

    published_and_lost(lost)
    with monkeypatch.context() as patched:
        patched.setattr(rig.channels, "look", empty_meanwhile)
        assert rig.sweep() == 1
    published_and_lost(lost)
    assert rig.sweep() == 2


def test_emitted_messages_commit_with_the_effect_and_carry_their_cause(rig: Rig) -> None:
    first = note("K", 0)

    def decide(message: Message, outcome: Outcome) -> None:
        if number_of(message) == 0:
            outcome.emit(note("K", 1).document, message)

    rig.toy.decide = decide
    rig.keep(first)
    rig.work()
    assert rig.seen() == [("K", 0), ("K", 1)]
    with rig.database.reading() as tx:
        child = tx.rows("SELECT causation_id, correlation_id, source FROM messages WHERE causation_id IS NOT NULL")[0]
    assert (child.causation_id, child.correlation_id, child.source) == (first.message_id, first.correlation_id, "orderlane/toy")


def test_beside_what_was_handled_before_the_new_is_handled_and_a_known_fact_is_emitted_once(rig: Rig) -> None:
    old, new, known = note("K", 0), note("L", 1), note("M", 2)

    def decide(message: Message, outcome: Outcome) -> None:
        if number_of(message) == 1:
            outcome.emit(known.document, message)

    rig.keep(old, known)
    rig.work()
    rig.toy.decide = decide
    rig.keep(new)
    rig.loop.settle(told(old, new))
    assert rig.seen() == [("K", 0), ("M", 2), ("L", 1)]
    assert (rig.count("receipts"), rig.count("messages"), rig.count("retries")) == (3, 3, 0)


@settings(examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_mix_of_failures_and_repeats_ends_with_every_message_handled_once(rig: Rig, data: st.DataObject) -> None:
    with rig.database.transaction() as tx:
        for table in ("seen", "receipts", "messages", "outbox", "retries"):
            tx.run(f"DELETE FROM {table}")
    keys = data.draw(st.lists(st.sampled_from("ABC"), min_size=1, max_size=12))
    messages = [note(key, n) for n, key in enumerate(keys)]
    flaky = {m.message_id: data.draw(st.integers(0, 2)) for m in messages}

    def decide(message: Message, outcome: Outcome) -> None:
        if flaky[message.message_id] > 0:
            flaky[message.message_id] -= 1
            raise ValueError("flaky")

    rig.toy.decide = decide
    rig.keep(*messages)
    rig.keep(*[caused_message(m.document, m, source="tests", now=NOW) for m in messages])
    for _ in range(40):
        rig.make_due()
        rig.work()
        if rig.count("retries") == 0:
            break
    for key in "ABC":
        assert [n for k, n in rig.seen() if k == key] == [n for n, k in enumerate(keys) if k == key]
    assert rig.count("receipts") == len(messages)
