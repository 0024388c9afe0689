"""Exact arithmetic on money: domain invariants I10 to I13."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.amounts import from_minor, minor_digits, rounded, spread, to_minor

D = Decimal
CENTS = st.integers(-(10**12), 10**12)


@pytest.mark.parametrize(("amount", "expected"), [("2.675", "2.68"), ("1.005", "1.01"), ("0.125", "0.13"), ("-2.675", "-2.68")])
def test_amounts_are_rounded_half_up(amount: str, expected: str) -> None:
    assert rounded(D(amount), "EUR") == D(expected)


@pytest.mark.parametrize(
    ("currency", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("KRW", 0), ("BHD", 3), ("IQD", 3), ("COP", 2)]
)
def test_minor_units_follow_iso_4217(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


def test_an_unknown_currency_is_an_error() -> None:
    with pytest.raises(KeyError):
        minor_digits("EURO")


def test_an_amount_with_more_places_than_its_currency_is_no_amount_of_minor_units() -> None:
    with pytest.raises(ValueError, match="more places"):
        to_minor(D("1.005"), "EUR")


@given(CENTS, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_minor_units_and_back_is_the_same_amount(minor: int, currency: str) -> None:
    assert to_minor(from_minor(minor, currency), currency) == minor


def test_a_hundred_over_three_leaves_no_cent_behind() -> None:
    assert spread(D("100.00"), [D(1)] * 3, "EUR") == [D("33.34"), D("33.33"), D("33.33")]


@given(CENTS, st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any))
def test_parts_sum_to_the_amount_and_none_is_off_by_a_whole_unit(minor: int, weights: list[int]) -> None:
    amount = from_minor(minor, "EUR")
    parts = spread(amount, [D(weight) for weight in weights], "EUR")
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - amount * weight / sum(weights)) < D("0.01")


def test_nothing_can_be_spread_over_nothing() -> None:
    with pytest.raises(ValueError, match="over nothing"):
        spread(D(1), [], "EUR")
