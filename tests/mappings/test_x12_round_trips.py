"""What the hub writes as 855, 856 and 810 says the same to whoever reads it: canonical -> X12 -> canonical."""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from canonical.documents.base import Document
from canonical.documents.finance import InvoiceIssued, InvoiceLine, InvoiceTotals
from canonical.documents.order_answers import OrderResponse, ResponseLine
from canonical.documents.shipments import Package, ShipmentDispatched, ShipmentLine
from canonical.envelope import first_message
from canonical.failures import Malformed
from canonical.values import Address, LotRef, Party, QuantityOrZero, TaxTotal
from mappings.translation import OWN_SPECS, Settings, Translations
from tests.support.examples import examples

TRANSLATIONS = Translations.load(OWN_SPECS / "x12")
NOON = datetime(2026, 11, 21, 12, 0, 5, tzinfo=UTC)
OPTIONS = {"x12": {"sender_id": "HUB", "receiver_id": "ACME", "version": "004010"}}
SENDING = Settings(endpoint="acme", order_prefix="AC-", options=OPTIONS)
HUB = Party(party_id="HUB", name="Hub Inc", address=Address(lines=("1 Way", "Hall 2"), city="Town", postcode="60601", country="US"))
CLINIC = Party(party_id="4012345000009", name="Clinic", gln="4012345000009")
UNITS = st.sampled_from(["EA", "XBX", "KT", "MTR", "H87", "DZN"])
WORDS = st.text("ABCDEFGHIJ0123456789-", min_size=1, max_size=12)
AMOUNTS = st.decimals(0, 100000, places=2)
QUANTITIES = st.decimals(1, 9999, places=0)


def round_trip(document: Document, name: str, sending: Settings = SENDING) -> Any:
    made = first_message(document, source="order", raw_id="raw-1", now=NOON)
    body = TRANSLATIONS.write("x12", name, replace(made, message_id="0190f5a0-0000-7000-8000-000000000001"), sending)
    part = next(TRANSLATIONS.translate("x12", name, body, Settings(time_zone="UTC")))
    assert part.problems == (), (part.problems, body.decode())
    return part.documents[0]


answer_lines = st.builds(
    ResponseLine,
    line_no=WORDS,
    code=st.sampled_from(["accepted", "changed", "backordered", "substituted", "rejected"]),
    qty=st.builds(QuantityOrZero, value=st.decimals(0, 9999, places=2), uom=UNITS),
    item=WORDS,
    unit_price=AMOUNTS,
    promised_date=st.none() | st.dates(date(2000, 1, 1), date(2099, 1, 1)),
    reason=st.none() | WORDS,
)


@examples(40)
@given(st.lists(answer_lines, min_size=1, max_size=5), st.sampled_from(["AP", "CA", "RE"]))
def test_an_answer_reads_back_the_same(lines: list[ResponseLine], code: Any) -> None:
    sent = OrderResponse(
        order_no="AC-PO-7", origin="acme", channel="edi", code=code, price_date=date(2026, 11, 20), sold_to=HUB, currency="EUR",
        reasons=("late",), lines=tuple(lines),
    )  # fmt: skip
    read = round_trip(sent, "855")
    assert (read.order_no, read.code, read.price_date, read.currency, read.reasons) == (
        "PO-7", sent.code, sent.price_date, "EUR", ("late",),
    )  # fmt: skip
    assert (read.sold_to.party_id, read.sold_to.address) == (HUB.party_id, HUB.address)
    fields = ("line_no", "code", "qty", "item", "unit_price", "promised_date", "reason")
    assert [[getattr(one, f) for f in fields] for one in read.lines] == [[getattr(one, f) for f in fields] for one in sent.lines]


lots = st.builds(
    LotRef, lot=WORDS, serial=st.none(), qty=QUANTITIES, expiry=st.none() | st.dates(date(2026, 1, 1), date(2068, 1, 1))
)  # fmt: skip


@st.composite
def shipments(draw: st.DrawFn) -> ShipmentDispatched:
    packages = tuple(Package(sscc=f"1061414123456789{n:02d}", weight_kg=Decimal(n), tracking_no=f"1Z{n}") for n in range(1, 3))
    lines = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        kept = tuple(draw(st.lists(lots, max_size=2, unique_by=lambda lot: lot.lot)))
        quantity = sum((lot.qty for lot in kept), Decimal(0)) + draw(st.integers(0 if kept else 1, 3))
        lines.append(ShipmentLine(
            order_no=draw(st.sampled_from(["AC-PO-7", "AC-PO-8"])), line_no=str(number), item=draw(WORDS), qty=quantity,
            uom=draw(UNITS), lots=kept, package_sscc=draw(st.sampled_from([None, *(one.sscc for one in packages)])),
        ))  # fmt: skip
    used = {line.package_sscc for line in lines}
    return ShipmentDispatched(
        shipment_no="SHP-1", warehouse="WH1", carrier="UPSN", tracking_nos=("1Z999",), dispatched_at=NOON,
        eta=draw(st.none() | st.just(NOON)),
        incoterm="DAP", delivery_note_no="DN-1", ship_from=HUB, ship_to=CLINIC, lines=tuple(lines),
        packages=tuple(one for one in packages if one.sscc in used),
    )  # fmt: skip


def goods(shipment: ShipmentDispatched) -> Counter[Any]:
    """How much of which item of which order in which package and lot; a line may have been told in several pieces."""
    found: Counter[Any] = Counter()
    for line in shipment.lines:
        named = (line.order_no.removeprefix("AC-"), line.line_no, line.item, line.uom, line.package_sscc)
        for lot in line.lots:
            found[*named, lot.lot, lot.serial, lot.expiry] += lot.qty
        found[named] += line.qty - sum((lot.qty for lot in line.lots), Decimal(0))
    return +found


@examples(40)
@given(shipments())
def test_a_ship_notice_reads_back_the_same(sent: ShipmentDispatched) -> None:
    read = round_trip(sent, "856")
    assert goods(read) == goods(sent)
    same = ("shipment_no", "carrier", "dispatched_at", "eta", "incoterm", "delivery_note_no")
    assert [getattr(read, field) for field in same] == [getattr(sent, field) for field in same]
    assert {(one.sscc, one.weight_kg, one.tracking_no) for one in read.packages} == {
        (one.sscc, one.weight_kg, one.tracking_no) for one in sent.packages
    }
    assert set(sent.tracking_nos) <= set(read.tracking_nos)
    assert (read.ship_from.address, read.ship_to.gln) == (HUB.address, CLINIC.gln)


bill_lines = st.builds(
    InvoiceLine,
    order_no=st.just("AC-PO-7"), line_no=WORDS, item=WORDS, qty=QUANTITIES, uom=UNITS, unit_price=AMOUNTS, net=AMOUNTS,
    tax_rate_pct=st.sampled_from([Decimal(0), Decimal("19"), Decimal("8.25")]),
    price_base_qty=st.sampled_from([Decimal(1), Decimal(100)]),
)  # fmt: skip


@examples(40)
@given(st.lists(bill_lines, min_size=1, max_size=4), AMOUNTS, st.sampled_from(["normal", "credit", "debit"]), st.booleans())
def test_an_invoice_reads_back_the_same(lines: list[InvoiceLine], tax: Decimal, kind: Any, told: bool) -> None:
    net = sum((line.net for line in lines), Decimal(0))
    taxes = (TaxTotal(rate_pct=Decimal(19), base=net, amount=tax),) if told else ()
    sent = InvoiceIssued(
        invoice_no="INV-1", kind=kind, order_no="AC-PO-7", origin="acme", channel="edi", shipment_no="SHP-1", currency="EUR",
        issued_on=date(2026, 11, 21), due_on=date(2026, 12, 21), seller=HUB, buyer=CLINIC, lines=tuple(lines), taxes=taxes,
        totals=InvoiceTotals(net=net, tax=tax, gross=net + tax),
    )  # fmt: skip
    read = round_trip(sent, "810")
    same = ("invoice_no", "kind", "shipment_no", "currency", "issued_on", "due_on", "taxes")
    assert [getattr(read, field) for field in same] == [getattr(sent, field) for field in same]
    assert (read.order_no, read.seller.address, read.buyer.gln) == ("PO-7", HUB.address, CLINIC.gln)
    assert (read.totals.net, read.totals.tax, read.totals.gross) == (net, tax, net + tax)
    fields = ("line_no", "item", "qty", "uom", "unit_price", "price_base_qty", "net", "tax_rate_pct")
    assert [[getattr(one, f) for f in fields] for one in read.lines] == [[getattr(one, f) for f in fields] for one in sent.lines]


def test_an_invoice_of_three_decimals_cannot_be_written_and_says_so() -> None:
    line = InvoiceLine(line_no="1", item="A", qty=Decimal(1), unit_price=Decimal("1.125"), net=Decimal("1.125"))
    totals = InvoiceTotals(net=Decimal("1.125"), tax=Decimal(0), gross=Decimal("1.125"))
    bill = InvoiceIssued(invoice_no="I", currency="KWD", issued_on=date(2026, 1, 1), lines=(line,), totals=totals)
    with pytest.raises(Malformed) as caught:
        round_trip(bill, "810")
    assert ("E_SCHEMA", "totals.gross") in [(problem.code, problem.path) for problem in caught.value.problems]
