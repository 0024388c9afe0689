"""What was billed of an order, credited, paid, taken back and given up, summed up from its facts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from canonical.amounts import ZERO
from handlers.order.facts import Facts


@dataclass(frozen=True, slots=True)
class Money:
    """Amounts of one order. paid: what settles its invoices; went_back: of payments that may settle them, to their payers, from the
    first invoice on, for that tells of money that came and went back before the order did."""

    invoiced: Decimal = ZERO
    credited: Decimal = ZERO
    paid: Decimal = ZERO
    went_back: Decimal = ZERO
    written_off: Decimal = ZERO

    @property
    def balance(self) -> Decimal:
        """What the invoices lack; below zero where more was paid."""
        return self.invoiced - self.credited - self.written_off - self.paid


def money_of(facts: Facts) -> Money:
    """The amounts these facts lead to."""
    invoiced = [Decimal(one["gross"]) for number, one in facts.invoices.items() if number not in facts.voided]
    return Money(
        sum(invoiced, ZERO),
        sum((Decimal(one["gross"]) for one in facts.credits.values()), ZERO),
        _sum(facts.allocations.values()) - _sum(facts.undone.values()),
        sum((Decimal(amount) for amount in facts.withdrawn.values()), ZERO) if invoiced else ZERO,
        _sum(facts.written_off.values()),
    )


def first_due(facts: Facts) -> str | None:
    """The day the oldest invoice that lacks money is due; the beginning of time where a reminder holds the buyer's credit."""
    due = []
    for number, invoice in facts.invoices.items():
        if number in facts.voided or invoice.get("due") is None:
            continue
        settled = _of(facts.allocations.values(), number) - _of(facts.undone.values(), number)
        settled += _of(facts.written_off.values(), number)
        settled += sum((Decimal(one["gross"]) for one in facts.credits.values() if one.get("of") == number), ZERO)
        if Decimal(invoice["gross"]) > settled:
            due.append("0001-01-01" if number in facts.dunned else invoice["due"])
    return min(due, default=None)


def _sum(entries: Iterable[Sequence[str]]) -> Decimal:
    return sum((Decimal(entry[0]) for entry in entries), ZERO)


def _of(entries: Iterable[Sequence[str]], invoice_no: str) -> Decimal:
    return _sum(entry for entry in entries if entry[1] == invoice_no)
