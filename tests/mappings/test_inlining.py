"""What the compiler makes of calls: expressions without calls, which give the same."""

from decimal import Decimal

import pytest

from mappings import functions_numbers as numbers
from mappings import functions_text as texts
from mappings.inlining import inlined


@pytest.mark.parametrize(
    ("call", "function", "expected"),
    [
        ("f(v1, v2)", numbers.times, "(None if v2 is None else v1 * v2)"),
        ("f(v1, '#')", texts.strip_prefix, "(v1.removeprefix('#') or None)"),
        ("f(v1, None)", texts.prefix, "('' + v1)"),
        ("f(v1, v2 or None)", texts.prefix, "(((v2 or None) or '') + v1)"),
        ("f(v1, v2)", numbers.minus, "f(v1, v2)"),
        ("f(v1, 2)", numbers.most_places, "(most_places_round_half_up(v1, 2) if most_places_places(v1) > 2 else v1)"),
    ],
)
def test_a_function_of_one_expression_stands_where_it_would_be_called_and_what_literals_decide_is_decided(call, function, expected):
    assert inlined(call, function, {}) == expected


def test_what_the_function_names_comes_along_under_a_name_of_its_own():
    constants: dict[str, object] = {}
    text = inlined("f(v1)", numbers.positive, constants)
    assert (text, constants) == ("(v1 > positive_ZERO)", {"positive_ZERO": Decimal(0)})
    assert eval(text, constants | {"v1": Decimal(1)}) is True
