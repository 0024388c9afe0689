"""R2: units, minimum quantity, multiple and maximum; a refusal names the nearest quantities that may be ordered."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.order.policies import quantity
from handlers.order.policies.base import Case
from handlers.order.policies.quantity import in_base_units, legal_neighbours
from handlers.order.policies.settings import Policies
from tests.handlers.policies.masters import case, catalogue_of, order, product

BOX = {"uom": "XBX", "numerator": 10}


def decided(qty: str, uom: str = "EA", **fields: Any) -> Case:
    catalogue = catalogue_of(product(**fields))
    made = case(order({"qty": qty, "uom": uom}), catalogue)
    quantity.decide([made], catalogue, Policies())
    return made


def told(made: Case) -> list[tuple[str, str | None, str | None, str | None]]:
    return [(d.result, d.code, d.inputs.get("lower"), d.inputs.get("higher")) for d in made.decisions]


def test_a_box_of_ten_is_ten_pieces() -> None:
    made = decided("3", "XBX", units=[BOX])
    assert (made.base_qtys, told(made)) == ({"1": Decimal(30)}, [("pass", None, None, None)])


def test_boxes_of_ten_sold_by_twenty_pieces_go_in_even_numbers() -> None:
    odd = decided("3", "XBX", units=[BOX], multiple="20")
    assert told(odd) == [("change", "M_MULTIPLE", "2", "4")]
    assert odd.decisions[0].text == "expected a multiple of 20 EA of A"
    assert told(decided("4", "XBX", units=[BOX], multiple="20")) == [("pass", None, None, None)]


@pytest.mark.parametrize(
    ("qty", "uom", "expected"),
    [
        ("5", "EA", [("pass", None, None, None)]),
        ("4", "EA", [("change", "M_MOQ", None, "5"), ("change", "M_MULTIPLE", None, "5")]),
        ("7", "EA", [("change", "M_MULTIPLE", "5", "10")]),
        ("100", "EA", [("pass", None, None, None)]),
        ("101", "EA", [("change", "M_MULTIPLE", "100", None), ("change", "M_MAX", "100", None)]),
        ("105", "EA", [("change", "M_MAX", "100", None)]),
        ("1", "XPK", [("change", "M_MOQ", None, "2"), ("change", "M_MULTIPLE", None, "2")]),
        ("0.5", "XBX", [("pass", None, None, None)]),
    ],
)
def test_minimum_multiple_and_maximum_in_base_units(qty: str, uom: str, expected: list[tuple[str, str | None]]) -> None:
    units = [BOX, {"uom": "XPK", "numerator": 5, "denominator": 2}]
    assert told(decided(qty, uom, moq="5", multiple="5", max_qty="100", units=units)) == expected


def test_a_third_of_a_base_unit_is_no_quantity_and_the_next_whole_one_is_offered() -> None:
    made = decided("1", "MLT", base_uom="XVI", units=[{"uom": "MLT", "numerator": 1, "denominator": 3}])
    assert told(made) == [("change", "M_MOQ", None, "3"), ("change", "M_MULTIPLE", None, "3")]
    assert made.base_qtys == {}
    assert told(decided("6", "MLT", base_uom="XVI", units=[{"uom": "MLT", "numerator": 1, "denominator": 3}]))[0][0] == "pass"


def test_each_one_and_piece_are_the_same_unit_and_another_is_refused() -> None:
    assert decided("3", "C62").base_qtys == {"1": Decimal(3)}
    refused = decided("3", "KGM", units=[BOX])
    assert [(d.result, d.code, d.line_no, d.text) for d in refused.decisions] == [("reject", "E_UOM", "1", "A is sold in EA, XBX")]
    assert refused.base_qtys == {}


def test_without_a_product_nothing_is_checked() -> None:
    catalogue = catalogue_of()
    made = case(order({"sku": "A"}, {"sku": "B"}), catalogue)
    quantity.decide([made], catalogue, Policies())
    assert [(d.policy, d.result) for d in made.decisions] == [("quantity", "unchecked")]


@given(
    st.integers(1, 500), st.integers(1, 60), st.integers(1, 12), st.integers(1, 40), st.integers(1, 60),
    st.one_of(st.none(), st.integers(1, 2000)),
)  # fmt: skip
def test_what_is_offered_is_legal_and_nothing_nearer_is(
    qty: int, numerator: int, denominator: int, moq: int, multiple: int, most: int | None
) -> None:
    fields = {"moq": str(moq), "multiple": str(multiple)} | ({} if most is None else {"max_qty": str(most)})
    sold, per_unit = product(**fields), Fraction(numerator, denominator)

    def legal(number: int) -> bool:
        base = in_base_units(Decimal(number), per_unit)
        return base is not None and base >= moq and base % multiple == 0 and (most is None or base <= most)

    lower, higher = legal_neighbours(Decimal(qty), per_unit, sold)
    assert (lower is None or (legal(int(lower)) and lower < qty)) and (higher is None or (legal(int(higher)) and higher > qty))
    assert not any(legal(number) for number in range(int(lower) + 1 if lower is not None else 1, qty))
    assert not any(legal(number) for number in range(qty + 1, int(higher) if higher is not None else qty + 300))
