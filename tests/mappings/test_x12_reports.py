"""X12 changes (860), stock (846), sales-out (867) and acknowledgements (997, 999, TA1) as canonical documents."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from canonical.documents.acknowledgements import InterchangeAcknowledged
from canonical.documents.order_changes import OrderChanged
from canonical.envelope import first_message
from mappings.translation import OWN_SPECS, Part, Settings, Translations
from tests.support.x12 import interchange

SETTINGS = Settings(endpoint="acme", currency="USD", time_zone="America/Chicago", order_prefix="AC-")


@pytest.fixture(scope="module")
def translations() -> Translations:
    return Translations.load(OWN_SPECS / "x12")


def parts(translations: Translations, body: bytes, settings: Settings = SETTINGS) -> list[Part]:
    return list(translations.translate("x12", "850", body, settings))


def read(translations: Translations, body: bytes, settings: Settings = SETTINGS) -> Any:
    part = parts(translations, body, settings)[0]
    assert part.problems == ()
    return part.documents[0]


def told(translations: Translations, body: bytes) -> list[tuple[str, str]]:
    part = parts(translations, body)[0]
    assert part.documents == ()
    return [(problem.code, problem.path) for problem in part.problems]


CHANGE = (
    "BCH*04*SA*PO-7**3*20261101***REF*20261119*20261120", "REF*CT*K-9", "DTM*002*20261210", "N1*ST*Ward 2*92*W-2",
    "N3*Side Street 2", "N4*Vienna**1090*AT",
    "POC*1*QI*12**EA*87.4*PE*VN*STENT", "POC*2*DI", "POC*9*AI*3**BX*120*PE*VN*GLOVE*UK*10381780268468", "PID*F****Gloves",
    "SCH*3*BX***002*20261215", "POC*4*QD*0**EA", "CTT*4",
)  # fmt: skip


def test_a_change_says_what_differs(translations: Translations) -> None:
    change = read(translations, interchange("860", *CHANGE, group="PC"))
    assert isinstance(change, OrderChanged)
    assert (change.order_no, change.revision) == ("AC-PO-7", 3)
    assert change.changed_at == datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
    assert change.header is not None and change.header.ship_to is not None
    assert (change.header.ship_to.party_id, change.header.contract_no) == ("W-2", "K-9")
    assert change.header.requested_delivery_date == date(2026, 12, 10)
    ops = [(one.op, one.line_no, one.qty and (one.qty.value, one.qty.uom), one.unit_price) for one in change.line_ops]
    assert ops == [
        ("update", "1", (Decimal(12), "EA"), Decimal("87.4")), ("delete", "2", None, None),
        ("add", "9", (Decimal(3), "XBX"), Decimal(120)), ("delete", "4", None, None),
    ]  # fmt: skip
    added = change.line_ops[2]
    assert (added.sku, added.gtin, added.description, added.requested_date) == (
        "GLOVE", "10381780268468", "Gloves", date(2026, 12, 15),
    )  # fmt: skip


def test_a_change_that_is_not_counted_goes_by_the_number_of_its_interchange(translations: Translations) -> None:
    change = read(translations, interchange("860", "BCH*04*SA*PO-7", "POC*2*DI"))
    assert change.identity() == "AC-PO-7 r101"


def test_a_cancelling_change_cancels_the_order(translations: Translations) -> None:
    cancelled = read(translations, interchange("860", "BCH*01*SA*PO-7*****20261120"))
    assert (cancelled.message_type, cancelled.order_no, cancelled.lines) == ("order.cancelled", "AC-PO-7", ())


ORDERED = ("N1*BY*Hospital*92*H-1", "PO1*1*10*EA*87.40**VN*NEEDLE")


def test_an_order_in_place_of_one_before_is_a_newer_copy_of_the_whole(translations: Translations) -> None:
    first = read(translations, interchange("850", "BEG*00*SA*PO-7**20261120", *ORDERED))
    copy = read(
        translations, interchange("850", "BEG*05*SA*PO-7**20261120", "N1*BY*Hospital*92*H-1", "PO1*1*12*EA*87.40**VN*NEEDLE")
    )
    assert (first.revision, first.changed_at) == (0, None)
    assert (copy.order_no, copy.revision, copy.lines[0].qty.value) == ("AC-PO-7", 101, 12)
    assert (copy.changed_at.isoformat(), copy.totals.payable) == ("2026-11-20T15:30:00+00:00", Decimal("1048.80"))


def test_a_duplicate_of_an_order_tells_the_same(translations: Translations) -> None:
    first, again = (read(translations, interchange("850", f"BEG*{code}*SA*PO-7**20261120", *ORDERED)) for code in ("00", "07"))
    assert (again.identity(), again.fact()) == (first.identity(), first.fact())


@pytest.mark.parametrize("lines", [(), ORDERED])
def test_an_order_that_is_cancelled_by_its_own_kind_need_not_repeat_its_lines(
    translations: Translations, lines: tuple[str, ...]
) -> None:
    cancelled = read(translations, interchange("850", "BEG*01*SA*PO-7**20261120", *lines))
    assert (cancelled.message_type, cancelled.order_no, cancelled.lines) == ("order.cancelled", "AC-PO-7", ())
    assert cancelled.cancelled_at.isoformat() == "2026-11-20T15:30:00+00:00"


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        (("BEG*00*SA*PO-7**20261120",), ("E_X12_SEGMENT_MISSING", "ST[1]/PO1 (segment 3)")),
        (("BEG*05*SA*PO-7**20261120",), ("E_X12_SEGMENT_MISSING", "ST[1]/PO1 (segment 3)")),
        (("BEG*04*SA*PO-7**20261120", *ORDERED), ("E_X12_PURPOSE", "ST[1]/BEG-01 (segment 2)")),
    ],
)
def test_an_order_without_lines_or_with_differences_alone_is_refused(
    translations: Translations, segments: tuple[str, ...], expected: tuple[str, str]
) -> None:
    assert expected in told(translations, interchange("850", *segments))


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        (("BCH*05*SA*PO-7", "POC*2*DI"), ("E_X12_PURPOSE", "ST[1]/BCH-01 (segment 2)")),
        (("BCH*04*SA*PO-7", "POC**DI"), ("E_SCHEMA", "ST[1]/POC[1]-01 (segment 3)")),
        (("BCH*04*SA*PO-7", "POC*1*XX*1**EA"), ("E_SCHEMA", "ST[1]/POC[1]-02 (segment 3)")),
        (("BCH*04*SA*PO-7", "POC*1*QI*1"), ("E_SCHEMA", "ST[1]/POC[1]-05 (segment 3)")),
        (("BCH*04*SA*PO-7", "POC*1*DI", "CTT*2"), ("E_X12_CTT", "ST[1]/CTT[1]-01 (segment 4)")),
    ],
)
def test_a_change_that_is_not_clear_is_refused(
    translations: Translations, segments: tuple[str, ...], expected: tuple[str, str]
) -> None:
    assert told(translations, interchange("860", *segments)) == [expected]


def test_stock_on_hand_and_on_hold_are_rows_of_their_own(translations: Translations) -> None:
    level = read(translations, interchange(
        "846", "BIA*00*DD*INV-1*20261120*0800", "DTM*007*20261119*2300*GM", "REF*IA*77",
        "N1*WH*Cold Store*92*WH-2", "N1*OW*Hub*92*H-1",
        "LIN*1*VN*STENT*LT*L-1", "PID*F****Stent", "DTM*036*20281231", "QTY*17*50*EA", "QTY*QH*4*EA", "QTY*27*6", "QTY*IQ*8",
        "LIN*2*BP*900", "QTY*33*0", "UIT*BX", "CTT*2", group="IB",
    ))  # fmt: skip
    assert (level.location, level.mode, level.reference, level.owner_party.party_id) == ("WH-2", "snapshot", "INV-1", "H-1")
    assert level.as_of == datetime(2026, 11, 19, 23, 0, tzinfo=UTC)
    rows = [(one.item, one.on_hand, one.uom, one.status, one.lot, one.reserved, one.in_transit) for one in level.items]
    assert rows == [
        ("STENT", Decimal(50), "EA", "released", "L-1", Decimal(6), Decimal(8)),
        ("900", Decimal(0), "XBX", "released", None, None, None),
        ("STENT", Decimal(4), "EA", "quarantine", "L-1", None, None),
    ]
    assert (level.items[0].expiry, level.items[0].description) == (date(2028, 12, 31), "Stent")


def test_a_sales_report_tells_who_bought_what_under_which_contract(translations: Translations) -> None:
    report = read(translations, interchange(
        "867", "BPT*00*R-1*20261105*SS", "DTM*090*20261001", "DTM*091*20261031", "N1*DB*Dealer*92*D-1", "REF*DP*CARDIO",
        "PTD*SS***VC*K-1", "N1*EN*Hospital*UL*4012345000009", "N4*Vienna**1090*AT", "REF*PO*H-PO-1",
        "QTY*32*3*EA", "LIN**VN*STENT*LT*L-1", "UIT*EA*99.5*CT", "DTM*003*20261007", "REF*IV*INV-9",
        "QTY*76*1*EA", "LIN**VN*STENT", "PTD*SS", "QTY*32*-2*BX", "LIN*7*VN*GLOVE", "CTT*2", group="PT",
    ))  # fmt: skip
    assert (report.report_no, report.dealer.party_id) == ("R-1", "D-1")
    assert (report.period.start, report.period.end) == (date(2026, 10, 1), date(2026, 10, 31))
    lines = [(one.line_no, one.kind, one.item, one.qty, one.uom, one.unit_price, one.contract_no) for one in report.lines]
    assert lines == [
        ("1.1", "sale", "STENT", Decimal(3), "EA", Decimal("99.5"), "K-1"),
        ("1.2", "return", "STENT", Decimal(1), "EA", None, "K-1"),
        ("7", "return", "GLOVE", Decimal(2), "XBX", None, None),
    ]
    sold = report.lines[0]
    assert (sold.end_customer.gln, sold.sold_on, sold.references) == ("4012345000009", date(2026, 10, 7), {"IV": "INV-9"})
    assert [(lot.lot, lot.qty) for lot in sold.lots] == [("L-1", Decimal(3))]
    assert report.lines[2].end_customer is None


def test_a_report_of_sums_without_items_is_refused(translations: Translations) -> None:
    body = interchange("867", "BPT*00*R-1*20261105*PR", "PTD*SU", "N1*ST*Hospital", "QTY*32*50")
    assert told(translations, body)[0] == ("E_SCHEMA", "ST[1]/PTD[1]/QTY[1]/LIN (segment 5)")


FUNCTIONAL = (
    "AK1*PR*77", "AK2*855*0001", "AK5*A", "AK2*855*0002", "AK3*PO1*7**8", "AK4*2>1*330*7*1O", "AK3*CTT*9**3", "AK5*R*5*4",
    "AK9*P*2*2*1*5",
)  # fmt: skip
RENAMED = {"AK3": "IK3", "AK4": "IK4", "AK5": "IK5"}
NEWS = {"997": FUNCTIONAL, "999": tuple(RENAMED.get(row[:3], row[:3]) + row[3:] for row in FUNCTIONAL)}


@pytest.mark.parametrize("kind", NEWS)
def test_a_partners_verdict_on_our_sets_is_read(translations: Translations, kind: str) -> None:
    found = parts(translations, interchange(kind, *NEWS[kind], group="FA"))
    (news,) = found[0].documents
    assert len(found) == 1
    assert isinstance(news, InterchangeAcknowledged)
    assert (news.control_no, news.acknowledgement_no, news.sender, news.receiver) == ("77", "000000101/101/0001", "SUPPLIER", "HUB")
    assert (news.verdict, news.codes) == ("partial", ("5",))
    good, bad = news.sets
    assert (good.control_no, good.kind, good.accepted, bad.control_no, bad.accepted, bad.codes) == (
        "0001", "855", True, "0002", False, ("5", "4"),
    )  # fmt: skip
    letters = "AK" if kind == "997" else "IK"
    assert [(one.code, one.path, one.message, one.value) for one in bad.problems] == [
        (f"{letters}403-7", "PO1-2-1 (segment 7)", "invalid code value", "1O"),
        (f"{letters}304-3", "CTT (segment 9)", "mandatory segment missing", None),
    ]


@pytest.mark.parametrize(("code", "verdict"), [("A", "accepted"), ("E", "with_errors"), ("R", "rejected"), ("X", "rejected")])
def test_a_group_may_be_acknowledged_as_a_whole(translations: Translations, code: str, verdict: str) -> None:
    news = read(translations, interchange("997", "AK1*PR*77", f"AK9*{code}*1*1*0"))
    assert (news.verdict, news.sets) == (verdict, ())


def test_a_ta1_needs_no_group_and_each_is_news_of_its_own(translations: Translations) -> None:
    isa, _, *_, iea = interchange("997", "AK1*PR*77", "AK9*A*1*1*1").decode().splitlines()
    body = "\n".join((isa, "TA1*000000009*261120*0900*R*021~", "TA1*000000010*261120*0900*A*000~", iea.replace("*1*", "*0*")))
    found = [document for part in parts(translations, body.encode()) for document in part.documents]
    assert [(one.control_no, one.verdict, one.codes) for one in found] == [
        ("000000009", "rejected", ("021",)), ("000000010", "accepted", ("000",)),
    ]  # fmt: skip


def test_an_acknowledgement_that_is_cut_off_is_told_and_not_answered(translations: Translations) -> None:
    (part,) = parts(translations, interchange("997", "AK1*PR*77"))
    assert ("E_X12_SEGMENT_MISSING", "ST[1]/AK9 (segment 3)") in [(one.code, one.path) for one in part.problems]


def test_orders_of_version_005010_are_answered_by_a_999(translations: Translations) -> None:
    bad = interchange("850", "BEG*00*SA*PO-1**20261340", "N1*BY*C*92*C1", "PO1*1*2*EA*10.5**VN*S", version="005010")
    verdict = parts(translations, bad)[-1].documents[0]
    message = replace(first_message(verdict, source="hub", raw_id="r", now=datetime(2026, 11, 21, tzinfo=UTC)), message_id="m-1")
    lines = translations.write("x12", "997", message, SETTINGS).decode().splitlines()
    assert [line for line in lines if line[:2] not in {"IS", "GE", "IE", "SE"}][1:] == [
        "ST*999*0001*005010X231A1~", "AK1*PO*101*005010~", "AK2*850*0001~", "IK3*BEG*2**8~", "IK4*5*373*8*20261340~", "IK5*R*5~",
        "AK9*R*1*1*0~",
    ]  # fmt: skip
    assert lines[1].endswith("*X*005010X231A1~")
    again = read(translations, "\n".join(lines).encode())
    assert (again.verdict, again.sets[0].problems[0].message) == ("rejected", "invalid date")


ACTIVITY = (
    "XQ*G*20261101*20261107", "N9*ZZ*WEEK-45", "N1*RL*Depot East*92*E1", "LIN**BP*54-P96A*VP*P96A", "CTP**CON*12.5",
    "ZA*QA*10*EA", "ZA*QI*6*EA", "ZA*QH*2*EA", "ZA*QS*4*EA*003*20261103", "ZA*QU*1*EA",
    "LIN**VP*P99A", "ZA*QP*7*EA", "N1*RL*Depot West*92*W1", "LIN**VP*P99A", "ZA*QE*3*EA", "CTT*3",
)  # fmt: skip


def test_product_activity_is_stock_at_each_place_and_what_was_sold_there(translations: Translations) -> None:
    (part, *_) = parts(translations, interchange("852", *ACTIVITY, group="PD"))
    assert part.problems == ()
    east, west, sold = part.documents
    assert [(east.location, east.mode, east.reference), (west.location, west.mode, west.reference)] == [
        ("E1", "snapshot", "101-0001"), ("W1", "snapshot", "101-0001"),
    ]  # fmt: skip
    assert east.as_of == datetime(2026, 11, 7, 6, 0, tzinfo=UTC)
    assert [(i.item, i.buyer_item_id, i.on_hand, i.in_transit, i.status) for i in east.items] == [
        ("P96A", "54-P96A", Decimal(10), Decimal(6), "released"), ("P96A", "54-P96A", Decimal(2), None, "quarantine"),
    ]  # fmt: skip
    assert [(i.item, i.on_hand) for i in west.items] == [("P99A", Decimal(3))]
    assert (sold.report_no, sold.dealer.party_id, sold.period.start, sold.period.end) == (
        "101-0001", "E1", date(2026, 11, 1), date(2026, 11, 7),
    )  # fmt: skip
    assert [(x.item, x.kind, x.qty, x.uom, x.sold_on, x.unit_price, x.currency, x.region) for x in sold.lines] == [
        ("P96A", "sale", Decimal(4), "EA", date(2026, 11, 3), Decimal("12.5"), "USD", "E1"),
        ("P96A", "return", Decimal(1), "EA", None, Decimal("12.5"), "USD", "E1"),
    ]
    assert (sold.references, east.references) == ({"ZZ": "WEEK-45"}, {"ZZ": "WEEK-45"})
    (rest,) = east.extensions["rest"]
    assert (rest["item"]["03"], rest["place"]["04"], rest["counts"]) == ("P99A", "E1", {"QP": "7"})
    assert east.extensions["place.N1"]["02"] == "Depot East"
    assert "rest" not in west.extensions


def test_activity_by_store_is_taken_apart(translations: Translations) -> None:
    rows = (
        "XQ*H*20261101",
        "N1*BY*Chain*92*C",
        "LIN**UP*036000291452",
        "ZA*QS**EA",
        "SDQ*EA*92*0042*3*0043*5",
        "ZA*QA**EA",
        "SDQ*EA*92*0042*8",
    )
    (part, *_) = parts(translations, interchange("852", *rows, group="PD"))
    stock, sold = part.documents
    assert (stock.location, [(i.gtin, i.on_hand) for i in stock.items]) == ("0042", [("00036000291452", Decimal(8))])
    assert [(x.region, x.qty) for x in sold.lines] == [("0042", Decimal(3)), ("0043", Decimal(5))]


def test_a_wrong_figure_of_activity_is_told_where_it_stands(translations: Translations) -> None:
    rows = ("XQ*H*20261101", "N1*RL**92*E1", "LIN**VP*A", "ZA*QA*x*EA", "LIN**VP*B", "ZA*QS*?*EA")
    assert set(told(translations, interchange("852", *rows, group="PD"))) >= {
        ("E_SCHEMA", "ST[1]/N1[1]/LIN[1]/ZA[1]-02 (segment 5)"), ("E_SCHEMA", "ST[1]/N1[1]/LIN[2]/ZA[1]-02 (segment 7)"),
    }  # fmt: skip


RECEIPT = (
    "BRA*RA-1*20261121*00*1", "REF*SI*SH-77", "REF*CN*1Z999", "DTM*050*20261121*0855*ET", "PRF*PO-7", "N1*ST*Clinic North*92*N",
    "RCD*1*8*EA***2*EA*01", "LIN*1*VP*STENT", "RCD*2*5*EA***1*EA*02*1*EA*07", "LIN*2*VP*GLOVE", "PRF*PO-8",
)  # fmt: skip


def test_a_receiving_advice_confirms_what_arrived_and_how(translations: Translations) -> None:
    receipt = read(translations, interchange("861", *RECEIPT, group="RC"))
    assert (receipt.shipment_no, receipt.tracking_no, receipt.receiver) == ("SH-77", "1Z999", "Clinic North")
    assert receipt.delivered_at == datetime(2026, 11, 21, 13, 55, tzinfo=UTC)
    assert [(x.order_no, x.line_no, x.qty_ok, x.qty_damaged, x.qty_short) for x in receipt.lines] == [
        ("AC-PO-7", "1", Decimal(8), Decimal(2), Decimal(0)), ("AC-PO-8", "2", Decimal(6), Decimal(0), Decimal(1)),
    ]  # fmt: skip


def test_a_receiving_advice_without_a_shipment_is_refused(translations: Translations) -> None:
    rows = tuple(row for row in RECEIPT if not row.startswith("REF"))
    assert [code for code, _ in told(translations, interchange("861", *rows, group="RC"))] == ["E_SCHEMA"]
