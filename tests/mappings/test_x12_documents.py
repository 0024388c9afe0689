"""X12 documents through the whole translation: orders in, answers and acknowledgements out."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from canonical.documents.acknowledgements import InterchangeAcknowledged
from canonical.documents.base import Document
from canonical.documents.order_answers import OrderResponse, ResponseLine
from canonical.documents.orders import OrderPlaced
from canonical.envelope import Message, first_message
from canonical.failures import Malformed
from canonical.values import Party, Quantity
from mappings.codecs.x12 import X12
from mappings.translation import OWN_SPECS, Part, Settings, Translations
from tests.support.x12 import interchange

SAMPLES = Path(__file__).parents[1] / "samples" / "x12"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SETTINGS = Settings(endpoint="st-anna", currency="EUR")
SENDING = Settings(
    endpoint="st-anna",
    order_prefix="SA-",
    options={"x12": {"sender_id": "HUB", "receiver_id": "STANNA", "receiver_code": "STANNAPO", "usage": "T"}},
)


@pytest.fixture(scope="module")
def translations() -> Translations:
    return Translations.load(OWN_SPECS / "x12")


def parts(translations: Translations, body: bytes, settings: Settings = SETTINGS) -> list[Part]:
    return list(translations.translate("x12", "850", body, settings))


def message(document: Document) -> Message:
    made = first_message(document, source="order", raw_id="raw-1", now=NOON)
    return structs.replace(made, message_id="0190f5a0-0000-7000-8000-000000000001")


def lines(translations: Translations, document: str, sent: Document, settings: Settings = SENDING) -> list[str]:
    return translations.write("x12", document, message(sent), settings).decode().splitlines()


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def problems(part: Part) -> list[tuple[str, str, str | None]]:
    return [(problem.code, problem.path, problem.value) for problem in part.problems]


def test_a_hospital_order_becomes_the_canonical_order(translations: Translations) -> None:
    order, verdict = parts(translations, sample("850.hospital-order.edi"))
    found = json.loads(order.documents[0].body())
    extensions = found.pop("extensions")
    assert (order.reference, found) == ("ST[1]", json.loads(sample("850.hospital-order.out.json")))
    assert sorted(extensions) == ["BEG", "CSH", "CTT", "CUR", "DTM", "FOB", "ITD", "N1", "N9", "PO1", "REF"]
    assert extensions["PO1"][0]["SCH"] == [{"01": "10", "02": "EA", "05": "002", "06": "20261203"}]
    assert verdict.is_acknowledgement


def test_of_three_orders_the_bad_one_is_refused_and_the_others_are_taken(translations: Translations) -> None:
    first, second, third, verdict = parts(translations, sample("850.second-of-three-is-bad.edi"))
    assert [one.documents[0].subject() for one in (first, third)] == ["PO-1", "PO-3"]
    assert second.documents == ()
    assert problems(second) == [
        ("E_X12_CTT", "ST[2]/CTT[1]-01 (segment 6)", "3"),
        ("E_DATE", "ST[2]/BEG-05 (segment 2)", "20261340"),
        ("E_UOM", "ST[2]/PO1[2]-03 (segment 5)", "ZQ"),
    ]
    assert lines(translations, "997", verdict.documents[0]) == [
        "ISA*00*          *00*          *ZZ*HUB            *ZZ*STANNA         *261121*1200*U*00401*747417883*0*P*>~",
        "GS*FA*HUBORD*STANNAPO*20261121*1200*747417883*X*004010~",
        "ST*997*0001~",
        "AK1*PO*102~",
        "AK2*850*0001~",
        "AK5*A~",
        "AK2*850*0002~",
        "AK3*BEG*2**8~",
        "AK4*5*373*8*20261340~",
        "AK3*PO1*5**8~",
        "AK4*3*355*7*ZQ~",
        "AK3*CTT*6**8~",
        "AK4*1*354*7*3~",
        "AK5*R*5~",
        "AK2*850*0003~",
        "AK5*A~",
        "AK9*P*3*3*2~",
        "SE*16*0001~",
        "GE*1*747417883~",
        "IEA*1*747417883~",
    ]


def test_the_acknowledgement_reads_back_as_one_and_is_not_answered(translations: Translations) -> None:
    verdict = parts(translations, sample("850.hospital-order.edi"))[-1]
    body = translations.write("x12", "997", message(verdict.documents[0]), SENDING)
    told = [document for part in parts(translations, body) for document in part.documents]
    assert all(isinstance(document, InterchangeAcknowledged) for document in told)
    assert [(one.control_no, one.verdict, one.sender) for one in told] == [
        ("000000101", "accepted", "HUB"), ("101", "accepted", "HUB"),
    ]  # fmt: skip
    assert [(one.control_no, one.kind, one.accepted) for one in told[1].sets] == [("0001", "850", True)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("SE*6*0001", "SE*7*0001", ["AK5*R*4~", "AK5*R*5~", "AK5*A~", "AK9*P*3*3*1~"]),
        ("SE*6*0001", "SE*6*0009", ["AK5*R*3~", "AK5*R*5~", "AK5*A~", "AK9*P*3*3*1~"]),
        ("SE*6*0001~\n", "", ["AK5*R*2~", "AK5*R*5~", "AK5*A~", "AK9*P*3*3*1~"]),
        ("ST*850*0003", "ST*850*0001", ["AK5*A~", "AK5*R*5~", "AK5*R*3*23~", "AK9*P*3*3*1~"]),
        ("ST*850*0001", "ST*864*0001", ["AK5*R*1~", "AK5*R*5~", "AK5*A~", "AK9*P*3*3*1~"]),
        ("BEG*00*NE*PO-1**20261120~\n", "", ["AK3*BEG*5**3~", "AK5*R*4*5~", "AK5*R*5~", "AK5*A~", "AK9*P*3*3*1~"]),
        ("BEG*00*NE*PO-1", "BEG*04*NE*PO-1", ["AK4*1*353*7*04~", "AK5*R*5~", "AK5*R*5~", "AK5*A~", "AK9*P*3*3*1~"]),
        ("BEG*00*NE*PO-1", "BEG*00*BK*PO-1", ["AK4*2*92*7*BK~", "AK5*R*5~", "AK5*R*5~", "AK5*A~", "AK9*P*3*3*1~"]),
        ("BEG*00*NE*PO-1", "BEG*00*NE*", ["AK4*3*324*1~", "AK5*R*5~", "AK5*R*5~", "AK5*A~", "AK9*P*3*3*1~"]),
        ("ST*850*0001", "ST**0001", ["AK5*R*6*1~", "AK5*R*5~", "AK5*A~", "AK9*P*3*3*1~"]),
        ("ST*850*0001", "ST*850", ["AK5*R*7*3~", "AK5*R*5~", "AK5*A~", "AK9*P*3*3*1~"]),
        ("GE*3*", "GE*4*", ["AK5*R~", "AK5*R*5~", "AK5*R~", "AK9*R*4*3*0*5~"]),
        ("GE*3*102", "GE*3*103", ["AK5*R~", "AK5*R*5~", "AK5*R~", "AK9*R*3*3*0*4~"]),
        ("GE*3*102~\n", "", ["AK5*R~", "AK5*R*5~", "AK5*R~", "AK9*R*3*3*0*3~"]),
        ("IEA*1*", "IEA*2*", ["TA1*000000102*261120*0930*R*021~", "AK5*R~", "AK5*R*5~", "AK5*R~", "AK9*R*3*3*0~"]),
        (
            "IEA*1*000000102",
            "IEA*1*000000103",
            ["TA1*000000102*261120*0930*R*001~", "AK5*R~", "AK5*R*5~", "AK5*R~", "AK9*R*3*3*0~"],
        ),
        ("IEA*1*000000102~\n", "", ["TA1*000000102*261120*0930*R*023~", "AK5*R~", "AK5*R*5~", "AK5*R~", "AK9*R*3*3*0~"]),
    ],
)
def test_what_is_wrong_is_told_in_the_codes_of_the_997(translations: Translations, old: str, new: str, expected: list[str]) -> None:
    body = sample("850.second-of-three-is-bad.edi").decode().replace(old, new, 1).encode()
    verdict = parts(translations, body)[-1]
    told = lines(translations, "997", verdict.documents[0])
    first_set = told.index("AK2*850*0002~")
    own = [line for line in told[:first_set] if line.startswith(("AK3*BEG*5", "AK4", "TA1"))]
    assert own + [line for line in told if line.startswith(("AK5", "AK9"))] == expected


def test_an_interchange_without_sets_is_answered_by_a_ta1_alone(translations: Translations) -> None:
    body = b"".join(line for line in sample("850.hospital-order.edi").splitlines(keepends=True) if line[:3] in {b"ISA", b"IEA"})
    told, verdict = parts(translations, body)
    assert problems(told) == [("E_X12_IEA_COUNT", "ISA[1]/IEA-01", "1")]
    written = lines(translations, "997", verdict.documents[0])
    assert [line[:3] for line in written] == ["ISA", "TA1", "IEA"]
    assert written[1:] == ["TA1*000000101*261120*0930*R*021~", "IEA*0*747417883~"]


def test_an_order_without_prices_has_no_totals(translations: Translations) -> None:
    third = parts(translations, sample("850.second-of-three-is-bad.edi"))[2].documents[0]
    assert isinstance(third, OrderPlaced)
    assert (third.totals, third.lines[0].unit_price, third.lines[0].line_amount) == (None, None, None)
    assert third.lines[0].qty == Quantity(value=Decimal(4), uom="XBX")


def changed(old: str, new: str, name: str = "850.hospital-order.edi") -> bytes:
    body = sample(name).decode()
    assert old in body
    return body.replace(old, new, 1).encode()


def test_the_lot_of_a_line_may_stand_among_its_numbers(translations: Translations) -> None:
    order = parts(translations, changed("PO1*2*3*BX*120*PE", "PO1*2*3*BX*120*PE*LT*L-5"))[0].documents[0]
    assert [(one.lot, one.qty) for one in order.lines[1].requested_lots] == [("L-5", 3)]


def test_a_text_about_a_line_stays_with_it(translations: Translations) -> None:
    body = changed("REF*LT*L-2026-11~", "REF*LT*L-2026-11~N9*L1*X~MSG*keep dry~").replace(b"SE*34*", b"SE*36*")
    order = parts(translations, body)[0].documents[0]
    assert order.lines[0].references == {"LT": "L-2026-11", "note": "keep dry"}


def test_marks_of_components_in_a_free_text_or_number_are_text(translations: Translations) -> None:
    found = parts(translations, changed("REF*DP*", "REF*DP*A>^"))[0]
    assert found.documents[0].references["DP"].startswith("A>^")


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("AMT*TT*1859", "AMT*TT*1860", "E_SUM_LINES", "ST[1]/CTT[1]/AMT[1]-02 (segment 33)"),
        ("CTT*4*64", "CTT*5*64", "E_X12_CTT", "ST[1]/CTT[1]-01 (segment 32)"),
        ("CTT*4*64", "CTT*4*65", "E_X12_CTT", "ST[1]/CTT[1]-02 (segment 32)"),
        ("PO1*2*3*", "PO1*1*3*", "E_LINE_DUP", "ST[1]/PO1[2]-01 (segment 28)"),
        ("PO1*2*3*BX", "PO1*2*3*", "E_SCHEMA", "ST[1]/PO1[2]-03 (segment 28)"),
        ("10381780268468", "10381780268469", "E_GTIN_CHECK", "ST[1]/PO1[1]-11 (segment 24)"),
        ("*120*PE", "*120*PG", "E_SCHEMA", "ST[1]/PO1[2]-05 (segment 28)"),
        ("*120*PE", "*12O*PE", "E_SCHEMA", "ST[1]/PO1[2]-04 (segment 28)"),
        ("CUR*BY*EUR", "CUR*BY*EUX", "E_CURRENCY", "ST[1]/CUR-02 (segment 3)"),
        ("20261205", "20261232", "E_DATE", "ST[1]/DTM[1]-02 (segment 11)"),
        ("N4*Vienna**1090*AT", "N4*Vienna**1090*AUX", "E_SCHEMA", "ST[1]/N1[1]/N4-04 (segment 17)"),
    ],
)
def test_a_wrong_value_is_told_at_its_segment_and_element(
    translations: Translations, old: str, new: str, code: str, path: str
) -> None:
    found = parts(translations, changed(old, new))[0]
    assert (found.documents, (code, path) in [(problem.code, problem.path) for problem in found.problems]) == ((), True), found


@pytest.mark.parametrize("stated", ["1859", "1849", "1856.50", "1856.5"])
def test_the_stated_amount_may_hold_allowances_charges_or_neither(translations: Translations, stated: str) -> None:
    assert parts(translations, changed("AMT*TT*1859", f"AMT*TT*{stated}"))[0].problems == ()


@pytest.mark.parametrize(
    ("purpose", "mark_for", "kind"),
    [("NE", False, "stock"), ("SA", True, "mark_for"), ("DS", True, "direct_ship"), ("CN", False, "consignment_replenish")],
)
def test_the_kind_of_an_order_follows_its_type_code(translations: Translations, purpose: str, mark_for: bool, kind: str) -> None:
    body = changed("*SA*", f"*{purpose}*").replace(b"N1*EN*", b"N1*Z7*" if mark_for else b"N1*EN*")
    (order,) = parts(translations, body)[0].documents
    assert isinstance(order, OrderPlaced)
    assert order.kind == kind


def test_a_line_without_a_number_gets_its_place_and_old_dates_have_two_digit_years(translations: Translations) -> None:
    body = changed("PO1*3*50", "PO1**50").replace(b"20261120~\nCUR", b"261120~\nCUR")
    (order,) = parts(translations, body)[0].documents
    assert isinstance(order, OrderPlaced)
    assert ([line.line_no for line in order.lines], order.price_date) == (["1", "2", "3", "4"], date(2026, 11, 20))


def test_the_endpoint_names_the_currency_and_the_prefix(translations: Translations) -> None:
    settings = Settings(endpoint="e", currency="JPY", order_prefix="SA-")
    body = changed("CUR*BY*EUR~\n", "").replace(b"SE*34", b"SE*33").replace(b"AMT*TT*1859", b"AMT*TT*1859.00")
    (order,) = parts(translations, body, settings)[0].documents
    assert isinstance(order, OrderPlaced)
    assert (order.order_no, order.source_order_id, order.currency) == ("SA-PO-4711", "PO-4711", "JPY")
    assert order.lines[0].line_amount == Decimal(874)


def response(**changes: Any) -> OrderResponse:
    given = {
        "order_no": "SA-PO-4711", "origin": "st-anna", "channel": "edi", "code": "CA", "price_date": date(2026, 11, 20),
        "sold_to": Party(party_id="ANNA", name="St. Anna *Hospital*"), "currency": "EUR", "reasons": ("M_MOQ",),
        "lines": (
            ResponseLine(line_no="1", code="accepted", qty=Quantity(value=Decimal(10)), item="STENT", unit_price=Decimal("87.40"),
                         promised_date=date(2026, 12, 3)),
            ResponseLine(line_no="2", code="backordered", qty=Quantity(value=Decimal(3), uom="XBX"), item="BALLOON"),
            ResponseLine(line_no="3", code="changed", qty=Quantity(value=Decimal("2.5"), uom="MTR"), reason="M_MULTIPLE"),
            ResponseLine(line_no="4", code="substituted", qty=Quantity(value=Decimal(1), uom="KT")),
            ResponseLine(line_no="5", code="rejected", qty=Quantity(value=Decimal(1))),
        ),
        "extensions": {}, **changes,
    }  # fmt: skip
    return OrderResponse(**given)


def test_an_answer_becomes_an_855(translations: Translations) -> None:
    assert lines(translations, "855", response()) == [
        "ISA*00*          *00*          *ZZ*HUB            *ZZ*STANNA         *261121*1200*U*00401*747417883*0*T*>~",
        "GS*PR*HUB*STANNAPO*20261121*1200*747417883*X*004010~",
        "ST*855*0001~",
        "BAK*00*AC*PO-4711*20261120*****20261121~",
        "CUR*SE*EUR~",
        "N9*L1*REASON~",
        "MSG*M_MOQ~",
        "N1*BY*St. Anna  Hospital*92*ANNA~",
        "PO1*1*10*EA*87.40*PE*VN*STENT~",
        "ACK*IA*10*EA*067*20261203~",
        "PO1*2*3*BX***VN*BALLOON~",
        "ACK*IB*3*BX~",
        "PO1*3*2.5*MR~",
        "ACK*IQ*2.5*MR~",
        "N9*L1*REASON~",
        "MSG*M_MULTIPLE~",
        "PO1*4*1*KT~",
        "ACK*IS*1*KT~",
        "PO1*5*1*EA~",
        "ACK*IR*1*EA~",
        "CTT*5~",
        "SE*20*0001~",
        "GE*1*747417883~",
        "IEA*1*747417883~",
    ]


@pytest.mark.parametrize(("code", "told"), [("AP", "AD"), ("CA", "AC"), ("RE", "RD")])
def test_the_answer_as_a_whole_has_its_own_code(translations: Translations, code: str, told: str) -> None:
    assert lines(translations, "855", response(code=code))[3].startswith(f"BAK*00*{told}*PO-4711*")


def test_an_answer_reads_back_without_problems_and_resending_gives_the_same_bytes(translations: Translations) -> None:
    body = translations.write("x12", "855", message(response()), SENDING)
    source = next(X12().read(body))
    assert (source.document, source.problems, len(source.tree["PO1"])) == ("855", (), 5)
    assert translations.write("x12", "855", message(response()), SENDING) == body


def test_other_separators_and_versions_are_the_partners_choice(translations: Translations) -> None:
    options = {
        "x12": {**SENDING.options["x12"], "version": "005010", "separators": {"element": "|", "segment": "'", "repetition": "^"}}
    }
    first = lines(translations, "855", response(), structs.replace(SENDING, options=options))[:2]
    assert first == [
        "ISA|00|          |00|          |ZZ|HUB            |ZZ|STANNA         |261121|1200|^|00501|747417883|0|T|>'",
        "GS|PR|HUB|STANNAPO|20261121|1200|747417883|X|005010'",
    ]


def test_an_answer_that_cannot_be_written_says_what_is_missing(translations: Translations) -> None:
    line = ResponseLine(line_no="1", code="accepted", qty=Quantity(value=Decimal(1), uom="ZZ9"))
    with pytest.raises(Malformed) as caught:
        lines(translations, "855", response(lines=(line,)))
    assert {problem.code for problem in caught.value.problems} == {"E_UOM"}


def test_the_hub_knows_what_it_sends(translations: Translations) -> None:
    assert translations.outgoing("x12", "order.response") == "855"
    assert translations.outgoing("x12", "interchange.received") == "997"


def test_of_thousands_of_wrong_lines_a_hundred_are_told_and_no_more_are_looked_at(translations: Translations) -> None:
    body = interchange("850", "BEG*00*SA*P1**20261120", "N1*BY*C*92*1", *(f"PO1*{n}*1*QQ*1**VN*A" for n in range(1, 5001)))
    (order, _) = parts(translations, body)
    assert [(one.code, one.path) for one in order.problems[98:]] == [
        ("E_UOM", "ST[1]/PO1[99]-03 (segment 102)"), ("E_UOM", "ST[1]/PO1[100]-03 (segment 103)"), ("E_MORE_PROBLEMS", "ST[1]"),
    ]  # fmt: skip


def test_of_very_many_wrong_orders_the_first_hundred_are_told_in_detail(translations: Translations) -> None:
    header, order = (
        b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *260101*1200*U*00401*000000001*0*P*>~",
        b"",
    )
    for number in range(1, 131):
        order += f"ST*850*{number:04}~BEG*00*NE*PO-{number}**20260101~SE*3*{number:04}~".encode()
    body = header + b"GS*PO*A*B*20260101*1200*1*X*004010~" + order + b"GE*130*1~IEA*1*000000001~"
    wrong = [part for part in parts(translations, body) if part.problems]
    assert len(wrong) == 130
    assert all("ST[" in problem.path and len(part.problems) > 1 for part in wrong[:100] for problem in part.problems)
    assert {problem.message for part in wrong[100:] for problem in part.problems if problem.code == "E_SCHEMA"} == {
        "expected a right document; behind 100 wrong ones it is no longer told what is wrong with each"
    }


def test_messages_of_an_order_and_of_its_notes_are_all_remarks(translations: Translations) -> None:
    body = changed("N1*BY*", "MSG*DOCK 3~N9*L1*X~MSG*CALL FIRST~N1*BY*").decode()
    inside = body[body.index("ST*850") : body.index("SE*")]
    order = parts(translations, re.sub(r"SE\*\d+\*", f"SE*{inside.count('~') + 1}*", body, count=1).encode())[0].documents[0]
    assert "DOCK 3 CALL FIRST" in order.remarks


DROP_SHIP = (
    "ST*850*0001~BEG*00*SA*77**20260302~N1*ST*Jane Roe~N3*5 Elm St*Apt 2~N4*Juarez*CH*32000*MEX~PER*BD**TE*7755550100~"
    "PO1*1*2*EA*19.99**VN*V-77*UP*1243234~CTT*1~SE*9*0001~"
)


def test_an_order_that_names_only_where_it_goes_is_that_of_its_sender_and_odd_numbers_are_kept(translations: Translations) -> None:
    isa = sample("850.hospital-order.edi").decode().partition("GS*")[0]
    body = f"{isa}GS*PO*JASCO*HUB*20260302*1012*1*X*004010~{DROP_SHIP}GE*1*1~IEA*1*{isa.split('*')[13]}~"
    order = parts(translations, body.encode())[0].documents[0]
    assert (order.sold_to.party_id, order.sold_to.name) == ("JASCO", None)
    assert (order.ship_to.name, order.ship_to.phone, order.ship_to.address.country) == ("Jane Roe", "7755550100", "MX")
    assert (order.lines[0].gtin, order.lines[0].ids["UP"], order.lines[0].sku) == (None, "1243234", "V-77")
