"""What quantities are worth: parts always sum to the order."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from canonical.documents.orders import Totals
from canonical.values import Tax
from handlers.worth import Worth
from tests.handlers.golden import d, line, placed

VAT_IN = Tax(rate_pct=d(13), included=True)


def test_a_price_that_contains_its_tax_is_split_by_subtraction() -> None:
    order = placed(
        lines=(line("1", "X", 1, "100.00", tax=VAT_IN),),
        totals=Totals(lines=d(100), tax_exclusive=d("88.50"), tax=d("11.50"), tax_inclusive=d(100), payable=d(100)),
    )
    part = Worth(order).between({}, {"1": d(1)})
    assert (part.net, part.tax, part.gross) == (d("88.50"), d("11.50"), d("100.00"))


def test_three_parts_of_a_tax_inclusive_order_sum_to_it() -> None:
    order = placed(
        lines=(line("1", "X", 3, "33.33", tax=VAT_IN),),
        totals=Totals(lines=d("99.99"), tax_exclusive=d("88.49"), tax=d("11.50"), tax_inclusive=d("99.99"), payable=d("99.99")),
    )
    worth = Worth(order)
    parts = [worth.between({"1": d(n)}, {"1": d(n + 1)}) for n in range(3)]
    assert [part.gross for part in parts] == [d("33.33")] * 3
    assert (sum(part.net for part in parts), sum(part.tax for part in parts)) == (d("88.49"), d("11.50"))


def test_tax_is_rounded_once_per_rate_not_per_line() -> None:
    lines = tuple(line(str(number), "X", 1, "33.33") for number in range(3))
    order = placed(lines=lines)
    assert Worth(order).between({}, {str(number): d(1) for number in range(3)}).tax == d("13.00")


def test_tax_of_a_part_does_not_move_with_what_else_is_ordered() -> None:
    ten, three = (placed(lines=(line("1", "X", qty, "87.47"),)) for qty in (10, 3))
    assert Worth(ten).between({}, {"1": d(3)}).tax == Worth(three).between({}, {"1": d(3)}).tax == d("34.11")


LINES = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 99_999), st.sampled_from([0, 6, 13])), min_size=1, max_size=4)


@given(LINES, st.integers(0, 5000), st.booleans(), st.lists(st.integers(1, 4), max_size=4))
def test_any_split_into_shipments_sums_to_the_order(
    wanted: list[tuple[int, int, int]], discount: int, included: bool, shares: list[int]
) -> None:
    lines = tuple(
        line(str(no), "X", qty, str(Decimal(cents) / 100), tax=Tax(rate_pct=d(rate), included=included))
        for no, (qty, cents, rate) in enumerate(wanted)
    )
    gross = sum((one.line_amount for one in lines), d(0))
    off = min(Decimal(discount) / 100, gross)
    whole = 100 * d(1)
    tax = sum(
        (one.line_amount * (gross - off) / gross * one.tax.rate_pct / (whole + included * one.tax.rate_pct) for one in lines), d(0)
    )
    tax = tax.quantize(d("0.01"))
    exclusive = gross - off - (tax if included else 0)
    totals = Totals(
        lines=gross, allowances=off, tax_exclusive=exclusive, tax=tax, tax_inclusive=exclusive + tax, payable=exclusive + tax
    )
    worth = Worth(placed(lines=lines, discount=str(off) if off else None, totals=totals))
    before: dict[str, Decimal] = {}
    net = paid = d(0)
    for share in (*shares, 1):
        open_qty = {one.line_no: one.qty.value - before.get(one.line_no, d(0)) for one in lines}
        after = {no: before.get(no, d(0)) + qty // share for no, qty in open_qty.items()}
        part = worth.between(before, after)
        net, paid, before = net + part.net, paid + part.tax, after
    assert (net, paid) == (totals.tax_exclusive, totals.tax)
