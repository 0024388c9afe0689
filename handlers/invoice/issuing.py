"""New invoices and credit notes on the books of a batch."""

from canonical.documents.finance import InvoiceIssued
from canonical.envelope import Message
from handlers.invoice.accounts import Account, Invoice
from handlers.invoice.crediting import limited
from handlers.invoice.desk import Desk
from store.exact import from_minor, to_minor
from store.finance import StoredInvoice


def credit(desk: Desk, account: Account, invoice: Invoice, note: InvoiceIssued, cause: Message) -> None:
    """Keep a credit note and send it; the invoice it corrects is worth less from now on. What was written off is not given back."""
    if invoice.written_off:
        note = limited(note, from_minor(invoice.due, invoice.currency))
    taken = kept(account, note, cause)
    taken.kept.original_no, taken.kept.shipment_no = invoice.invoice_no, invoice.kept.shipment_no
    desk.books.add_invoice(taken)
    invoice.credited += taken.gross
    invoice.changed, invoice.cause, invoice.why = True, cause, "credited"
    desk.outcome.emit(note, cause)


def kept(account: Account, issued: InvoiceIssued, cause: Message, part: int = 0) -> Invoice:
    """A new invoice or credit note of an order."""
    stored = StoredInvoice(
        invoice_no=issued.invoice_no, order_no=account.stored.order_no, shipment_no=issued.shipment_no or "", kind=issued.kind,
        state="issued", currency=issued.currency, gross=to_minor(issued.totals.gross, issued.currency), allocated=0,
        issued_on=issued.issued_on.isoformat(), due_on=(issued.due_on or issued.issued_on).isoformat(),
        customer_no=account.stored.customer_no, original_no=None, collected_in=None, credited=0, written_off=0, disputed=0,
        reminded=None, decisions=0, part=part,
        seq=len(account.bills) + len(account.credits), document=issued.body().decode(),
    )  # fmt: skip
    invoice = Invoice(stored, new=True, cause=cause)
    invoice.document = issued
    return invoice


def credit_no(account: Account, about: str) -> str:
    """`CN-<order>-<what it is for>`, numbered from the second on."""
    taken = {note.invoice_no for note in account.credits}
    first = number = f"CN-{account.stored.order_no}-{about}"
    count = 1
    while number in taken:
        count += 1
        number = f"{first}-{count}"
    return number
