"""A document with a buyer's differences applied: pure; what cannot be done is told by line with its code."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from canonical.amounts import ZERO, rounded
from canonical.documents.orders import HeaderChange, LineOp, OrderChanged, OrderLine, OrderPlaced, Totals
from canonical.values import Allowance
from handlers.order import lowering
from handlers.order.books import Order
from handlers.order.ledger import OVER_SHIPPED, Ledger, left_of
from handlers.worth import Worth, amount_of, priced

Refused = dict[str, str]
"""{line_no, or "" for the order: code}"""
STATED = ("sku", "gtin", "mpn", "buyer_item_id", "description", "requested_date")


def edited(order: Order, change: OrderChanged) -> tuple[OrderPlaced | None, Refused]:
    """The document in force with the change, and what of it is refused; no document where nothing is left to do."""
    lines = {line.line_no: line for line in order.document.lines}
    refused: Refused = {}
    done = 0
    for op in change.line_ops:
        code = _against(order, lines, op)
        if code is not None:
            refused[op.line_no] = code
            continue
        done += 1
        if op.op == "delete":
            del lines[op.line_no]
        else:
            lines[op.line_no] = _added(order, op) if op.op == "add" else _updated(order, lines[op.line_no], op)
    header = _header(order.document, change.header) if change.header is not None else {}
    if not lines:
        return None, {"": "O_NO_LINES"}
    if not done and not header:
        return None, refused or {"": "O_NO_CHANGE"}
    new = order.document.model_copy(update=header | {"lines": tuple(lines.values())})
    return (_retotalled(new) if done else new), refused


def with_kept(order: Order, copy: OrderPlaced, refused: Refused) -> OrderPlaced:
    """A newer copy with the lines that it may not change as they are."""
    mine = {line.line_no: line for line in order.document.lines if line.line_no in refused}
    lines = [mine.pop(line.line_no, line) for line in copy.lines]
    return _retotalled(copy.model_copy(update={"lines": tuple([*lines, *mine.values()])}))


def restored(order: Order) -> tuple[OrderPlaced, list[str]]:
    """The document in force with the lines that were lowered below what has left as they were before, and the numbers of these."""
    facts, lines = order.facts, {line.line_no: line for line in order.document.lines}
    wrong: list[str] = []
    for line_no, (qty, _) in lowering.judged(facts, left_of(facts)).items():
        current, first = lines.get(line_no), lowering.first_line(facts, line_no)
        if qty != (current.qty.value if current is not None else ZERO):
            wrong.append(line_no)
            lines[line_no] = _as_before(order, current, first, qty)
    if not wrong:
        return order.document, wrong
    before = lowering.first_document(facts)
    places = {line.line_no: place for place, line in enumerate(before.lines)}
    ranked = sorted(lines.values(), key=lambda line: places.get(line.line_no, len(places)))
    new = order.document.model_copy(update={"lines": tuple(ranked)})
    same = (new.lines, new.doc_allowances, new.doc_charges) == (before.lines, before.doc_allowances, before.doc_charges)
    return (new.model_copy(update={"totals": before.totals}) if same else _retotalled(new)), wrong


def _as_before(order: Order, current: OrderLine | None, first: OrderLine, qty: Decimal) -> OrderLine:
    """The line with a quantity it had; altogether as it was where nothing but the quantity has changed since."""
    ours = first.line_no in order.facts.priced
    if qty == first.qty.value and (current is None or ours or current.unit_price == first.unit_price):
        return first
    base = current if current is not None else first
    return _updated(order, base, LineOp(op="update", line_no=first.line_no, qty=base.qty.model_copy(update={"value": qty})))


def kept_lines(order: Order, copy: OrderPlaced) -> Refused:
    """What a newer copy of the whole order takes back though it was shipped, or prices anew though it was billed."""
    lines = {line.line_no: line for line in copy.lines}
    refused: Refused = {}
    for mine in order.document.lines:
        ledger, line = order.state.lines[mine.line_no], lines.get(mine.line_no)
        left = line.qty.value if line is not None else ZERO
        if _takes_back(ledger, mine.qty.value, left):
            refused[mine.line_no] = lowering.BELOW_SHIPPED
        elif left > mine.qty.value and _accepted(order, mine.line_no):
            refused[mine.line_no] = "O_OVER_ACCEPTED"
        elif line is not None and ledger.invoiced and line.unit_price not in (None, mine.unit_price):
            refused[mine.line_no] = "O_PRICE_BILLED"
    return refused


def _against(order: Order, lines: dict[str, OrderLine], op: LineOp) -> str | None:
    """Why one line operation cannot be done."""
    known = lines.get(op.line_no)
    if op.op == "add":
        code = "E_LINE_DUP" if known is not None else "E_QTY" if op.qty is None else None
        return code or ("O_OVER_ACCEPTED" if _accepted(order, op.line_no) else None)
    if known is None:
        return "O_LINE_UNKNOWN"
    ledger = order.state.lines.get(op.line_no)
    if ledger is None:
        return None
    left = ZERO if op.op == "delete" else known.qty.value if op.qty is None else op.qty.value
    if _takes_back(ledger, known.qty.value, left):
        return lowering.BELOW_SHIPPED
    if left > known.qty.value and _accepted(order, op.line_no):
        return "O_OVER_ACCEPTED"
    if op.unit_price is not None and op.unit_price != known.unit_price and ledger.invoiced:
        return "O_PRICE_BILLED"
    return None


def _takes_back(ledger: Ledger, ordered: Decimal, left: Decimal) -> bool:
    """Whether goods that left would be ordered no more. More than before may be ordered even if still more has left."""
    return left < min(ledger.shipped, ordered)


def _accepted(order: Order, line_no: str) -> bool:
    """Whether somebody has decided that what left beyond the line is not billed."""
    return line_no in order.facts.accepted.get(OVER_SHIPPED, {})


def _added(order: Order, op: LineOp) -> OrderLine:
    """A new line; taxed as the others are where they all are alike."""
    qty = op.qty
    assert qty is not None
    taxes = {line.tax for line in order.document.lines}
    fields = {name: value for name in STATED if (value := getattr(op, name)) is not None}
    return OrderLine(
        line_no=op.line_no,
        ids=op.ids,
        qty=qty,
        unit_price=op.unit_price,
        price_base_qty=op.price_base_qty,
        line_amount=op.line_amount,
        tax=taxes.pop() if len(taxes) == 1 else None,
        references=op.references,
        **fields,
    )


def _updated(order: Order, line: OrderLine, op: LineOp) -> OrderLine:
    """The line with what the operation states; amounts follow the quantity and the price. A price of ours is asked for anew."""
    fields: dict[str, Any] = {name: value for name in STATED if (value := getattr(op, name)) is not None}
    qty = line.qty if op.qty is None else op.qty
    fields |= {"qty": qty, "ids": line.ids | op.ids, "references": line.references | op.references}
    ours = line.line_no in order.facts.priced
    if op.unit_price is not None:
        fields |= {"unit_price": op.unit_price, "price_base_qty": op.price_base_qty}
    elif ours:
        fields["unit_price"] = None
        order.facts.priced.remove(line.line_no)
    if qty != line.qty or op.unit_price is not None or op.line_amount is not None:
        fields |= _amounts(line, op, qty.value, order.document.currency)
    return line.model_copy(update=fields)


def _amounts(line: OrderLine, op: LineOp, qty: Decimal, currency: str) -> dict[str, Any]:
    """Allowances in percent follow the quantity; the stated amount is the new one's, or reckoned from the price."""
    share = qty / line.qty.value
    allowances = tuple(_scaled(one, share, currency) if one.pct is not None else one for one in line.allowances)
    if op.line_amount is not None or line.line_amount is None:
        return {"allowances": allowances, "line_amount": op.line_amount}
    price = line.unit_price if op.unit_price is None else op.unit_price
    if price is None:
        return {"allowances": allowances, "line_amount": rounded(line.line_amount * share, currency)}
    base = line.price_base_qty if op.unit_price is None else op.price_base_qty
    new = line.model_copy(update={"allowances": allowances, "line_amount": None, "unit_price": price, "price_base_qty": base})
    amount = amount_of(new.model_copy(update={"qty": new.qty.model_copy(update={"value": qty})}))
    return {"allowances": allowances, "line_amount": rounded(amount, currency)}


def _scaled(allowance: Allowance, share: Decimal, currency: str) -> Allowance:
    base = None if allowance.base is None else rounded(allowance.base * share, currency)
    return allowance.model_copy(update={"amount": rounded(allowance.amount * share, currency), "base": base})


def _header(document: OrderPlaced, change: HeaderChange) -> dict[str, Any]:
    stated = dict(_stated(change))
    if "references" in stated:
        stated["references"] = document.references | stated["references"]
    return {name: value for name, value in stated.items() if getattr(document, name) != value}


def _stated(change: HeaderChange) -> Iterator[tuple[str, Any]]:
    for name in HeaderChange.model_fields:
        value = getattr(change, name)
        if value is not None and value != {}:
            yield name, value


def _retotalled(document: OrderPlaced) -> OrderPlaced:
    """The sums of the changed lines in place of the sender's; none where a line has no price yet. What was prepaid stays."""
    before = document.totals
    bare = document.model_copy(update={"totals": None})
    if before is None or not priced(bare):
        return bare
    worth = Worth(bare)
    part = worth.between({}, worth.ordered)
    lines = sum((rounded(amount_of(line), bare.currency) for line in bare.lines), ZERO)
    allowances = sum((one.amount for one in bare.doc_allowances), ZERO)
    charges = sum((one.amount for one in bare.doc_charges), ZERO)
    totals = Totals(
        lines=lines, allowances=allowances, charges=charges, tax_exclusive=part.net, tax=part.tax, tax_inclusive=part.gross,
        prepaid=before.prepaid, rounding=ZERO, payable=max(ZERO, part.gross - before.prepaid),
    )  # fmt: skip
    return bare.model_copy(update={"totals": totals})
