"""Quantities that a buyer lowers or takes off: kept as they were asked for, and judged against everything that has left, whichever
was known first (domain 2.3). A pure fold over the revisions, so it ends the same in any order of arrival.
"""

from collections.abc import Mapping
from decimal import Decimal

import orjson

from canonical.amounts import ZERO
from canonical.documents.orders import LineOp, OrderChanged, OrderLine, OrderPlaced
from handlers.order.facts import Facts

BELOW_SHIPPED = "O_BELOW_SHIPPED"


def wanted_by(change: OrderChanged | OrderPlaced, document: OrderPlaced) -> dict[str, Decimal]:
    """{line_no: quantity} that a change, or a newer copy, asks for of the lines of the document in force; 0 for a line it takes
    off."""
    if isinstance(change, OrderPlaced):
        copied = {line.line_no: line.qty.value for line in change.lines}
        return {line.line_no: copied.get(line.line_no, ZERO) for line in document.lines}
    return {op.line_no: qty for op in change.line_ops if (qty := _asked(op)) is not None}


def _asked(op: LineOp) -> Decimal | None:
    if op.op == "delete":
        return ZERO
    return op.qty.value if op.op == "update" and op.qty is not None else None


def note(facts: Facts, document: OrderPlaced, revision: int, wants: Mapping[str, Decimal]) -> None:
    """Keep what is asked of lines that are lowered, and of those that were before. document: the one in force until now."""
    lines = {line.line_no: line for line in document.lines}
    for line_no, qty in wants.items():
        asks = facts.lowered.get("asks", {})
        if line_no not in asks and (line_no not in lines or qty >= lines[line_no].qty.value):
            continue
        if not facts.lowered:
            facts.lowered = {"document": orjson.loads(document.body()), "lines": {}, "asks": {}}
        if line_no not in facts.lowered["lines"]:
            facts.lowered["lines"][line_no] = lines[line_no].model_dump(mode="json", exclude_none=True)
        facts.lowered["asks"].setdefault(line_no, []).append([revision, str(qty)])


def forget(facts: Facts, revision: int) -> None:
    """What was asked after a revision is taken back."""
    asks = {no: kept for no, all_of in facts.lowered.get("asks", {}).items() if (kept := [a for a in all_of if a[0] <= revision])}
    lines = {no: line for no, line in facts.lowered.get("lines", {}).items() if no in asks}
    facts.lowered = facts.lowered | {"asks": asks, "lines": lines} if asks else {}


def judged(facts: Facts, shipped: Mapping[str, Decimal]) -> dict[str, tuple[Decimal, Decimal | None]]:
    """{line_no: (quantity in force, what was asked last where that is refused)} of the lines that were ever lowered.

    A quantity below what has left of the line, and below what was in force before, is refused: the line stays as it was.
    """
    found: dict[str, tuple[Decimal, Decimal | None]] = {}
    for line_no, asks in facts.lowered.get("asks", {}).items():
        qty, refused = Decimal(facts.lowered["lines"][line_no]["qty"]["value"]), None
        for _, text in sorted(asks, key=lambda ask: int(ask[0])):
            asked = Decimal(text)
            refused = asked if asked < min(shipped.get(line_no, ZERO), qty) else None
            qty = asked if refused is None else qty
        found[line_no] = (qty, refused)
    return found


def first_line(facts: Facts, line_no: str) -> OrderLine:
    """The line as it was before it was first lowered."""
    return OrderLine.model_validate_json(orjson.dumps(facts.lowered["lines"][line_no]))


def first_document(facts: Facts) -> OrderPlaced:
    """The document as it was before anything was lowered."""
    return OrderPlaced.model_validate_json(orjson.dumps(facts.lowered["document"]))
