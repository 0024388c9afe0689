"""Goods that left beyond the order and are not billed go back first: nothing is credited for them. Reckoned by what the order
handler knows, so that both say the same of what has come back."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from canonical.amounts import ZERO
from canonical.documents.returns import ReturnReceived
from canonical.envelope import Message
from handlers.invoice.accounts import Account
from handlers.invoice.crediting import taken_back


def unheard(account: Account, document: ReturnReceived, message: Message) -> str | None:
    """The token of what the order has yet to hear of: the return itself, or goods that left before it. Nothing for a return under a
    name that only invoicing knows the order by."""
    named = document.order_no == account.stored.order_no or (document.order_no is None and document.shipment_no)
    if not named:
        return None
    billed = [invoice.kept.shipment_no for invoice in account.invoices if not invoice.void]
    for shipment_no in (*billed, document.shipment_no):
        if shipment_no and shipment_no not in account.facts.get("shipments", {}):
            return f"shipment:{shipment_no}"
    return None if message.identity in account.facts.get("returns", {}) else f"returned:{document.rma_no}"


def extra_of(account: Account) -> dict[str, Decimal]:
    """{line_no: quantity} that left beyond the order, whether somebody has let it be or not."""
    ordered = {line.line_no: line.qty.value for line in account.order.lines}
    left = _sums(shipment["lines"] for shipment in account.facts.get("shipments", {}).values())
    return {no: qty - ordered.get(no, ZERO) for no, qty in left.items() if qty > ordered.get(no, ZERO)}


def owed_for(
    account: Account, extra: Mapping[str, Decimal], wanted: Mapping[str, Decimal], message: Message
) -> tuple[dict[str, Decimal], bool]:
    """How much of goods that came back is to be credited, and whether the rest waits: for the extra to be billed, or let be."""
    owed, waits = dict(wanted), False
    if not extra:
        return owed, waits
    returns = account.facts.get("returns", {})
    back = _sums([*returns.values(), *([] if message.identity in returns else [wanted])])
    kept = _sums(account.facts.get("uncredited", {}).values())
    credited = taken_back([note.document for note in account.credits])
    accepted = account.accepted("S_OVER_SHIPPED")
    for line_no in wanted.keys() & extra.keys():
        due = max(ZERO, back.get(line_no, ZERO) - kept.get(line_no, ZERO) - extra[line_no])
        due -= credited[line_no].qty if line_no in credited else ZERO
        owed[line_no] = max(ZERO, min(wanted[line_no], due))
        waits = waits or (owed[line_no] < wanted[line_no] and extra[line_no] > accepted.get(line_no, ZERO))
    return owed, waits


def _sums(parts: Iterable[Mapping[str, Any]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for part in parts:
        for line_no, qty in part.items():
            sums[line_no] = sums.get(line_no, ZERO) + Decimal(qty)
    return sums
