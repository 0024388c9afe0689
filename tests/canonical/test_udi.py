"""Device labels: GS1 raw and in brackets, HIBC; published vectors, wrong check digits flagged and kept."""

import json
import string
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from canonical.barcodes import read_udi
from canonical.udi import Udi, full_year
from canonical.udi_hibc import check_character
from mappings.failing import Unfit
from mappings.functions_udi import udi
from tests.support.examples import examples

SAMPLES = Path(__file__).parents[1] / "samples" / "udi"
VECTORS = json.loads((SAMPLES / "vectors.json").read_text())
NO_FNC1_FIRST = "991234"
"""The one vector that is wrong only for want of the FNC1 that scanners do not send."""


def published(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SAMPLES / name).read_text().splitlines()]


def codes(label: Udi) -> list[str]:
    return [problem.code for problem in label.problems]


def as_printed(label: Udi) -> str:
    return "".join(f"({element.identifier}){element.value}" for element in label.elements)


@pytest.mark.parametrize("vector", published("biip_messages_vectors.jsonl"), ids=lambda vector: repr(vector["raw"]))
def test_raw_scans_read_as_printed(vector: dict[str, Any]) -> None:
    label = read_udi(vector["raw"])
    if "error" in vector:
        assert codes(label) == ["E_UDI_PARSE"]
    else:
        assert as_printed(label) == vector["hri"]
        assert set(codes(label)) <= {"W_UDI_SEPARATOR"}


@pytest.mark.parametrize("vector", published("gs1_engine_bracketed_vectors.jsonl"), ids=lambda vector: vector["bracketed"])
def test_bracketed_vectors_of_gs1(vector: dict[str, Any]) -> None:
    assert (codes(read_udi(vector["bracketed"])) == []) == vector["ok"]


@pytest.mark.parametrize("vector", published("gs1_engine_fnc1_vectors.jsonl"), ids=lambda vector: vector["fnc1_caret"])
def test_raw_vectors_of_gs1(vector: dict[str, Any]) -> None:
    expected = vector["ok"] or vector["fnc1_caret"] == NO_FNC1_FIRST
    assert (codes(read_udi(vector["fnc1_caret"])) == []) == expected


@pytest.mark.parametrize(
    ("number", "found"),
    [
        (0, Udi("GS1", "51022222233336", "A213B1", "1234", date(2015, 7, 7), date(2014, 12, 31))),
        (1, Udi("GS1", "51022222233336", "A213B1", "1234", date(2015, 7, 7), date(2014, 12, 31))),
        (2, Udi("GS1", "06901234567892", "A213B1", "1234", date(2015, 7, 7), date(2014, 12, 31))),
        (3, Udi("GS1", "51022222233336", expiry=date(2015, 7, 31))),
    ],
)
def test_our_own_labels(number: int, found: Udi) -> None:
    label = read_udi(VECTORS["udi_gs1"][number]["raw"])
    fields = ("agency", "di", "lot", "serial", "expiry", "mfg_date", "quantity", "problems")
    assert [getattr(label, name) for name in fields] == [getattr(found, name) for name in fields]


@pytest.mark.parametrize(
    ("number", "code", "path"),
    [(4, "E_DATE", "(17)"), (5, "E_GTIN_CHECK", "(01)"), (6, "W_UDI_SEPARATOR", "(10)")],
)
def test_what_is_wrong_is_flagged_and_the_rest_is_kept(number: int, code: str, path: str) -> None:
    label = read_udi(VECTORS["udi_gs1"][number]["raw"])
    assert [(problem.code, problem.path) for problem in label.problems] == [(code, path)]
    assert label.di is not None
    assert label.is_readable


def test_check_digits_of_gtins() -> None:
    assert {number: codes(read_udi(f"(01){number:0>14}")) for number in VECTORS["gtin"]["valid"]} == {
        number: [] for number in VECTORS["gtin"]["valid"]
    }
    assert all(codes(read_udi(f"(01){number}")) == ["E_GTIN_CHECK"] for number in VECTORS["gtin"]["invalid"])
    assert codes(read_udi("(00)376104250021234569")) == []
    assert codes(read_udi("(00)376104250021234560")) == ["E_UDI_CHECK"]


@pytest.mark.parametrize(
    "text",
    [
        "]d20151022222233336{}10A1{}21S1", "]C10151022222233336{}10A1{}21S1", "^0151022222233336{}10A1{}21S1",
        "{}0151022222233336{}10A1{}{}21S1{}", "0151022222233336\x1d10A1<GS>21S1\r\n", "0151022222233336|10A1\u241d21S1",
        " (01) 51022222233336 (10) A1 (21) S1 ",
    ],
)  # fmt: skip
@pytest.mark.parametrize("separator", ["\x1d", "|", "<GS>", "\u241d"])
def test_every_way_to_write_a_separator(text: str, separator: str) -> None:
    label = read_udi(text.replace("{}", separator))
    assert (label.di, label.lot, label.serial, codes(label)) == ("51022222233336", "A1", "S1", [])


def test_brackets_keep_lot_and_serial_apart_also_where_the_lot_has_brackets() -> None:
    label = read_udi("(01)51022222233336(10)A(B)\\(21)1(21)1234")
    assert (label.lot, label.serial) == ("A(B)(21)1", "1234")


def test_quantity_and_further_fields_are_kept() -> None:
    label = read_udi("(01)51022222233336(240)REF-7(30)12(8012)v1.2(8008)26112015")
    assert (label.quantity, label.mfg_date) == (Decimal(12), date(2026, 11, 20))
    assert [element.identifier for element in label.elements] == ["01", "240", "30", "8012", "8008"]


def test_what_stands_before_something_unreadable_is_kept() -> None:
    label = read_udi("0151022222233336\x1d8912")
    assert (label.di, codes(label), label.problems[0].value) == ("51022222233336", ["E_UDI_PARSE"], "8912")


@pytest.mark.parametrize(("year", "found"), [(76, 2076), (77, 1977), (26, 2026), (0, 2000), (99, 1999), (75, 2075)])
def test_two_digit_years_reach_from_49_back_to_50_ahead(year: int, found: int) -> None:
    assert full_year(year, date(2026, 11, 25)) == found


@pytest.mark.parametrize("vector", VECTORS["hibc"], ids=lambda vector: vector["body"])
def test_hibc_check_characters(vector: dict[str, str]) -> None:
    assert check_character(vector["body"]) == vector["check"]
    assert codes(read_udi(vector["body"] + vector["check"])) == []


def hibc(body: str) -> Udi:
    """The label of a code with its right check character; nothing may be wrong with it."""
    label = read_udi(f"*{body}{check_character(body)}*")
    assert codes(label) == []
    return label


@pytest.mark.parametrize(
    ("data", "expiry"),
    [
        ("$$0905", date(2005, 9, 30)), ("$$2092805", date(2005, 9, 28)), ("$$3050928", date(2005, 9, 28)),
        ("$$405092822", date(2005, 9, 28)), ("$$505271", date(2005, 9, 28)), ("$$60527122", date(2005, 9, 28)), ("$$7", None),
        ("05271", date(2005, 9, 28)), ("$", None), ("$$0228", date(2028, 2, 29)), ("$$528060", date(2028, 2, 29)),
    ],
)  # fmt: skip
def test_hibc_dates_of_every_form_alone_and_behind_a_primary_code(data: str, expiry: date | None) -> None:
    for body in (f"+A99912345/{data}3C001", f"+{data}3C001L"):
        label = hibc(body)
        assert (label.expiry, label.lot, label.serial) == (expiry, "3C001", None)


@pytest.mark.parametrize(
    ("data", "quantity", "expiry", "lot", "serial"),
    [
        ("$$824", 24, None, None, None), ("$$8240905X1", 24, date(2005, 9, 30), "X1", None), ("$$900100", 100, None, None, None),
        ("$$9001003050928X1", 100, date(2005, 9, 28), "X1", None), ("$+0001", None, None, None, "0001"),
        ("$$+09050001", None, date(2005, 9, 30), None, "0001"), ("$$+70001", None, None, None, "0001"),
    ],
)  # fmt: skip
def test_hibc_quantities_and_serial_numbers(
    data: str, quantity: int | None, expiry: date | None, lot: str | None, serial: str | None
) -> None:
    label = hibc(f"+A99912345/{data}")
    assert (label.quantity, label.expiry, label.lot, label.serial, label.di) == (quantity, expiry, lot, serial, "A99912345")


def test_hibc_fields_behind_slashes() -> None:
    label = hibc("+H123PARTNO1234567890120/$$420020216LOT1/SXYZ/16D20130202/14D20300101/Q500")
    assert (label.lot, label.serial, label.mfg_date, label.quantity) == ("LOT1", "XYZ", date(2013, 2, 2), Decimal(500))
    assert label.expiry == date(2020, 2, 2)


@pytest.mark.parametrize(("check", "link"), [("/", "L"), ("/", "/"), (" ", " "), ("%", "$")])
def test_hibc_check_and_link_characters_may_be_any(check: str, link: str) -> None:
    label = read_udi(f"+$$09053C001{link}{check}")
    elements = {element.identifier: element.value for element in label.elements}
    assert (elements["link"], elements["check"], label.lot, label.is_readable) == (link, check, "3C001", True)


def test_a_wrong_hibc_check_character_is_flagged_and_the_rest_kept() -> None:
    label = read_udi("+A99912345/$$52001510X3C")
    assert [(problem.code, problem.path, problem.value) for problem in label.problems] == [("E_UDI_CHECK", "check", "C")]
    assert (label.di, label.lot, label.expiry) == ("A99912345", "10X3", date(2020, 1, 15))


@pytest.mark.parametrize("body", ["+A99912345/$$53653661", "+A99912345/$$3261340X", "+A99912345/16D20131340", "+$$1399XL"])
def test_hibc_dates_that_do_not_exist_are_flagged(body: str) -> None:
    assert {"E_DATE", "E_UDI_PARSE"} & set(codes(read_udi(body + str(check_character(body)))))


def test_a_code_of_the_chinese_agency_is_carried_whole() -> None:
    label = read_udi("MA.156.M0.100001.A000001")
    assert (label.agency, label.di, codes(label)) == ("MA", "MA.156.M0.100001.A000001", [])


@examples(300)
@given(
    st.text(max_size=60)
    | st.text(string.digits + "+$/()\x1dAS]", max_size=60)
    | st.from_regex(r"(\]d2)?(01\d{14})?(1[017].{0,9}){0,3}")
)
@example("30")
def test_any_text_is_told(text: str) -> None:
    label = read_udi(text)
    assert label.is_readable or label.problems[-1].code == "E_UDI_PARSE"
    assert all(problem.code and problem.path and problem.message for problem in label.problems)


def test_a_mapping_reads_labels() -> None:
    assert udi("(01)51022222233335(17)150700(10)A1") == {
        "agency": "GS1", "di": "51022222233335", "gtin": "51022222233335", "lot": "A1", "expiry": date(2015, 7, 31),
        "flags": ["E_GTIN_CHECK"],
    }  # fmt: skip
    with pytest.raises(Unfit):
        udi("no label")
