"""What the lines of an EDIFACT message come to: prices, allowances and charges, taxes. Every amount is exact.

A line is the LIN group as `edifact_loops` makes it, a levy an ALC group: an allowance (A) or a charge (C) by amount, by percentage,
or by a rate per unit. Percentages follow one another by their calculation sequence (1227): those of one step are taken of the same
base, the next step of what is left; those without a step are taken of the whole.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from canonical.amounts import ZERO, minor_digits, rounded
from mappings.codecs.x12_amounts import known_currency, number
from mappings.remembering import Remembered

Row = Mapping[str, Any]

NET_PRICES, GROSS_PRICES = ("AAA", "CAL", "INV", "NTP"), ("AAB", "AAE", "AAF")
"""PRI01 of prices with a line's allowances and charges in them, and without. Any other counts as net."""
LINE_AMOUNT = ("203", "38", "66")
LEVY_AMOUNT = ("8", "23", "204", "131")
BASE_AMOUNT = "25"
TAX_AMOUNT = ("124", "150")
TAXABLE_AMOUNT = "125"
QUANTITIES = ("47", "12", "21", "113", "1", "11", "46")
"""QTY01 in the order in which they count: invoiced, despatched, ordered, to be delivered."""
ONE, HUNDRED = Decimal(1), Decimal(100)


def amount_in(rows: Sequence[Row], *qualifiers: str) -> Decimal | None:
    """The amount (MOA) with the first of the qualifiers that stands there."""
    for qualifier in qualifiers if rows else ():
        for row in rows:
            if row.get("01") == qualifier and (amount := number(row.get("01_2"))) is not None:
                return amount
    return None


def is_priced(line: Row) -> bool:
    """Whether a line states a price or an amount."""
    return "PRI" in line or "MOA" in line


def quantity_of(line: Row) -> Decimal | None:
    """The quantity of a line that its price counts for."""
    return amount_in(line.get("QTY", ()), *QUANTITIES)


def price_of(line: Row) -> Row | None:
    """The price (PRI) of a line: the gross one where allowances or charges stand beside it, the net one otherwise."""
    if "PRI" not in line:
        return None
    prices = [group["PRI"] for group in line["PRI"] if number(group["PRI"].get("01_2")) is not None]
    gross = [price for price in prices if price.get("01") in GROSS_PRICES]
    net = [price for price in prices if price.get("01") in NET_PRICES]
    ordered = [*gross, *net, *prices] if line.get("ALC") else [*net, *gross, *prices]
    return ordered[0] if ordered else None


def price_base(price: Row) -> Decimal:
    """How many units the price is for."""
    base = number(price.get("01_5"))
    return base if base is not None and base > 0 else ONE


def goods_amount(line: Row) -> Decimal | None:
    """Quantity x price of a line, unrounded; None where it states no price."""
    price = price_of(line)
    quantity = None if price is None else quantity_of(line)
    if price is None or quantity is None:
        return None
    return quantity * (number(price.get("01_2")) or ZERO) / price_base(price)


def levies(line: Row, currency: str) -> list[dict[str, Any]]:
    """The allowances and charges of a line that count beside its price; none where the price is net and has them in it.

    A net price whose line amount shows that they were not in it is taken for what it is.
    """
    if "ALC" not in line:
        return []
    goods = goods_amount(line)
    found = levies_on(line.get("ALC", ()), goods, quantity_of(line), currency)
    price = price_of(line)
    if goods is None or price is None or price.get("01") in GROSS_PRICES:
        return found
    stated = amount_in(line.get("MOA", ()), *LINE_AMOUNT)
    return found if stated is not None and stated != goods and abs(goods + balance(found) - stated) < abs(goods - stated) else []


def levies_on(groups: Iterable[Row], base: Decimal | None, quantity: Decimal | None, currency: str) -> list[dict[str, Any]]:
    """Each ALC group with its kind, reason, percentage, base and amount; those without an amount or percentage are left out."""
    steps: dict[str, list[Row]] = {}
    for group in groups:
        if group["ALC"].get("01") in ("A", "C"):
            steps.setdefault(group["ALC"].get("04", ""), []).append(group)
    alone = steps.pop("", [])
    found: list[dict[str, Any]] = []
    running = base
    for step in sorted(steps, key=lambda name: name.rjust(3, "0")):
        made = _levies(steps[step], running, quantity, currency)
        found += made
        running = None if running is None else running + balance(made)
    return found + _levies(alone, base, quantity, currency)


def _levies(groups: Iterable[Row], base: Decimal | None, quantity: Decimal | None, currency: str) -> list[dict[str, Any]]:
    return [one for group in groups if (one := _levy(group, base, quantity, currency)) is not None]


def _levy(group: Row, base: Decimal | None, quantity: Decimal | None, currency: str) -> dict[str, Any] | None:
    alc = group["ALC"]
    stated = amount_in(group.get("MOA", ()), *LEVY_AMOUNT)
    pct = next((share for row in group.get("PCD", ()) if (share := number(row.get("01_2"))) is not None), None)
    own_base = amount_in(group.get("MOA", ()), BASE_AMOUNT)
    of = base if own_base is None else own_base
    amount = stated
    if amount is None and pct is not None and of is not None:
        amount = rounded(of * pct / HUNDRED, currency)
    if amount is None:
        amount = _by_rate(group, quantity, currency)
    if amount is None:
        return None
    explains = pct is not None and (own_base is not None or stated is None)
    reason = alc.get("05_4") or alc.get("05") or alc.get("02_2") or alc.get("02") or "unspecified"
    return {"kind": alc["01"], "reason": reason, "amount": abs(amount), "pct": pct, "base": of if explains else None,
            "tax": group.get("TAX", [])}  # fmt: skip


def _by_rate(group: Row, quantity: Decimal | None, currency: str) -> Decimal | None:
    """RTE: so much for each so many units."""
    for row in group.get("RTE", ()):
        rate, per = number(row.get("01_2")), number(row.get("01_3")) or ONE
        if rate is not None and quantity is not None:
            return rounded(rate * quantity / per, currency)
    return None


def balance(found: Iterable[Mapping[str, Any]]) -> Decimal:
    """What levies add, below zero where allowances prevail."""
    return sum((one["amount"] if one["kind"] == "C" else -one["amount"] for one in found), ZERO)


def line_amount(line: Row, currency: str) -> Decimal | None:
    """What a line states that it comes to, else quantity x price with its levies; None where it tells neither."""
    stated = amount_in(line["MOA"], *LINE_AMOUNT) if "MOA" in line else None
    if stated is not None:
        return stated
    goods = goods_amount(line)
    return None if goods is None else rounded(goods + balance(levies(line, currency)), currency)


_KNOWN: Remembered[dict[str, list[Decimal | None]]] = Remembered(lambda lines: {})


def amounts_of(lines: Sequence[Row], currency: str) -> list[Decimal | None]:
    """What each of the lines comes to, worked out once for all that is asked about them."""
    known = _KNOWN.of(lines)
    if currency not in known:
        known[currency] = [line_amount(line, currency) for line in lines]
    return known[currency]


def lines_amount(lines: Sequence[Row], currency: str) -> Decimal | None:
    """The sum of the lines; None where one of them tells no amount."""
    found = amounts_of(lines, currency)
    known = [amount for amount in found if amount is not None]
    return sum(known, ZERO) if known and len(known) == len(found) else None


def document_levies(tree: Row, currency: str) -> list[dict[str, Any]]:
    """The allowances and charges of the message as a whole; those of its summary only repeat them."""
    return levies_on(tree["ALC"], lines_amount(tree.get("LIN", ()), currency), None, currency) if "ALC" in tree else []


def rate_of(taxes: Iterable[Row]) -> tuple[str, Decimal] | None:
    """Category and rate of the first tax of a group that states a rate."""
    for group in taxes:
        rate = number(group["TAX"].get("05_4"))
        if rate is not None:
            return group["TAX"].get("06", "S"), rate
    return None


def tax_bases(tree: Row, currency: str) -> dict[tuple[str, Decimal], Decimal]:
    """What is taxed at each category and rate: the lines and the levies of the message; those without a rate of their own at that
    of the message, or at that of all lines where these have only one."""
    common = rate_of(tree.get("TAX", ()))
    lines = tree.get("LIN", ())
    amounts = zip(lines, amounts_of(lines, currency), strict=True)
    taxed = [(rate_of(line.get("TAX", ())), amount or ZERO) for line, amount in amounts]
    rates = {rate for rate, _ in taxed if rate is not None}
    for_levies = common or (next(iter(rates)) if len(rates) == 1 else None)
    levied = [(rate_of(one["tax"]) or for_levies, balance([one])) for one in document_levies(tree, currency)]
    bases: dict[tuple[str, Decimal], Decimal] = {}
    for rate, amount in [*((rate or common, amount) for rate, amount in taxed), *levied]:
        if rate is not None:
            bases[rate] = bases.get(rate, ZERO) + amount
    return bases


def tax_totals(tree: Row, currency: str) -> list[dict[str, Any]]:
    """The taxes as the summary states them; where it states none, at each rate on what is taxed at it, rounded half up."""
    bases = tax_bases(tree, currency)
    stated = list(_stated_taxes(tree, bases))
    if stated:
        return stated
    return [
        {"category": category, "rate_pct": rate, "base": base, "amount": rounded(base * rate / HUNDRED, currency)}
        for (category, rate), base in bases.items()
    ]


def _stated_taxes(tree: Row, bases: Mapping[tuple[str, Decimal], Decimal]) -> Iterator[dict[str, Any]]:
    for summary in tree.get("UNS", ()):
        for group in summary.get("TAX", ()):
            amount, rate = amount_in(group.get("MOA", ()), *TAX_AMOUNT), rate_of([group])
            if amount is None or rate is None:
                continue
            taxable = amount_in(group.get("MOA", ()), TAXABLE_AMOUNT)
            base = bases.get(rate) if taxable is None else taxable
            if base is not None:
                yield {"category": rate[0], "rate_pct": rate[1], "base": base, "amount": amount}


def tax_amount(tree: Row, currency: str) -> Decimal:
    """All taxes: the total of the summary, else the sum of its taxes, of those of the lines, or of what the rates come to."""
    summary = [row for part in tree.get("UNS", ()) for row in part.get("MOA", ())]
    total = amount_in(summary, "176", *TAX_AMOUNT)
    if total is not None:
        return total
    if any(True for _ in _stated_taxes(tree, tax_bases(tree, currency))):
        return sum((one["amount"] for one in tax_totals(tree, currency)), ZERO)
    lines = [_line_tax(line) for line in tree.get("LIN", ())]
    if lines and None not in lines and not document_levies(tree, currency):
        return sum((amount for amount in lines if amount is not None), ZERO)
    return sum((one["amount"] for one in tax_totals(tree, currency)), ZERO)


def _line_tax(line: Row) -> Decimal | None:
    amounts = [amount_in(group.get("MOA", ()), *TAX_AMOUNT) for group in line.get("TAX", ())]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, ZERO) if known else None


def unit_price(line: Row, currency: str) -> Decimal | None:
    """The price of a line; where it states none, what one unit of its amount comes to, to six places."""
    price = price_of(line)
    if price is not None:
        return number(price.get("01_2"))
    quantity, amount = quantity_of(line), line_amount(line, currency)
    if quantity is None or amount is None or quantity == 0:
        return None
    exact = amount / quantity
    places = Decimal(1).scaleb(-minor_digits(known_currency(currency)))
    return exact if exact == exact.quantize(places) else exact.quantize(Decimal("0.000001"), ROUND_HALF_UP)
