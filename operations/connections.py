"""How the hub stands with each endpoint: when it was last asked for news, and whether it is spared because it fails."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from pydantic import Field

from connectors.base import Endpoint
from operations.views import View
from store import deliveries, polls
from store.database import Row, Transaction


class PollView(View):
    """An endpoint that is asked for news."""

    endpoint: str
    every_seconds: float
    polled_at: datetime | None = Field(default=None, description="When a poll last came to its end.")
    brought: int = Field(default=0, description="Raw messages of that poll, known ones included.")
    failures: int = Field(default=0, description="Polls that failed since.")
    waits_until: datetime | None = Field(default=None, description="After a failure: no poll before this.")
    error: str | None = Field(default=None, description="Why the last poll failed.")
    late: bool = Field(default=False, description="It should have been polled long since: do beat and the workers run?")


class CircuitView(View):
    """An endpoint that failed on deliveries. While its circuit is open nothing is sent; then one delivery probes it."""

    endpoint: str
    failures: int = Field(description="In a row.")
    open_until: datetime | None = Field(default=None, description="Absent while there are too few failures to open it.")
    open: bool


def poll_views(tx: Transaction, endpoints: Mapping[str, Endpoint]) -> list[PollView]:
    """Every endpoint that is configured to be polled, also one that was not polled yet."""
    known = {row.endpoint: row for row in polls.all_polls(tx)}
    return list(_poll_views(endpoints, known))


def _poll_views(endpoints: Mapping[str, Endpoint], known: Mapping[str, Row]) -> Iterator[PollView]:
    for name, endpoint in sorted(endpoints.items()):
        if endpoint.polling is None:
            continue
        row = known.get(name)
        yield PollView(
            endpoint=name,
            every_seconds=endpoint.polling.every,
            polled_at=row.polled_at if row else None,
            brought=row.brought if row else 0,
            failures=row.failures if row else 0,
            waits_until=row.wait_until if row else None,
            error=row.error if row else None,
            late=row is not None and not row.failures and _is_late(row.polled_at, endpoint.polling.every),
        )


def _is_late(polled_at: datetime | None, every: float) -> bool:
    """Three polls are missing, and a minute has passed over it."""
    return polled_at is not None and datetime.now(UTC) - polled_at > timedelta(seconds=3 * every + 60)


def circuit_views(tx: Transaction) -> list[CircuitView]:
    """Every endpoint that failed since it last answered."""
    return [
        CircuitView(endpoint=row.endpoint, failures=row.failures, open_until=row.open_until, open=row.open)
        for row in deliveries.circuits(tx)
    ]
