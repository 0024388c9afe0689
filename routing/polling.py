"""Polling: an endpoint is asked for news page by page; each page is archived in one transaction with the watermark behind it.

A crash between two pages, or before a file is moved away, brings a page once more: what is known already changes nothing.
"""

import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from canonical.failures import Conflict, Failure, Misconfigured, Throttled, Transient
from canonical.ids import new_id
from canonical.nearest import unknown
from connectors.base import Accepted, Connector, Endpoint, Poll, Polled, Source
from connectors.number_polling import NumberPolling
from connectors.settings import polling_of
from routing.intake import Intake
from routing.keeping import Prepared, keep
from store import leases, polls, shipments
from store.database import Transaction

log = logging.getLogger("orderlane.polling")

LEASE_SECONDS = 300
LONGEST_PAUSE = 3600.0
"""Between two polls of an endpoint that fails, where it is not asked even more seldom."""


class BeingPolled(Transient):
    """Another worker polls this endpoint at this moment."""


@dataclass(frozen=True, slots=True)
class PollResult:
    """What a poll brought: pages, raw messages that are new or known already, messages made of the new ones, and how many of
    these were set aside."""

    pages: int = 0
    new: int = 0
    repeated: int = 0
    messages: int = 0
    set_aside: int = 0

    def plus(self, answers: Sequence[Accepted]) -> "PollResult":
        """With one more page."""
        new = [one for one in answers if not one.repeated]
        return PollResult(
            self.pages + 1,
            self.new + len(new),
            self.repeated + len(answers) - len(new),
            self.messages + sum(len(one.message_ids) for one in new),
            self.set_aside + sum(one.status not in ("accepted", "untranslated") for one in new),
        )


@dataclass(frozen=True, slots=True)
class Poller:
    """Polls the endpoints that are to be asked. sources: ways to fetch files, by name."""

    intake: Intake
    sources: Mapping[str, Source]

    def due(self) -> list[str]:
        """Endpoints whose time has come, each handed out once. Transient: database down."""
        every = {name: one.polling.every for name, one in self.intake.endpoints.items() if one.polling is not None}
        if not every:
            return []
        with self.intake.database.transaction() as tx:
            return polls.claim_due(tx, every)

    def take_back(self, names: Sequence[str]) -> None:
        """These were handed out and could not be handed on: they are due again."""
        with self.intake.database.transaction() as tx:
            polls.take_back(tx, names)

    def poll(self, name: str) -> PollResult:
        """Ask one endpoint now. BeingPolled while another worker does; otherwise a failure of a poll that broke off is written
        down with the pause until the next one, and raised. What was kept by then stays."""
        endpoint, ask = self._asked(name)
        turn = _Turn(self.intake, endpoint, new_id())
        watermark = turn.begin()
        result = PollResult()
        try:
            for page in ask(endpoint, watermark):
                answers = turn.keep(page)
                if page.settle is not None:
                    page.settle(answers)
                result = result.plus(answers)
        except BeingPolled:
            raise
        except Exception as error:
            turn.fail(error)
            raise
        turn.succeed(result)
        return result

    def _asked(self, name: str) -> tuple[Endpoint, Poll]:
        """The endpoint and the function that asks. Misconfigured where it is not to be asked."""
        endpoint = self.intake.endpoints.get(name)
        if endpoint is None or endpoint.polling is None:
            polled = [one.name for one in self.intake.endpoints.values() if one.polling is not None]
            raise Misconfigured(unknown("endpoint", name, polled, that="is polled"))
        wanted = endpoint.polling.source
        source = self.sources.get(wanted) if wanted else self.intake.connectors.get(endpoint.connector)
        ask = source.poll if source else None
        if isinstance(source, Connector) and source.track is not None:
            ask = self._tracking(source)
        if ask is None:
            raise Misconfigured(f"endpoint {name}: expected `poll: from`, one of {', '.join(sorted(self.sources))}")
        return endpoint, ask

    def _tracking(self, connector: Connector) -> Poll:
        """Asks a carrier about numbers that are still on their way, from behind the watermark on; behind the last one anew."""
        track = connector.track
        assert track is not None

        def ask(endpoint: Endpoint, watermark: str | None) -> Iterator[Polled]:
            settings = polling_of(endpoint, connector.poll_settings)
            assert isinstance(settings, NumberPolling)
            with self.intake.database.reading() as tx:
                numbers = shipments.under_way(tx, settings.carriers, after=watermark or "", limit=settings.most)
            yield from track(endpoint, numbers)
            if len(numbers) < settings.most:
                yield Polled([], "")

        return ask


@dataclass(frozen=True, slots=True)
class _Turn:
    """One poll of one endpoint, under a lease that every commit renews: a worker that lost it commits nothing more."""

    intake: Intake
    endpoint: Endpoint
    holder: str

    def begin(self) -> str | None:
        with self.intake.database.transaction() as tx:
            self._hold(tx)
            return polls.begin(tx, self.endpoint.name)

    def keep(self, page: Polled) -> list[Accepted]:
        prepared = [self.intake.prepare_fetched(raw) for raw in page.raws]
        try:
            return self._commit(prepared, page.watermark)
        except Conflict:  # the same came in through another door meanwhile: looking again finds it
            return self._commit(prepared, page.watermark)

    def _commit(self, prepared: Sequence[Prepared], watermark: str | None) -> list[Accepted]:
        with self.intake.database.transaction() as tx:
            self._hold(tx)
            answers = keep(tx, prepared)
            if watermark is not None:
                polls.advance(tx, self.endpoint.name, watermark)
            return answers

    def succeed(self, result: PollResult) -> None:
        with self.intake.database.transaction() as tx:
            polls.succeed(tx, self.endpoint.name, brought=result.new + result.repeated)
            leases.let_go(tx, self._lease, self.holder)
        told = {"endpoint": self.endpoint.name, "raws": result.new, "repeated": result.repeated, "set_aside": result.set_aside}
        log.info("polled", extra=told)

    def fail(self, error: Exception) -> None:
        """Write down why a poll broke off and how long the next one waits. Transient: database down."""
        told = str(error) if isinstance(error, Failure) else f"{type(error).__name__}: {error}"
        with self.intake.database.transaction() as tx:
            failures = polls.fail(tx, self.endpoint.name, error=told[:1000])
            polls.wait(tx, self.endpoint.name, seconds=self._pause(error, failures))
            leases.let_go(tx, self._lease, self.holder)
        log.warning("poll failed", extra={"endpoint": self.endpoint.name, "failures": failures, "error": told[:200]})

    def _pause(self, error: Exception, failures: int) -> float:
        every = self.endpoint.polling.every if self.endpoint.polling else 0.0
        asked_for = error.after if isinstance(error, Throttled) else 0.0
        return max(asked_for, pause_after(failures, every))

    def _hold(self, tx: Transaction) -> None:
        if leases.hold(tx, self._lease, self.holder, seconds=LEASE_SECONDS) is None:
            raise BeingPolled(f"endpoint {self.endpoint.name} is being polled already")

    @property
    def _lease(self) -> str:
        return f"{polls.LEASE}{self.endpoint.name}"


def pause_after(failures: int, every: float) -> float:
    """Seconds without a poll after so many failed ones in a row: the pause doubles up to an hour, with jitter."""
    return float(min(every * 2.0 ** min(failures, 20), max(LONGEST_PAUSE, every)) * random.uniform(0.5, 1.0))
