"""What a payment is for: the references it names (domain R10, T1), and what fits it where it names none (T2 to T4)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from canonical.documents.finance import Payer, PaymentReceived
from handlers.lookup.payers import account_key

TOKEN = re.compile(r"[^\s,;:()\[\]<>\"']+")
MOST_TOKENS = 40
MOST_ITEMS = 15
"""Of so many open invoices sums are tried (T3)."""
AMBIGUOUS = "A_AMBIGUOUS_PAYMENT"
RETURN_CURRENCY, RETURNED_TOO_MUCH = "return_currency", "returned_too_much"
"""Something went back in another currency, so nobody can say how much of it; more went back than had come."""


@dataclass(frozen=True, slots=True)
class Open:
    """An invoice that lacks money."""

    invoice_no: str
    amount: int
    due_on: str


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule found. kind: amount (T2), sum (T3), oldest_first (T4). parts: {invoice number: amount}. ambiguous: there are
    several ways, so a person has to say."""

    kind: str = ""
    parts: tuple[tuple[str, int], ...] = ()
    ambiguous: bool = False


def references(payment: PaymentReceived) -> set[str]:
    """What the payment names, and every word of its text with a digit in it: an order or invoice number, maybe later."""
    words = TOKEN.findall(payment.remittance_text or "")
    tokens = (word.rstrip(".!?") for word in words if any(c.isdigit() for c in word))
    named = {*payment.refs, *([payment.order_no] if payment.order_no else ())}
    return {*named, *list(dict.fromkeys(tokens))[:MOST_TOKENS]}


def payer_key(payer: Payer) -> str | None:
    """The payer's account as it is compared: without spaces, in upper case; None where none is told."""
    return (account_key(payer.account) or None) if payer.account else None


def match(amount: int, items: Sequence[Open], *, oldest_first: bool) -> Match:
    """What money without a reference settles among the open invoices of its payer: the one of exactly this amount (T2), the only
    set of at most 15 that sums to it (T3), or the oldest, where the customer wants that (T4). Two ways are no way."""
    if not items or amount <= 0:
        return Match()
    exact = [item for item in items if item.amount == amount]
    if len(exact) == 1:
        return Match("amount", ((exact[0].invoice_no, amount),))
    if exact:
        return Match(ambiguous=True)
    found = _sums_to(amount, items) if len(items) <= MOST_ITEMS else []
    if len(found) == 1:
        return Match("sum", tuple((item.invoice_no, item.amount) for item in found[0]))
    if found:
        return Match(ambiguous=True)
    return _oldest(amount, items) if oldest_first else Match()


def _sums_to(amount: int, items: Sequence[Open]) -> list[tuple[Open, ...]]:
    """The sets of items that sum to the amount; two are enough to know that there are several."""
    ways: dict[int, list[tuple[Open, ...]]] = {0: [()]}
    for item in items:
        for total, sets in list(ways.items()):
            more = total + item.amount
            if more <= amount:
                ways[more] = [*ways.get(more, []), *((*chosen, item) for chosen in sets)][:2]
    return ways.get(amount, [])


def _oldest(amount: int, items: Sequence[Open]) -> Match:
    parts: list[tuple[str, int]] = []
    for item in sorted(items, key=lambda i: (i.due_on, i.invoice_no)):
        part = min(amount, item.amount)
        if part <= 0:
            break
        parts.append((item.invoice_no, part))
        amount -= part
    return Match("oldest_first", tuple(parts))


def state_of(usable: int, allocated: int, reason: str | None) -> str:
    """The state of a payment of which so much is allocated; reason: why nothing is."""
    if usable <= 0:
        return "returned"
    if allocated == usable:
        return "allocated"
    if allocated:
        return "part_allocated"
    return "suspense" if reason else "deposit"


def reason_for_suspense(
    *, named: bool, found: bool, currencies: Iterable[str], currency: str, expected: int | None, ambiguous: bool
) -> str | None:
    """Why a payment that settles nothing yet has to be looked at by a person; None where it is money ahead (a deposit).

    named: it names anything; found: something of that is known; currencies: of what was found;
    expected: what the orders named still lack, in minor units, None where an order has no price yet.
    """
    if ambiguous:
        return AMBIGUOUS
    if not found:
        return "unknown_reference" if named else "no_reference"
    if currency not in currencies:
        return "currency"
    return "nothing_expected" if expected is not None and expected <= 0 else None
