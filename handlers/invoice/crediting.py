"""Credit notes: what an invoice billed, taken back by quantity (goods that came back) or by amount (a price that was too high).

Parts always sum to the whole: when everything of an invoice is taken back, its credit notes sum to it exactly.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from canonical.amounts import ZERO, rounded, spread
from canonical.documents.finance import InvoiceIssued, InvoiceLine, InvoiceTotals
from canonical.documents.returns import ReturnReceived
from canonical.lean import lean
from canonical.values import LotRef

invoice_totals = lean(InvoiceTotals)

NOTHING: Mapping[str, Decimal] = {}
WITHHELD = ("withheld_net", "withheld_tax")
"""`references` of a credit note's line: what of the worth of the goods the buyer does not get back."""
PRICE = "price"
"""`references.correction` of a document by amount: its quantities do not count, neither as billed nor as taken back."""
REVISION = "order_revision"
"""`references` of a correction that follows a change of the order: the revision that it was worked out for."""
STATED = "refund_stated"
"""`references` of a credit note's line: what the buyer gets back by the return's own word, with tax, where nothing is withheld."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken back of one line: quantity, net and tax; and what of its worth the buyer does not get back."""

    qty: Decimal
    net: Decimal
    tax: Decimal
    withheld_net: Decimal = ZERO
    withheld_tax: Decimal = ZERO

    def at_most(self, gross: Decimal | None, currency: str) -> "Taken":
        """The same goods for so much with tax, where that is less; the tax falls with the net amount."""
        whole = self.net + self.tax
        if gross is None or gross >= whole:
            return self
        net = rounded(self.net * gross / whole, currency)
        withheld = self.withheld_net + self.net - net, self.withheld_tax + self.tax - (gross - net)
        return Taken(self.qty, net, gross - net, *withheld)

    def with_withheld(self) -> "Taken":
        """With the whole worth of the goods."""
        return Taken(self.qty, self.net + self.withheld_net, self.tax + self.withheld_tax)


def credit_goods(
    invoice: InvoiceIssued,
    before: Sequence[InvoiceIssued],
    goods: Mapping[str, Decimal],
    number: str,
    on: date,
    rma_no: str,
    stated: Mapping[str, Decimal] = NOTHING,
) -> InvoiceIssued:
    """The credit note for goods of an invoice; goods: {line_no: quantity}, at most what `before` (its credit notes) left.

    stated: {line_no: amount with tax} where the buyer gets back so much and not all that was billed; the rest is noted.
    """
    parts: dict[str, Taken] = {}
    taxes = _line_taxes(invoice)
    for line in invoice.lines:
        if line.line_no not in goods:
            continue
        cut = _taken(before, line.line_no, corrections=True)
        had = _taken(before, line.line_no, corrections=False).with_withheld()
        share = (had.qty + goods[line.line_no]) / line.qty
        net = rounded((line.net - cut.net) * share, invoice.currency) - had.net
        tax = rounded((taxes[line.line_no] - cut.tax) * share, invoice.currency) - had.tax
        part = Taken(goods[line.line_no], max(ZERO, net), max(ZERO, tax))
        parts[line.line_no] = part.at_most(stated.get(line.line_no), invoice.currency)
    return _note(invoice, parts, number, on, {"rma_no": rma_no}, stated)


def credit_amount(invoice: InvoiceIssued, before: Sequence[InvoiceIssued], net: Decimal, number: str, on: date) -> InvoiceIssued:
    """The credit note for an amount without tax, spread over what the lines are still worth."""
    taxes = _line_taxes(invoice)
    gone = {line.line_no: _sum(before, line.line_no) for line in invoice.lines}
    left = {line.line_no: max(ZERO, line.net - gone[line.line_no].net) for line in invoice.lines}
    untaxed = {line.line_no: max(ZERO, taxes[line.line_no] - gone[line.line_no].tax) for line in invoice.lines}
    whole = sum(left.values(), ZERO)
    nets = spread(net, list(left.values()), invoice.currency)
    parts = {
        line.line_no: Taken(line.qty, part, rounded(untaxed[line.line_no] * part / left[line.line_no], invoice.currency))
        for line, part in zip(invoice.lines, nets, strict=True)
        if part and whole
    }
    return _note(invoice, parts, number, on, {"correction": PRICE})


def limited(note: InvoiceIssued, gross: Decimal) -> InvoiceIssued:
    """The credit note for at most so much with tax. Of goods, what the buyer does not get back is noted."""
    if note.totals.gross <= gross:
        return note
    taxes, of_goods = _line_taxes(note), note.references.get("correction") != PRICE
    shares = spread(gross, [line.net + taxes[line.line_no] for line in note.lines], note.currency)
    lines = [(line, _taken([note], line.line_no, corrections=not of_goods)) for line in note.lines]
    parts = [part.at_most(share, note.currency) for (_, part), share in zip(lines, shares, strict=True)]
    cut = [part if of_goods else Taken(part.qty, part.net, part.tax) for part in parts]
    net, tax = sum((part.net for part in cut), ZERO), sum((part.tax for part in cut), ZERO)
    new = tuple(_line(line, part, None) for (line, _), part in zip(lines, cut, strict=True))
    return note.but(lines=new, totals=invoice_totals(net=net, tax=tax, gross=net + tax))


def stated_of(note: InvoiceIssued) -> dict[str, Decimal]:
    """{line_no: what the return itself said the buyer gets back, with tax} where that was stated."""
    taxes, found = _line_taxes(note), {}
    for line in note.lines:
        if STATED in line.references:
            found[line.line_no] = Decimal(line.references[STATED])
        elif WITHHELD[0] in line.references:
            found[line.line_no] = line.net + taxes[line.line_no]
    return found


def corrected(note: InvoiceIssued) -> bool:
    """Whether it is there because the order had changed."""
    return REVISION in note.references


def creditable(invoice: InvoiceIssued, before: Sequence[InvoiceIssued]) -> dict[str, Decimal]:
    """{line_no: quantity} that is billed and not taken back."""
    left = {line.line_no: line.qty - _taken(before, line.line_no, corrections=False).qty for line in invoice.lines}
    return {line_no: qty for line_no, qty in left.items() if qty > 0}


def taken_back(notes: Sequence[InvoiceIssued]) -> dict[str, Taken]:
    """{line_no: what} these credit notes took back of goods."""
    line_nos = dict.fromkeys(line.line_no for note in notes for line in note.lines)
    return {line_no: _taken(notes, line_no, corrections=False) for line_no in line_nos}


def creditable_net(invoice: InvoiceIssued, before: Sequence[InvoiceIssued]) -> Decimal:
    """What the invoice is still worth without tax."""
    return invoice.totals.net - sum((note.totals.net for note in before), ZERO)


def _note(
    invoice: InvoiceIssued, parts: Mapping[str, Taken], number: str, on: date, references: dict[str, str],
    stated: Mapping[str, Decimal] = NOTHING,
) -> InvoiceIssued:  # fmt: skip
    net = sum((part.net for part in parts.values()), ZERO)
    tax = sum((part.tax for part in parts.values()), ZERO)
    return invoice.but(
        invoice_no=number,
        tax_invoice_no=None,
        original_invoice_no=invoice.invoice_no,
        collected_in=None,
        kind="credit",
        issued_on=on,
        due_on=None,
        references=references | ({"collective_no": invoice.collected_in} if invoice.collected_in else {}),
        taxes=(),
        lines=tuple(_line(line, parts[line.line_no], stated.get(line.line_no)) for line in invoice.lines if line.line_no in parts),
        totals=invoice_totals(net=net, tax=tax, gross=net + tax),
    )


def with_lots(note: InvoiceIssued, document: ReturnReceived) -> InvoiceIssued:
    """A credit note for goods with the lots that came back, as far as the return tells those of just so much."""
    back: dict[str, tuple[LotRef, ...]] = {}
    for line in document.lines:
        back[line.line_no] = back.get(line.line_no, ()) + line.lots
    lines = [(line, back.get(line.line_no, ())) for line in note.lines]
    told = [line.but(lots=lots) if lots and sum((lot.qty for lot in lots), ZERO) == line.qty else line for line, lots in lines]
    return note.but(lines=tuple(told))


def _line(line: InvoiceLine, part: Taken, stated: Decimal | None) -> InvoiceLine:
    """The billed price stays where it explains the amount; otherwise the amount is told as a price for the whole quantity."""
    billed = line.unit_price * part.qty / line.price_base_qty
    priced: dict[str, Any] = {} if billed == part.net else {"unit_price": part.net, "price_base_qty": part.qty}
    if part.withheld_net or part.withheld_tax:
        priced["references"] = line.references | {WITHHELD[0]: str(part.withheld_net), WITHHELD[1]: str(part.withheld_tax)}
    elif stated is not None:
        priced["references"] = line.references | {STATED: str(stated)}
    lots = line.lots if part.qty == line.qty else ()  # of a part nobody can say which
    return line.but(qty=part.qty, net=part.net, allowances=(), charges=(), lots=lots, **priced)


def _line_taxes(invoice: InvoiceIssued) -> dict[str, Decimal]:
    """The invoice's tax per line, by largest remainder."""
    weights = [line.net * line.tax_rate_pct for line in invoice.lines]
    if not any(weights):
        return dict.fromkeys((line.line_no for line in invoice.lines), ZERO)
    shares = spread(invoice.totals.tax, weights, invoice.currency)
    return {line.line_no: share for line, share in zip(invoice.lines, shares, strict=True)}


def _sum(notes: Iterable[InvoiceIssued], line_no: str) -> Taken:
    both = [_taken(notes, line_no, corrections=corrections) for corrections in (True, False)]
    return Taken(both[1].qty, both[0].net + both[1].net, both[0].tax + both[1].tax)


def _taken(notes: Iterable[InvoiceIssued], line_no: str, *, corrections: bool) -> Taken:
    """What credit notes took of a line: price corrections only, or goods only."""
    qty = net = tax = kept_net = kept_tax = ZERO
    for note in notes:
        if (note.references.get("correction") == PRICE) is not corrections:
            continue
        taxes = _line_taxes(note)
        for line in note.lines:
            if line.line_no == line_no:
                qty, net, tax = qty + line.qty, net + line.net, tax + taxes[line_no]
                kept_net += Decimal(line.references.get(WITHHELD[0], ZERO))
                kept_tax += Decimal(line.references.get(WITHHELD[1], ZERO))
    return Taken(qty, net, tax, kept_net, kept_tax)
