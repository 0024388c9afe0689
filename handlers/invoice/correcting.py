"""Invoices follow their order: what is billed is worth what the document in force says, whatever came first (domain 2.3, I13).

Nothing that was issued is altered. Where an order was changed, each invoice is worked out anew, as if it were issued now, with
what came back of it; a credit note takes off what it bills too much, a supplementary invoice (`debit`) bills what it lacks. So it
follows from what is known, and not from how often or in which order that changed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from canonical.amounts import ZERO, rounded
from canonical.documents.finance import InvoiceIssued, InvoiceLine, InvoiceTotals
from canonical.documents.orders import OrderPlaced
from canonical.envelope import Message
from canonical.lean import lean
from handlers.invoice.accounts import Account, Invoice
from handlers.invoice.crediting import NOTHING, PRICE, REVISION, corrected, credit_goods, stated_of
from handlers.invoice.desk import Desk
from handlers.invoice.drafting import billed_quantities, due_on
from handlers.invoice.issuing import credit, credit_no, kept
from handlers.worth import Part, rate_of
from store.exact import to_minor

invoice_totals = lean(InvoiceTotals)


@dataclass(frozen=True, slots=True)
class Difference:
    """What an invoice lacks of what it should bill: nets by line, and tax; below zero where it bills too much."""

    invoice: Invoice
    due: InvoiceIssued
    nets: Mapping[str, Decimal]
    tax: Decimal


def follow(desk: Desk, account: Account, cause: Message) -> None:
    """Correct what was billed of an order that was changed, as far as it differs from the document in force."""
    if not account.changed:
        return
    found = differences(account)
    for one in found if apart(found) else ():
        _even_out(desk, account, one, cause)


def apart(found: Sequence[Difference]) -> bool:
    """Whether anything has to be corrected: where all that is billed of each line is right, a cent more in one invoice and less in
    another is none of it."""
    return any(_summed(one.nets for one in found).values()) or bool(sum((one.tax for one in found), ZERO))


def due_documents(account: Account) -> Iterator[tuple[Invoice, InvoiceIssued]]:
    """Each invoice that counts, with what it would be if it were issued now."""
    billed: dict[str, Decimal] = {}
    for invoice in account.as_issued:
        if invoice.void:
            continue
        after = dict(billed)
        for line_no, qty in billed_quantities([invoice.document]).items():
            after[line_no] = after.get(line_no, ZERO) + qty
        yield invoice, _due(account.order, invoice.document, account.worth.between(billed, after))
        billed = after


def differences(account: Account) -> list[Difference]:
    """How each invoice differs from what it would be if it were issued now, all that came back of it counted in."""
    return [_difference(account, invoice, due) for invoice, due in due_documents(account)]


def credit_note(
    account: Account, invoice: Invoice, goods: Mapping[str, Decimal], number: str, on: date, rma_no: str,
    stated: Mapping[str, Decimal] = NOTHING,
) -> InvoiceIssued:  # fmt: skip
    """The credit note for goods of an invoice, by the document in force: at most what is left of the invoice itself, for what was
    billed in addition is taken off by a correction of its own (`follow`)."""
    if not account.changed:
        return credit_goods(invoice.document, account.notes_of(invoice), goods, number, on, rma_no, stated)
    due = next(due for one, due in due_documents(account) if one is invoice)
    note = credit_goods(due, _anew(due, _notes(account, invoice)), goods, number, on, rma_no, stated)
    nets, tax = _worth_of([invoice.document], account.notes_of(invoice))
    lines = tuple(_at_most(line, nets[line.line_no]) for line in note.lines)
    net, tax = sum((line.net for line in lines), ZERO), min(note.totals.tax, tax)
    return note.but(lines=lines, totals=invoice_totals(net=net, tax=tax, gross=net + tax))


def _at_most(line: InvoiceLine, net: Decimal) -> InvoiceLine:
    return line if line.net <= net else _by_amount(line, net)


def _due(order: OrderPlaced, document: InvoiceIssued, part: Part) -> InvoiceIssued:
    """The invoice with the prices and amounts of the document in force; as it is where the order knows a line no more."""
    lines = {line.line_no: line for line in order.lines}
    if any(line.line_no not in part.nets for line in document.lines):
        return document
    new = []
    for line in document.lines:
        now = lines[line.line_no]
        stated = {"unit_price": now.unit_price or ZERO, "price_base_qty": now.price_base_qty, "tax_rate_pct": rate_of(now)}
        new.append(line.but(**stated, net=part.nets[line.line_no]))
    totals = invoice_totals(net=part.net, tax=part.tax, gross=part.gross)
    return document.but(lines=tuple(new), totals=totals)


def _difference(account: Account, invoice: Invoice, due: InvoiceIssued) -> Difference:
    pool = [one.document for one in (invoice, *account.supplements_of(invoice))]
    notes = [note for one in (invoice, *account.supplements_of(invoice)) for note in account.notes_of(one)]
    wanted, there = _worth(due, _anew(due, _notes(account, invoice))), _worth_of(pool, notes)
    nets = {line.line_no: wanted[0][line.line_no] - there[0].get(line.line_no, ZERO) for line in due.lines}
    tax = wanted[1] - there[1]
    if invoice.written_off and not invoice.due and sum(nets.values(), ZERO) + tax < 0:
        return Difference(invoice, due, NOTHING, ZERO)  # what is too much was given up
    return Difference(invoice, due, {no: net for no, net in nets.items() if net}, tax)


def _notes(account: Account, invoice: Invoice) -> list[InvoiceIssued]:
    """The credit notes for goods of an invoice, and those of people; not what was corrected because the order had changed."""
    found = [note for one in (invoice, *account.supplements_of(invoice)) for note in account.notes_of(one)]
    return [note for note in found if not corrected(note)]


def _anew(due: InvoiceIssued, notes: Iterable[InvoiceIssued]) -> list[InvoiceIssued]:
    """What these credit notes would be against another invoice for the same goods. What a person took off stays as it is."""
    again: list[InvoiceIssued] = []
    for note in notes:
        if note.references.get("correction") == PRICE:
            again.append(note)
            continue
        goods = {line.line_no: line.qty for line in note.lines}
        rma_no = note.references.get("rma_no", "")
        again.append(credit_goods(due, again, goods, note.invoice_no, note.issued_on, rma_no, stated_of(note)))
    return again


def _worth(document: InvoiceIssued, notes: Sequence[InvoiceIssued]) -> tuple[dict[str, Decimal], Decimal]:
    """What is left by line and of the tax, but never less than nothing."""
    nets, tax = _worth_of([document], notes)
    return {no: max(ZERO, net) for no, net in nets.items()}, max(ZERO, tax)


def _worth_of(documents: Iterable[InvoiceIssued], notes: Iterable[InvoiceIssued]) -> tuple[dict[str, Decimal], Decimal]:
    nets: dict[str, Decimal] = {}
    tax = ZERO
    for sign, issued in ((1, documents), (-1, notes)):
        for one in issued:
            tax += sign * one.totals.tax
            for line in one.lines:
                nets[line.line_no] = nets.get(line.line_no, ZERO) + sign * line.net
    return nets, tax


def _summed(parts: Iterable[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for part in parts:
        for line_no, net in part.items():
            sums[line_no] = sums.get(line_no, ZERO) + net
    return sums


def _even_out(desk: Desk, account: Account, found: Difference, cause: Message) -> None:
    """Nobody has been sent a draft: it becomes what it should be. Everything else is corrected by a document of its own."""
    if not found.nets and not found.tax:
        return
    if found.invoice.draft:
        _redraft(found.invoice, found.due)
        return
    more = {no: net for no, net in found.nets.items() if net > 0}
    less = {no: -net for no, net in found.nets.items() if net < 0}
    more_tax, less_tax = _taxes(found, more, less)
    on = cause.occurred_at.date()
    if less or less_tax:
        _take_off(desk, account, found, less, less_tax, cause)
    if more or more_tax:
        _supplement(desk, account, found, more, more_tax, on, cause)


def _redraft(invoice: Invoice, due: InvoiceIssued) -> None:
    invoice.document = due
    invoice.gross = invoice.kept.gross = to_minor(due.totals.gross, due.currency)
    invoice.kept.document = due.body().decode()
    invoice.changed = invoice.redrafted = True


def _taxes(found: Difference, more: Mapping[str, Decimal], less: Mapping[str, Decimal]) -> tuple[Decimal, Decimal]:
    """The tax of what is billed in addition and of what is taken off: neither below zero, and together the difference."""
    more_tax = max(ZERO, found.tax)
    if less and more:
        rates = {line.line_no: line.tax_rate_pct for line in found.due.lines}
        alone = sum((net * rates[no] / 100 for no, net in more.items()), ZERO)
        more_tax = max(more_tax, rounded(alone, found.invoice.currency))
    return more_tax, more_tax - found.tax


def _supplement(
    desk: Desk, account: Account, found: Difference, nets: Mapping[str, Decimal], tax: Decimal, on: date, cause: Message
) -> None:
    """A further invoice for what an invoice lacks; its quantities are billed by that one."""
    number = f"{found.invoice.invoice_no}-D{len(account.supplements_of(found.invoice)) + 1}"
    document = _correction(account, found.due, nets, tax, number, on).but(
        kind="debit", original_invoice_no=found.invoice.invoice_no, due_on=due_on(account.order, on)
    )
    supplement = kept(account, document, cause)
    supplement.kept.original_no = found.invoice.invoice_no
    supplement.kept.customer_no = found.invoice.kept.customer_no
    desk.books.add_invoice(supplement)
    desk.outcome.emit(document, cause)


def _take_off(desk: Desk, account: Account, found: Difference, nets: Mapping[str, Decimal], tax: Decimal, cause: Message) -> None:
    """Credit notes for what an invoice bills too much: what was billed in addition is taken off first, the latest before."""
    left, on = dict(nets), cause.occurred_at.date()
    whole = sum(nets.values(), ZERO)
    for target in (*reversed(account.supplements_of(found.invoice)), found.invoice):
        there, there_tax = _worth_of([target.document], account.notes_of(target))
        part = {no: min(net, there.get(no, ZERO)) for no, net in left.items() if net > 0 and there.get(no, ZERO) > 0}
        last = target is found.invoice or all(left[no] == part.get(no) for no in left if left[no] > 0)
        share = tax if last else rounded(tax * sum(part.values(), ZERO) / whole, target.currency) if whole else ZERO
        share = max(ZERO, min(share, tax, there_tax))
        if not part and not share:
            continue
        left = {no: net - part.get(no, ZERO) for no, net in left.items()}
        tax -= share
        number = credit_no(account, f"R{account.stored.revision}")
        note = _correction(account, target.document, part, share, number, on).but(
            kind="credit", original_invoice_no=target.invoice_no, due_on=None
        )
        credit(desk, account, target, note, cause)


def _correction(
    account: Account, like: InvoiceIssued, nets: Mapping[str, Decimal], tax: Decimal, number: str, on: date
) -> InvoiceIssued:
    """A document by amounts: its quantities are those of the goods whose price changed, and count nowhere. Where only the tax
    changed it names the lines for nothing."""
    net = sum(nets.values(), ZERO)
    lines = [line for line in like.lines if line.line_no in nets] or list(like.lines)
    references = {"correction": PRICE, REVISION: str(account.stored.revision)}
    return like.but(
        invoice_no=number, tax_invoice_no=None, collected_in=None, issued_on=on, taxes=(),
        references=references | ({"collective_no": like.collected_in} if like.collected_in else {}),
        lines=tuple(_by_amount(line, nets.get(line.line_no, ZERO)) for line in lines),
        totals=invoice_totals(net=net, tax=tax, gross=net + tax),
    )  # fmt: skip


def _by_amount(line: InvoiceLine, net: Decimal) -> InvoiceLine:
    """The amount as a price for the whole quantity."""
    return line.but(unit_price=net, price_base_qty=line.qty, net=net, allowances=(), charges=())
