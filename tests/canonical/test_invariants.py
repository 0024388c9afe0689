"""Every invariant of an order has its code, and an order that keeps them all passes."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from canonical.documents.orders import OrderPlaced
from canonical.failures import Malformed

D = Decimal


def order(**changes: Any) -> dict[str, Any]:
    """Two lines of 10 x 87.40 and 3 x 120.00, 13 % on top: 1,234.00 + 160.42."""
    party = {"party_id": "acme"}
    tax = {"rate_pct": D(13)}
    return {
        "order_no": "SO-1", "channel": "edi", "sold_to": party, "ship_to": party, "currency": "EUR", "price_date": "2026-11-23",
        "lines": [
            {"line_no": "1", "sku": "A", "qty": {"value": D(10)}, "unit_price": D("87.40"), "line_amount": D("874.00"), "tax": tax},
            {"line_no": "2", "sku": "B", "qty": {"value": D(3)}, "unit_price": D("120.00"), "line_amount": D("360.00"), "tax": tax},
        ],
        "totals": {"lines": D("1234.00"), "tax_exclusive": D("1234.00"), "tax": D("160.42"), "tax_inclusive": D("1394.42"),
                   "payable": D("1394.42")},
    } | changes  # fmt: skip


def line(**changes: Any) -> dict[str, Any]:
    return order()["lines"][0] | changes


def totals(**changes: Any) -> dict[str, Any]:
    return order()["totals"] | changes


def found(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Code and path of everything that is wrong."""
    try:
        OrderPlaced.model_validate(document).check()
    except Malformed as error:
        return [(problem.code, problem.path) for problem in error.problems]
    return []


def test_an_order_whose_sums_agree_passes() -> None:
    assert found(order()) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"totals": totals(lines=D("1233.99"))}, [("E_SUM_LINES", "totals.lines"), ("E_TAX_TOTAL", "totals.tax_exclusive")]),
        ({"totals": totals(tax_inclusive=D("1394.43"))},
         [("E_TAX_TOTAL", "totals.tax_inclusive"), ("E_PAYABLE", "totals.payable")]),
        ({"totals": totals(payable=D("1394.41"))}, [("E_PAYABLE", "totals.payable")]),
        ({"totals": totals(prepaid=D("1400.00"), payable=D("-5.58"))}, [("E_PAYABLE", "totals.payable")]),
        ({"totals": totals(allowances=D("1.00"))}, [("E_SUM_LINES", "totals.allowances"), ("E_TAX_TOTAL", "totals.tax_exclusive")]),
    ],
)  # fmt: skip
def test_totals_that_do_not_agree_are_told_with_their_code(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert found(order(**changes)) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (line(line_no="2"), ("E_LINE_DUP", "lines[1].line_no")),
        (line(sku=None), ("E_SCHEMA", "lines[0]")),
        (line(gtin="51022222233335"), ("E_GTIN_CHECK", "lines[0].gtin")),
        (line(qty={"value": D("10.0000001")}), ("E_QTY", "lines[0].qty.value")),
        (line(unit_price=D("87.50")), ("E_LINE_AMOUNT", "lines[0].line_amount")),
        (line(allowances=[{"reason": "promo", "amount": D("9.00"), "pct": D(10), "base": D(100)}], line_amount=D("865.00")),
         ("E_LINE_AMOUNT", "lines[0].allowances[0].amount")),
    ],
)  # fmt: skip
def test_a_line_that_breaks_a_rule_is_told_with_its_code(changed: dict[str, Any], expected: tuple[str, str]) -> None:
    assert expected in found(order(lines=[changed, order()["lines"][1]]))


def test_a_line_amount_may_be_off_by_what_the_declared_price_precision_explains() -> None:
    printed = line(qty={"value": D(19)}, unit_price=D("29.13"), price_places=2, line_amount=D("553.56"))
    assert ("E_LINE_AMOUNT", "lines[0].line_amount") not in found(order(lines=[printed, order()["lines"][1]]))
    exact = line(qty={"value": D(19)}, unit_price=D("29.13"), price_places=4, line_amount=D("553.56"))
    assert ("E_LINE_AMOUNT", "lines[0].line_amount") in found(order(lines=[exact, order()["lines"][1]]))


def test_prices_that_contain_the_tax_add_up_to_the_inclusive_total() -> None:
    included = {"rate_pct": D(13), "included": True}
    lines = [line(qty={"value": D(1)}, unit_price=D("100.00"), line_amount=D("100.00"), tax=included)]
    sums = {
        "lines": D("100.00"),
        "tax_exclusive": D("88.50"),
        "tax": D("11.50"),
        "tax_inclusive": D("100.00"),
        "payable": D("100.00"),
    }
    assert found(order(lines=lines, totals=sums)) == []


@pytest.mark.parametrize("field", ["unit_price", "line_amount"])
def test_a_float_is_never_an_amount(field: str) -> None:
    with pytest.raises(ValidationError, match="Decimal"):
        OrderPlaced.model_validate(order(lines=[line(**{field: 87.4})]))


@pytest.mark.parametrize("qty", [D(0), D(-1)])
def test_a_quantity_is_more_than_zero(qty: Decimal) -> None:
    with pytest.raises(ValidationError):
        OrderPlaced.model_validate(order(lines=[line(qty={"value": qty})]))


def test_an_unknown_currency_has_its_own_code() -> None:
    with pytest.raises(ValidationError) as caught:
        OrderPlaced.model_validate(order(currency="EUX"))
    assert [e["type"] for e in caught.value.errors()] == ["E_CURRENCY"]


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError):
        OrderPlaced.model_validate(order(ordered_at="2026-11-23T10:00:00"))


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 10**6)), min_size=1, max_size=8))
def test_any_order_with_exact_sums_passes_and_any_other_payable_does_not(lines: list[tuple[int, int]]) -> None:
    rows = [
        line(line_no=str(n), qty={"value": D(qty)}, unit_price=D(cents).scaleb(-2), line_amount=D(qty * cents).scaleb(-2))
        for n, (qty, cents) in enumerate(lines)
    ]
    net = sum((row["line_amount"] for row in rows), D(0))
    sums = {"lines": net, "tax_exclusive": net, "tax": D(0), "tax_inclusive": net, "payable": net}
    assert found(order(lines=rows, totals=sums)) == []
    assert ("E_PAYABLE", "totals.payable") in found(order(lines=rows, totals=sums | {"payable": net + D("0.01")}))


@given(st.integers(1, 10**6), st.text(min_size=1, max_size=20))
def test_the_canonical_json_reads_back_as_the_same_document(number: int, name: str) -> None:
    document = OrderPlaced.model_validate(order(order_no=str(number), remarks=name, extensions={"x": {"y": [name]}}))
    assert OrderPlaced.model_validate_json(document.body()) == document
    assert b"extensions" not in document.content()
