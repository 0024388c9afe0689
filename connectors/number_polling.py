"""Asking a carrier about the numbers of shipments that are still on their way, so many at a time.

Which numbers these are comes from the hub's own shipments; each answer is one raw message, as the carrier gave it. A number the
carrier does not know (404) is asked about again the next time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from canonical.failures import Refused
from connectors.base import Endpoint, Polled, RawMessage
from connectors.http import Reply, ask
from connectors.rest_polling import Question
from connectors.settings import Asking, UsableUrl

UNKNOWN = "HTTP 404"


class NumberPolling(Asking):
    """What `poll` of a carrier that is asked by number may hold.

    url: where the carrier's API begins. carriers: whose shipments, by our words; all where none is named. most: numbers of one
    poll, the next one goes on behind them.
    """

    url: UsableUrl
    carriers: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()
    most: Annotated[int, Field(ge=1, le=10_000)] = 500


def poll_numbers(
    endpoint: Endpoint,
    settings: NumberPolling,
    numbers: Sequence[str],
    question: Callable[[Sequence[str]], Question],
    *,
    at_once: int = 1,
    headers: Mapping[str, str] | None = None,
    says_something: Callable[[Reply], bool] = lambda _: True,
) -> Iterator[Polled]:
    """What the carrier says of the numbers, `at_once` in one question; the watermark is the last number that was asked about.
    headers: what tells the connector which document an answer is. says_something: whether a good answer holds news; it raises what
    the carrier calls wrong in it. Failures of `connectors.http.ask`."""
    for start in range(0, len(numbers), at_once):
        some = numbers[start : start + at_once]
        asked = question(some)
        try:
            reply = ask(asked.url, settings, asked.headers, asked.body)
        except Refused as refused:
            if not str(refused).startswith(UNKNOWN):
                raise
            yield Polled([], some[-1])
            continue
        raws = [RawMessage(endpoint.name, dict(headers or {}), reply.body, datetime.now(UTC))] if says_something(reply) else []
        yield Polled(raws, some[-1])
