"""What was decided about an order, as it is kept: one run a row, a decision that has nothing to tell as two words."""

from collections.abc import Iterable, Sequence
from typing import Any

from canonical.envelope import Message
from handlers.order.books import Books, Order
from handlers.order.policies.base import Considered, Decision
from store.database import to_micros


def record(books: Books, order: Order, step: str, cause: Message, decisions: Sequence[Decision]) -> None:
    """Keep one run: what was to be decided (`step`), what led to it, and every decision in order."""
    order.facts.runs += 1
    order.touch()
    books.runs.append((order.order_no, order.facts.runs, step, cause.message_id, to_micros(books.now), as_json(decisions)))


def as_json(decisions: Iterable[Decision]) -> list[Any]:
    """`["customer pass", {"policy": "price", "result": "hold", "code": "P_FLOOR", ...}]`; equal plain ones once."""
    kept: list[Any] = []
    plain: set[str] = set()
    for one in decisions:
        considered = one.considered
        if one.result == "unchecked" or not (one.code or one.text or one.inputs or considered):
            words = f"{one.policy} {one.result}"
            if words not in plain:
                plain.add(words)
                kept.append(words)
            continue
        told: dict[str, Any] = {"policy": one.policy, "result": one.result}
        if one.code:
            told["code"] = one.code
        if one.line_no:
            told["line_no"] = one.line_no
        if one.text:
            told["text"] = one.text
        if one.inputs:
            told["inputs"] = one.inputs
        if considered:
            told["considered"] = considered.kept if isinstance(considered, Considered) else considered
        kept.append(told)
    return kept


def from_json(kept: Iterable[Any]) -> list[dict[str, Any]]:
    """The decisions behind `as_json`, plain ones with policy and result only."""
    return [dict(zip(("policy", "result"), one.split(" ", 1), strict=True)) if isinstance(one, str) else one for one in kept]
