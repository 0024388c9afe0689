"""Documents of the largest size that is translated at the door, and as wrong as can be: told in bounded time and memory."""

import pytest

from benchmarks.vast import CASES, FORMATS, SETTINGS, table
from canonical.problems import Problem
from mappings.translation import OWN_SPECS, Part, Translations

pytestmark = pytest.mark.slow

TRANSLATIONS = Translations.load(*(OWN_SPECS / name for name in ("x12", "edifact", "shopify", "cxml", "ubl", "table")))


def parts(name: str, line: str, last: str = "") -> list[Part]:
    wanted = FORMATS[name]
    body = wanted.body(line, last or line)
    return [
        part for part in TRANSLATIONS.translate(wanted.connector, wanted.document, body, SETTINGS) if not part.is_acknowledgement
    ]


def problems(name: str, line: str, last: str = "") -> list[Problem]:
    (part,) = parts(name, line, last)
    assert part.documents == ()
    return list(part.problems)


def test_a_hundred_problems_are_told_and_how_many_more_there_are():
    found = problems("X12 850", "PO1**1*EA*1~")
    assert len(found) == 101
    assert (found[0].code, found[0].path) == ("E_SCHEMA", "ST[1]/PO1[1] (segment 5)")
    assert (found[99].code, found[99].path) == ("E_SCHEMA", "ST[1]/PO1[100] (segment 104)")
    lines = FORMATS["X12 850"].body("PO1**1*EA*1~", "PO1**1*EA*1~").count(b"~PO1*")
    assert found[100] == Problem(
        "E_MORE_PROBLEMS", "ST[1]", f"expected no more problems than these; at least {lines - 100} more are not told"
    )


def test_the_one_wrong_line_behind_thousands_of_right_ones_is_told_at_its_place():
    lines = FORMATS["X12 850"].body("PO1**1*EA*1**VN*A1~", "x").count(b"~PO1*")
    (quantity, price) = problems("X12 850", "PO1**1*EA*1**VN*A1~", "PO1**0*EA*x**VN*A1~")
    assert {quantity.path, price.path} == {f"ST[1]/PO1[{lines + 1}]-0{n} (segment {lines + 5})" for n in (2, 4)}


def test_a_rule_broken_by_a_late_line_is_told_at_its_place():
    line = ',{"id":%d,"sku":"A","quantity":1,"price":"0.00"}'
    body = FORMATS["Shopify order"].before.replace("[{}", "[" + line[1:] % 0)
    text = body + "".join(line % n for n in range(1, 3000)) + line % 7 + "]}"
    (part,) = TRANSLATIONS.translate("shopify", "orders/create", text.encode(), SETTINGS)
    assert ("E_LINE_DUP", "line_items[3000].id", "7") in [(p.code, p.path, p.value) for p in part.problems]


@pytest.fixture(scope="module")
def measures() -> dict[tuple[str, str], tuple[float, float, int]]:
    """Seconds, megabytes and problems of every case."""
    return {(name, what): told for name, what, *told in table()}  # type: ignore[misc]


@pytest.mark.parametrize(("name", "what"), [case[:2] for case in CASES], ids=[f"{name}, {what}" for name, what, _, _ in CASES])
def test_none_costs_more_than_a_second_or_256_mb(name: str, what: str, measures: dict[tuple[str, str], tuple[float, float, int]]):
    seconds, megabytes, told = measures[name, what]
    assert seconds < 2.5, "measured alone it is below 1; less than half as fast on a machine that others use"
    assert megabytes < 256
    assert told <= 103
