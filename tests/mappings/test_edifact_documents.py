"""EDIFACT messages through the whole translation: orders, changes and suppliers' documents in, answers and acknowledgements out."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from canonical.documents.base import Document
from canonical.documents.finance import InvoiceIssued, InvoiceLine, InvoiceTotals
from canonical.documents.order_answers import OrderResponse, ResponseLine
from canonical.documents.orders import PaymentTerms
from canonical.documents.shipments import Package, ShipmentDispatched, ShipmentLine
from canonical.envelope import Message, first_message
from canonical.values import Address, Allowance, Charge, LotRef, Party, QuantityOrZero, TaxTotal
from mappings.translation import OWN_SPECS, Part, Settings, Translations

SAMPLES = Path(__file__).parents[1] / "samples" / "edifact"
TRANSLATIONS = Translations.load(OWN_SPECS / "edifact")
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SETTINGS = Settings(endpoint="nord", currency="EUR", time_zone="Europe/Berlin")
SENDING = Settings(
    endpoint="nord",
    time_zone="UTC",
    options={"edifact": {"sender_id": "4012345500004", "receiver_id": "5412345000013", "units": {"GBND": "XPK"}}},
)


def parts(body: bytes, settings: Settings = SETTINGS) -> list[Part]:
    return list(TRANSLATIONS.translate("edifact", "ORDERS", body, settings))


def interchange(*segments: str, kind: str = "ORDERS", directory: str = "96A") -> bytes:
    """One message in its envelope; the segments between UNH and UNT are given."""
    rows = [f"UNH+1+{kind}:D:{directory}:UN", *segments]
    whole = ["UNB+UNOC:3+A:14+B:14+261120:0915+7", *rows, f"UNT+{len(rows) + 1}+1", "UNZ+1+7"]
    return "".join(f"{row}'\n" for row in whole).encode("latin-1")


def made(*segments: str, kind: str = "ORDERS", settings: Settings = SETTINGS) -> dict[str, Any]:
    """The canonical document of a message, without extensions."""
    first = parts(interchange(*segments, kind=kind), settings)[0]
    assert first.problems == ()
    return dict(json.loads(first.documents[0].content()))


def problems(part: Part) -> list[tuple[str, str, str | None]]:
    return [(problem.code, problem.path, problem.value) for problem in part.problems]


def message(document: Document) -> Message:
    made = first_message(document, source="order", raw_id="raw-1", now=NOON)
    return structs.replace(made, message_id="0190f5a0-0000-7000-8000-000000000001")


def written(document: str, sent: Document, settings: Settings = SENDING) -> bytes:
    return TRANSLATIONS.write("edifact", document, message(sent), settings)


ORDER = ("BGM+220+PO-1+9", "DTM+137:20261120:102", "NAD+BY+5412345000013::9", "CUX+2:EUR:9")


@pytest.mark.parametrize("file", sorted(SAMPLES.glob("*.out.jsonl")), ids=lambda file: file.name)
def test_a_sample_becomes_exactly_these_documents(file: Path) -> None:
    found = parts(file.with_name(file.name.replace(".out.jsonl", ".edi")).read_bytes())
    assert [problem for part in found for problem in part.problems] == []
    documents = [document.body() for part in found for document in part.documents if not part.is_acknowledgement]
    assert documents == file.read_bytes().splitlines()


def test_a_text_about_a_line_stays_with_it() -> None:
    line = ("LIN+1++A:SA", "QTY+21:2:PCE", "FTX+LIN+++keep cool:and dry", "RFF+CT:K-1")
    assert made(*ORDER, *line)["lines"][0]["references"] == {"CT": "K-1", "note": "keep cool and dry"}


def test_a_line_of_a_bill_is_that_of_the_order_it_names() -> None:
    line = ("LIN+1++A:SA", "QTY+47:2:PCE", "MOA+203:20.00", "PRI+AAA:10.00", "RFF+ON:PO-1:40")
    head = ("BGM+380+R1+9", "DTM+137:20261120:102", "NAD+SU+1::92", "NAD+BY+2::92", "CUX+2:EUR:4")
    found = made(*head, *line, "UNS+S", "MOA+77:20.00", kind="INVOIC")
    assert [(one["order_no"], one["line_no"]) for one in found["lines"]] == [("PO-1", "40")]


def test_an_order_without_prices_currency_or_unz_comes_in_without_totals() -> None:
    order, verdict = parts((SAMPLES / "ORDERS--no_prices.edi").read_bytes(), Settings(endpoint="e", currency="GBP"))
    found = json.loads(order.documents[0].content())
    assert [(line["gtin"], line["qty"]["value"]) for line in found["lines"]] == [("05020436373085", "8"), ("05020436373108", "8")]
    assert [found[role]["gln"] for role in ("seller", "sold_to", "ship_to")] == ["5020436000004", "8711576000012", "8711576100019"]
    assert "totals" not in found
    assert verdict.is_acknowledgement


def test_of_three_orders_the_bad_one_is_refused_and_told_alone() -> None:
    first, second, third, verdict = parts((SAMPLES / "ORDERS--second_of_three_is_bad.edi").read_bytes())
    assert [one.documents[0].subject() for one in (first, third)] == ["PO-1", "PO-3"]
    assert second.documents == ()
    assert problems(second) == [
        ("E_EDIFACT_CNT", "UNH[2]/UNS[1]/CNT[1]-01-2 (segment 9)", "3"),
        ("E_DATE", "UNH[2]/DTM[1] (segment 3)", "20261340"),
        ("E_UOM", "UNH[2]/LIN[1]/QTY[1]-01-3 (segment 7)", "QQ"),
    ]
    assert written("CONTRL", verdict.documents[0]).decode().splitlines() == [
        "UNA:+.? '",
        "UNB+UNOC:3+4012345500004:14+5412345000013:14+261121:1200+747417883++CONTRL'",
        "UNH+1+CONTRL:4:1:UN'",
        "UCI+77+5412345000013:14+4012345500004:14+7'",
        "UCM+M1+ORDERS:D:96A:UN:EAN008+7'",
        "UCM+M2+ORDERS:D:96A:UN:EAN008+4'",
        "UCS+3+12'",
        "UCS+7'",
        "UCD+12+2:3'",
        "UCS+9'",
        "UCD+29+2:2'",
        "UCM+M3+ORDERS:D:96A:UN:EAN008+7'",
        "UNT+11+1'",
        "UNZ+1+747417883'",
    ]


def test_a_contrl_of_ours_reads_back_as_the_partners_verdict() -> None:
    *_, verdict = parts((SAMPLES / "ORDERS--second_of_three_is_bad.edi").read_bytes())
    (report,) = parts(written("CONTRL", verdict.documents[0]))
    found = json.loads(report.documents[0].content())
    assert (found["control_no"], found["verdict"], found["sender"], found["receiver"]) == (
        "77", "partial", "4012345500004", "5412345000013",
    )  # fmt: skip
    assert [(one["control_no"], one["accepted"]) for one in found["sets"]] == [("M1", True), ("M2", False), ("M3", True)]


@pytest.mark.parametrize(
    ("trailer", "code", "answer"),
    [("UNZ+2+7", "E_EDIFACT_UNZ_COUNT", "29"), ("UNZ+1+8", "E_EDIFACT_UNZ_REFERENCE", "28")],
)
def test_a_wrong_interchange_trailer_refuses_all_of_it(trailer: str, code: str, answer: str) -> None:
    body = interchange(*ORDER, "LIN+1++1:SA", "QTY+21:1").replace(b"UNZ+1+7", trailer.encode())
    order, verdict = parts(body)
    assert [problem[0] for problem in problems(order)] == [code]
    assert f"UCI+7+A:14+B:14+4+{answer}'" in written("CONTRL", verdict.documents[0]).decode()


def test_an_interchange_of_acknowledgements_is_not_answered() -> None:
    (report,) = parts(interchange("UCI+55+B:14+A:14+4+23", kind="CONTRL"))
    assert json.loads(report.documents[0].content())["verdict"] == "rejected"
    assert not report.is_acknowledgement


def test_another_kind_of_message_is_refused_by_its_type() -> None:
    found, verdict = parts(interchange("BGM+9+1", kind="PRICAT"))
    assert problems(found) == [("E_EDIFACT_UNSUPPORTED", "UNH[1]/UNH-02 (segment 1)", "PRICAT")]
    assert "UCM+1+PRICAT:D:96A:UN+4+14'" in written("CONTRL", verdict.documents[0]).decode()


@pytest.mark.parametrize(
    ("dtm", "day"),
    [
        ("137:20261120:102", "2026-11-20"), ("137:202611201530:203", "2026-11-20"), ("137:20261120153059:204", "2026-11-20"),
        ("137:2026112020261130:718", "2026-11-20"), ("137:20261120-20261130:718", "2026-11-20"),
        ("137:199910060000:102", "1999-10-06"),
        ("137:20261120", "2026-11-20"), ("137:261120:101", "2026-11-20"), ("137:202611201530UTC:303", "2026-11-20"),
    ],
)  # fmt: skip
def test_dates_of_every_format_are_read(dtm: str, day: str) -> None:
    assert made(ORDER[0], f"DTM+{dtm}", *ORDER[2:], "LIN+1++1:SA", "QTY+21:1")["price_date"] == day


@pytest.mark.parametrize("dtm", ["137:20261340:102", "137:2026112:102", "137:tomorrow:102", "137:202611202460:203"])
def test_what_is_no_date_is_told(dtm: str) -> None:
    found = parts(interchange(ORDER[0], f"DTM+{dtm}", *ORDER[2:], "LIN+1++1:SA", "QTY+21:1"))[0]
    assert problems(found) == [("E_DATE", "UNH[1]/DTM[1] (segment 3)", dtm.split(":")[1])]


def test_allowances_follow_one_another_by_their_sequence() -> None:
    lines = ("LIN+1++1:SA", "QTY+21:10", "PRI+AAB:100", "ALC+A+++2", "PCD+3:5", "ALC+A+++1", "PCD+3:10", "ALC+C", "MOA+23:7,5")
    (line,) = made(*ORDER, *lines)["lines"]
    assert line["line_amount"] == "862.50"
    assert [(one["amount"], one["base"]) for one in line["allowances"]] == [("100.00", "1000"), ("45.00", "900.00")]
    assert line["charges"] == [{"reason": "unspecified", "amount": "7.5"}]


def test_a_net_price_has_its_allowances_in_it() -> None:
    (line,) = made(*ORDER, "LIN+1++1:SA", "QTY+21:10", "MOA+203:900", "PRI+AAA:90", "ALC+A", "PCD+3:10")["lines"]
    assert (line["unit_price"], line["line_amount"], line.get("allowances")) == ("90", "900", None)


def test_line_amounts_that_do_not_add_up_are_told_where_they_stand() -> None:
    body = interchange(*ORDER, "LIN+1++1:SA", "QTY+21:10", "MOA+203:901", "PRI+AAA:90", "UNS+S", "MOA+79:900")
    found = parts(body)[0]
    assert [problem[0] for problem in problems(found)] == ["E_LINE_AMOUNT", "E_SUM_LINES"]
    assert problems(found)[1][1:] == ("UNH[1]/UNS[1]/MOA[1]-01-2 (segment 11)", "900")


def test_an_item_named_by_pia_only_and_a_price_for_a_hundred() -> None:
    (line,) = made(*ORDER, "LIN+1", "PIA+5+8812:IN+X1:MF", "QTY+21:500:EA", "PRI+AAA:14.80:CT::100")["lines"]
    assert (line["buyer_item_id"], line["mpn"], line["price_base_qty"], line["line_amount"]) == ("8812", "X1", "100", "74.00")


def test_units_of_the_partners_own_need_an_alias() -> None:
    body = (*ORDER, "LIN+1++1:SA", "QTY+21:2:GBND")
    assert made(*body, settings=structs.replace(SENDING, currency="EUR"))["lines"][0]["qty"] == {"value": "2", "uom": "XPK"}
    assert problems(parts(interchange(*body))[0]) == [("E_UOM", "UNH[1]/LIN[1]/QTY[1]-01-3 (segment 7)", "GBND")]


def test_an_order_put_in_the_place_of_another_has_a_higher_revision() -> None:
    lines = ("LIN+1++1:SA", "QTY+21:1")
    first = made("BGM+220+PO-1+5", "DTM+137:202611201015:203", *ORDER[2:], *lines)
    later = made("BGM+220+PO-1+5", "DTM+137:202611201016:203", *ORDER[2:], *lines)
    dated = made("BGM+220+PO-1+5", "DTM+137:20261120:102", *ORDER[2:], *lines)
    assert [one["revision"] for one in (first, later, dated)] == [202611201015, 202611201016, 202611200915]


def test_a_proposed_order_is_no_order() -> None:
    found = parts(interchange("BGM+220+PO-1+16", *ORDER[1:], "LIN+1++1:SA", "QTY+21:1"))[0]
    assert problems(found) == [("E_EDIFACT_PURPOSE", "UNH[1]/BGM-03 (segment 2)", "16")]


@pytest.mark.parametrize("kind", ["ORDERS", "ORDCHG"])
def test_purpose_1_takes_the_order_back(kind: str) -> None:
    found = made("BGM+220+PO-1+1", "DTM+137:20261120:102", "FTX+AAI+++no longer needed", "LIN+1++1:SA", kind=kind)
    assert found == {"order_no": "PO-1", "reason_code": "no longer needed", "requested_by": "buyer"}


def test_a_change_tells_only_differences() -> None:
    found = made(
        "BGM+230+CH-2+4", "DTM+137:202611211400:203", "DTM+2:20261215:102", "RFF+ON:PO-1", "NAD+DP+4012345500004::9",
        "LIN+1+2", "LIN+2+3", "QTY+21:7:PCE", "LIN+3+1+4012345678901:SRV", "QTY+21:2", "PRI+AAA:9.90", "LIN+4+5", kind="ORDCHG",
    )  # fmt: skip
    assert (found["order_no"], found["revision"], found["changed_at"]) == ("PO-1", 202611211400, "2026-11-21T13:00:00Z")
    assert found["header"]["requested_delivery_date"] == "2026-12-15"
    assert found["header"]["ship_to"]["gln"] == "4012345500004"
    assert [(op["op"], op["line_no"], op.get("qty", {}).get("value")) for op in found["line_ops"]] == [
        ("delete", "1", None), ("update", "2", "7"), ("add", "3", "2"),
    ]  # fmt: skip


def test_packages_of_a_despatch_advice_stand_in_one_another_and_hold_their_lines() -> None:
    found = made(
        "BGM+351+D-1+9", "DTM+11:202611201530:203", "NAD+SU+4012345500004::9", "CPS+1", "PAC+1++PX", "PCI+33E",
        "GIN+BJ+00376104250021234569", "CPS+2+1", "PAC+1++CT", "MEA+PD+AAB+GRM:1250", "PCI+33E", "GIN+BJ+342603046212341547",
        "LIN+1++4260304623843:EN", "QTY+12:10:PCE", "QVR+-2:21+BP", "RFF+ON:PO-1:7", "PCI+36E", "DTM+36:20270131:102", "QTY+12:6",
        "GIN+BX+L1", "PCI+36E", "GIN+BX+L2", "GIN+BN+S1+S2", "CNT+2:1", kind="DESADV",
    )  # fmt: skip
    assert found["dispatched_at"] == "2026-11-20T14:30:00Z"
    assert found["packages"] == [
        {"sscc": "376104250021234569", "kind": "PX"},
        {"sscc": "342603046212341547", "parent_sscc": "376104250021234569", "kind": "CT", "weight_kg": "1.250"},
    ]
    (line,) = found["lines"]
    assert (line["order_no"], line["line_no"], line["outstanding_qty"]) == ("PO-1", "7", "2")
    assert line["package_sscc"] == "342603046212341547"
    assert line["lots"] == [
        {"lot": "L1", "expiry": "2027-01-31", "qty": "6"}, {"lot": "L2", "serial": "S1"}, {"lot": "L2", "serial": "S2"},
    ]  # fmt: skip


def test_a_despatch_advice_without_zone_or_order_is_refused() -> None:
    body = interchange("BGM+351+D-1+9", "DTM+11:20261120:102", "NAD+SU+1::92", "CPS+1", "LIN+1++1:SA", "QTY+12:1", kind="DESADV")
    found = parts(body, Settings(endpoint="e"))[0]
    assert {problem[0] for problem in problems(found)} == {"E_TIME_NAIVE", "E_SCHEMA"}


BUYER = Party(
    party_id="5412345000013",
    gln="5412345000013",
    name="St. Anna's Hospital + Clinic: Haus ? 3 am Ende der langen Straße",
    address=Address(lines=("Teststr. 1", "2. OG"), city="Köln", postcode="50667", country="DE"),
    contact="Frau Groß",
    phone="+49 221 1",
    email="a@b.example",
)


def back(document: str, sent: Document, settings: Settings = SENDING) -> dict[str, Any]:
    """What is read again from what was written."""
    return dict(json.loads(parts(written(document, sent, settings), settings)[0].documents[0].content()))


def facts(found: dict[str, Any], *without: str) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in without}


def sent_facts(sent: Document, *without: str) -> dict[str, Any]:
    return facts(json.loads(sent.content()), "origin", "channel", *without)


def test_an_answer_reads_back_with_the_same_facts() -> None:
    lines = (
        ResponseLine(line_no="1", code="accepted", qty=QuantityOrZero(value=Decimal(10), uom="XBX"), item="S1", sku="S1",
                     gtin="04012345678901", unit_price=Decimal("87.40"), promised_date=date(2026, 12, 3)),
        ResponseLine(line_no="2", code="backordered", qty=QuantityOrZero(value=Decimal(3)), item="S2", sku="S2",
                     reason="later ' maybe"),
        ResponseLine(line_no="3", code="substituted", qty=QuantityOrZero(value=Decimal(3)), item="S3", sku="S3"),
        ResponseLine(line_no="4", code="rejected", qty=QuantityOrZero(value=Decimal(0)), item="S4", sku="S4"),
        ResponseLine(line_no="5", code="changed", qty=QuantityOrZero(value=Decimal("2.5"), uom="MTR"), item="S5", sku="S5"),
    )  # fmt: skip
    sent = OrderResponse(
        order_no="PO-1", origin="e", channel="edi", code="CA", price_date=date(2026, 11, 20), sold_to=BUYER, currency="EUR",
        reasons=("M_MOQ: too little", "word " * 60 + "end"), lines=lines,
    )  # fmt: skip
    found = back("ORDRSP", sent)
    assert facts(found, "lines", "supplier", "supplier_order_no", "responded_at", "references") == sent_facts(sent, "lines")
    assert [facts(line, "raw_code") for line in found["lines"]] == json.loads(sent.content())["lines"]
    assert found["supplier"]["gln"] == "4012345500004"


def test_a_despatch_advice_reads_back_with_the_same_facts() -> None:
    lines = (
        ShipmentLine(order_no="PO-2", line_no="7", item="S2", sku="S2", qty=Decimal(1)),
        ShipmentLine(order_no="PO-1", line_no="1", item="S1", sku="S1", gtin="04012345678901", qty=Decimal(10), uom="EA",
                     outstanding_qty=Decimal(2), package_sscc="342603046212341547", description="Katheter", lots=(
                         LotRef(lot="A?1", expiry=date(2027, 1, 31), mfg_date=date(2025, 1, 1), qty=Decimal(8)),
                         LotRef(lot="B", serial="SN1"))),
    )  # fmt: skip
    packages = (
        Package(sscc="376104250021234569", kind="PX"),
        Package(sscc="342603046212341547", parent_sscc="376104250021234569", kind="CT", weight_kg=Decimal("12.5"),
                dims_cm=(Decimal(40), Decimal(30), Decimal("20.5"))),
    )  # fmt: skip
    sent = ShipmentDispatched(
        shipment_no="SH1", warehouse="W1", carrier="DHL", tracking_nos=("T1", "T2"), eta=datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
        dispatched_at=datetime(2026, 11, 21, 9, 1, 2, tzinfo=UTC), incoterm="DAP", delivery_note_no="DN1", ship_to=BUYER,
        ship_from=Party(party_id="W1", name="Lager"), packages=packages, lines=lines,
    )  # fmt: skip
    found = back("DESADV", sent)
    assert facts(found, "lines", "supplier", "references") == sent_facts(sent, "lines")
    assert [facts(line, "references") for line in found["lines"]] == json.loads(sent.content())["lines"]


def test_an_invoice_reads_back_with_the_same_facts() -> None:
    lines = (
        InvoiceLine(line_no="1", item="S1", sku="S1", gtin="04012345678901", order_no="PO-1", qty=Decimal(10), uom="XBX",
                    unit_price=Decimal(100), net=Decimal("890.00"), tax_rate_pct=Decimal(19), allowances=(
                        Allowance(reason="rebate", amount=Decimal("100.00"), pct=Decimal(10), base=Decimal(1000)),
                        Allowance(reason="cash", amount=Decimal("20.00"))),
                    charges=(Charge(reason="cool", amount=Decimal("10.00")),), lots=(LotRef(lot="A", qty=Decimal(10)),)),
        InvoiceLine(line_no="2", item="S2", sku="S2", order_no="PO-1", qty=Decimal(3), unit_price=Decimal("2.345"),
                    net=Decimal("0.70"), price_base_qty=Decimal(10), tax_rate_pct=Decimal(7)),
    )  # fmt: skip
    sent = InvoiceIssued(
        invoice_no="R1", kind="credit", original_invoice_no="R0", order_no="PO-1", origin="e", channel="edi", shipment_no="SH1",
        issued_on=date(2026, 11, 21), due_on=date(2026, 12, 21), buyer=BUYER, payee=Party(party_id="X"), ship_to=BUYER,
        currency="EUR", payment_terms=PaymentTerms(code="N30", net_days=30), lines=lines,
        doc_allowances=(Allowance(reason="bonus", amount=Decimal("5.00")),),
        doc_charges=(Charge(reason="freight", amount=Decimal("9.90")),),
        taxes=(TaxTotal(rate_pct=Decimal(19), base=Decimal("894.90"), amount=Decimal("170.03")),
               TaxTotal(rate_pct=Decimal(7), base=Decimal("0.70"), amount=Decimal("0.05"))),
        totals=InvoiceTotals(net=Decimal("895.60"), tax=Decimal("170.08"), gross=Decimal("1065.68"), prepaid=Decimal("65.68"),
                             payable=Decimal("1000.00")),
    )  # fmt: skip
    found = back("INVOIC", sent)
    assert facts(found, "lines", "seller", "references") == sent_facts(sent, "lines")
    assert [facts(line, "references") for line in found["lines"]] == json.loads(sent.content())["lines"]


def test_text_beyond_the_character_set_makes_the_interchange_unicode() -> None:
    sent = OrderResponse(order_no="PO-1", code="RE", reasons=("库存不足",), lines=())
    body = written("ORDRSP", sent)
    assert body.decode("utf-8").splitlines()[1].startswith("UNB+UNOY:4+")
    assert back("ORDRSP", sent)["reasons"] == ["库存不足"]


def test_lots_without_dates_of_their_own_have_those_of_their_line() -> None:
    line = (
        "LIN+1++4012345678901:EN", "QTY+12:5:PCE", "DTM+361:20281231:102", "RFF+ON:PO-1:1", "PCI+36E", "GIN+BX+LOT-A",
        "PCI+36E", "DTM+361:20290131:102", "GIN+BX+LOT-B",
    )  # fmt: skip
    head = ("BGM+351+DA-1+9", "DTM+137:20261120:102", "NAD+SU+1::92", "NAD+DP+2::92", "CPS+1")
    (found,) = made(*head, *line, kind="DESADV")["lines"]
    assert [(one["lot"], one["expiry"]) for one in found["lots"]] == [("LOT-A", "2028-12-31"), ("LOT-B", "2029-01-31")]


def test_lots_of_a_billed_line_stand_in_the_marks_of_its_packages() -> None:
    line = (
        "LIN+1++4012345678901:EN", "QTY+47:5:PCE", "MOA+203:50", "PRI+AAA:10", "RFF+ON:PO-1:1", "PAC+2++CT", "PCI+36E",
        "DTM+36:20281231:102", "GIN+BX+LOT-A", "PAC+1++CT", "PCI+36E", "GIN+BN+S1+S2",
    )  # fmt: skip
    head = ("BGM+380+R1+9", "DTM+137:20261120:102", "NAD+SU+1::92", "NAD+BY+2::92", "CUX+2:EUR:4")
    (found,) = made(*head, *line, "UNS+S", "MOA+77:50", kind="INVOIC")["lines"]
    lots = [(one.get("lot"), one.get("serial"), one.get("expiry")) for one in found["lots"]]
    assert lots == [("LOT-A", None, "2028-12-31"), (None, "S1", None), (None, "S2", None)]


def test_a_county_in_words_and_a_country_of_three_letters_are_known() -> None:
    order = made(
        "BGM+220+PO-1+9", "DTM+137:20261120:102", "NAD+BY+1::92",
        "NAD+ST+++Mr Smith+The Bungalow+Preston+:::Lancashire+SW1A 1AA+GBR", "CUX+2:GBP:9", "LIN+1++A:SA", "QTY+21:1",
    )  # fmt: skip
    assert (order["ship_to"]["address"]["subdivision"], order["ship_to"]["address"]["country"]) == ("Lancashire", "GB")


def test_the_item_of_a_substituted_line_is_what_comes_instead() -> None:
    line = ("LIN+1+7+4012345678901:SRV", "PIA+3+SUB-1:SA", "QTY+21:2")
    head = ("BGM+231+RSP-1+4", "DTM+137:20261120:102", "RFF+ON:PO-9", "NAD+BY+1::92", "NAD+SU+2::92")
    (found,) = made(*head, *line, "UNS+S", kind="ORDRSP")["lines"]
    assert (found["code"], found["item"], found["gtin"]) == ("substituted", "SUB-1", "04012345678901")
