"""Commands about money: what waits, what was billed, and what people decide about both."""

import getpass
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer
from rich.markup import escape

from canonical.documents.orders import LineQty
from operations import money as finding
from operations.settling import By, InvoiceVerdict, Settled, decide_invoice, decide_payment
from orderlane.cli_ask import Cursor, Json, Limit, operations
from orderlane.cli_tables import out, show, table
from store.money_lists import InvoiceFilter, PaymentFilter

money = typer.Typer()
payments_app = typer.Typer(no_args_is_help=True, help="Money that arrived: look at it, say what it is for.")
invoices_app = typer.Typer(no_args_is_help=True, help="What was billed: look at it, credit it, give it up.")
money.add_typer(payments_app, name="payments")
money.add_typer(invoices_app, name="invoices")

Actor = Annotated[str, typer.Option(help="Who decides; kept with the decision.", default_factory=getpass.getuser)]
Reason = Annotated[str, typer.Option(help="Why; kept with the decision.")]
PaymentRef = Annotated[str, typer.Argument(help="The payment's reference.")]
InvoiceNo = Annotated[str, typer.Argument(help="The invoice's number.")]
Amount = Annotated[str | None, typer.Option(help="How much; all that fits by default.")]


@payments_app.command("list")
def list_payments(
    state: Annotated[str | None, typer.Option(help="suspense, deposit, part_allocated, allocated or returned.")] = None,
    customer: Annotated[str | None, typer.Option(help="Whose money it is.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    as_json: Json = False,
) -> None:
    """List payments, newest first."""
    wanted = PaymentFilter(state=state, customer_no=customer)
    page = finding.payments(operations().database, wanted, cursor=cursor, limit=limit)
    if as_json:
        print(page.model_dump_json(exclude_none=True))
        return
    rows = table("payment", "day", "amount", "left", "state", "why", whole=("payment", "day", "amount", "left"))
    for p in page.items:
        rows.add_row(escape(p.payment_ref), str(p.value_date), f"{p.amount} {p.currency}", f"{p.left}", p.state, p.reason or "")
    show(rows, nothing="no such payment")
    _print_next(page.next)


@payments_app.command("show")
def show_payment(payment_ref: PaymentRef) -> None:
    """Show a payment with everything known about it, as JSON."""
    print(finding.payment(operations().database, payment_ref).model_dump_json(indent=2, exclude_none=True))


@payments_app.command("allocate")
def allocate(
    payment_ref: PaymentRef,
    invoice_no: InvoiceNo,
    reason: Reason,
    actor: Actor,
    amount: Amount = None,
    currency: Annotated[str | None, typer.Option(help="Has to be the payment's, where named.")] = None,
) -> None:
    """Let so much of a payment settle an invoice. Refused in another currency, or for more than is left or open."""
    by = By(actor, reason)
    _told(
        decide_payment(operations(), payment_ref, "allocate", by, invoice_no=invoice_no, amount=_amount(amount), currency=currency)
    )


@payments_app.command("release")
def release(payment_ref: PaymentRef, invoice_no: InvoiceNo, reason: Reason, actor: Actor) -> None:
    """Take off what a payment settles of an invoice."""
    _told(decide_payment(operations(), payment_ref, "release", By(actor, reason), invoice_no=invoice_no))


@payments_app.command("link")
def link(
    payment_ref: PaymentRef,
    customer_no: Annotated[str, typer.Argument(help="The customer it was paid for.")],
    reason: Reason,
    actor: Actor,
) -> None:
    """Say for which customer its payer pays, now and from now on."""
    _told(decide_payment(operations(), payment_ref, "link", By(actor, reason), customer_no=customer_no))


@invoices_app.command("list")
def list_invoices(
    state: Annotated[str | None, typer.Option(help="draft, issued, part_paid, paid, credited, written_off or void.")] = None,
    customer: Annotated[str | None, typer.Option(help="The customer's number.")] = None,
    overdue_on: Annotated[str | None, typer.Option(help="Lacking money and due before this day, as in 2026-11-30.")] = None,
    asked: Annotated[bool | None, typer.Option("--asked", help="Where giving up something waits for approval.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    as_json: Json = False,
) -> None:
    """List invoices and credit notes, newest first."""
    wanted = InvoiceFilter(state=state, customer_no=customer, overdue_on=overdue_on, asked=asked)
    page = finding.invoices(operations().database, wanted, cursor=cursor, limit=limit)
    if as_json:
        print(page.model_dump_json(exclude_none=True))
        return
    rows = table("invoice", "order", "gross", "open", "due", "state", "late", whole=("invoice", "order", "gross", "open", "due"))
    for i in page.items:
        gross = f"{'-' if i.kind == 'credit' else ''}{i.gross} {i.currency}"
        asked_for = f", {i.asked} to be given up?" if i.asked else ""
        state_of = f"{i.state}{', disputed' if i.disputed else ''}{asked_for}"
        late = f"{i.overdue} days" if i.overdue else ""
        rows.add_row(escape(i.invoice_no), escape(i.order_no), gross, f"{i.open}", str(i.due_on), state_of, late)
    show(rows, nothing="no such invoice")
    _print_next(page.next)


@invoices_app.command("credit")
def credit(
    invoice_no: InvoiceNo,
    reason: Reason,
    actor: Actor,
    amount: Annotated[str | None, typer.Option(help="Without tax: a price that was too high.")] = None,
    line: Annotated[list[str] | None, typer.Option(help="LINE:QUANTITY, for goods; may be repeated.")] = None,
) -> None:
    """Issue a credit note for an amount without tax, or for goods."""
    _told(decide_invoice(operations(), invoice_no, "credit", By(actor, reason), amount=_amount(amount), lines=_lines(line or [])))


@invoices_app.command("writeoff")
def write_off(invoice_no: InvoiceNo, reason: Reason, actor: Actor, amount: Amount = None) -> None:
    """Ask to give up what an invoice lacks; somebody else has to approve."""
    _told(decide_invoice(operations(), invoice_no, "write_off", By(actor, reason), amount=_amount(amount)))


@invoices_app.command("decide")
def decide(
    invoice_no: InvoiceNo,
    verdict: Annotated[InvoiceVerdict, typer.Argument(help="void, approve or reject a write-off, dispute, settle.")],
    reason: Reason,
    actor: Actor,
) -> None:
    """Void an invoice nobody was sent; answer a write-off; mark or settle a dispute."""
    _told(decide_invoice(operations(), invoice_no, verdict, By(actor, reason)))


def _amount(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"expected an amount, found {text!r}") from None


def _lines(texts: Sequence[str]) -> tuple[LineQty, ...]:
    pairs = [text.rpartition(":") for text in texts]
    if any(not line_no for line_no, _, _ in pairs):
        raise typer.BadParameter("expected LINE:QUANTITY")
    return tuple(LineQty(line_no=line_no, qty=_amount(qty) or Decimal(0)) for line_no, _, qty in pairs)


def _told(settled: Settled) -> None:
    print(settled.model_dump_json())


def _print_next(cursor: str | None) -> None:
    if cursor:
        out.print(f"more: --cursor {cursor}")
