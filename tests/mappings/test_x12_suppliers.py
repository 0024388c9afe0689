"""X12 documents of suppliers: answers (855), ship notices (856) however they are nested, invoices (810)."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from canonical.documents.finance import InvoiceIssued
from canonical.documents.order_answers import OrderResponse
from canonical.documents.shipments import ShipmentDispatched
from mappings.translation import OWN_SPECS, Part, Settings, Translations
from tests.support.x12 import interchange

SETTINGS = Settings(endpoint="supplier", currency="USD", time_zone="America/Chicago")


@pytest.fixture(scope="module")
def translations() -> Translations:
    return Translations.load(OWN_SPECS / "x12")


def first(translations: Translations, body: bytes, settings: Settings = SETTINGS) -> Part:
    return next(translations.translate("x12", "850", body, settings))


def read(translations: Translations, body: bytes, settings: Settings = SETTINGS) -> Any:
    part = first(translations, body, settings)
    assert part.problems == ()
    return part.documents[0]


def told(translations: Translations, body: bytes, settings: Settings = SETTINGS) -> list[tuple[str, str]]:
    part = first(translations, body, settings)
    assert part.documents == ()
    return [(problem.code, problem.path) for problem in part.problems]


ANSWER = (
    "BAK*00*AC*PO-7*20261118**REQ-1**SO-99*20261120", "CUR*SE*EUR", "REF*CT*K-1", "DTM*068*20261201",
    "N1*SE*Stents Inc*92*S-1", "PER*IC*Jo Doe*TE*555*EM*jo@stents.example",
    "PO1*1*10*EA*87.4*PE*VN*STENT*BP*900", "PID*F****Stent", "ACK*IA*6*EA*067*20261203", "ACK*IB*4*EA*067*20270110",
    "PO1*2*5*BX*10*PE*VN*OLD", "ACK*IS*5*BX****VN*NEW*UK*00614141999996",
    "PO1*3*2*EA**PE*VN*GONE", "ACK*ID", "MSG*no longer made", "CTT*3*17",
)  # fmt: skip


def test_each_ack_of_a_line_is_an_answer_with_the_suppliers_own_word(translations: Translations) -> None:
    answer = read(translations, interchange("855", *ANSWER, group="PR"))
    assert isinstance(answer, OrderResponse)
    assert (answer.order_no, answer.code, answer.supplier_order_no, answer.currency) == ("PO-7", "CA", "SO-99", "EUR")
    assert (answer.price_date, answer.responded_at) == (date(2026, 11, 18), datetime(2026, 11, 20, 6, 0, tzinfo=UTC))
    assert answer.supplier is not None
    assert (answer.supplier.party_id, answer.supplier.contact, answer.supplier.email) == ("S-1", "Jo Doe", "jo@stents.example")
    lines = [(one.line_no, one.code, one.raw_code, one.qty and one.qty.value, one.item, one.promised_date) for one in answer.lines]
    assert lines == [
        ("1", "accepted", "IA", Decimal(6), "STENT", date(2026, 12, 3)),
        ("1", "backordered", "IB", Decimal(4), "STENT", date(2027, 1, 10)),
        ("2", "substituted", "IS", Decimal(5), "NEW", date(2026, 12, 1)),
        ("3", "rejected", "ID", None, "GONE", date(2026, 12, 1)),
    ]
    assert (answer.lines[2].gtin, answer.lines[3].reason) == ("00614141999996", "no longer made")


def test_an_answer_without_detail_needs_no_zone_and_no_lines(translations: Translations) -> None:
    answer = read(translations, interchange("855", "BAK*00*AK*PO-7*20261118"), Settings())
    assert (answer.code, answer.lines, answer.responded_at) == ("AP", (), None)
    assert answer.supplier.party_id == "SUPAPP"


def test_an_answer_code_nobody_knows_is_refused(translations: Translations) -> None:
    body = interchange("855", "BAK*00*AC*PO-7*20261118", "PO1*1*10*EA**PE*VN*STENT", "ACK*Q9*6*EA")
    assert told(translations, body) == [("E_SCHEMA", "ST[1]/PO1[1]/ACK[1]-01 (segment 4)")]


SHIPMENT = (
    "HL*1**S", "TD1*CTN*2", "TD5*B*2*UPSN", "REF*BM*BOL-1", "REF*CN*1Z999", "REF*PK*DN-5", "DTM*011*20261120*1400*ET",
    "DTM*017*20261122*0800", "N1*SF*Stents Inc*92*S-1", "N3*1 Way", "N4*Town*IL*60601*US", "N1*ST*Hub*UL*4012345000009",
)  # fmt: skip
ITEM = ("LIN*7*VN*STENT*UK*10381780268468*LT*L-1", "SN1**4*EA", "DTM*036*20281231", "DTM*094*20260101", "PID*F****Stent 3.0")
SSCC = "MAN*GM*00106141412345678908"
NESTED = {
    "S-O-P-I": ("HL*2*1*O", "PRF*PO-7", "HL*3*2*P", SSCC, "HL*4*3*I", *ITEM),
    "S-O-T-P-I": ("HL*2*1*O", "PRF*PO-7", "HL*3*2*T", "MAN*GM*106141412345678915", "HL*4*3*P", SSCC, "HL*5*4*I", *ITEM),
    "S-T-P-O-I": ("HL*2*1*T", "MAN*GM*106141412345678915", "HL*3*2*P", SSCC, "HL*4*3*O", "PRF*PO-7", "HL*5*4*I", *ITEM),
    "S-O-I-P": ("HL*2*1*O", "PRF*PO-7", "HL*3*2*I", *ITEM, "HL*4*3*P", SSCC),
    "no parents": ("HL*2**O", "PRF*PO-7", "HL*3**P", SSCC, "HL*4**I", *ITEM),
    "S-P-I": ("HL*2*1*P", SSCC, "HL*3*2*I", *ITEM, "PRF*PO-7"),
}


def notice(*levels: str) -> bytes:
    return interchange("856", "BSN*00*ASN-1*20261120*1405*0001", *SHIPMENT, *levels, group="SH")


@pytest.mark.parametrize("nesting", NESTED)
def test_a_ship_notice_means_the_same_however_it_is_nested(translations: Translations, nesting: str) -> None:
    shipment = read(translations, notice(*NESTED[nesting]))
    assert isinstance(shipment, ShipmentDispatched)
    (line,) = shipment.lines
    assert (line.order_no, line.line_no, line.item, line.gtin, line.qty) == ("PO-7", "7", "STENT", "10381780268468", Decimal(4))
    assert line.package_sscc == "106141412345678908"
    (lot,) = line.lots
    assert (lot.lot, lot.qty, lot.expiry, lot.mfg_date) == ("L-1", Decimal(4), date(2028, 12, 31), date(2026, 1, 1))
    parents = {one.sscc: one.parent_sscc for one in shipment.packages}
    pallet = "106141412345678915"
    assert parents == ({pallet: None, "106141412345678908": pallet} if "T" in nesting else {"106141412345678908": None})


def test_a_ship_notice_keeps_its_parties_times_and_references(translations: Translations) -> None:
    shipment = read(translations, notice(*NESTED["S-O-P-I"]))
    assert shipment.dispatched_at == datetime(2026, 11, 20, 19, 0, tzinfo=UTC)
    assert shipment.eta == datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
    assert (shipment.supplier.party_id, shipment.ship_from.party_id, shipment.warehouse) == ("S-1", "S-1", "S-1")
    assert (shipment.ship_to.gln, shipment.carrier, shipment.tracking_nos) == ("4012345000009", "UPSN", ("1Z999",))
    assert (shipment.delivery_note_no, shipment.references) == ("DN-5", {"BM": "BOL-1", "CN": "1Z999", "PK": "DN-5"})
    assert shipment.extensions["HL"][0]["TD1"] == [{"01": "CTN", "02": "2"}]


def test_two_orders_in_one_shipment_stay_two(translations: Translations) -> None:
    levels = ("HL*2*1*O", "PRF*PO-7", "HL*3*2*I", *ITEM, "HL*4*1*O", "PRF*PO-8", "HL*5*4*I", "LIN**SK*GLOVE", "SN1**2*BX")
    shipment = read(translations, notice(*levels))
    assert [(one.order_no, one.line_no, one.item, one.uom) for one in shipment.lines] == [
        ("PO-7", "7", "STENT", "EA"), ("PO-8", "2", "GLOVE", "XBX"),
    ]  # fmt: skip


def test_serial_numbers_are_single_pieces_and_quantities_of_several_lots_are_not_made_up(translations: Translations) -> None:
    levels = ("HL*2*1*O", "PRF*PO-7", "HL*3*2*I", "LIN**VN*PACER", "SN1**2*EA", "REF*SE*S1", "REF*SE*S2", "REF*LT*L-9",
              "HL*4*2*I", "LIN**VN*GEL", "SN1**9*EA", "REF*LT*A", "REF*LT*B")  # fmt: skip
    pacer, gel = read(translations, notice(*levels)).lines
    assert [(one.lot, one.serial, one.qty) for one in pacer.lots] == [("L-9", "S1", Decimal(1)), ("L-9", "S2", Decimal(1))]
    assert gel.lots == ()


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (("HL*2*9*O", "PRF*PO-7", "HL*3*2*I", *ITEM), ("E_X12_HL", "ST[1]/HL[2]-02 (segment 15)")),
        (("HL*2*1*I", *ITEM), ("E_SCHEMA", "ST[1]/HL[2]/PRF-01 (segment 15)")),
        (("HL*2*1*O", "PRF*PO-7", "HL*3*2*I", "LIN**VN*X", "SN1**2*QQ"), ("E_UOM", "ST[1]/HL[3]/SN1-03 (segment 19)")),
        (("HL*2*1*O", "PRF*PO-7", "HL*3*2*I", *ITEM, "CTT*9"), ("E_X12_CTT", "ST[1]/CTT[1]-01 (segment 23)")),
    ],
)
def test_what_is_wrong_in_a_level_is_told_at_its_hl(
    translations: Translations, levels: tuple[str, ...], expected: tuple[str, str]
) -> None:
    assert expected in told(translations, notice(*levels))


def test_a_ship_notice_without_a_zone_for_its_time_is_refused(translations: Translations) -> None:
    body = notice(*NESTED["S-O-P-I"]).replace(b"*1400*ET", b"*1400")
    assert ("E_TIME_NAIVE", "ST[1]/HL[1]/DTM[1]-03 (segment 9)") in told(translations, body, Settings())


@pytest.mark.parametrize(("code", "hour"), [("UT", 14), ("ET", 19), ("ED", 18), ("05", 9), ("20", 19), ("LT", 20), ("", 20)])
def test_a_time_code_names_the_zone(translations: Translations, code: str, hour: int) -> None:
    body = notice(*NESTED["S-O-P-I"]).replace(b"*1400*ET", f"*1400*{code}".encode())
    assert read(translations, body).dispatched_at == datetime(2026, 11, 20, hour, 0, tzinfo=UTC)


def invoice(*segments: str, kind: str = "DI") -> bytes:
    return interchange("810", f"BIG*20261120*INV-1*20261110*PO-7***{kind}", *segments, group="IN")


def test_an_invoice_keeps_prices_allowances_charges_taxes_and_lots_exactly(translations: Translations) -> None:
    bill = read(translations, invoice(
        "CUR*SE*EUR", "REF*SI*SHP-1", "N1*SE*Stents Inc*92*S-1", "N1*BT*Hub*92*H-1", "N1*RE*Bank*92*B-1", "ITD*01*3*2**10**30",
        "IT1*1*48*EA*3.125*PE*VN*STENT*UK*10381780268468", "PID*F****Stent", "REF*LT*L-1", "SAC*A*C310***1000**********Volume",
        "IT1*2*200*EA*150*HP*VN*GLOVE", "TDS*51670", "TXI*VA*81.70*19*****435", "SAC*C*D240***500**********Freight", "CTT*2*248",
    ))  # fmt: skip
    assert isinstance(bill, InvoiceIssued)
    assert (bill.invoice_no, bill.order_no, bill.shipment_no, bill.kind, bill.currency) == (
        "INV-1",
        "PO-7",
        "SHP-1",
        "normal",
        "EUR",
    )
    assert bill.seller is not None and bill.buyer is not None and bill.payee is not None
    assert (bill.seller.party_id, bill.buyer.party_id, bill.payee.party_id) == ("S-1", "H-1", "B-1")
    assert [(one.item, one.qty, one.unit_price, one.price_base_qty, one.net) for one in bill.lines] == [
        ("STENT", Decimal(48), Decimal("3.125"), Decimal(1), Decimal("140.00")),
        ("GLOVE", Decimal(200), Decimal(150), Decimal(100), Decimal("300.00")),
    ]
    assert [(one.reason, one.amount) for one in bill.lines[0].allowances] == [("Volume", Decimal("10.00"))]
    assert [(one.lot, one.qty) for one in bill.lines[0].lots] == [("L-1", Decimal(48))]
    assert [(one.reason, one.amount) for one in bill.doc_charges] == [("Freight", Decimal("5.00"))]
    assert [(one.rate_pct, one.base, one.amount) for one in bill.taxes] == [(Decimal(19), Decimal(435), Decimal("81.70"))]
    assert bill.totals.model_dump(exclude_none=True) == {
        "net": Decimal("435.00"), "tax": Decimal("81.70"), "gross": Decimal("516.70"), "payable": Decimal("516.70"),
    }  # fmt: skip


@pytest.mark.parametrize(("whole", "tax"), [("3.80", "3.80"), ("1.00", "4.80"), (None, "3.80")])
def test_taxes_of_the_whole_that_only_repeat_those_of_the_lines_count_once(
    translations: Translations, whole: str | None, tax: str
) -> None:
    summary = [f"TXI*VA*{whole}*19"] if whole else []
    gross = int((Decimal(20) + Decimal(tax)) * 100)
    bill = read(translations, invoice("IT1*1*2*EA*10*PE*VN*STENT", "TXI*VA*3.80*19", f"TDS*{gross}", *summary))
    assert (bill.totals.tax, bill.totals.net) == (Decimal(tax), Decimal("20.00"))


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_credit_note_has_amounts_above_zero_whichever_way_it_is_written(translations: Translations, sign: str) -> None:
    bill = read(translations, invoice(f"IT1*1*{sign}2*EA*10*PE*VN*STENT", f"TDS*{sign}2000", kind="CR"))
    assert (bill.kind, bill.totals.gross) == ("credit", Decimal("20.00"))
    assert [(one.qty, one.unit_price, one.net) for one in bill.lines] == [(Decimal(2), Decimal(10), Decimal("20.00"))]


def test_what_an_invoice_takes_back_among_its_lines_has_a_price_below_zero(translations: Translations) -> None:
    bill = read(translations, invoice("IT1*1*5*EA*10*PE*VN*A", "IT1*2*-2*EA*3*PE*VN*B", "IT1*3*1*EA*-4*PE*VN*C", "TDS*4000"))
    assert [(one.qty, one.unit_price, one.net) for one in bill.lines] == [
        (Decimal(5), Decimal(10), Decimal("50.00")), (Decimal(2), Decimal(-3), Decimal("-6.00")),
        (Decimal(1), Decimal(-4), Decimal("-4.00")),
    ]  # fmt: skip


def test_an_order_and_an_invoice_in_one_file_are_both_taken(translations: Translations) -> None:
    order = interchange("850", "BEG*00*SA*PO-1**20261120", "N1*BY*Clinic*92*C1", "PO1*1*2*EA*10.5**VN*STENT")
    bill = invoice("IT1*1*2*EA*10*PE*VN*STENT", "TDS*2000").replace(b"000000101", b"000000102")
    parts = list(translations.translate("x12", "810", order + bill, SETTINGS))
    assert [one.documents[0].message_type for one in parts] == [
        "order.placed", "interchange.received", "invoice.issued", "interchange.received",
    ]  # fmt: skip


def test_a_tracking_number_that_shipment_and_packages_both_tell_is_one(translations: Translations) -> None:
    body = notice(*NESTED["no parents"]).replace(b"HL*4", b"MAN*CP*1Z999~HL*4", 1)
    shipment = next(iter(translations.translate("x12", "856", _counted(body), SETTINGS))).documents[0]
    assert isinstance(shipment, ShipmentDispatched)
    assert shipment.tracking_nos == ("1Z999",)


def _counted(body: bytes) -> bytes:
    """The interchange with the number of segments it really has."""
    inside = body[body.index(b"ST*") : body.index(b"SE*")]
    return re.sub(rb"SE\*\d+\*", b"SE*%d*" % (inside.count(b"~") + 1), body)
