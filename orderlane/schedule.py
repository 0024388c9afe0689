"""What beat starts, and how often. When an endpoint is polled stands in the database: a restart neither forgets nor hurries it."""

from datetime import UTC, datetime
from typing import Any

from orderlane.celery_application import EXPIRE, FINANCE_DAY, LOOK_FOR_POLLS, REVIEW, SWEEP
from orderlane.hub import Hub

EVERY = {SWEEP: 30.0, EXPIRE: 60.0, REVIEW: 300.0, FINANCE_DAY: 300.0}
"""Seconds."""
LOOK_FOR_POLLS_EVERY = 5.0
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""The first sweep is due as soon as beat starts: health goes by it."""


def schedule(hub: Hub) -> dict[str, Any]:
    """The schedule of a hub, as Celery wants it; polls are looked for where an endpoint has any."""
    polled = any(endpoint.polling for endpoint in hub.endpoints.values())
    every = EVERY | ({LOOK_FOR_POLLS: LOOK_FOR_POLLS_EVERY} if polled else {})
    entries: dict[str, dict[str, Any]] = {task: {"task": task, "schedule": seconds} for task, seconds in every.items()}
    entries[SWEEP]["last_run_at"] = LONG_AGO
    return entries
