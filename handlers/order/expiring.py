"""An approval that nobody gave in time, nor anybody whom that escalates to: the order is on hold until it is asked for again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from canonical.documents.reviews import ReviewRequested
from canonical.envelope import Message
from handlers.order import answering, chain, recording
from handlers.order.books import Books, Order
from handlers.order.policies.approving import Answer, Request, expires_at, next_roles
from handlers.order.policies.base import Decision
from handlers.order.policies.settings import ApprovalSettings

KIND = "approval"
"""Of the review that the clock asks for."""
EXPIRED = "A_EXPIRED"


def expiry_of(approval: Mapping[str, Any], settings: ApprovalSettings) -> datetime | None:
    """When what is asked (`facts.approval`) expires; None where nobody is asked."""
    if not approval:
        return None
    return expires_at(*_asked(approval), settings)


def expire(books: Books, order: Order, review: ReviewRequested, message: Message) -> None:
    """Hold the order, unless somebody has answered since, or it was asked for anew."""
    facts, settings = order.facts, books.settings.approval
    if EXPIRED in facts.holds or expiry_of(facts.approval, settings) != review.looked_at:
        return
    request, answers = _asked(facts.approval)
    owner = next_roles(request, answers, books.now, settings)[-1]
    facts.holds[EXPIRED] = {"owner": owner, "step": "person"}
    order.restate()
    text = f"nobody has approved it within {settings.answer_within}"
    inputs = {"role": owner, "asked_at": request.asked_at.isoformat(), "expired_at": str(review.looked_at)}
    recording.record(books, order, "expire", message, [Decision("approval", "hold", EXPIRED, None, text, inputs)])
    answering.hold(books, order, chain.again(books, order), message)


def ask_again(order: Order, now: datetime) -> None:
    """Its time begins anew; the answers so far stand."""
    if order.facts.approval:
        order.facts.approval["request"]["asked_at"] = now.isoformat()


def _asked(approval: Mapping[str, Any]) -> tuple[Request, list[Answer]]:
    return Request.from_json(approval["request"]), [Answer.from_json(one) for one in approval["answers"]]
