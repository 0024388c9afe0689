"""Commands about money: what waits, what was billed, and what people decide about both."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

import typer

from operations.choices import InvoiceState, InvoiceVerdict, PaymentState, PaymentVerdict
from orderlane.cli_numbers import number
from orderlane.cli_options import Actor, Cursor, Json, Limit, Reason
from orderlane.environment import operations
from orderlane.shown_tables import print_json

money_groups = typer.Typer()
payments_app = typer.Typer(no_args_is_help=True, help="Money that arrived: look at it, say what it is for.")
invoices_app = typer.Typer(no_args_is_help=True, help="What was billed: look at it, credit it, give it up.")
money_groups.add_typer(payments_app, name="payments")
money_groups.add_typer(invoices_app, name="invoices")

PaymentRef = Annotated[str, typer.Argument(help="The payment's reference.")]
InvoiceNo = Annotated[str, typer.Argument(help="The invoice's number.")]
Amount = Annotated[str | None, typer.Option(help="How much; all that fits by default.")]


@payments_app.command("list")
def list_payments(
    state: Annotated[PaymentState | None, typer.Option(help="How a payment stands.")] = None,
    why: Annotated[str | None, typer.Option("--reason", help="Why somebody has to look: no_reference, return_currency.")] = None,
    customer: Annotated[str | None, typer.Option(help="Whose money it is.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    as_json: Json = False,
) -> None:
    """List payments, newest first."""
    from operations import money
    from orderlane.shown_money import print_payments
    from store.money_lists import PaymentFilter

    wanted = PaymentFilter(state=state, reason=why, customer_no=customer)
    page = money.payments(operations().database, wanted, cursor=cursor, limit=limit)
    (print_json if as_json else print_payments)(page)


@payments_app.command("show")
def show_payment(payment_ref: PaymentRef) -> None:
    """Show a payment with everything known about it, as JSON."""
    from operations import money

    print_json(money.payment(operations().database, payment_ref), indent=2)


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
    _decide_payment(payment_ref, "allocate", actor, reason, invoice_no=invoice_no, amount=_amount(amount), currency=currency)


@payments_app.command("release")
def release(payment_ref: PaymentRef, invoice_no: InvoiceNo, reason: Reason, actor: Actor) -> None:
    """Take off what a payment settles of an invoice."""
    _decide_payment(payment_ref, "release", actor, reason, invoice_no=invoice_no)


@payments_app.command("link")
def link(
    payment_ref: PaymentRef,
    customer_no: Annotated[str, typer.Argument(help="The customer it was paid for.")],
    reason: Reason,
    actor: Actor,
) -> None:
    """Say for which customer its payer pays, now and from now on."""
    _decide_payment(payment_ref, "link", actor, reason, customer_no=customer_no)


@invoices_app.command("list")
def list_invoices(
    state: Annotated[InvoiceState | None, typer.Option(help="How an invoice stands.")] = None,
    customer: Annotated[str | None, typer.Option(help="The customer's number.")] = None,
    overdue_on: Annotated[str | None, typer.Option(help="Lacking money and due before this day, as in 2026-11-30.")] = None,
    asked: Annotated[bool | None, typer.Option("--asked", help="Where giving up something waits for approval.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    as_json: Json = False,
) -> None:
    """List invoices and credit notes, newest first."""
    from operations import money
    from orderlane.shown_money import print_invoices
    from store.money_lists import InvoiceFilter

    wanted = InvoiceFilter(state=state, customer_no=customer, overdue_on=overdue_on, asked=asked)
    page = money.invoices(operations().database, wanted, cursor=cursor, limit=limit)
    (print_json if as_json else print_invoices)(page)


@invoices_app.command("credit")
def credit(
    invoice_no: InvoiceNo,
    reason: Reason,
    actor: Actor,
    amount: Annotated[str | None, typer.Option(help="Without tax: a price that was too high.")] = None,
    line: Annotated[list[str] | None, typer.Option(help="LINE:QUANTITY, for goods; may be repeated.")] = None,
) -> None:
    """Issue a credit note for an amount without tax, or for goods."""
    _decide_invoice(invoice_no, "credit", actor, reason, amount=_amount(amount), lines=_lines(line or []))


@invoices_app.command("writeoff")
def write_off(invoice_no: InvoiceNo, reason: Reason, actor: Actor, amount: Amount = None) -> None:
    """Ask to give up what an invoice lacks; somebody else has to approve."""
    _decide_invoice(invoice_no, "write_off", actor, reason, amount=_amount(amount))


@invoices_app.command("decide")
def decide(
    invoice_no: InvoiceNo,
    verdict: Annotated[InvoiceVerdict, typer.Argument(help="void, approve or reject a write-off, dispute, settle.")],
    reason: Reason,
    actor: Actor,
) -> None:
    """Void an invoice nobody was sent; answer a write-off; mark or settle a dispute."""
    _decide_invoice(invoice_no, verdict, actor, reason)


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else number(text, "an amount")


def _lines(texts: Sequence[str]) -> list[tuple[str, Decimal]]:
    pairs = [text.rpartition(":") for text in texts]
    found = [(line_no, number(qty, "a quantity")) for line_no, _, qty in pairs]
    if any(not line_no or qty <= 0 for line_no, qty in found):
        raise typer.BadParameter("expected LINE:QUANTITY, the quantity above zero")
    return found


def _decide_payment(
    payment_ref: str,
    verdict: PaymentVerdict,
    actor: str,
    reason: str,
    *,
    invoice_no: str | None = None,
    amount: Decimal | None = None,
    currency: str | None = None,
    customer_no: str | None = None,
) -> None:
    from operations.settling import By, decide_payment

    by = By(actor, reason)
    print_json(
        decide_payment(
            operations(), payment_ref, verdict, by, invoice_no=invoice_no, amount=amount, currency=currency, customer_no=customer_no
        )
    )


def _decide_invoice(
    invoice_no: str,
    verdict: InvoiceVerdict,
    actor: str,
    reason: str,
    *,
    amount: Decimal | None = None,
    lines: Sequence[tuple[str, Decimal]] = (),
) -> None:
    from canonical.documents.order_changes import LineQty
    from operations.settling import By, decide_invoice

    goods = tuple(LineQty(line_no=line_no, qty=qty) for line_no, qty in lines)
    print_json(decide_invoice(operations(), invoice_no, verdict, By(actor, reason), amount=amount, lines=goods))
