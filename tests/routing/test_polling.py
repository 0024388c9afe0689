"""Polling: pages and their watermark are kept together, one worker at a time, failures wait, and a crash costs nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from canonical.failures import Conflict, Misconfigured, Throttled, Transient
from connectors.base import Accepted, Connector, Endpoint, Identified, Polled, Polling, RawMessage
from mappings.translation import OWN_SPECS, Settings, Translations
from routing.intake import Intake, UnknownEndpoint
from routing.polling import LONGEST_PAUSE, BeingPolled, Poller, PollResult, pause_after
from routing.routes import Router
from store import archive, leases, polls
from store.database import Database
from tests.routing.conftest import ToToy

TRANSLATIONS = Translations.load(OWN_SPECS)


def cancelled(order_no: str) -> bytes:
    """An `order.cancelled` in the hub's own JSON."""
    data = {"order_no": order_no, "lines": [{"line_no": "1", "qty": "1"}], "reason_code": "x", "requested_by": "buyer"}
    return orjson.dumps({"type": "order.cancelled", "data": data})


@dataclass
class Partner:
    """A partner with pages of news, each under the watermark behind it, and a hub that polls it. asked: with which watermarks."""

    database: Database
    pages: list[list[bytes]] = field(default_factory=list)
    breaks_after: int | None = None
    failure: Exception = field(default_factory=lambda: Transient("gone away"))
    asked: list[str | None] = field(default_factory=list)
    settled: list[list[Accepted]] = field(default_factory=list)

    def __post_init__(self) -> None:
        connector = Connector(
            "canonical", "events", identify=lambda raw, endpoint: Identified("order.cancelled"), poll=self.poll,
            authenticate=lambda raw, endpoint: None,
        )  # fmt: skip
        endpoints = {
            "partner": Endpoint("partner", "partner", "canonical", polling=Polling(60.0)),
            "pushed": Endpoint("pushed", "partner", "canonical"),
        }
        router = Router(ToToy(), handlers=["toy"], partitions=2)
        settings = {name: Settings(endpoint=name) for name in endpoints}
        self.intake = Intake(self.database, {"canonical": connector}, endpoints, TRANSLATIONS, router, settings=settings)
        self.poller = Poller(self.intake, {})

    def poll(self, endpoint: Endpoint, watermark: str | None) -> Iterator[Polled]:
        self.asked.append(watermark)
        for number in range(int(watermark or 0), len(self.pages)):
            if number == self.breaks_after:
                raise self.failure
            raws = [RawMessage(endpoint.name, {}, body, datetime.now(UTC)) for body in self.pages[number]]
            yield Polled(raws, str(number + 1), lambda answers: self.settled.append(list(answers)))

    def count(self, table: str) -> int:
        with self.database.reading() as tx:
            return int(tx.rows(f"SELECT count(*) AS n FROM {table}")[0].n)

    def known(self) -> polls.Row:
        with self.database.reading() as tx:
            (row,) = polls.all_polls(tx)
        return row

    def age(self, seconds: float) -> None:
        """As if that much time had passed."""
        with self.database.transaction() as tx:
            tx.run(
                "UPDATE poll_watermarks SET asked_at = asked_at - :past, wait_until = wait_until - :past", past=int(seconds * 1e6)
            )


@pytest.fixture
def partner(database: Database) -> Partner:
    return Partner(database)


def test_pages_are_kept_and_the_next_poll_goes_on_behind_them(partner: Partner) -> None:
    partner.pages = [[cancelled("A"), cancelled("B")], [cancelled("C")]]
    assert partner.poller.poll("partner") == PollResult(pages=2, new=3, messages=3)
    assert [[one.status for one in page] for page in partner.settled] == [["accepted", "accepted"], ["accepted"]]
    partner.pages.append([cancelled("D")])
    assert partner.poller.poll("partner") == PollResult(pages=1, new=1, messages=1)
    assert partner.asked == [None, "2"]
    assert (partner.count("raw_messages"), partner.count("messages"), partner.count("outbox")) == (4, 4, 4)
    row = partner.known()
    assert (row.watermark, row.brought, row.failures, row.error) == ("3", 1, 0, None)


def test_a_poll_that_breaks_off_keeps_what_it_had_and_goes_on_from_there(partner: Partner) -> None:
    partner.pages = [[cancelled("A")], [cancelled("B")]]
    partner.breaks_after = 1
    with pytest.raises(Transient, match="gone away"):
        partner.poller.poll("partner")
    row = partner.known()
    assert (row.watermark, row.failures, row.error, row.polled_at) == ("1", 1, "gone away", None)
    partner.breaks_after = None
    assert partner.poller.poll("partner") == PollResult(pages=1, new=1, messages=1)
    assert partner.count("messages") == 2


def test_a_page_and_its_watermark_are_kept_together_or_not_at_all(partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    partner.pages = [[cancelled("A")]]

    def die(*_: object) -> None:
        raise Transient("killed")

    with monkeypatch.context() as patched:
        patched.setattr(polls, "advance", die)
        with pytest.raises(Transient, match="killed"):
            partner.poller.poll("partner")
    assert (partner.count("raw_messages"), partner.known().watermark, partner.settled) == (0, None, [])
    assert partner.poller.poll("partner").new == 1


def test_a_crash_behind_the_commit_brings_the_page_again_and_changes_nothing(partner: Partner) -> None:
    partner.pages = [[cancelled("A"), cancelled("B")]]
    partner.poller.poll("partner")
    with partner.database.transaction() as tx:
        polls.advance(tx, "partner", "0")
    assert partner.poller.poll("partner") == PollResult(pages=1, repeated=2)
    assert (partner.count("raw_messages"), partner.count("messages"), partner.count("outbox")) == (2, 2, 2)


def test_what_was_pushed_before_makes_no_second_message_when_it_is_polled(partner: Partner) -> None:
    partner.intake.accept(RawMessage("pushed", {}, cancelled("A"), datetime.now(UTC)))
    partner.pages = [[cancelled("A")]]
    assert partner.poller.poll("partner").new == 1
    assert (partner.count("raw_messages"), partner.count("messages"), partner.count("outbox")) == (2, 1, 1)


def test_what_comes_in_through_another_door_during_the_commit_is_found_by_looking_again(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner.pages = [[cancelled("A")]]
    record, calls = archive.record_raws, []

    def race(*given: object) -> None:
        calls.append(given)
        if len(calls) == 1:
            raise Conflict("the other door was first")
        record(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(archive, "record_raws", race)
    assert partner.poller.poll("partner").new == 1
    assert len(calls) == 2


def test_bad_documents_are_archived_and_the_watermark_moves_past_them(partner: Partner) -> None:
    partner.pages = [[b"{not json", cancelled("A")]]
    assert partner.poller.poll("partner") == PollResult(pages=1, new=2, messages=1, set_aside=1)
    assert [one.status for one in partner.settled[0]] == ["malformed", "accepted"]
    assert partner.known().watermark == "1"


def test_two_workers_do_not_poll_one_endpoint_at_once(partner: Partner) -> None:
    partner.pages = [[cancelled("A")]]
    with partner.database.transaction() as tx:
        leases.hold(tx, "poll partner", "another worker", seconds=3600)
    with pytest.raises(BeingPolled):
        partner.poller.poll("partner")
    assert (partner.asked, partner.count("raw_messages")) == ([], 0)


def test_a_worker_that_lost_its_turn_keeps_nothing_more(partner: Partner) -> None:
    partner.pages = [[cancelled("A")], [cancelled("B")]]

    def taken_over() -> None:
        with partner.database.transaction() as tx:
            tx.run("UPDATE leases SET holder = 'another worker', token = token + 1")

    endpoint = partner.intake.endpoints["partner"]
    connector = partner.intake.connectors["canonical"]
    assert connector.poll is not None
    pages = partner.poll(endpoint, None)

    def slow(endpoint: Endpoint, watermark: str | None) -> Iterator[Polled]:
        yield next(pages)
        taken_over()
        yield next(pages)

    object.__setattr__(connector, "poll", slow)
    with pytest.raises(BeingPolled):
        partner.poller.poll("partner")
    row = partner.known()
    assert (partner.count("messages"), row.watermark, row.failures) == (1, "1", 0)


def test_an_endpoint_is_due_once_per_pause(partner: Partner) -> None:
    assert partner.poller.due() == ["partner"]
    assert partner.poller.due() == []
    partner.age(20)
    assert partner.poller.due() == []
    partner.age(40)
    assert partner.poller.due() == ["partner"]
    partner.poller.take_back(["partner"])
    assert partner.poller.due() == ["partner"]


def test_a_poll_that_was_handed_out_and_never_ended_is_due_again_when_its_process_starts_over(partner: Partner) -> None:
    partner.poller.due()
    with partner.database.transaction() as tx:
        leases.hold(tx, "poll partner", "dead", seconds=3600)
        polls.start_over(tx)
    assert partner.poller.due() == ["partner"]
    partner.poller.poll("partner")
    with partner.database.transaction() as tx:
        polls.start_over(tx)
    assert partner.poller.due() == []


def test_a_failing_partner_is_left_alone_longer_and_longer(partner: Partner) -> None:
    partner.pages, partner.breaks_after = [[cancelled("A")]], 0
    for failures in range(1, 4):
        began = datetime.now(UTC)
        with pytest.raises(Transient):
            partner.poller.poll("partner")
        ended, row, pause = datetime.now(UTC), partner.known(), timedelta(seconds=60 * 2**failures)
        assert (row.failures, began + pause / 2 <= row.wait_until <= ended + pause) == (failures, True)
    partner.age(61)
    assert partner.poller.due() == []
    partner.age(600)
    assert partner.poller.due() == ["partner"]
    partner.breaks_after = None
    partner.poller.poll("partner")
    assert (partner.known().failures, partner.known().wait_until) == (0, None)


def test_pauses_grow_to_an_hour_or_to_the_endpoints_own_pause() -> None:
    assert all(0.5 * LONGEST_PAUSE <= pause_after(n, 60.0) <= LONGEST_PAUSE for n in (7, 50, 5000))
    assert 43200 <= pause_after(3, 86400.0) <= 86400


def test_a_partner_that_names_a_pause_gets_it(partner: Partner) -> None:
    partner.pages, partner.breaks_after, partner.failure = [[b""]], 0, Throttled("slow down", after=900.0)
    began = datetime.now(UTC)
    with pytest.raises(Throttled):
        partner.poller.poll("partner")
    assert began <= partner.known().wait_until - timedelta(seconds=900) <= datetime.now(UTC)


def test_a_fault_of_our_own_is_written_down_like_any_other_failure(partner: Partner) -> None:
    partner.pages, partner.breaks_after, partner.failure = [[b""]], 0, KeyError("orders")
    with pytest.raises(KeyError):
        partner.poller.poll("partner")
    assert partner.known().error == "KeyError: 'orders'"


def test_only_an_endpoint_with_a_poll_is_polled(partner: Partner) -> None:
    with pytest.raises(Misconfigured, match=r"no endpoint 'pushed' that is polled\. There are partner"):
        partner.poller.poll("pushed")


def test_nobody_can_post_to_an_endpoint_that_is_only_polled(partner: Partner) -> None:
    with pytest.raises(UnknownEndpoint):
        partner.intake.accept(RawMessage("partner", {}, cancelled("A"), datetime.now(UTC)))
