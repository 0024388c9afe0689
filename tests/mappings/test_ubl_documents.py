"""UBL documents through the whole translation, as the format defines them and senders write them."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from canonical.failures import Malformed
from canonical.problems import Problem
from mappings.translation import OWN_SPECS, Settings, Translations

SAMPLES = Path(__file__).parents[1] / "samples" / "ubl"
TRANSLATIONS = Translations.load(OWN_SPECS / "ubl")
FAMILY = "urn:oasis:names:specification:ubl:schema:xsd"
OSLO = Settings("dealer", "dealer", time_zone="Europe/Oslo")

ORDER = """
<b:ID>34</b:ID><b:IssueDate>2026-03-01</b:IssueDate><b:DocumentCurrencyCode>NOK</b:DocumentCurrencyCode>
<a:BuyerCustomerParty><a:Party><a:PartyName><b:Name>Hospital</b:Name></a:PartyName></a:Party></a:BuyerCustomerParty>
<a:OrderLine><a:LineItem><b:ID>1</b:ID><b:Quantity unitCode="XBX">7</b:Quantity>
<a:Price><b:PriceAmount currencyID="NOK">10.125</b:PriceAmount><b:BaseQuantity unitCode="XBX">10</b:BaseQuantity></a:Price>
<a:Item><a:SellersItemIdentification><b:ID>S-1</b:ID></a:SellersItemIdentification></a:Item></a:LineItem></a:OrderLine>
"""
BILL = """
<b:ID>I-1</b:ID><b:IssueDate>2026-03-01</b:IssueDate><b:DocumentCurrencyCode>NOK</b:DocumentCurrencyCode>
<a:AccountingSupplierParty><a:Party><a:PartyName><b:Name>Supplier</b:Name></a:PartyName></a:Party></a:AccountingSupplierParty>
<a:AllowanceCharge><b:ChargeIndicator>false</b:ChargeIndicator><b:AllowanceChargeReason>Bonus</b:AllowanceChargeReason>
<b:Amount currencyID="NOK">{sign}1.00</b:Amount></a:AllowanceCharge>
<a:TaxTotal><b:TaxAmount currencyID="NOK">{sign}2.25</b:TaxAmount></a:TaxTotal>
<a:TaxTotal><b:TaxAmount currencyID="SEK">{sign}2.10</b:TaxAmount></a:TaxTotal>
<a:LegalMonetaryTotal><b:LineExtensionAmount currencyID="NOK">{sign}10.00</b:LineExtensionAmount>
<b:TaxExclusiveAmount currencyID="NOK">{sign}9.00</b:TaxExclusiveAmount>
<b:TaxInclusiveAmount currencyID="NOK">{sign}11.25</b:TaxInclusiveAmount>
<b:PayableAmount currencyID="NOK">{sign}11.25</b:PayableAmount></a:LegalMonetaryTotal>
<a:{line}><b:ID>1</b:ID><b:{quantity} unitCode="EA">{sign}2</b:{quantity}>
<b:LineExtensionAmount currencyID="NOK">{sign}10.00</b:LineExtensionAmount><a:Item><b:Name>Stent</b:Name></a:Item>
<a:Price><b:PriceAmount currencyID="NOK">5.00</b:PriceAmount></a:Price></a:{line}>
"""


def document(name: str, content: str, more: str = "") -> bytes:
    return (
        f'<d:{name} xmlns:d="{FAMILY}:{name}-2" xmlns:a="{FAMILY}:CommonAggregateComponents-2" '
        f'xmlns:b="{FAMILY}:CommonBasicComponents-2" {more}>{content}</d:{name}>'
    ).encode()


def read(name: str, content: str, settings: Settings = OSLO, more: str = "") -> Any:
    (part,) = TRANSLATIONS.translate("ubl", name, document(name, content, more), settings)
    assert part.problems == ()
    return part.documents[0]


def problems(name: str, content: str, settings: Settings = OSLO) -> list[Problem]:
    (part,) = TRANSLATIONS.translate("ubl", name, document(name, content), settings)
    assert part.documents == ()
    return list(part.problems)


def bill(name: str, sign: str) -> Any:
    words = {"Invoice": ("InvoiceLine", "InvoicedQuantity"), "CreditNote": ("CreditNoteLine", "CreditedQuantity")}[name]
    return read(name, BILL.format(sign=sign, line=words[0], quantity=words[1]))


@pytest.mark.parametrize("name", ["order", "credit_note"])
def test_a_published_example_becomes_exactly_this(name: str):
    (part,) = TRANSLATIONS.translate("ubl", "Order", (SAMPLES / f"{name}.xml").read_bytes(), OSLO)
    assert part.problems == ()
    told = json.loads(part.documents[0].body())
    kept = told.pop("extensions")
    assert told == json.loads((SAMPLES / f"{name}.out.json").read_text())
    attached = kept["AdditionalDocumentReference"][1]["Attachment"]["EmbeddedDocumentBinaryObject"]
    assert (attached["@mimeCode"], attached["@bytes"], len(attached["@sha256"])) == ("application/pdf", "36", 64)


def test_the_price_of_ten_is_counted_for_seven_and_its_places_are_kept():
    order = read("Order", ORDER)
    (line,) = order.lines
    assert (line.unit_price, line.price_base_qty, line.price_places, line.qty.uom) == (Decimal("10.125"), Decimal(10), 3, "XBX")
    assert line.line_amount == order.totals.payable == Decimal("7.09")
    assert order.totals.tax == 0


def test_elements_of_other_namespaces_extensions_and_signatures_are_no_part_of_the_order():
    noise = (
        "<x:ID>other</x:ID><e:UBLExtensions><e:UBLExtension><b:ID>other</b:ID></e:UBLExtension></e:UBLExtensions>"
        "<a:Signature><b:ID>signature</b:ID></a:Signature>"
    )
    more = f'xmlns:x="urn:example" xmlns:e="{FAMILY}:CommonExtensionComponents-2"'
    assert read("Order", noise + ORDER, more=more) == read("Order", ORDER)


@pytest.mark.parametrize(
    ("factor", "base", "pct"), [("15", "10.00", Decimal(15)), ("0.15", "10.00", Decimal(15)), ("15", None, Decimal(15))]
)
def test_the_factor_of_an_allowance_is_a_percentage_or_a_fraction_by_its_base(factor: str, base: str | None, pct: Decimal):
    stated = f"<b:BaseAmount>{base}</b:BaseAmount>" if base else ""
    allowance = (
        f"<a:AllowanceCharge><b:ChargeIndicator>false</b:ChargeIndicator><b:MultiplierFactorNumeric>{factor}"
        f"</b:MultiplierFactorNumeric><b:Amount>1.50</b:Amount>{stated}</a:AllowanceCharge>"
    )
    (found,) = read("Order", ORDER + allowance).doc_allowances
    assert (found.pct, found.amount, found.reason) == (pct, Decimal("1.50"), "unspecified")


@pytest.mark.parametrize(("payable", "tax"), [("7.09", Decimal(0)), ("8.86", Decimal("1.77"))], ids=["without taxes", "with taxes"])
def test_a_total_may_be_anticipated_with_or_without_taxes(payable: str, tax: Decimal):
    money = (
        "<a:TaxTotal><b:TaxAmount currencyID='NOK'>1.77</b:TaxAmount></a:TaxTotal>"
        f"<a:AnticipatedMonetaryTotal><b:PayableAmount currencyID='NOK'>{payable}</b:PayableAmount></a:AnticipatedMonetaryTotal>"
    )
    assert read("Order", ORDER + money).totals.tax == tax


def test_a_total_that_is_neither_is_told_where_it_stands():
    money = "<a:AnticipatedMonetaryTotal><b:LineExtensionAmount>9</b:LineExtensionAmount></a:AnticipatedMonetaryTotal>"
    assert [(p.code, p.path) for p in problems("Order", ORDER + money)] == [("E_SUM_LINES", "/Order")]


def test_a_gtin_with_a_wrong_check_digit_is_flagged_and_kept():
    standard = '<a:StandardItemIdentification><b:ID schemeID="0160">{}</b:ID></a:StandardItemIdentification><a:Sellers'
    wrong, right = (
        read("Order", ORDER.replace("<a:Sellers", standard.format(code), 1)) for code in ("4006381333932", "4006381333931")
    )
    assert (wrong.lines[0].gtin, right.lines[0].gtin) == (None, "04006381333931")
    assert wrong.lines[0].references["E_GTIN_CHECK"] == wrong.lines[0].ids["0160"] == "4006381333932"
    assert "E_GTIN_CHECK" not in right.lines[0].references


@pytest.mark.parametrize(
    ("time", "settings", "ordered_at"),
    [
        ("12:30:00", OSLO, "2026-03-01T11:30:00+00:00"),
        ("12:30:00.5+03:00", OSLO, "2026-03-01T09:30:00.500000+00:00"),
        ("12:30:00", Settings(), None),
    ],
)
def test_the_time_of_an_order_without_any_zone_is_not_guessed(time: str, settings: Settings, ordered_at: str | None):
    order = read("Order", f"{ORDER}<b:IssueTime>{time}</b:IssueTime>", settings)
    assert (order.ordered_at and order.ordered_at.isoformat(), order.price_date) == (ordered_at, date(2026, 3, 1))
    assert order.extensions["IssueTime"] == time


@pytest.mark.parametrize(
    ("name", "sign", "kind"),
    [("Invoice", "", "normal"), ("Invoice", "-", "credit"), ("CreditNote", "", "credit"), ("CreditNote", "-", "debit")],
)
def test_a_bill_of_negative_amounts_is_the_opposite_of_its_name(name: str, sign: str, kind: str):
    found = bill(name, sign)
    (line,) = found.lines
    assert found.kind == kind
    assert (line.qty, line.unit_price, line.net, line.item) == (Decimal(2), Decimal("5.00"), Decimal("10.00"), "Stent")
    assert (found.totals.net, found.totals.tax, found.totals.gross) == (Decimal("9.00"), Decimal("2.25"), Decimal("11.25"))
    assert [(one.reason, one.amount) for one in found.doc_allowances] == [("Bonus", Decimal("1.00"))]


def test_goods_taken_back_within_an_invoice_are_a_negative_line():
    content = BILL.format(sign="", line="InvoiceLine", quantity="InvoicedQuantity")
    back = content[content.index("<a:InvoiceLine>") :].replace(">2<", ">-2<").replace(">10.00<", ">-10.00<")
    lines = read("Invoice", content + back).lines
    assert [(line.qty, line.net) for line in lines] == [(Decimal(2), Decimal("10.00")), (Decimal(2), Decimal("-10.00"))]


def test_a_change_tells_line_by_line_what_is_to_be_done():
    item = "<a:Item><b:Name>x</b:Name></a:Item>"
    lines = "".join(
        f"<a:OrderLine><a:LineItem><b:ID>{number}</b:ID><b:LineStatusCode>{code}</b:LineStatusCode><b:Quantity>{number}</b:Quantity>"
        f"{item}</a:LineItem></a:OrderLine>"
        for number, code in enumerate(("1", "2", "3", "4", "Added", "Cancelled", "Revised", "NoStatus"), start=1)
    )
    head = "<b:SequenceNumberID>3</b:SequenceNumberID><a:OrderReference><b:ID>34</b:ID></a:OrderReference>"
    change = read("OrderChange", head + lines, Settings(order_prefix="AC-"))
    assert (change.order_no, change.revision) == ("AC-34", 3)
    assert [(op.op, op.line_no, op.qty and op.qty.value) for op in change.line_ops] == [
        ("add", "1", Decimal(1)), ("delete", "2", None), ("update", "3", Decimal(3)),
        ("add", "5", Decimal(5)), ("delete", "6", None), ("update", "7", Decimal(7)),
    ]  # fmt: skip


def test_a_cancellation_takes_back_the_whole_order():
    found = read(
        "OrderCancellation",
        "<b:IssueDate>2026-03-01</b:IssueDate><b:CancellationNote>by phone</b:CancellationNote>"
        "<a:OrderReference><b:ID>34</b:ID></a:OrderReference>",
    )
    assert (found.order_no, found.lines, found.reason_code, found.requested_by) == ("34", (), "by phone", "buyer")


@pytest.mark.parametrize("code", ["AB", "AP", "RE"])
def test_an_answer_without_lines_counts_for_the_whole_order(code: str):
    content = (
        f"<b:ID>7</b:ID><b:OrderResponseCode>{code}</b:OrderResponseCode><a:OrderReference><b:ID>34</b:ID></a:OrderReference>"
        "<a:SellerSupplierParty><a:Party><a:PartyName><b:Name>S</b:Name></a:PartyName></a:Party></a:SellerSupplierParty>"
    )
    found = read("OrderResponse", content)
    assert (found.code, found.lines, found.supplier.party_id, found.references) == (code, (), "S", {"response": "7"})


def test_a_dispatch_without_any_zone_is_refused_at_its_time():
    content = (
        "<b:ID>D-1</b:ID><b:IssueDate>2026-03-01</b:IssueDate><a:DespatchSupplierParty><b:CustomerAssignedAccountID>S</b:"
        "CustomerAssignedAccountID></a:DespatchSupplierParty><a:DespatchLine><b:ID>1</b:ID><b:DeliveredQuantity>1"
        "</b:DeliveredQuantity><a:Item><b:Name>x</b:Name></a:Item></a:DespatchLine>"
    )
    found = [(p.code, p.path) for p in problems("DespatchAdvice", content, Settings())]
    assert found == [("E_TIME_NAIVE", "/DespatchAdvice/IssueDate"), ("E_SCHEMA", "/DespatchAdvice/DespatchLine")]
    told = [p.message for p in problems("DespatchAdvice", content)]
    assert told == ["expected the order that the line belongs to"]


def test_each_document_of_an_application_response_is_a_verdict_with_its_findings():
    party = "<b:EndpointID>{}</b:EndpointID>"
    one = (
        "<a:DocumentResponse><a:Response><b:ResponseCode>{}</b:ResponseCode></a:Response><a:DocumentReference><b:ID>{}</b:ID>"
        "</a:DocumentReference>{}</a:DocumentResponse>"
    )
    line = (
        "<a:LineResponse><a:LineReference><b:LineID>/Invoice/ID</b:LineID></a:LineReference><a:Response><b:ResponseCode>RE"
        "</b:ResponseCode><b:Description>wrong</b:Description><a:Status><b:StatusReasonCode>BV</b:StatusReasonCode></a:Status>"
        "</a:Response></a:LineResponse>"
    )
    content = (
        f"<b:ID>M-1</b:ID><a:SenderParty>{party.format('them')}</a:SenderParty><a:ReceiverParty>{party.format('us')}</a:ReceiverParty>"
        + one.format("AP", "I-1", "") + one.format("RE", "I-2", line)
    )  # fmt: skip
    (part,) = TRANSLATIONS.translate("ubl", "ApplicationResponse", document("ApplicationResponse", content), OSLO)
    first, second = part.documents
    assert (first.control_no, first.verdict, first.codes, first.problems) == ("I-1", "accepted", ("AP",), ())
    assert (second.control_no, second.verdict, second.sender, second.receiver) == ("I-2", "rejected", "them", "us")
    assert [(p.code, p.path, p.message) for p in second.problems] == [("BV", "/Invoice/ID", "wrong")]


@pytest.mark.parametrize(
    "body",
    [
        document("Catalogue", "<b:ID>1</b:ID>"),
        b"<Order/>",
        b'<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>',
    ],
)
def test_what_is_no_document_of_ubl_that_is_read_is_refused(body: bytes):
    with pytest.raises(Malformed) as caught:
        list(TRANSLATIONS.translate("ubl", "Order", body, OSLO))
    assert [problem.code for problem in caught.value.problems] == ["E_DOCUMENT"]
