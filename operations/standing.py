"""How messages stand with their channels, told from what is written about them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import orjson

from operations.views import ChannelStanding, MessageSummary, Standing
from store import queries
from store.database import Row, Transaction, from_micros

ORDER: tuple[Standing, ...] = ("kept", "sent", "handled", "discarded", "on_its_way", "parked", "retrying", "dead")
KINDS: dict[str, tuple[int, Standing]] = {
    "handled": (0, "handled"),
    "delivery sent": (0, "sent"),
    "delivery discarded": (0, "discarded"),
    "delivery dead": (0, "dead"),
    "delivery pending": (0, "on_its_way"),
    "delivery queued": (0, "on_its_way"),
    "discarded": (1, "discarded"),
    "dead": (1, "dead"),
    "retrying": (2, "retrying"),
    "parked": (3, "parked"),
    "replayed": (4, "on_its_way"),
    "recovered": (4, "on_its_way"),
    "outbox": (5, "on_its_way"),
}
"""Each kind of record: which one counts where several speak of a channel (the smallest), and what it says."""


def summaries(tx: Transaction, heads: Sequence[Row]) -> list[MessageSummary]:
    """Summaries of these message heads, in their order."""
    known: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in queries.standings(tx, [head.message_id for head in heads]):
        known[row.message_id, row.channel].append(row)
    return [_summary(head, [_channel(c, known[head.message_id, c]) for c in orjson.loads(head.channels)]) for head in heads]


def _summary(head: Row, channels: list[ChannelStanding]) -> MessageSummary:
    return MessageSummary(
        message_id=head.message_id,
        type=head.type,
        source=head.source,
        subject=head.subject,
        occurred_at=from_micros(head.occurred_at),
        recorded_at=from_micros(head.recorded_at),
        correlation_id=head.correlation_id,
        causation_id=head.causation_id,
        raw_id=head.raw_id,
        standing=max((c.standing for c in channels), key=ORDER.index, default="kept"),
        channels=channels,
    )


def _channel(channel: str, written: Sequence[Row]) -> ChannelStanding:
    """A channel nothing is written about has the message in its queue."""
    if not written:
        return ChannelStanding(channel=channel, standing="on_its_way")
    row = min(written, key=lambda r: KINDS[r.kind][0])
    standing = KINDS[row.kind][1]
    settled = standing in {"handled", "sent", "discarded", "dead"}
    return ChannelStanding(
        channel=channel,
        standing=standing,
        since=instant(row.at),
        next_at=None if settled else instant(row.until),
        attempts=row.times,
        detail=row.detail,
    )


def instant(micros: int | None) -> datetime | None:
    """The instant, None for none and for 0 (at once)."""
    return from_micros(micros) if micros else None
