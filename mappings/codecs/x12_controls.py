"""What a transaction set says about itself: its purpose and its control totals, checked against its lines.

Control totals are X12's own guard against lost lines: CTT01 counts them, CTT02 sums their quantities, AMT*TT states what
they come to. A set whose totals do not hold is refused, as one with a wrong SE01 is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from canonical.amounts import ZERO, rounded
from canonical.problems import Problem, shown
from mappings.codecs.base import Path
from mappings.codecs.x12_amounts import allowances, charges, goods_amount, known_currency, lines_amount, number, taxes

PURPOSES: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "846": ("BIA", ("00", "04", "05", "06", "07", "08", "15"), "a report"),
    "850": ("BEG", ("00", "01", "05", "06", "07"), "an order, one in place of it, or a cancellation"),
    "856": ("BSN", ("00", "04", "05", "06", "07", "14"), "a notice of what is sent"),
    "860": ("BCH", ("01", "04"), "a change or a cancellation"),
    "867": ("BPT", ("00", "05", "06", "07"), "a report"),
}
"""The segment that tells the purpose (element 353) of a set, and the purposes its mapping is for: not what takes back or asks."""
COUNTED: Mapping[str, tuple[str, str, str]] = {
    "810": ("IT1", "IT1", "02"),
    "846": ("LIN", "LIN", ""),
    "850": ("PO1", "PO1", "02"),
    "855": ("PO1", "PO1", "02"),
    "860": ("POC", "POC", "03"),
    "867": ("PTD", "PTD", ""),
}
"""What CTT01 counts, the segment and element whose sum CTT02 states. Of a ship notice it counts levels or items."""

Locate = Callable[[Path], str]


def set_controls(kind: str, tree: Mapping[str, Any], locate: Locate) -> Iterator[Problem]:
    """What is wrong with a set that has all its required segments, taken as a whole."""
    yield from _purpose(kind, tree, locate)
    if kind in COUNTED:
        loop, segment, element = COUNTED[kind]
        lines = [line[segment] for line in tree.get(loop, ())]
        yield from _totals(tree, locate, loop, (len(lines),), [line.get(element) for line in lines])
    if kind == "850":
        yield from _amount_control(tree, locate)
    if kind == "856":
        items = [row["item"].get("SN1", {}).get("02") for row in tree["items"]]
        yield from _totals(tree, locate, "HL", (len(tree["HL"]), len(items)), items)


def _purpose(kind: str, tree: Mapping[str, Any], locate: Locate) -> Iterator[Problem]:
    if kind not in PURPOSES:
        return
    segment, allowed, meaning = PURPOSES[kind]
    purpose = tree[segment].get("01")
    if purpose is not None and purpose not in allowed:
        expected = f"expected {meaning}, one of {', '.join(allowed)}"
        yield Problem("E_X12_PURPOSE", locate((segment, "01")), expected, shown(purpose))


def _totals(
    tree: Mapping[str, Any], locate: Locate, counted: str, counts: tuple[int, ...], stated: Sequence[Any]
) -> Iterator[Problem]:
    """CTT against what it counts and sums up."""
    quantities = [number(one) for one in stated]
    for i, total in enumerate(tree.get("CTT", ())):
        count, hash_total = total["CTT"].get("01"), total["CTT"].get("02")
        if count is not None and number(count) not in counts:
            path = locate(("CTT", i, "CTT", "01"))
            yield Problem("E_X12_CTT", path, f"expected the number of {counted} segments, {counts[0]}", shown(count))
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
    lines = tree.get("PO1", ())
    currency = known_currency(tree.get("CUR", {}).get("02"))
    with_balance = lines_amount(lines, currency)
    if with_balance is None:
        return []
    exact = [goods_amount(line) or ZERO for line in lines]
    whole = with_balance + charges(tree.get("SAC", ())) - allowances(tree.get("SAC", ()))
    each_rounded = sum((rounded(amount, currency) for amount in exact), ZERO)
    return [each_rounded, rounded(sum(exact, ZERO), currency), with_balance, whole, whole + taxes(tree)]
