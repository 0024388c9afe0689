"""Adjusting stock by hand: goods found, lost, spoilt, or of another status now. A message like a warehouse's, and an audit
entry."""

from datetime import UTC, date, datetime
from decimal import Decimal

from canonical.documents.stock import StockItem, StockLevel
from canonical.envelope import told_message
from canonical.ids import new_id
from operations.access import Operations
from operations.choices import GoodsStatus
from operations.deciding import PEOPLE
from operations.failing import NotPossible
from operations.views import View
from store import archive, auditing


class Adjusted(View):
    """An adjustment that is on its way to stock, as a message."""

    item: str
    location: str
    message_id: str


def adjust(
    hub: Operations,
    item: str,
    location: str,
    qty: Decimal,
    *,
    actor: str,
    reason: str,
    lot: str | None = None,
    serial: str | None = None,
    expiry: date | None = None,
    status: GoodsStatus = "released",
    becomes: GoodsStatus | None = None,
) -> Adjusted:
    """So much more (or, negative, less) lies there; or, with `becomes`, so much is of another status now. NotPossible for nothing,
    and for a change of status that is not positive."""
    if qty == 0 or (becomes is not None and (qty < 0 or becomes == status)):
        raise NotPossible("expected a quantity other than zero; for another status one above zero, and a status that is another")
    goods = StockItem(item=item, on_hand=qty, lot=lot, serial=serial, expiry=expiry, status=status)
    items = (goods,) if becomes is None else (
        goods.model_copy(update={"on_hand": -qty}), goods.model_copy(update={"status": becomes}),
    )  # fmt: skip
    now, number = datetime.now(UTC), new_id()
    document = StockLevel(
        location=location, as_of=now, mode="delta", reference=f"adjustment {number}", items=items,
        references={"actor": actor, "reason": reason},
    )  # fmt: skip
    message = told_message(document, source=PEOPLE, correlation_id=number, now=now)
    with hub.database.transaction() as tx:
        archive.record_messages(tx, hub.intake.router.routed([message]))
        auditing.record(tx, [message.message_id], actor=actor, action="adjust stock", reason=reason)
    return Adjusted(item=item, location=location, message_id=message.message_id)
