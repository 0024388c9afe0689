"""What a transaction set says about itself: its purpose and its control totals, checked against its lines.

Control totals are X12's own guard against lost lines: CTT01 counts them, CTT02 sums their quantities, AMT*TT states what
they come to. A set whose totals do not hold is refused, as one with a wrong SE01 is.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from canonical.amounts import ZERO, rounded
from canonical.problems import Problem, shown
from mappings.codecs.base import Path
from mappings.codecs.x12_amounts import allowances, charges, goods_amount, known_currency, lines_amount, number, taxes

PURPOSES = ("00", "06", "07")
"""BEG01 of a set that places an order: original, confirmation, duplicate. Changes and cancellations are an 860."""

Locate = Callable[[Path], str]


def order_controls(tree: Mapping[str, Any], locate: Locate) -> Iterator[Problem]:
    """What is wrong with an 850 taken as a whole."""
    purpose = tree["BEG"].get("01")
    if purpose is not None and purpose not in PURPOSES:
        expected = f"expected an original order, one of {', '.join(PURPOSES)}"
        yield Problem("E_X12_PURPOSE", locate(("BEG", "01")), expected, shown(purpose))
    yield from line_controls(tree, locate)
    yield from _amount_control(tree, locate)


def line_controls(tree: Mapping[str, Any], locate: Locate) -> Iterator[Problem]:
    """CTT against the PO1 segments of a set."""
    lines = [line["PO1"] for line in tree.get("PO1", ())]
    quantities = [number(line.get("02")) for line in lines]
    for i, total in enumerate(tree.get("CTT", ())):
        count, hash_total = total["CTT"].get("01"), total["CTT"].get("02")
        if count is not None and number(count) != len(lines):
            path = locate(("CTT", i, "CTT", "01"))
            yield Problem("E_X12_CTT", path, f"expected the number of PO1 segments, {len(lines)}", shown(count))
        expected = sum((quantity or ZERO for quantity in quantities), ZERO)
        if hash_total is not None and None not in quantities and number(hash_total) != expected:
            path = locate(("CTT", i, "CTT", "02"))
            yield Problem("E_X12_CTT", path, f"expected the sum of the quantities, {expected:f}", shown(hash_total))


def _amount_control(tree: Mapping[str, Any], locate: Locate) -> Iterator[Problem]:
    """AMT*TT against the lines; only where every line has a price."""
    expected = _possible_totals(tree)
    for i, total in enumerate(tree.get("CTT", ())):
        for j, amount in enumerate(total.get("AMT", ())):
            if amount.get("01") == "TT" and expected and number(amount.get("02")) not in expected:
                path = locate(("CTT", i, "AMT", j, "02"))
                yield Problem("E_SUM_LINES", path, f"expected the sum of the lines, {expected[0]:f}", shown(amount.get("02")))


def _possible_totals(tree: Mapping[str, Any]) -> list[Decimal]:
    """What AMT*TT may rightly state, none without prices. Partners mean by it the lines (each rounded, or their sum), the
    lines with their allowances and charges, the order with its own, or that with its taxes."""
    lines = tree["PO1"]
    currency = known_currency(tree.get("CUR", {}).get("02"))
    with_balance = lines_amount(lines, currency)
    if with_balance is None:
        return []
    exact = [goods_amount(line) or ZERO for line in lines]
    whole = with_balance + charges(tree.get("SAC", ())) - allowances(tree.get("SAC", ()))
    each_rounded = sum((rounded(amount, currency) for amount in exact), ZERO)
    return [each_rounded, rounded(sum(exact, ZERO), currency), with_balance, whole, whole + taxes(tree)]


CONTROLS: Mapping[str, Callable[[Mapping[str, Any], Locate], Iterator[Problem]]] = {"850": order_controls, "855": line_controls}
"""The checks of a transaction set that has all its required segments, by its identifier."""
