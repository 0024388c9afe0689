"""cXML documents through the whole translation, in and out."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from canonical.documents.base import Document
from canonical.documents.order_answers import OrderResponse, ResponseLine
from canonical.documents.shipments import Package, ShipmentDispatched, ShipmentLine
from canonical.envelope import first_message
from canonical.failures import Malformed
from canonical.values import Address, LotRef, Party, QuantityOrZero
from mappings.translation import OWN_SPECS, Settings, Translations

SAMPLES = Path(__file__).parents[1] / "samples" / "cxml"
TRANSLATIONS = Translations.load(OWN_SPECS / "cxml")
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
OPTIONS = {"cxml": {"us": {"domain": "NetworkId", "identity": "AN-US"}, "partner": {"domain": "DUNS", "identity": "123"}}}
SETTINGS = Settings("dealer", "dealer", None, None, "AC-", OPTIONS)
DOCTYPE = '<!DOCTYPE cXML SYSTEM "http://xml.cXML.org/schemas/cXML/1.2.050/cXML.dtd">'
HEADER = (
    "<Header><From><Credential domain='NetworkId'><Identity>AN-1</Identity></Credential></From><To><Credential domain='NetworkId'>"
    "<Identity>AN-2</Identity></Credential></To><Sender><Credential domain='NetworkId'><Identity>AN-1</Identity><SharedSecret>"
    "coyote</SharedSecret></Credential><UserAgent>x</UserAgent></Sender></Header>"
)


def document(request: str, doctype: str = DOCTYPE) -> bytes:
    return (
        f'{doctype}<cXML payloadID="1@a" timestamp="2026-03-01T10:00:00+01:00">{HEADER}<Request>{request}</Request></cXML>'.encode()
    )


def read(request: str, settings: Settings = SETTINGS) -> Any:
    (part,) = TRANSLATIONS.translate("cxml", "OrderRequest", document(request), settings)
    assert part.problems == ()
    return part.documents[0]


def order(header: str = "", items: str | None = None, attributes: str = "type='new'") -> str:
    lines = item("1", "7", "10.125") if items is None else items
    return (
        f"<OrderRequest><OrderRequestHeader orderID='DO1' orderDate='2026-03-01T09:00:00+01:00' {attributes}>{header}"
        f"</OrderRequestHeader>{lines}</OrderRequest>"
    )


def item(number: str, quantity: str, price: str, *, attributes: str = "", detail: str = "") -> str:
    return (
        f"<ItemOut quantity='{quantity}' lineNumber='{number}' {attributes}><ItemID><SupplierPartID>S-{number}"
        "</SupplierPartID></ItemID>"
        f"<ItemDetail><UnitPrice><Money currency='USD'>{price}</Money></UnitPrice><Description>Thing</Description>"
        f"<UnitOfMeasure>BX</UnitOfMeasure>{detail}</ItemDetail></ItemOut>"
    )


def test_a_published_example_becomes_exactly_this():
    body = (SAMPLES / "order_request.xml").read_bytes()
    (part,) = TRANSLATIONS.translate("cxml", "OrderRequest", body, Settings())
    told = json.loads(part.documents[0].body())
    kept = told.pop("extensions")
    assert told == json.loads((SAMPLES / "order_request.out.json").read_text())
    assert kept["Header"]["Sender"]["UserAgent"] == "Platform Order Fulfillment Hub"
    assert "coyote" not in json.dumps(kept)


@pytest.mark.parametrize(
    ("attributes", "revision"),
    [("type='new'", 0), ("type='update' orderVersion='3'", 2), ("type='update'", 20260301080000), ("", 0)],
)
def test_an_updated_order_is_the_whole_order_in_a_later_revision(attributes: str, revision: int):
    placed = read(order(attributes=attributes))
    assert (placed.message_type, placed.order_no, placed.revision) == ("order.placed", "AC-DO1", revision)


def test_a_blanket_order_is_refused_by_its_kind_even_where_it_names_goods():
    (part,) = TRANSLATIONS.translate("cxml", "OrderRequest", document(order(attributes="type='new' orderType='blanket'")), SETTINGS)
    told = [(problem.code, problem.path, problem.value) for problem in part.problems]
    assert told == [("E_DOCUMENT", "/cXML/Request/OrderRequest/OrderRequestHeader/@orderType", "blanket")]


def test_a_deleted_order_is_cancelled():
    found = read(order(attributes="type='delete'", header="<Comments>wrong ward</Comments>"))
    assert (found.message_type, found.order_no, found.reason_code, found.requested_by) == (
        "order.cancelled", "AC-DO1", "wrong ward", "AN-1",
    )  # fmt: skip


def test_the_unit_price_counts_for_its_price_basis():
    basis = "<PriceBasisQuantity quantity='2' conversionFactor='0.5'><UnitOfMeasure>CS</UnitOfMeasure></PriceBasisQuantity>"
    (line,) = read(order(items=item("1", "8", "10.00", detail=basis))).lines
    assert (line.price_base_qty, line.line_amount, line.qty.uom) == (Decimal(4), Decimal("20.00"), "XBX")


@pytest.mark.parametrize(
    ("level", "amounts"), [("groupLevel", ["30.00", "0", "0"]), ("itemLevel", ["0", "10.00", "20.00"])], ids=["whole", "parts"]
)
def test_a_composite_item_is_counted_once(level: str, amounts: list[str]):
    items = (
        item("1", "1", "30.00", attributes=f"itemType='composite' compositeItemType='{level}'")
        + item("2", "1", "10.00", attributes="itemType='item' parentLineNumber='1'")
        + item("3", "1", "20.00", attributes="itemType='item' parentLineNumber='1'")
    )
    placed = read(order(items=items))
    assert [str(line.line_amount) for line in placed.lines] == amounts
    assert [line.parent_line_no for line in placed.lines] == [None, "1", "1"]
    assert placed.totals.payable == Decimal("30.00")


@pytest.mark.parametrize("total", ["70.88", "75.88", "78.88", "83.88"])
def test_a_total_may_count_shipping_and_tax_in_or_not(total: str):
    header = (
        f"<Total><Money currency='USD'>{total}</Money></Total><Shipping><Money currency='USD'>5.00</Money></Shipping>"
        "<Tax><Money currency='USD'>8.00</Money></Tax>"
    )
    totals = read(order(header)).totals
    assert (totals.lines, totals.charges, totals.tax, totals.payable) == (
        Decimal("70.88"), Decimal("5.00"), Decimal("8.00"), Decimal("83.88"),
    )  # fmt: skip


def test_a_total_of_something_else_is_refused():
    request = order("<Total><Money currency='USD'>99.00</Money></Total>")
    (part,) = TRANSLATIONS.translate("cxml", "OrderRequest", document(request), SETTINGS)
    assert [problem.code for problem in part.problems] == ["E_TAX_TOTAL"]


def test_a_card_number_is_not_kept():
    payment = "<Payment><PCard number='4111111111111111' expiration='2027-01-01'/></Payment>"
    kept = json.dumps(read(order(payment)).extensions)
    assert ("4111111111111111" in kept, "2027-01-01" in kept) == (False, True)


@pytest.mark.parametrize(
    ("doctype", "code"),
    [
        ('<!DOCTYPE cXML [<!ENTITY a "b">]>', "E_XML_DOCTYPE"),
        (f'{DOCTYPE[:-1]} [<!ENTITY a "b">]>', "E_XML_DOCTYPE"),
        ('<!DOCTYPE cXML SYSTEM "http://evil.example/cXML.dtd">', "E_XML_DOCTYPE"),
        ('<!DOCTYPE cXML SYSTEM "file:///etc/passwd">', "E_XML_DOCTYPE"),
        ('<!DOCTYPE other SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd">', "E_XML_DOCTYPE"),
    ],
)
def test_any_other_document_type_is_refused(doctype: str, code: str):
    with pytest.raises(Malformed) as caught:
        list(TRANSLATIONS.translate("cxml", "OrderRequest", document(order(), doctype), SETTINGS))
    assert [problem.code for problem in caught.value.problems] == [code]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (document("<PunchOutSetupRequest/>"), "/cXML/Request/PunchOutSetupRequest"),
        (b"<cXML><Message><QuoteMessage/></Message></cXML>", "/cXML/Message/QuoteMessage"),
        (b"<cXML><Response><Status code='400' text='no'/></Response></cXML>", "/cXML/Response"),
        (b"<cXML/>", "/cXML"),
        (b"<cxml/>", "/cxml"),
    ],
)
def test_what_is_no_request_that_is_read_is_refused_by_name(body: bytes, path: str):
    with pytest.raises(Malformed) as caught:
        list(TRANSLATIONS.translate("cxml", "OrderRequest", body, SETTINGS))
    assert [(problem.code, problem.path) for problem in caught.value.problems] == [("E_DOCUMENT", path)]


def test_a_bill_and_its_memo_have_positive_amounts():
    def bill(purpose: str, sign: str) -> str:
        def money(name: str, amount: str) -> str:
            return f"<{name}><Money currency='USD'>{sign}{amount}</Money></{name}>"

        return (
            f"<InvoiceDetailRequest><InvoiceDetailRequestHeader invoiceID='I-1' purpose='{purpose}' invoiceDate='2026-03-01'>"
            "<PaymentTerm payInNumberOfDays='30'/></InvoiceDetailRequestHeader><InvoiceDetailOrder><InvoiceDetailOrderInfo>"
            "<OrderReference orderID='DO1'><DocumentReference payloadID=''/></OrderReference></InvoiceDetailOrderInfo>"
            f"<InvoiceDetailItem invoiceLineNumber='1' quantity='{sign}2'><UnitOfMeasure>EA</UnitOfMeasure>"
            "<UnitPrice><Money currency='USD'>5.00</Money></UnitPrice><InvoiceDetailItemReference lineNumber='4'><ItemID>"
            f"<SupplierPartID>S-1</SupplierPartID></ItemID></InvoiceDetailItemReference>{money('SubtotalAmount', '10.00')}"
            f"</InvoiceDetailItem></InvoiceDetailOrder><InvoiceDetailSummary>{money('SubtotalAmount', '10.00')}"
            f"<Tax><Money currency='USD'>{sign}1.00</Money><Description>VAT</Description></Tax>{money('GrossAmount', '11.00')}"
            f"{money('NetAmount', '11.00')}{money('DueAmount', '11.00')}</InvoiceDetailSummary></InvoiceDetailRequest>"
        )

    for purpose, sign, kind in (("standard", "", "normal"), ("lineLevelCreditMemo", "-", "credit")):
        found = read(bill(purpose, sign))
        (line,) = found.lines
        assert (found.kind, found.seller.party_id, found.order_no, found.due_on) == (kind, "AN-1", "AC-DO1", date(2026, 3, 31))
        assert (line.line_no, line.qty, line.unit_price, line.net) == ("4", Decimal(2), Decimal("5.00"), Decimal("10.00"))
        assert (found.totals.net, found.totals.tax, found.totals.gross) == (Decimal("10.00"), Decimal("1.00"), Decimal("11.00"))


RESPONSE = OrderResponse(
    order_no="AC-DO1", origin="dealer", channel="edi", code="CA", price_date=date(2026, 3, 1), currency="USD",
    reasons=("Stent 3 is short",),
    lines=(
        ResponseLine(line_no="1", code="accepted", qty=QuantityOrZero(value=Decimal(5)), unit_price=Decimal("12.3450")),
        ResponseLine(line_no="2", code="backordered", qty=QuantityOrZero(value=Decimal("2.5"), uom="XBX"),
                     promised_date=date(2026, 4, 1), reason="short"),
        ResponseLine(line_no="3", code="substituted", qty=QuantityOrZero(value=Decimal(1)), item="S-3b", sku="S-3b",
                     gtin="05476154389097", unit_price=Decimal("4.00")),
        ResponseLine(line_no="4", code="rejected", qty=QuantityOrZero(value=Decimal(0)), reason="ended"),
        ResponseLine(line_no="5", code="changed", qty=QuantityOrZero(value=Decimal(7))),
    ),
)  # fmt: skip
DISPATCH = ShipmentDispatched(
    shipment_no="SH-1", warehouse="main", carrier="DHL", tracking_nos=("JD01", "JD02"), dispatched_at=NOW,
    eta=datetime(2026, 3, 4, 12, tzinfo=UTC), packages=(Package(sscc="373000100000000024"),),
    ship_to=Party(party_id="H-1", name="Hospital", email="a@b.no", contact="Ann",
                  address=Address(lines=("Main 1", "Gate 3"), city="Oslo", postcode="0150", country="NO")),
    lines=(
        ShipmentLine(order_no="AC-DO1", line_no="1", item="S-1", sku="S-1", gtin="05476154389097", qty=Decimal(5), uom="EA",
                     package_sscc="373000100000000024",
                     lots=(LotRef(lot="L-1", expiry=date(2028, 1, 31), qty=Decimal(3)), LotRef(lot="L-2", qty=Decimal(2)))),
        ShipmentLine(order_no="AC-DO2", line_no="3", item="S-3", sku="S-3", qty=Decimal(2), uom="EA", outstanding_qty=Decimal(1),
                     lots=(LotRef(serial="X1"), LotRef(serial="X2"))),
    ),
)  # fmt: skip


def written(document: Document, name: str) -> bytes:
    return TRANSLATIONS.write("cxml", name, first_message(document, source="hub", raw_id="raw-1", now=NOW), SETTINGS)


def again(document: Document, name: str) -> Any:
    body = written(document, name)
    assert b"<SharedSecret>" not in body
    (part,) = TRANSLATIONS.translate("cxml", name, body, SETTINGS)
    assert part.problems == ()
    return part.documents[0]


def test_an_answer_to_an_order_tells_the_same_when_it_is_read_again():
    found = again(RESPONSE, "ConfirmationRequest")
    assert (found.order_no, found.code, found.reasons, found.supplier.party_id) == ("AC-DO1", "CA", RESPONSE.reasons, "AN-US")
    assert found.responded_at == NOW
    for mine, theirs in zip(RESPONSE.lines, found.lines, strict=True):
        for field in ("line_no", "code", "qty", "item", "sku", "gtin", "unit_price", "promised_date", "reason"):
            assert getattr(theirs, field) == getattr(mine, field), field


def test_a_ship_notice_tells_the_same_when_it_is_read_again():
    found = again(DISPATCH, "ShipNoticeRequest")
    for field in ("shipment_no", "warehouse", "carrier", "tracking_nos", "dispatched_at", "eta", "packages"):
        assert getattr(found, field) == getattr(DISPATCH, field), field
    assert (found.ship_to.party_id, found.ship_to.address) == ("H-1", DISPATCH.ship_to.address)
    for mine, theirs in zip(DISPATCH.lines, found.lines, strict=True):
        for field in ("order_no", "line_no", "item", "sku", "gtin", "qty", "uom", "outstanding_qty", "lots", "package_sscc"):
            assert getattr(theirs, field) == getattr(mine, field), field


TEXTS = (
    "Identity", "UserAgent", "Comments", "UnitOfMeasure", "SupplierPartID", "BuyerPartID", "Money", "Description", "Classification",
    "Name", "DeliverTo", "Street", "City", "State", "PostalCode", "Country", "Email", "CarrierIdentifier", "ShipmentIdentifier",
    "ShippingContainerSerialCode", "SupplierBatchID", "Extrinsic",
)  # fmt: skip
# What is written holds these elements and attributes and no others: of Fulfill.dtd 1.2.050 what the hub ever writes.
ALLOWED = """
<!ELEMENT cXML (Header, Request)> <!ATTLIST cXML payloadID CDATA #REQUIRED timestamp CDATA #REQUIRED xml:lang CDATA #IMPLIED>
<!ELEMENT Header (From, To, Sender)> <!ELEMENT From (Credential)> <!ELEMENT To (Credential)>
<!ELEMENT Sender (Credential, UserAgent)> <!ELEMENT Credential (Identity)> <!ATTLIST Credential domain CDATA #REQUIRED>
<!ELEMENT Request (ConfirmationRequest | ShipNoticeRequest)>
<!ELEMENT ConfirmationRequest (ConfirmationHeader, OrderReference, ConfirmationItem*)>
<!ELEMENT ConfirmationHeader (Comments?)>
<!ATTLIST ConfirmationHeader confirmID CDATA #IMPLIED operation (new | update) "new" noticeDate CDATA #REQUIRED
  type (accept | detail | reject) #REQUIRED>
<!ELEMENT OrderReference (DocumentReference)> <!ATTLIST OrderReference orderID CDATA #IMPLIED>
<!ELEMENT DocumentReference EMPTY> <!ATTLIST DocumentReference payloadID CDATA #REQUIRED>
<!ELEMENT ConfirmationItem (UnitOfMeasure, ConfirmationStatus)>
<!ATTLIST ConfirmationItem quantity CDATA #REQUIRED lineNumber CDATA #REQUIRED>
<!ELEMENT ConfirmationStatus (UnitOfMeasure, (ItemIn | UnitPrice?), Comments?)>
<!ATTLIST ConfirmationStatus quantity CDATA #REQUIRED type (accept | detail | backordered | reject) #REQUIRED
  deliveryDate CDATA #IMPLIED>
<!ELEMENT ItemIn (ItemID, ItemDetail)> <!ATTLIST ItemIn quantity CDATA #REQUIRED>
<!ELEMENT ItemID (SupplierPartID, BuyerPartID?, IdReference*)>
<!ELEMENT IdReference EMPTY> <!ATTLIST IdReference identifier CDATA #REQUIRED domain CDATA #REQUIRED>
<!ELEMENT ItemDetail (UnitPrice, Description, UnitOfMeasure, Classification)>
<!ELEMENT UnitPrice (Money)> <!ATTLIST Money currency CDATA #REQUIRED>
<!ATTLIST Description xml:lang CDATA #REQUIRED> <!ATTLIST Classification domain CDATA #REQUIRED>
<!ELEMENT ShipNoticeRequest (ShipNoticeHeader, ShipControl*, ShipNoticePortion*)> <!ELEMENT ShipNoticeHeader (Contact*)>
<!ATTLIST ShipNoticeHeader shipmentID CDATA #REQUIRED operation (new) "new" noticeDate CDATA #REQUIRED
  shipmentDate CDATA #IMPLIED deliveryDate CDATA #IMPLIED>
<!ELEMENT Contact (Name, PostalAddress?, Email?)> <!ATTLIST Contact role NMTOKEN #IMPLIED addressID CDATA #IMPLIED>
<!ATTLIST Name xml:lang CDATA #REQUIRED> <!ELEMENT PostalAddress (DeliverTo?, Street+, City, State?, PostalCode?, Country)>
<!ATTLIST Country isoCountryCode CDATA #REQUIRED> <!ELEMENT ShipControl (CarrierIdentifier, ShipmentIdentifier+)>
<!ATTLIST CarrierIdentifier domain CDATA #REQUIRED> <!ELEMENT ShipNoticePortion (OrderReference, ShipNoticeItem*)>
<!ELEMENT ShipNoticeItem (ItemID, UnitOfMeasure, Packaging?, Batch*, AssetInfo*, Extrinsic?)>
<!ATTLIST ShipNoticeItem quantity CDATA #REQUIRED lineNumber CDATA #REQUIRED shipNoticeLineNumber CDATA #IMPLIED>
<!ELEMENT Packaging (ShippingContainerSerialCode)> <!ELEMENT Batch (SupplierBatchID)>
<!ATTLIST Batch productionDate CDATA #IMPLIED expirationDate CDATA #IMPLIED batchQuantity CDATA #IMPLIED>
<!ELEMENT AssetInfo EMPTY> <!ATTLIST AssetInfo serialNumber CDATA #IMPLIED> <!ATTLIST Extrinsic name CDATA #REQUIRED>
""" + "".join(f"<!ELEMENT {name} (#PCDATA)>" for name in TEXTS)


@pytest.mark.parametrize(
    ("document", "name"),
    [
        (RESPONSE, "ConfirmationRequest"),
        (RESPONSE.model_copy(update={"code": "RE", "currency": None}), "ConfirmationRequest"),
        (DISPATCH, "ShipNoticeRequest"),
        (DISPATCH.model_copy(update={"carrier": None, "ship_to": Party(party_id="H-2", contact="Ann")}), "ShipNoticeRequest"),
    ],
)
def test_what_is_written_holds_nothing_but_what_the_dtd_allows(document: Document, name: str):
    dtd = etree.DTD(StringIO(ALLOWED))
    dtd.validate(etree.fromstring(written(document, name)))
    assert [error.message for error in dtd.error_log] == []


def test_the_refusal_of_a_whole_order_names_no_items():
    found = again(RESPONSE.model_copy(update={"code": "RE"}), "ConfirmationRequest")
    assert (found.code, found.reasons, found.lines) == ("RE", RESPONSE.reasons, ())


def test_days_are_written_as_instants_that_are_that_day_everywhere():
    response, notice = written(RESPONSE, "ConfirmationRequest"), written(DISPATCH, "ShipNoticeRequest")
    assert b'deliveryDate="2026-04-01T12:00:00Z"' in response
    assert b'expirationDate="2028-01-31T12:00:00Z"' in notice


def test_a_ship_notice_that_names_no_items_is_refused():
    request = (
        "<ShipNoticeRequest><ShipNoticeHeader shipmentID='S' noticeDate='2026-03-01T10:00:00Z'/><ShipControl><CarrierIdentifier "
        "domain='SCAC'>FDE</CarrierIdentifier><ShipmentIdentifier>8202</ShipmentIdentifier></ShipControl><ShipNoticePortion>"
        "<OrderReference orderID='DO1'><DocumentReference payloadID=''/></OrderReference></ShipNoticePortion></ShipNoticeRequest>"
    )
    (part,) = TRANSLATIONS.translate("cxml", "ShipNoticeRequest", document(request), SETTINGS)
    told = [(problem.code, problem.path) for problem in part.problems]
    assert told == [("E_SCHEMA", "/cXML/Request/ShipNoticeRequest/ShipNoticePortion")]


@pytest.mark.parametrize(
    ("text", "amount"), [("1,093.50", "1093.50"), ("1.093,50", "1093.50"), ("1093,5", "1093.5"), ("1,234,567", "1234567")]
)
def test_an_amount_with_marks_that_mean_one_number_only_is_that_number(text: str, amount: str):
    line = read(order(items=item("1", "2", text))).lines[0]
    assert (line.unit_price, line.line_amount) == (Decimal(amount), Decimal(amount) * 2)


def test_an_amount_that_may_be_two_is_told_at_its_place():
    (part,) = TRANSLATIONS.translate("cxml", "OrderRequest", document(order(items=item("1", "2", "1,093"))), SETTINGS)
    told = ("E_SCHEMA", "/cXML/Request/OrderRequest/ItemOut/ItemDetail/UnitPrice/Money", "1,093")
    assert (part.documents, told in [(one.code, one.path, one.value) for one in part.problems]) == ((), True)


def test_an_item_of_the_blanket_kind_in_a_plain_order_has_its_price_and_texts():
    blanket = item("1", "2", "5.00").replace("ItemDetail>", "BlanketItemDetail>")
    line = read(order(items=blanket)).lines[0]
    assert (line.description, line.qty.uom, line.unit_price, line.line_amount) == (
        "Thing",
        "XBX",
        Decimal("5.00"),
        Decimal("10.00"),
    )


def test_texts_and_extrinsics_of_an_item_stay_with_its_line():
    noted = item("1", "2", "5.00", detail="<Extrinsic name='latex'>free</Extrinsic>")
    noted = noted.replace("</ItemOut>", "<Comments>lot A</Comments></ItemOut>")
    assert read(order(items=noted)).lines[0].references == {"latex": "free", "note": "lot A"}


def billed(net: str, tax: str = "<Tax><Money currency='USD'>4.80</Money><Description>t</Description></Tax>") -> str:
    """An item of 60.00 with 3.00 of shipping, 3.00 off and its tax, and the sums of the bill."""
    money = "<{0}><Money currency='USD'>{1}</Money></{0}>".format
    item_ = (
        "<InvoiceDetailItem invoiceLineNumber='1' quantity='6'><UnitOfMeasure>CS</UnitOfMeasure>"
        f"{money('UnitPrice', '10.00')}<InvoiceDetailItemReference lineNumber='1'><ItemID><SupplierPartID>G</SupplierPartID>"
        f"</ItemID></InvoiceDetailItemReference>{money('SubtotalAmount', '60.00')}{tax}{money('InvoiceDetailLineShipping', '3.00')}"
        f"{money('InvoiceDetailDiscount', '3.00')}{money('NetAmount', net)}</InvoiceDetailItem>"
    )
    sums = (("SubtotalAmount", "60.00"), ("ShippingAmount", "3.00"), ("GrossAmount", "67.80"), ("InvoiceDetailDiscount", "3.00"),
            ("NetAmount", "64.80"), ("DueAmount", "64.80"))  # fmt: skip
    return (
        "<InvoiceDetailRequest><InvoiceDetailRequestHeader invoiceID='I-1' purpose='standard' invoiceDate='2026-03-09T10:00:00Z'>"
        "</InvoiceDetailRequestHeader><InvoiceDetailOrder><InvoiceDetailOrderInfo><OrderReference orderID='DO1'/>"
        f"</InvoiceDetailOrderInfo>{item_}</InvoiceDetailOrder><InvoiceDetailSummary>{''.join(money(*one) for one in sums)}{tax}"
        "</InvoiceDetailSummary></InvoiceDetailRequest>"
    )


@pytest.mark.parametrize("net", ["64.80", "60.00"])
def test_what_a_bill_comes_to_without_tax_counts_shipping_and_discounts_whether_or_not_its_items_say_it_with_tax(net: str):
    bill = read(billed(net))
    (line,) = bill.lines
    assert (line.net, line.uom) == (Decimal("60.00"), "XCS")
    assert [[one.amount for one in some] for some in (line.allowances, line.charges)] == [[Decimal("3.00")], [Decimal("3.00")]]
    assert (bill.doc_allowances, bill.doc_charges) == ((), ())
    assert (bill.totals.net, bill.totals.tax, bill.totals.gross, bill.totals.payable) == (
        Decimal("60.00"), Decimal("4.80"), Decimal("64.80"), Decimal("64.80"),
    )  # fmt: skip
