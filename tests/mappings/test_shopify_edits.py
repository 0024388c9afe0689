"""Orders of Shopify that were edited: what is taken off, what is added, and what the order comes to."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from canonical.problems import Problem
from mappings.translation import OWN_SPECS, Settings, Translations

TRANSLATIONS = Translations.load(OWN_SPECS / "shopify")
SAMPLE = Path(__file__).parents[1] / "samples" / "shopify" / "orders_create--edited.in.json"
RETURNED = {"id": 5, "created_at": "2026-03-05T10:00:00+01:00", "transactions": [{"kind": "refund", "amount": "40.00"}]}


def line(number: int, ordered: int, left: int, price: str = "10.00", **more: Any) -> dict[str, Any]:
    return {"id": number, "sku": f"S-{number}", "title": "x", "quantity": ordered, "current_quantity": left, "price": price, **more}


def order(*lines: dict[str, Any], **more: Any) -> bytes:
    """An order of 30.00, as it was placed."""
    tree = {
        "id": 1, "name": "#1", "created_at": "2026-03-02T10:00:00+01:00", "updated_at": "2026-03-02T11:00:00+01:00",
        "currency": "EUR", "total_price": "30.00", "total_line_items_price": "30.00", "total_tax": "0.00",
        "current_total_price": "30.00", "current_total_tax": "0.00", "customer": {"id": 9},
        "shipping_address": {"name": "A", "country_code": "DE"}, "line_items": list(lines), "shipping_lines": [],
    }  # fmt: skip
    return json.dumps({**tree, **more}).encode()


def read(body: bytes) -> tuple[list[Any], list[Problem]]:
    (part,) = TRANSLATIONS.translate("shopify", "orders/updated", body, Settings())
    return list(part.documents), list(part.problems)


def placed(body: bytes) -> Any:
    documents, problems = read(body)
    assert problems == []
    return documents[0]


def lines_of(document: Any) -> list[tuple[str, Decimal]]:
    return [(one.line_no, one.qty.value) for one in document.lines]


def test_an_added_line_is_part_of_the_order_and_the_total_is_the_current_one():
    found = placed(order(line(1, 3, 3), line(2, 2, 2, "7.50"), current_total_price="45.00"))
    assert lines_of(found) == [("1", Decimal(3)), ("2", Decimal(2))]
    assert (found.revision, found.totals.lines, found.totals.payable) == (3600, Decimal("45.00"), Decimal("45.00"))


def test_a_line_that_was_taken_off_is_no_part_of_the_order():
    found = placed(order(line(1, 2, 2), line(2, 1, 0, fulfillable_quantity=0), current_total_price="20.00"))
    assert (lines_of(found), found.totals.payable) == ([("1", Decimal(2))], Decimal("20.00"))


def test_one_line_for_another_at_the_same_price_is_an_edit_too():
    assert lines_of(placed(order(line(1, 3, 0, fulfillable_quantity=0), line(2, 3, 3)))) == [("2", Decimal(3))]


def test_a_current_total_that_is_not_that_of_the_lines_is_told():
    _, problems = read(order(line(1, 3, 3), line(2, 2, 2), current_total_price="49.00"))
    assert {problem.code for problem in problems} == {"E_TAX_TOTAL"}


def test_lines_that_do_not_sum_without_a_trace_of_an_edit_are_still_refused():
    _, problems = read(order(line(1, 3, 3), line(2, 2, 2)))
    assert "E_SUM_LINES" in {problem.code for problem in problems}


@pytest.mark.parametrize("restock", ["return", "no_restock"])
def test_what_came_back_after_it_was_sent_still_belongs_to_the_order(restock: str):
    refund = {**RETURNED, "refund_line_items": [{"line_item_id": 1, "quantity": 2, "restock_type": restock}]}
    sent = [{"status": "success", "line_items": [{"id": 1, "quantity": 3}]}]
    body = order(line(1, 3, 1, fulfillable_quantity=0), current_total_price="10.00", refunds=[refund], fulfillments=sent)
    found = placed(body)
    assert (lines_of(found), found.totals.payable) == ([("1", Decimal(3))], Decimal("30.00"))


def test_what_a_refund_cancels_is_told_once_as_a_cancellation():
    refund = {**RETURNED, "refund_line_items": [{"line_item_id": 1, "quantity": 2, "restock_type": "cancel"}]}
    documents, _ = read(order(line(1, 3, 1, fulfillable_quantity=1), current_total_price="10.00", refunds=[refund]))
    assert lines_of(documents[0]) == [("1", Decimal(3))]
    assert [(one.line_no, one.qty) for one in documents[1].lines] == [("1", Decimal(2))]


def test_goods_taken_off_while_others_came_back_leave_the_total_of_the_lines():
    back = {**RETURNED, "refund_line_items": [{"line_item_id": 1, "quantity": 1, "restock_type": "return"}]}
    off = {"id": 6, "created_at": "2026-03-05T10:00:00+01:00", "transactions": [],
           "refund_line_items": [{"line_item_id": 1, "quantity": 1, "restock_type": "no_restock"}]}  # fmt: skip
    sent = [{"status": "success", "line_items": [{"id": 1, "quantity": 2}]}]
    body = order(line(1, 3, 1, fulfillable_quantity=0), current_total_price="10.00", refunds=[back, off], fulfillments=sent)
    found = placed(body)
    assert (lines_of(found), found.totals.payable) == ([("1", Decimal(2))], Decimal("20.00"))


def test_taxes_and_discounts_belong_to_what_is_left():
    found = placed(SAMPLE.read_bytes())
    assert lines_of(found) == [("11", Decimal(2)), ("13", Decimal(2))]
    first = found.lines[0]
    assert (first.allowances[0].amount, first.line_amount) == (Decimal("4.01"), Decimal("35.99"))
    totals = found.totals
    assert (totals.lines, totals.charges, totals.tax, totals.payable) == tuple(map(Decimal, ("71.99", "6.00", "14.40", "92.39")))
