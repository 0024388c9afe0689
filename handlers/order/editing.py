"""A document with a buyer's change, by differences or a newer copy: pure; what cannot be done is told by line with its code."""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from canonical.amounts import ZERO, rounded
from canonical.documents.base import is_a
from canonical.documents.order_changes import HeaderChange, LineOp, OrderChanged
from canonical.documents.orders import OrderLine, OrderPlaced, Totals
from canonical.lean import lean
from canonical.values import Allowance
from handlers.order.ledger import BELOW_SHIPPED
from handlers.worth import Worth, amount_of, priced

order_line, totals_of = lean(OrderLine), lean(Totals)

Refused = dict[str, str]
"""{line_no, or "" for the order: code}"""
CURRENCY, ITEM_SHIPPED = "O_CURRENCY", "O_ITEM_SHIPPED"
ITEM_NUMBERS = ("sku", "gtin", "mpn", "buyer_item_id", "udi_di")
STATED = ("sku", "gtin", "mpn", "buyer_item_id", "description", "requested_date")


class Grounds(NamedTuple):
    """What a change is judged by. left: what has left of each line; over: lines of which more was accepted to have left."""

    left: Mapping[str, Decimal]
    over: Collection[str]


def applied(document: OrderPlaced, change: OrderChanged | OrderPlaced, grounds: Grounds) -> tuple[OrderPlaced | None, Refused]:
    """The document with the change, and what of it is refused; no document where nothing of it is left."""
    if is_a(change, OrderChanged):
        return _edited(document, change, grounds)
    if change.currency != document.currency:
        return None, {"": CURRENCY}
    refused = _kept_lines(document, change, grounds)
    if not refused:
        return change, refused
    new = _with_kept(document, change, refused)
    return (None if content(new) == content(document) else new), refused


def asked_by(change: OrderChanged | OrderPlaced, document: OrderPlaced) -> dict[str, Decimal]:
    """{line_no: quantity} that a change asks for of the lines of the document before it; 0 for a line it takes off."""
    if is_a(change, OrderPlaced):
        copied = {line.line_no: line.qty.value for line in change.lines}
        return {line.line_no: copied.get(line.line_no, ZERO) for line in document.lines}
    return {op.line_no: qty for op in change.line_ops if (qty := _asked(op)) is not None}


def _asked(op: LineOp) -> Decimal | None:
    if op.op == "delete":
        return ZERO
    return op.qty.value if op.op == "update" and op.qty is not None else None


def without_prices(document: OrderPlaced, ours: Collection[str]) -> OrderPlaced:
    """The document as its sender stated it: without the prices that we filled in."""
    if not ours:
        return document
    bare = [line.but(unit_price=None) if line.line_no in ours else line for line in document.lines]
    return document.but(lines=tuple(bare))


def with_prices_of(document: OrderPlaced, known: OrderPlaced, ours: Collection[str]) -> tuple[OrderPlaced, list[str]]:
    """The document with our prices as they were given before, where the line is the same, and the numbers of such lines."""
    if not ours or (document.price_date, document.currency) != (known.price_date, known.currency):
        return document, []
    given = {line.line_no: line for line in known.lines if line.line_no in ours}
    same = {line.line_no for line in document.lines if line.line_no in given and _same_goods(line, given[line.line_no])}
    lines = tuple(_priced_as(line, given[line.line_no]) if line.line_no in same else line for line in document.lines)
    return document.but(lines=lines), sorted(same)


def _same_goods(line: OrderLine, before: OrderLine) -> bool:
    if line.unit_price is not None or line.sku not in (None, before.sku):
        return False
    return (line.qty, line.gtin, line.mpn, line.buyer_item_id) == (before.qty, before.gtin, before.mpn, before.buyer_item_id)


def _priced_as(line: OrderLine, before: OrderLine) -> OrderLine:
    return line.but(unit_price=before.unit_price, price_base_qty=before.price_base_qty, tax=before.tax)


def content(document: OrderPlaced, ours: Collection[str] = ()) -> tuple[Any, ...]:
    """What counts of a document. ours: lines whose price is ours, which stays as it was given."""
    header = (
        document.sold_to, document.ship_to, document.bill_to, document.currency, document.kind, document.contract_no,
        document.requested_delivery_date, document.payment_terms, document.priority, document.allow_partial,
        document.doc_allowances, document.doc_charges, None if ours else document.totals,
    )  # fmt: skip
    return header, [_line_content(line, priced_by_us=line.line_no in ours) for line in document.lines]


def _line_content(line: OrderLine, *, priced_by_us: bool) -> tuple[Any, ...]:
    price = None if priced_by_us else (line.unit_price, line.price_base_qty, line.line_amount, line.tax)
    return (
        line.line_no, line.item, line.qty, price, line.allowances, line.charges, line.requested_date, line.requested_lots,
        line.free_of_charge, line.ship_to,
    )  # fmt: skip


def _edited(document: OrderPlaced, change: OrderChanged, grounds: Grounds) -> tuple[OrderPlaced | None, Refused]:
    """The document with the differences done that can be."""
    lines = {line.line_no: line for line in document.lines}
    mine = dict(lines)
    refused: Refused = {}
    done = 0
    for op in change.line_ops:
        code = _against(grounds, mine, lines, op)
        if code is not None:
            refused[op.line_no] = code
            continue
        done += 1
        if op.op == "delete":
            del lines[op.line_no]
        else:
            lines[op.line_no] = _added(document, op) if op.op == "add" else _updated(document, lines[op.line_no], op)
    header = _header(document, change.header) if change.header is not None else {}
    if not lines:
        return None, {"": "O_NO_LINES"}
    if not done and not header:
        return None, refused or {"": "O_NO_CHANGE"}
    new = document.but(**header, lines=tuple(lines.values()))
    return (_retotalled(new) if done else new), refused


def _with_kept(document: OrderPlaced, copy: OrderPlaced, refused: Refused) -> OrderPlaced:
    """A newer copy with the lines that it may not change as they are."""
    mine = {line.line_no: line for line in document.lines if line.line_no in refused}
    lines = [mine.pop(line.line_no, line) for line in copy.lines]
    return _retotalled(copy.but(lines=tuple([*lines, *mine.values()])))


def _kept_lines(document: OrderPlaced, copy: OrderPlaced, grounds: Grounds) -> Refused:
    """What a newer copy of the whole order takes back though it was shipped."""
    lines = {line.line_no: line for line in copy.lines}
    found = {mine.line_no: _against_line(grounds, mine, lines.get(mine.line_no)) for mine in document.lines}
    return {line_no: code for line_no, code in found.items() if code is not None}


def _against_line(grounds: Grounds, mine: OrderLine, line: OrderLine | None) -> str | None:
    """Why a line cannot become another one, or go."""
    qty, before = ZERO if line is None else line.qty.value, mine.qty.value
    if line is not None and grounds.left.get(mine.line_no) and _other_goods(mine, line):
        return ITEM_SHIPPED
    if qty < min(grounds.left.get(mine.line_no, ZERO), before):  # more than before may be ordered even if still more has left
        return BELOW_SHIPPED
    if qty > before and mine.line_no in grounds.over:
        return "O_OVER_ACCEPTED"
    return None


def _other_goods(mine: OrderLine, stated: OrderLine | LineOp) -> bool:
    """Whether none of the numbers that both state is the same; goods of which neither states the other's are taken to be the same.
    A SKU of the sender's may have become ours, which another number then had told."""
    named = [(getattr(mine, name), getattr(stated, name, None)) for name in ITEM_NUMBERS]
    named += [(number, stated.ids.get(scheme)) for scheme, number in mine.ids.items()]
    both = [one for one in named if None not in one]
    return bool(both) and all(ours != theirs for ours, theirs in both)


def _against(grounds: Grounds, mine: Mapping[str, OrderLine], lines: Mapping[str, OrderLine], op: LineOp) -> str | None:
    """Why one line operation cannot be done. mine: the lines before the change; lines: with the operations before this one."""
    known = lines.get(op.line_no)
    if op.op == "add":
        code = "E_LINE_DUP" if known is not None else "E_QTY" if op.qty is None else None
        return code or ("O_OVER_ACCEPTED" if op.line_no in grounds.over else None)
    if known is None:
        return "O_LINE_UNKNOWN"
    if op.line_no not in mine:
        return None
    if op.op == "update" and grounds.left.get(op.line_no) and _other_goods(known, op):
        return ITEM_SHIPPED
    stated = {"qty": op.qty} if op.qty is not None else {}
    return _against_line(grounds, known, None if op.op == "delete" else known.but(**stated))


def _added(document: OrderPlaced, op: LineOp) -> OrderLine:
    """A new line; taxed as the others are where they all are alike."""
    qty = op.qty
    assert qty is not None
    taxes = {line.tax for line in document.lines}
    fields = {name: value for name in STATED if (value := getattr(op, name)) is not None}
    return order_line(
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


def _updated(document: OrderPlaced, line: OrderLine, op: LineOp) -> OrderLine:
    """The line with what the operation states; amounts follow the quantity and the price."""
    fields: dict[str, Any] = {name: value for name in STATED if (value := getattr(op, name)) is not None}
    qty = line.qty if op.qty is None else op.qty
    fields |= {"qty": qty, "ids": line.ids | op.ids, "references": line.references | op.references}
    if op.unit_price is not None:
        fields |= {"unit_price": op.unit_price, "price_base_qty": op.price_base_qty}
    if qty != line.qty or op.unit_price is not None or op.line_amount is not None:
        fields |= _amounts(line, op, qty.value, document.currency)
    return line.but(**fields)


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
    new = line.but(allowances=allowances, line_amount=None, unit_price=price, price_base_qty=base)
    amount = amount_of(new.but(qty=new.qty.but(value=qty)))
    return {"allowances": allowances, "line_amount": rounded(amount, currency)}


def _scaled(allowance: Allowance, share: Decimal, currency: str) -> Allowance:
    base = None if allowance.base is None else rounded(allowance.base * share, currency)
    return allowance.but(amount=rounded(allowance.amount * share, currency), base=base)


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
    bare = document.but(totals=None)
    if before is None or not priced(bare):
        return bare
    worth = Worth(bare)
    part = worth.between({}, worth.ordered)
    lines = sum((rounded(amount_of(line), bare.currency) for line in bare.lines), ZERO)
    allowances = sum((one.amount for one in bare.doc_allowances), ZERO)
    charges = sum((one.amount for one in bare.doc_charges), ZERO)
    totals = totals_of(
        lines=lines, allowances=allowances, charges=charges, tax_exclusive=part.net, tax=part.tax, tax_inclusive=part.gross,
        prepaid=before.prepaid, rounding=ZERO, payable=max(ZERO, part.gross - before.prepaid),
    )  # fmt: skip
    return bare.but(totals=totals)
