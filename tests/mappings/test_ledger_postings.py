"""What the finance ledger is posted beside invoices and payments: what no longer settles, and what was given up."""

import json
from decimal import Decimal

from canonical.documents.settlement import InvoiceWrittenOff, PaymentDeallocated
from canonical.envelope import first_message
from canonical.values import Money
from mappings.translation import OWN_SPECS, Settings, Translations
from tests.handlers.pump import NOW

TRANSLATIONS = Translations.load(OWN_SPECS / "ledger")
MONEY = Money(amount=Decimal("4.42"), currency="CNY")


def test_what_no_longer_settles_an_invoice_is_posted_below_zero_under_the_number_it_went_out_with() -> None:
    undone = PaymentDeallocated(
        payment_ref="B-1", invoice_no="INV-1", collective_no="INV-C-1", order_no="SO-1", amount=MONEY, invoice_open=Decimal("4.42"),
        reason="reversed", seq=1,
    )  # fmt: skip
    message = first_message(undone, source="hub", raw_id=None, now=NOW)
    assert json.loads(TRANSLATIONS.write("ledger", "post_payment_back", message, Settings())) == {
        "PaymentReference": "B-1", "InvoiceNumber": "INV-C-1", "OrderNumber": "SO-1", "Amount": "-4.42", "Currency": "CNY",
        "OpenAmount": "4.42",
    }  # fmt: skip


def test_what_was_given_up_is_posted_in_place_of_money() -> None:
    given_up = InvoiceWrittenOff(
        invoice_no="INV-1", order_no="SO-1", amount=MONEY, invoice_open=Decimal("0.00"), requested_by="a", approved_by="b",
        reason="bank charges", seq=2,
    )  # fmt: skip
    message = first_message(given_up, source="hub", raw_id=None, now=NOW)
    posted = json.loads(TRANSLATIONS.write("ledger", "post_write_off", message, Settings()))
    assert (posted["PaymentReference"], posted["Amount"], posted["OpenAmount"]) == ("write-off INV-1 2", "4.42", "0.00")
