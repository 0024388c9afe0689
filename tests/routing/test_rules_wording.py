"""What is wrong with an expression is one sentence: where, what was expected, what stands there."""

import pytest

from routing.rules.engine import Invalid, compile_program


@pytest.mark.parametrize(
    ("expression", "column", "what"),
    [
        ("body.a ==", 10, "expected a value, found the end"),
        ("", 1, "expected a value, found the end"),
        ("size(body.a", 12, "expected `)`, found the end"),
        ('body.x in ["a", "b"', 20, "expected `]` or `,`, found the end"),
        ('body.a == "x" and body.b == 1', 15, "expected an operator, found `and`: write `&&`"),
        ("body.a == 1 2", 13, "expected an operator or the end, found `2`"),
        ("body.a = 1", 8, "expected `==`, found `=`"),
        ("body.a == 'x", 11, "expected ' at the end of the text `'x`"),
        ("body.a == “x”", 11, "expected straight quotes, found `“`"),
        ("@", 1, "expected a value or an operator, found `@`"),
        ("foo.bar == 1", 4, "there is nothing called `foo`. An expression reads `message` and `body`."),
        ("siez(body.a) == 1", 5, "there is nothing called `siez`. Did you mean `size`?"),
        ("'a' + 1 == 2", 5, "`+` does not take string and int"),
        ("'a'.startsWith(1)", 15, "`startsWith` does not take string and int"),
        ("has(body)", 5, "has(...) asks for a field, as in has(body.contract_no)"),
        ("(" * 40 + "true" + ")" * 40, 1, "expected at most 32 levels of brackets"),
    ],
)
def test_a_wrong_expression_is_told_in_one_sentence(expression: str, column: int, what: str) -> None:
    with pytest.raises(Invalid) as refused:
        compile_program(expression)
    assert refused.value.places == [(1, column, what)]


def test_every_unknown_name_is_told_in_the_order_of_the_text() -> None:
    with pytest.raises(Invalid) as refused:
        compile_program("foo == 1 && bar == 2")
    assert [column for _, column, _ in refused.value.places] == [1, 13]
