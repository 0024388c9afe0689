"""What the buyer gets back for goods that came back, where the return states it: by line, or as a whole (domain R10)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from canonical.amounts import ZERO, rounded, spread
from canonical.documents.returns import ReturnReceived
from handlers.invoice.accounts import Invoice
from handlers.invoice.crediting import Taken

Share = tuple[Invoice, dict[str, Decimal]]
"""(invoice, {line_no: quantity})"""
Amounts = dict[str, Decimal]
"""{line_no: amount with tax}"""


def stated_amounts(
    document: ReturnReceived, shares: Sequence[Share], wanted: Mapping[str, Decimal], before: Mapping[str, Taken]
) -> list[Amounts]:
    """For every share, what is stated to go back for its goods; lines of which nothing is stated are left out. before: what was
    credited of the return before; wanted: the quantities without that.

    A line's own amount counts, else its part of the refund as a whole, by what was billed. Parts sum to what is stated.
    """
    if not shares:
        return []
    currency = shares[0][0].currency
    by_line = _by_line(document)
    if not by_line and document.refund is not None and document.refund.currency == currency:
        by_line = _spread_over(document.refund.amount, shares, currency)
    gone = {no: taken.net + taken.tax for no, taken in before.items()}
    left, quantities = {no: max(ZERO, amount - gone.get(no, ZERO)) for no, amount in by_line.items()}, dict(wanted)
    found: list[Amounts] = []
    for _, goods in shares:
        amounts = {no: _part(left[no], qty, quantities[no], currency) for no, qty in goods.items() if no in left}
        for line_no, amount in amounts.items():
            left[line_no] -= amount
            quantities[line_no] -= goods[line_no]
        found.append(amounts)
    return found


def _by_line(document: ReturnReceived) -> Amounts:
    amounts: Amounts = {}
    for line in document.credited_lines:
        if line.amount is not None:
            amounts[line.line_no] = amounts.get(line.line_no, ZERO) + abs(line.amount)
    return amounts


def _spread_over(refund: Decimal, shares: Sequence[Share], currency: str) -> Amounts:
    """The refund over the lines that come back, by what was billed for them."""
    worth: Amounts = {}
    for invoice, goods in shares:
        for line in invoice.document.lines:
            if line.line_no in goods:
                gross = line.net * (100 + line.tax_rate_pct) / 100 * goods[line.line_no] / line.qty
                worth[line.line_no] = worth.get(line.line_no, ZERO) + gross
    if not any(worth.values()):
        return {}
    return dict(zip(worth, spread(rounded(abs(refund), currency), list(worth.values()), currency), strict=True))


def _part(amount: Decimal, qty: Decimal, of: Decimal, currency: str) -> Decimal:
    return rounded(amount if qty >= of else amount * qty / of, currency)
