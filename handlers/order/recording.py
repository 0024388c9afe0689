"""What was decided about an order, as it is kept: one run a row, a decision that has nothing to tell as two words."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from canonical.envelope import Message
from handlers.order.books import Books, Order
from handlers.order.policies.base import Considered, Decision
from store.database import to_micros


def record(books: Books, order: Order, step: str, cause: Message, decisions: Sequence[Decision]) -> None:
    """Keep one run: what was to be decided (`step`), what led to it, and every decision in order."""
    order.facts.runs += 1
    order.touch()
    books.runs.append((order.order_no, order.facts.runs, step, cause.message_id, to_micros(books.now), written(decisions)))


def written(decisions: Iterable[Decision]) -> bytes:
    """`["customer pass", {"policy": "price", "result": "hold", "code": "P_FLOOR", ...}]`; equal plain ones once."""
    kept: list[str | Decision] = []
    for one in decisions:
        if one.result == "unchecked" or not (one.inputs or one.code or one.text or one.considered):
            words = f"{one.policy} {one.result}"
            if words not in kept:
                kept.append(words)
        else:
            kept.append(one)
    return WRITER.encode(kept)


def _as_kept(considered: Considered) -> msgspec.Raw:
    return considered.kept


WRITER = msgspec.json.Encoder(enc_hook=_as_kept)


def from_json(kept: Iterable[Any]) -> list[dict[str, Any]]:
    """The decisions behind `written`, plain ones with policy and result only."""
    return [dict(zip(("policy", "result"), one.split(" ", 1), strict=True)) if isinstance(one, str) else one for one in kept]
