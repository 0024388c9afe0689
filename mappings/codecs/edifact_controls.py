"""What an EDIFACT message says about itself: its purpose and the number of its lines.

The purpose (1225, BGM03) decides what a message means: an ORDERS may place an order, put another in its place or take it back.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from canonical.problems import Problem, shown
from mappings.codecs.base import Path

CANCELLATION = "1"
CANCELLED = "ORDCHG.CANCEL"
"""The document of an ORDERS or ORDCHG that takes a whole order back."""
PURPOSES: Mapping[str, tuple[str, ...]] = {
    "ORDERS": ("1", "5", "6", "7", "9", "20", "21", "31", "35", "42"),
    "ORDCHG": ("1", "2", "3", "4", "5", "9", "33", "36", "20", "21", "7", "35"),
    "INVOIC": ("5", "6", "7", "9", "31", "35", "43", "11", "42"),
    "DESADV": ("2", "5", "6", "7", "9", "31", "35", "42", "11", "12"),
}
"""The purposes a message may have to mean what the mapping says: originals, copies, replacements; not proposals or tests."""
PURPOSE = re.compile(r"\d{1,3}", re.ASCII)
"""Anything longer is no purpose but something its sender put there."""
CANCELLABLE = ("ORDERS", "ORDCHG")
LINE_COUNT = "2"
"""CNT01 of the number of LIN segments."""

Locate = Callable[[Path], str]


def document_of(kind: str, tree: Mapping[str, Any]) -> str:
    """The partner document of a message: its type, or a cancellation."""
    return CANCELLED if kind in CANCELLABLE and _purpose(tree) == CANCELLATION else kind


def _purpose(tree: Mapping[str, Any]) -> str | None:
    return tree.get("BGM", {}).get("03")  # type: ignore[no-any-return]


def message_problems(kind: str, tree: Mapping[str, Any], locate: Locate) -> Iterator[Problem]:
    """What is wrong with a message taken as a whole."""
    known = PURPOSES.get(kind)
    purpose = _purpose(tree) if known is not None else None
    if known is not None and purpose is not None and PURPOSE.fullmatch(purpose) and purpose not in known:
        expected = f"expected the purpose of a {kind}, one of {', '.join(known)}"
        yield Problem("E_EDIFACT_PURPOSE", locate(("BGM", "03")), expected, shown(purpose))
    count = len(tree.get("LIN", ())) + sum(len(package.get("LIN", ())) for package in tree.get("CPS", ()))
    yield from _line_counts(tree, (), count, locate)
    for i, summary in enumerate(tree.get("UNS", ())):
        yield from _line_counts(summary, ("UNS", i), count, locate)


def _line_counts(node: Mapping[str, Any], at: Path, count: int, locate: Locate) -> Iterator[Problem]:
    for i, control in enumerate(node.get("CNT", ())):
        stated = control.get("01_2", "")
        if control.get("01") == LINE_COUNT and stated.lstrip("0") != str(count).lstrip("0"):
            path = locate((*at, "CNT", i, "01_2"))
            yield Problem("E_EDIFACT_CNT", path, f"expected the number of LIN segments, {count}", shown(stated))
