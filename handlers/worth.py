"""What quantities of an order are worth: the order's amounts split so that the parts always sum to the whole exactly.

Document allowances and charges are spread over the lines once (domain I13). What a shipment is worth is the worth of
everything shipped up to and with it, less the worth of what was shipped before (R9): rounding never adds up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from canonical.amounts import ZERO, rounded, spread
from canonical.documents.orders import OrderLine, OrderPlaced

Quantities = Mapping[str, Decimal]
"""{line_no: quantity in the line's unit}"""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an order in money; nets: {line_no: amount without tax}."""

    nets: dict[str, Decimal]
    tax: Decimal

    @property
    def net(self) -> Decimal:
        return sum(self.nets.values(), ZERO)

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


class Worth:
    """The amounts of one priced order, per line and per tax rate."""

    def __init__(self, order: OrderPlaced) -> None:
        self.currency = order.currency
        self.included = any(line.tax is not None and line.tax.included for line in order.lines)
        self.ordered = {line.line_no: line.qty.value for line in order.lines}
        self.rates: dict[Decimal, list[str]] = {}
        for line in order.lines:
            self.rates.setdefault(rate_of(line), []).append(line.line_no)
        self.amounts = self._amounts(order)
        self.taxes = self._taxes(order)
        self._plain = self.taxes == {rate: rounded(tax, self.currency) for rate, tax in self._due().items()}

    def between(self, before: Quantities, after: Quantities) -> Part:
        """The worth of what lies between two cumulative quantities; lines in `after` only. More than is ordered is worth more."""
        nets: dict[str, Decimal] = {}
        tax = ZERO
        for rate, line_nos in self.rates.items():
            moved = {no: self._amount(no, after.get(no, ZERO)) - self._amount(no, before.get(no, ZERO)) for no in line_nos}
            moved = {no: amount for no, amount in moved.items() if after.get(no, ZERO) > before.get(no, ZERO)}
            rate_tax = self._tax(rate, after) - self._tax(rate, before)
            tax += rate_tax
            nets |= self._without_tax(moved, rate_tax) if self.included else moved
        return Part(nets, tax)

    def _without_tax(self, amounts: dict[str, Decimal], tax: Decimal) -> dict[str, Decimal]:
        if not any(amounts.values()):
            return amounts
        shares = spread(tax, list(amounts.values()), self.currency)
        return {line_no: amount - share for (line_no, amount), share in zip(amounts.items(), shares, strict=True)}

    def _amount(self, line_no: str, qty: Decimal) -> Decimal:
        ordered, amount = self.ordered[line_no], self.amounts[line_no]
        return amount if qty == ordered else rounded(amount * qty / ordered, self.currency)

    def _tax(self, rate: Decimal, upto: Quantities) -> Decimal:
        """Tax of one rate on everything up to these quantities (I11: rounded once per rate, not per line): by the rate, so that it
        does not move with what else is ordered; where the order states another tax, its part of that."""
        line_nos, total = self.rates[rate], self.taxes[rate]
        if all(upto.get(no, ZERO) == self.ordered[no] for no in line_nos):
            return total
        part = sum((self._amount(no, upto.get(no, ZERO)) for no in line_nos), ZERO)
        if self._plain:
            return rounded(self._tax_on(rate, part), self.currency)
        whole = sum((self.amounts[no] for no in line_nos), ZERO)
        return rounded(total * part / whole, self.currency) if whole else ZERO

    def _amounts(self, order: OrderPlaced) -> dict[str, Decimal]:
        """Line amounts after their share of the document's allowances and charges."""
        amounts = [rounded(amount_of(line), order.currency) for line in order.lines]
        extra = sum((c.amount for c in order.doc_charges), ZERO) - sum((a.amount for a in order.doc_allowances), ZERO)
        if extra:
            weights = amounts if sum(amounts, ZERO) else [Decimal(1)] * len(amounts)
            shares = spread(rounded(extra, order.currency), weights, order.currency)
            amounts = [amount + share for amount, share in zip(amounts, shares, strict=True)]
        return {line.line_no: amount for line, amount in zip(order.lines, amounts, strict=True)}

    def _taxes(self, order: OrderPlaced) -> dict[Decimal, Decimal]:
        """Tax per rate: computed, or what the order states spread over its rates."""
        due = self._due()
        if order.totals is None:
            return {rate: rounded(tax, order.currency) for rate, tax in due.items()}
        weights = list(due.values()) if sum(due.values(), ZERO) else [Decimal(1)] * len(due)
        return dict(zip(due, spread(rounded(order.totals.tax, order.currency), weights, order.currency), strict=True))

    def _due(self) -> dict[Decimal, Decimal]:
        """Tax per rate, not rounded."""
        return {rate: self._tax_on(rate, sum((self.amounts[no] for no in line_nos), ZERO)) for rate, line_nos in self.rates.items()}

    def _tax_on(self, rate: Decimal, amount: Decimal) -> Decimal:
        return amount * rate / (100 + rate if self.included else 100)


def billed(order: OrderPlaced) -> bool:
    """Whether its goods are billed when they leave. What fills up goods that lie with a buyer stays ours, and is billed by the
    order of what was used of it."""
    return order.kind != "consignment_replenish"


def priced(order: OrderPlaced) -> bool:
    """Whether every line has a price, or is free, or needs none."""
    for line in order.lines:
        if line.unit_price is None and line.line_amount is None and not line.free_of_charge:
            return not billed(order)
    return True


def rate_of(line: OrderLine) -> Decimal:
    """The tax rate of a line in percent; 0 where it states none."""
    return line.tax.rate_pct if line.tax is not None else ZERO


def amount_of(line: OrderLine) -> Decimal:
    """The amount of a line as stated, else quantity x price + charges - allowances; 0 for a free one."""
    if line.line_amount is not None:
        return line.line_amount
    extra = sum((c.amount for c in line.charges), ZERO) - sum((a.amount for a in line.allowances), ZERO)
    return line.qty.value * (line.unit_price or ZERO) / line.price_base_qty + extra
