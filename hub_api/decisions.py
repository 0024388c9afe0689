"""Deciding about what got stuck. Every decision names who made it and why, and is kept."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from canonical.documents.decisions import Verdict
from canonical.documents.order_changes import LineQty
from hub_api.access import Hub, require_operator, require_plain_text
from hub_api.pages import WantedPage
from hub_api.problems import described
from operations import replaying
from operations.adjusting import Adjusted, adjust
from operations.choices import GoodsStatus
from operations.closing import CaseClosed, close_case
from operations.deciding import Decided, decide
from operations.replaying import DeadEntry, DeadView, Moved
from operations.retranslating import Retranslated, retranslate
from operations.views import Page
from store.replaying import DeadFilter

router = APIRouter(
    dependencies=[Depends(require_operator), Depends(require_plain_text)],
    responses=described(401, 403, 422, 503),
    tags=["decisions"],
)

Words = Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\x00]+$")]
Filter = Annotated[str | None, Query(max_length=400)]
Number = Annotated[str, Field(pattern=r"^\d{1,12}(\.\d{1,6})?$", examples=["1123.22"])]
"""Exact: as text, never a float."""


def _some(number: str) -> str:
    if not Decimal(number):
        raise ValueError("expected more than zero")
    return number


class LinePart(BaseModel):
    """So much of one line."""

    model_config = ConfigDict(extra="forbid")

    line_no: Words
    qty: Annotated[Number, AfterValidator(_some)]

    def read(self) -> LineQty:
        return LineQty(line_no=self.line_no, qty=Decimal(self.qty))


class Decision(BaseModel):
    """Who decides, and why."""

    model_config = ConfigDict(extra="forbid")

    actor: Words = Field(examples=["li.wei"])
    reason: Words = Field(examples=["mapping mended"])


class Selection(Decision):
    """Which dead entries, oldest first; every filter given must match. most: how many at once."""

    channel: Words | None = None
    type: Words | None = None
    error: Words | None = Field(default=None, description="Part of the recorded reason, in any case.")
    most: int = Field(default=100, ge=1, le=replaying.MOST_AT_ONCE)


class Resend(Decision):
    resend: bool = Field(default=False, description="Also send again what the partner has taken already.")


class OrderVerdict(Decision):
    """What somebody decides about an order, in which role."""

    verdict: Verdict
    role: Words = Field(examples=["compliance"])
    codes: list[Words] = Field(
        default_factory=list, max_length=50, description="Holds to release or to place; all the role owns without any."
    )
    lines: list[LinePart] = Field(
        default_factory=list, max_length=1000, description="For cancel: what is taken back; everything open without any."
    )


@router.post("/orders/{order_no:path}/decisions", responses=described(404, 409))
def decide_order(hub: Hub, order_no: str, decision: OrderVerdict) -> Decided:
    """Decide about an order. 409 with the code of the refusal, and nothing changed, where it is not allowed."""
    return decide(
        hub, order_no, decision.verdict, actor=decision.actor, role=decision.role, reason=decision.reason, codes=decision.codes,
        lines=[line.read() for line in decision.lines],
    )  # fmt: skip


@router.get("/dead", responses=described(400))
def dead(
    hub: Hub,
    page: WantedPage,
    status: Literal["dead", "replayed", "recovered", "discarded"] = "dead",
    channel: Filter = None,
    type: Filter = None,
    error: Annotated[str | None, Query(max_length=400, description="Part of the recorded reason, in any case.")] = None,
) -> Page[DeadEntry]:
    """Messages that a handler or a delivery gave up on, oldest first."""
    return replaying.dead(hub.database, DeadFilter(status, channel, type, error), cursor=page.cursor, limit=page.limit)


@router.post("/dead/retry")
def retry_selected(hub: Hub, selection: Selection) -> Moved:
    """Give the oldest dead entries of a selection another chance, at most `most`; ask again for the next ones."""
    wanted = DeadFilter("dead", selection.channel, selection.type, selection.error)
    return replaying.retry_selected(hub, wanted, actor=selection.actor, reason=selection.reason, most=selection.most)


@router.get("/dead/{dead_id}", responses=described(404))
def dead_entry(hub: Hub, dead_id: str) -> DeadView:
    """One dead entry with its attempts and what was decided."""
    return replaying.show(hub.database, dead_id)


@router.post("/dead/{dead_id}/retry", responses=described(404, 409))
def retry(hub: Hub, dead_id: str, decision: Decision) -> Moved:
    """Give a dead entry another chance: the handler gets the message again, a delivery one more attempt."""
    return replaying.retry(hub, dead_id, actor=decision.actor, reason=decision.reason)


@router.post("/dead/{dead_id}/discard", responses=described(404, 409))
def discard(hub: Hub, dead_id: str, decision: Decision) -> Moved:
    """Give a dead entry up for good."""
    return replaying.discard(hub, dead_id, actor=decision.actor, reason=decision.reason)


@router.post("/messages/{message_id}/replay", responses=described(404))
def replay(hub: Hub, message_id: str, decision: Resend) -> Moved:
    """Send the same message again to every channel that has not dealt with it. What was handled is not handled twice."""
    return replaying.replay(hub, message_id, actor=decision.actor, reason=decision.reason, resend=decision.resend)


@router.post("/raw/{raw_id}/replay", responses=described(404, 409))
def replay_raw(hub: Hub, raw_id: str, decision: Decision) -> Retranslated:
    """Translate a raw message again that was not accepted, after its mapping or the configuration was mended."""
    return retranslate(hub, raw_id, actor=decision.actor, reason=decision.reason)


class Adjustment(Decision):
    """What somebody says of a shelf: so much more (negative: less), or, with `becomes`, so much of another status now."""

    location: Words
    qty: Decimal = Field(ge=-(10**12), le=10**12, decimal_places=6)
    lot: Words | None = None
    serial: Words | None = None
    expiry: date | None = None
    status: GoodsStatus = "released"
    becomes: GoodsStatus | None = None


@router.post("/stock/{item:path}/adjustments", status_code=202, responses=described(409))
def adjust_stock(hub: Hub, item: str, said: Adjustment) -> Adjusted:
    """Say what lies on a shelf otherwise than the books say; stock hears of it as a message."""
    return adjust(hub, item, **said.model_dump())


@router.post("/cases/{case_no:path}/close", responses=described(404, 409))
def close(hub: Hub, case_no: str, decision: Decision) -> CaseClosed:
    """Close a case that no later news explain: unfit goods that left, a sale outside the territory. Somebody has looked into it."""
    return close_case(hub, case_no, actor=decision.actor, reason=decision.reason)
