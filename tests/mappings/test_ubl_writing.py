"""What the hub writes in UBL: read again it tells the same facts, and every element stands where the schema wants it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from canonical.documents.base import Document
from canonical.documents.finance import InvoiceIssued, InvoiceLine, InvoiceTotals
from canonical.documents.order_answers import OrderResponse, ResponseLine
from canonical.documents.shipments import Package, ShipmentDispatched, ShipmentLine
from canonical.envelope import first_message
from canonical.failures import Malformed
from canonical.values import Address, Allowance, Charge, LotRef, Party, QuantityOrZero, TaxTotal
from mappings.codecs.ubl_order import ORDER
from mappings.translation import OWN_SPECS, Settings, Translations

TRANSLATIONS = Translations.load(OWN_SPECS / "ubl")
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
OPTIONS = {"ubl": {"us": {"id": "7300010000001", "scheme": "0088", "name": "Orderlane Medical", "country": "SE", "vat": "SE1"},
                   "customer": {"id": "998877", "scheme": "0192", "name": "City Hospital"}}}  # fmt: skip
SETTINGS = Settings("dealer-out", "dealer", None, None, "AC-", OPTIONS)
HOSPITAL = Party(
    party_id="H-1", name="City Hospital", gln="7300070011115", ids={"endpoint 0192": "998877", "VAT": "NO99MVA", "0082": "55"},
    address=Address(lines=("Main street 1", "Floor 2", "Gate 3"), city="Oslo", subdivision="03", postcode="0150", country="NO"),
    contact="Ann Lee", phone="+47 1", email="ann@hospital.no",
)  # fmt: skip


def written(document: Document, name: str) -> bytes:
    message = first_message(document, source="hub", raw_id="raw-1", now=NOW)
    return TRANSLATIONS.write("ubl", name, message, SETTINGS)


def again(document: Document, name: str, read_as: str | None = None) -> Any:
    (part,) = TRANSLATIONS.translate("ubl", read_as or name, written(document, name), SETTINGS)
    assert part.problems == ()
    return part.documents[0]


RESPONSE = OrderResponse(
    order_no="AC-4711", origin="dealer", channel="edi", code="CA", price_date=date(2026, 3, 1), sold_to=HOSPITAL, currency="NOK",
    reasons=("Stent 3 is short", "Balloon 4 has ended"),
    lines=(
        ResponseLine(line_no="1", code="accepted", qty=QuantityOrZero(value=Decimal(5)), item="S-1", gtin="05476154389097",
                     unit_price=Decimal("12.3450")),
        ResponseLine(line_no="2", code="backordered", qty=QuantityOrZero(value=Decimal("2.5"), uom="XBX"), item="S-2",
                     promised_date=date(2026, 4, 1), reason="short"),
        ResponseLine(line_no="3", code="substituted", qty=QuantityOrZero(value=Decimal(1)), item="S-3b"),
        ResponseLine(line_no="4", code="rejected", qty=QuantityOrZero(value=Decimal(0)), item="S-4", reason="ended"),
        ResponseLine(line_no="5", code="changed", qty=QuantityOrZero(value=Decimal(7)), item="S-5"),
    ),
)  # fmt: skip

DISPATCH = ShipmentDispatched(
    shipment_no="SH-1", warehouse="main", carrier="DHL", tracking_nos=("JD01", "JD02"), dispatched_at=NOW, ship_to=HOSPITAL,
    eta=datetime(2026, 3, 4, 12, tzinfo=UTC), incoterm="DAP",
    packages=(
        Package(sscc="373000100000000017", kind="PX", weight_kg=Decimal("12.5"), dims_cm=(Decimal(80), Decimal(60), Decimal(40))),
        Package(sscc="373000100000000024", kind="CT", parent_sscc="373000100000000017"),
    ),
    lines=(
        ShipmentLine(order_no="AC-4711", line_no="1", item="S-1", sku="S-1", gtin="05476154389097", qty=Decimal(5), uom="EA",
                     lots=(LotRef(lot="L-1", expiry=date(2028, 1, 31), qty=Decimal(5)),), package_sscc="373000100000000024"),
        ShipmentLine(order_no="AC-4712", line_no="2", item="S-2", sku="S-2", qty=Decimal(3), uom="EA", outstanding_qty=Decimal(1),
                     lots=(LotRef(lot="L-2", qty=Decimal(2)), LotRef(lot="L-3", mfg_date=date(2026, 1, 1), qty=Decimal(1)))),
        ShipmentLine(order_no="AC-4712", line_no="3", item="S-3", sku="S-3", qty=Decimal(2), uom="EA",
                     lots=(LotRef(serial="X1"), LotRef(serial="X2"))),
    ),
)  # fmt: skip

INVOICE = InvoiceIssued(
    invoice_no="I-1", order_no="AC-4711", origin="dealer", channel="edi", shipment_no="SH-1", issued_on=date(2026, 3, 2),
    due_on=date(2026, 4, 1), buyer=HOSPITAL, currency="NOK",
    lines=(
        InvoiceLine(order_no="AC-4711", line_no="1", item="S-1", sku="S-1", description="Stent", qty=Decimal(5),
                    unit_price=Decimal("12.345"), price_base_qty=Decimal(10), net=Decimal("5.17"), tax_rate_pct=Decimal(25),
                    allowances=(Allowance(reason="Discount", amount=Decimal("2.00"), pct=Decimal(20), base=Decimal("10.00")),),
                    charges=(Charge(reason="Cooling", amount=Decimal("1.00")),)),
        InvoiceLine(order_no="AC-4711", line_no="2", item="S-2", sku="S-2", qty=Decimal(1), unit_price=Decimal("3.00"),
                    net=Decimal("-3.00")),
    ),
    doc_allowances=(Allowance(reason="Bonus", amount=Decimal("1.00")),),
    doc_charges=(Charge(reason="Freight", amount=Decimal("4.00")),),
    taxes=(TaxTotal(rate_pct=Decimal(25), base=Decimal("8.17"), amount=Decimal("2.04")),
           TaxTotal(category="Z", rate_pct=Decimal(0), base=Decimal("-3.00"), amount=Decimal("0.00"))),
    totals=InvoiceTotals(net=Decimal("5.17"), tax=Decimal("2.04"), gross=Decimal("7.21"), prepaid=Decimal("2.00"),
                         payable=Decimal("5.21")),
)  # fmt: skip
CREDIT = INVOICE.model_copy(update={"kind": "credit", "invoice_no": "C-1", "original_invoice_no": "I-1"})


def test_an_answer_to_an_order_tells_the_same_when_it_is_read_again():
    read = again(RESPONSE, "OrderResponse")
    assert (read.order_no, read.code, read.currency, read.reasons) == ("AC-4711", "CA", "NOK", RESPONSE.reasons)
    assert (read.supplier.party_id, read.supplier.gln, read.responded_at) == ("7300010000001", "7300010000001", NOW)
    assert read.sold_to == HOSPITAL
    for mine, theirs in zip(RESPONSE.lines, read.lines, strict=True):
        for field in ("line_no", "code", "qty", "item", "gtin", "unit_price", "promised_date", "reason"):
            assert getattr(theirs, field) == getattr(mine, field), field
    assert [line.raw_code for line in read.lines] == ["5", "3", "3", "7", "3"]


def test_an_answer_for_an_unknown_buyer_goes_to_the_customer_of_the_endpoint():
    read = again(RESPONSE.model_copy(update={"sold_to": None, "lines": ()}), "OrderResponse")
    assert (read.sold_to.party_id, read.sold_to.name, read.lines) == ("998877", "City Hospital", ())


def test_a_despatch_advice_tells_the_same_when_it_is_read_again():
    read = again(DISPATCH, "DespatchAdvice")
    for field in ("shipment_no", "warehouse", "carrier", "tracking_nos", "dispatched_at", "eta", "incoterm", "ship_to", "packages"):
        assert getattr(read, field) == getattr(DISPATCH, field), field
    told = [(line.order_no, line.line_no, line.item, line.qty, line.uom, line.lots, line.package_sscc) for line in read.lines]
    first, second, third = DISPATCH.lines
    assert told == [
        ("AC-4711", "1", "S-1", Decimal(5), "EA", first.lots, "373000100000000024"),
        ("AC-4712", "2", "S-2", Decimal(2), "EA", second.lots[:1], None),
        ("AC-4712", "2", "S-2", Decimal(1), "EA", second.lots[1:], None),
        ("AC-4712", "3", "S-3", Decimal(2), "EA", third.lots, None),
    ]


@pytest.mark.parametrize(("bill", "read_as"), [(INVOICE, "Invoice"), (CREDIT, "CreditNote")])
def test_a_bill_tells_the_same_when_it_is_read_again(bill: InvoiceIssued, read_as: str):
    read = again(bill, "Invoice", read_as)
    fields = ("invoice_no", "kind", "original_invoice_no", "order_no", "shipment_no", "issued_on", "buyer", "currency", "taxes",
              "totals", "doc_allowances", "doc_charges")  # fmt: skip
    for field in fields:
        assert getattr(read, field) == getattr(bill, field), field
    for mine, theirs in zip(bill.lines, read.lines, strict=True):
        for field in ("order_no", "line_no", "item", "qty", "uom", "unit_price", "price_base_qty", "net", "allowances", "charges"):
            assert getattr(theirs, field) == getattr(mine, field), field


def test_taxes_that_a_bill_does_not_tell_are_those_of_its_lines():
    read = again(INVOICE.model_copy(update={"taxes": (), "doc_allowances": (), "doc_charges": ()}), "Invoice")
    assert [(tax.category, tax.rate_pct, tax.base, tax.amount) for tax in read.taxes] == [
        ("S", Decimal(25), Decimal("5.17"), Decimal("2.04")), ("Z", Decimal(0), Decimal("-3.00"), Decimal("0.00")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "name"), [(RESPONSE, "OrderResponse"), (DISPATCH, "DespatchAdvice"), (INVOICE, "Invoice"), (CREDIT, "Invoice")]
)
def test_every_element_stands_where_the_schema_wants_it(document: Document, name: str):
    """The whole documents were validated against the OASIS 2.1 schemas; their sequences stand in `ORDER`."""
    root = etree.fromstring(written(document, name))
    for element in root.iter():
        children = [etree.QName(child).localname for child in element]
        if len(set(children)) > 1:
            sequence = ORDER[etree.QName(element).localname]
            assert children == sorted(children, key=sequence.index)


def test_without_an_identity_of_ours_nothing_is_written():
    message = first_message(INVOICE, source="hub", raw_id="raw-1", now=NOW)
    with pytest.raises(Malformed) as caught:
        TRANSLATIONS.write("ubl", "Invoice", message, Settings("out", "dealer"))
    assert [problem.code for problem in caught.value.problems] == ["E_SCHEMA"]
