"""Deliveries: attempts written before the call, one table of outcomes, pauses, circuits, order per key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from canonical.failures import Failure, Malformed, Misconfigured, OutcomeUnknown, Refused, Throttled, Transient
from canonical.problems import Problem
from connectors.base import Connector, Delivery, Endpoint, Sent
from mappings.translation import OWN_SPECS, Settings, Translations
from routing.delivery import FIRST_PAUSE, LONGEST_PAUSE, MOST_ATTEMPTS, Deliverer, pause_after, verdict_on
from routing.dispatching import CIRCUIT_OPENS_AT, PROBE_PAUSE, queue_deliveries
from store import archive
from store.archive import Routed
from store.database import Database
from tests.routing.toy import note

TRANSLATIONS = Translations.load(OWN_SPECS)
SECOND = 1_000_000


@dataclass
class Post:
    """A hub's outgoing side with a partner that does what it is told. sent: the deliveries as the connector got them."""

    database: Database
    do: Callable[[Delivery], Sent] = lambda delivery: Sent("200", b"thanks", "theirs-1")
    sent: list[Delivery] = field(default_factory=list)
    handed: list[str] = field(default_factory=list)
    deliverer: Deliverer = field(init=False)

    def __post_init__(self) -> None:
        endpoints = {name: Endpoint(name, name, "webhook") for name in ("shop", "warehouse")}
        connectors = {"webhook": Connector("webhook", "events", send=self._send)}
        settings = {name: Settings(endpoint=name) for name in endpoints}
        self.deliverer = Deliverer(self.database, connectors, endpoints, TRANSLATIONS, settings)

    def _send(self, delivery: Delivery, endpoint: Endpoint) -> Sent:
        self.sent.append(delivery)
        return self.do(delivery)

    def deliver(self, delivery_ids: Sequence[str]) -> None:
        """Takes the place of Celery: what is handed on is remembered."""
        self.handed += delivery_ids

    def translate(self, raw_ids: Sequence[str]) -> None:
        raise AssertionError("no large files here")

    def keep(self, *messages: Any, endpoint: str = "shop") -> list[str]:
        """Messages to an endpoint; their delivery ids in the order of the messages."""
        with self.database.transaction() as tx:
            archive.record_messages(tx, [Routed(message, (), (endpoint,)) for message in messages])
        ids = {row.message_id: row.delivery_id for row in self.rows("SELECT message_id, delivery_id FROM deliveries")}
        return [ids[message.message_id] for message in messages]

    def due(self) -> list[str]:
        """What is handed on now."""
        self.handed.clear()
        queue_deliveries(self.database, self, limit=100)
        return list(self.handed)

    def rows(self, query: str, **parameters: Any) -> Sequence[Any]:
        with self.database.reading() as tx:
            return tx.rows(query, **parameters)

    def status(self, delivery_id: str) -> tuple[str, int]:
        (row,) = self.rows("SELECT status, attempts FROM deliveries WHERE delivery_id = :id", id=delivery_id)
        return row.status, row.attempts

    def clock(self) -> int:
        """The database's clock, in microseconds."""
        return int(self.rows("SELECT {now} AS now")[0].now)

    def due_at(self, delivery_id: str) -> int:
        return int(self.rows("SELECT next_at FROM deliveries WHERE delivery_id = :id", id=delivery_id)[0].next_at)

    def make_due(self) -> None:
        """As if the time of every attempt and of every open circuit had come."""
        with self.database.transaction() as tx:
            tx.run("UPDATE deliveries SET next_at = 0 WHERE status = 'pending'")
            tx.run("UPDATE circuits SET open_until = 0")

    def stay_open(self) -> None:
        """Circuits that are open now stay so."""
        with self.database.transaction() as tx:
            tx.run("UPDATE circuits SET open_until = open_until + 3600000000")

    def failing(self, failure: Failure) -> None:
        def fail(delivery: Delivery) -> Sent:
            raise failure

        self.do = fail


@pytest.fixture
def post(database: Database, time_stands_still: None) -> Post:
    return Post(database)


def test_the_attempt_is_written_before_the_call_and_its_outcome_after(post: Post) -> None:
    (delivery_id,) = post.keep(note("K"))
    before: list[Any] = []

    def look(delivery: Delivery) -> Sent:
        before.extend(post.rows("SELECT attempt, ended_at, outcome FROM attempts WHERE delivery_id = :id", id=delivery.delivery_id))
        return Sent("202", b"thanks", "theirs-7")

    post.do = look
    post.deliverer.deliver(delivery_id)
    assert [(row.attempt, row.ended_at, row.outcome) for row in before] == [(1, None, None)]
    (after,) = post.rows("SELECT outcome, detail, answer, ended_at FROM attempts")
    assert (after.outcome, after.detail, bytes(after.answer)) == ("sent", "202", b"thanks")
    assert after.ended_at is not None
    assert post.status(delivery_id) == ("sent", 1)
    assert post.rows("SELECT partner_id FROM deliveries")[0].partner_id == "theirs-7"


def test_a_settled_delivery_is_not_sent_again(post: Post) -> None:
    (delivery_id,) = post.keep(note("K"))
    post.deliverer.deliver(delivery_id)
    post.deliverer.deliver(delivery_id)
    assert [(d.delivery_id, d.attempt) for d in post.sent] == [(delivery_id, 1)]


def test_a_process_that_died_between_attempt_and_outcome_leaves_a_question_for_the_next_attempt(post: Post) -> None:
    (delivery_id,) = post.keep(note("K"))

    def die(delivery: Delivery) -> Sent:
        raise KeyboardInterrupt

    post.do = die
    with pytest.raises(KeyboardInterrupt):
        post.deliverer.deliver(delivery_id)
    post.do = lambda delivery: Sent("200")
    post.deliverer.deliver(delivery_id)
    assert [(d.attempt, d.unknown_before) for d in post.sent] == [(1, False), (2, True)]
    assert post.status(delivery_id) == ("sent", 2)


def test_after_an_answer_nobody_heard_the_next_attempt_knows_of_it(post: Post) -> None:
    (delivery_id,) = post.keep(note("K"))
    post.failing(OutcomeUnknown("read timeout"))
    post.deliverer.deliver(delivery_id)
    assert post.status(delivery_id) == ("pending", 1)
    post.failing(Transient("connection refused"))
    post.deliverer.deliver(delivery_id)
    assert [d.unknown_before for d in post.sent] == [False, True]


OUTCOMES: list[tuple[Failure, int, str, str, bool]] = [
    (Refused("410"), 1, "refused", "dead", False),
    (Malformed([Problem("E", "$", "x")]), 1, "refused", "dead", False),
    (Misconfigured("no url"), 1, "misconfigured", "dead", False),
    (Transient("503"), 1, "transient", "pending", True),
    (Throttled("429", after=7.0), 1, "throttled", "pending", False),
    (OutcomeUnknown("timeout"), 1, "unknown", "pending", True),
    (Transient("503"), MOST_ATTEMPTS, "exhausted", "dead", True),
    (Throttled("429", after=7.0), MOST_ATTEMPTS, "exhausted", "dead", True),
    (OutcomeUnknown("timeout"), MOST_ATTEMPTS, "exhausted", "dead", True),
    (Refused("410"), MOST_ATTEMPTS, "refused", "dead", False),
]


@pytest.mark.parametrize(("failure", "attempt", "outcome", "status", "ails"), OUTCOMES)
def test_what_each_kind_of_failure_means(failure: Failure, attempt: int, outcome: str, status: str, ails: bool) -> None:
    verdict = verdict_on(failure, attempt)
    assert (verdict.outcome, verdict.status, verdict.ails) == (outcome, status, ails)
    assert (verdict.wait > 0) == (status == "pending")


def test_pauses_double_with_full_jitter_up_to_six_hours() -> None:
    for attempt in range(1, MOST_ATTEMPTS + 5):
        step = min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
        pauses = [pause_after(attempt) for _ in range(300)]
        assert all(0.1 * step <= pause <= step for pause in pauses)
        assert max(pauses) > 0.8 * step > 0.3 * step > min(pauses)
    assert LONGEST_PAUSE == 6 * 3600


def test_a_partner_that_asks_for_a_pause_gets_exactly_that(post: Post) -> None:
    (delivery_id,) = post.keep(note("K"))
    post.failing(Throttled("429", after=900.0))
    began = post.clock()
    post.deliverer.deliver(delivery_id)
    assert began <= post.due_at(delivery_id) - 900 * SECOND <= post.clock()
    assert post.due() == []
    assert post.rows("SELECT count(*) AS n FROM circuits")[0].n == 0, "a partner that answers is not ailing"


def test_after_its_last_attempt_a_delivery_is_dead_and_no_longer_due(post: Post) -> None:
    (delivery_id,) = post.keep(note("K"))
    post.failing(Transient("503"))
    for _ in range(MOST_ATTEMPTS):
        post.deliverer.deliver(delivery_id)
    assert post.status(delivery_id) == ("dead", MOST_ATTEMPTS)
    post.make_due()
    assert post.due() == []
    post.deliverer.deliver(delivery_id)
    assert len(post.sent) == MOST_ATTEMPTS


def test_one_delivery_per_endpoint_and_key_is_on_its_way_the_others_wait_in_order(post: Post) -> None:
    first, second, third = post.keep(note("K", 1), note("K", 2), note("K", 3))
    (other,) = post.keep(note("L", 1))
    (elsewhere,) = post.keep(note("K", 4), endpoint="warehouse")
    assert sorted(post.due()) == sorted([first, other, elsewhere])
    assert post.due() == []
    post.deliverer.deliver(first)
    assert post.due() == [second]
    post.failing(Transient("503"))
    post.deliverer.deliver(second)
    assert post.due() == [], "the third waits until the second is settled"
    post.do = lambda delivery: Sent("200")
    post.make_due()
    assert post.due() == [second]
    post.deliverer.deliver(second)
    assert post.due() == [third]


def test_messages_recorded_together_are_delivered_in_their_order_whatever_their_types_and_identities(post: Post) -> None:
    messages = [note("K", number) for number in (9, 3, 7, 1, 8)]
    ids = post.keep(*messages)
    assert ids == sorted(ids)


def test_a_dead_delivery_does_not_hold_up_those_behind_it(post: Post) -> None:
    first, second = post.keep(note("K", 1), note("K", 2))
    post.failing(Refused("410"))
    post.deliverer.deliver(first)
    assert post.status(first) == ("dead", 1)
    assert post.due() == [second]


def ailing(post: Post) -> list[str]:
    """An endpoint that failed often enough for its circuit to open; deliveries of other keys that wait for it."""
    ids = post.keep(*(note(f"K{n}") for n in range(CIRCUIT_OPENS_AT + 3)))
    post.failing(Transient("503"))
    for delivery_id in ids[:CIRCUIT_OPENS_AT]:
        post.deliverer.deliver(delivery_id)
    return ids


def test_an_endpoint_that_fails_again_and_again_is_left_alone_for_a_while(post: Post) -> None:
    began = post.clock()
    ailing(post)
    (circuit,) = post.rows("SELECT endpoint, failures, open_until FROM circuits")
    assert (circuit.endpoint, circuit.failures) == ("shop", CIRCUIT_OPENS_AT)
    assert began <= circuit.open_until - 10 * SECOND <= post.clock()
    post.stay_open()
    (healthy,) = post.keep(note("W"), endpoint="warehouse")
    assert post.due() == [healthy]


def test_an_ailing_endpoint_is_probed_with_one_delivery_and_the_first_success_closes_its_circuit(post: Post) -> None:
    ailing(post)
    post.make_due()
    began = post.clock()
    (probe,) = post.due()
    held_back = [row.next_at for row in post.rows("SELECT next_at FROM deliveries WHERE status = 'pending'")]
    assert len(held_back) == CIRCUIT_OPENS_AT + 2
    assert all(began <= due_at - PROBE_PAUSE * SECOND <= post.clock() for due_at in held_back)
    post.do = lambda delivery: Sent("200")
    post.deliverer.deliver(probe)
    assert post.rows("SELECT count(*) AS n FROM circuits")[0].n == 0
    post.make_due()
    assert len(post.due()) == CIRCUIT_OPENS_AT + 2


def test_a_probe_that_fails_doubles_the_pause_of_the_circuit(post: Post) -> None:
    ailing(post)
    post.make_due()
    (probe,) = post.due()
    began = post.clock()
    post.deliverer.deliver(probe)
    (circuit,) = post.rows("SELECT failures, open_until FROM circuits")
    assert circuit.failures == CIRCUIT_OPENS_AT + 1
    assert began <= circuit.open_until - 20 * SECOND <= post.clock()


def test_a_delivery_that_was_lost_on_its_way_to_a_worker_is_handed_on_again(post: Post) -> None:
    (delivery_id,) = post.keep(note("K"))
    assert post.due() == [delivery_id]
    assert post.due() == []
    with post.database.transaction() as tx:
        tx.run("UPDATE deliveries SET next_at = {now} - 1")
    assert post.due() == [delivery_id]


def test_an_endpoint_that_is_gone_from_the_configuration_makes_its_deliveries_dead_not_lost(post: Post) -> None:
    (delivery_id,) = post.keep(note("K"), endpoint="gone")
    post.deliverer.deliver(delivery_id)
    assert post.status(delivery_id) == ("dead", 1)
    assert post.rows("SELECT outcome FROM attempts")[0].outcome == "misconfigured"
    assert post.sent == []
