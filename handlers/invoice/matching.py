"""What a payment is for: the references it names (domain R10, T1). Nothing is guessed, a reference is met exactly or not."""

import re
from collections.abc import Iterable

from canonical.documents.finance import PaymentReceived

TOKEN = re.compile(r"[^\s,;:()\[\]<>\"']+")
MOST_TOKENS = 40


def references(payment: PaymentReceived) -> set[str]:
    """What the payment names, and every word of its text with a digit in it: an order or invoice number, maybe later."""
    words = TOKEN.findall(payment.remittance_text or "")
    tokens = (word.rstrip(".!?") for word in words if any(c.isdigit() for c in word))
    return {*payment.refs, *list(dict.fromkeys(tokens))[:MOST_TOKENS]}


def state_of(amount: int, allocated: int, reason: str | None) -> str:
    """The state of a payment of which so much is allocated; reason: why nothing is."""
    if allocated == amount:
        return "allocated"
    if allocated:
        return "part_allocated"
    return "suspense" if reason else "deposit"


def invoice_state(gross: int, allocated: int) -> str:
    if allocated == gross:
        return "paid"
    return "part_paid" if allocated else "issued"


def reason_for_suspense(*, named: bool, found: bool, currencies: Iterable[str], currency: str, expected: int | None) -> str | None:
    """Why a payment that settles nothing yet has to be looked at by a person; None where it is money ahead (a deposit).

    named: it names anything; found: something of that is known; currencies: of what was found;
    expected: what the orders named still lack, in minor units, None where an order has no price yet.
    """
    if not named:
        return "no_reference"
    if not found:
        return "unknown_reference"
    if currency not in currencies:
        return "currency"
    return "nothing_expected" if expected is not None and expected <= 0 else None
