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
    books.runs.append(
        {
            "order_no": order.order_no, "seq": order.facts.runs, "step": step, "cause": cause.message_id,
            "decided_at": to_micros(books.now), "decisions": as_json(decisions),
        }
    )  # fmt: skip


def as_json(decisions: Iterable[Decision]) -> list[Any]:
    """`["customer pass", {"policy": "price", "result": "hold", "code": "P_FLOOR", ...}]`; equal plain ones once."""
    kept: list[Any] = []
    plain: set[str] = set()
    for policy, result, code, line_no, text, inputs, considered in decisions:
        if result == "unchecked" or not (code or text or inputs or considered):
            words = f"{policy} {result}"
            if words not in plain:
                plain.add(words)
                kept.append(words)
            continue
        told: dict[str, Any] = {"policy": policy, "result": result}
        if code:
            told["code"] = code
        if line_no:
            told["line_no"] = line_no
        if text:
            told["text"] = text
        if inputs:
            told["inputs"] = inputs
        if considered:
            told["considered"] = considered.kept if isinstance(considered, Considered) else considered
        kept.append(told)
    return kept


def from_json(kept: Iterable[Any]) -> list[dict[str, Any]]:
    """The decisions behind `as_json`, plain ones with policy and result only."""
    return [dict(zip(("policy", "result"), one.split(" ", 1), strict=True)) if isinstance(one, str) else one for one in kept]
