"""R1 on an order: every line priced by the policies in force, compared with the price its sender states and with its floor."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

import msgspec

from canonical.amounts import ZERO, price_of
from canonical.documents.orders import OrderLine, OrderPlaced
from canonical.documents.products import ProductMaster
from canonical.invariants import amount_bound
from canonical.regions import region_of
from handlers.catalogue import Catalogue
from handlers.lookup.answers import keep_few
from handlers.lookup.prices import ListedFloor, Offered
from handlers.order.policies.base import Case, Considered, Decision, Result
from handlers.order.policies.quantity import factor
from handlers.order.policies.quoting import HUNDRED, SIX_PLACES, Asked, Quote, plain, quote
from handlers.order.policies.settings import Policies
from handlers.worth import amount_of, billed, priced

NAME = "price"
ONE = Decimal(1)
NO_INPUTS: Mapping[str, str] = {}
MOST_ANSWERS, MOST_QUANTITIES = 10_000, 20


def decide(cases: Sequence[Case], catalogue: Catalogue, settings: Policies) -> None:
    """Fill in unit prices; P_NO_PRICE, P_MISMATCH and P_FLOOR per line. Nothing is clamped or converted."""
    if not catalogue.knows("prices"):
        for case in cases:
            _without_lists(case)
        return
    lists = Lists(catalogue, settings, catalogue.known(NAME), catalogue.known("offered"))
    for case in cases:
        pricing = Pricing(case, lists)
        for line in case.order.lines:
            pricing.decide(line)


def _without_lists(case: Case) -> None:
    if priced(case.order):
        case.decide(Decision(NAME, "unchecked"))
    else:
        case.decide(Decision(NAME, "hold", "P_NO_PRICE", text="a line has no price, and no price list is loaded"))


class Answer(msgspec.Struct, frozen=True):
    """What one product costs a buyer. floor: its lowest price there. told: what a decision tells of a line that costs just that,
    whatever its quantity; asked: with the quantities asked for lately. too_low: that is below the floor."""

    quote: Quote
    floor: Decimal | None
    told: Mapping[str, str]
    too_low: bool
    asked: dict[str, Mapping[str, str]] = {}

    def inputs(self, qty: Decimal) -> Mapping[str, str]:
        """What a decision tells of a line of that quantity that costs just that."""
        text = str(qty)  # looked for in a third of the time of a Decimal
        return self.asked.get(text) or keep_few(self.asked, text, {"base_qty": plain(qty), **self.told}, MOST_QUANTITIES)


class Lists(NamedTuple):
    """What all orders of a batch are priced by. known: answers so far; offers: what price lists say of products, by SKU."""

    catalogue: Catalogue
    settings: Policies
    known: dict[Any, Answer | Considered]
    offers: dict[str, Offered]


class Pricing:
    """The pricing of one order. header: what is left of a price after the order's own allowances."""

    def __init__(self, case: Case, lists: Lists) -> None:
        self.case = case
        self.catalogue, self.settings, self.known, self.offers = lists
        order = case.order
        self.when, self.channel = (order.currency, order.price_date), order.channel
        self.header, self.billed = _after_allowances(order), billed(order)
        customer = case.customer
        self.customer_no = customer.customer_no if customer is not None else None
        self.group = customer.group if customer is not None else None
        self.tier = customer.tier if customer is not None and customer.tier is not None else order.dealer_tier
        self.region = self._region(case.shipped_to)

    def decide(self, line: OrderLine) -> None:
        """Price one line and say what is to be said of it."""
        product, qty = self.case.products.get(line.line_no), self.case.base_qtys.get(line.line_no)
        if line.free_of_charge:
            self._say("pass", line, text="free of charge")
        elif not self.billed:
            self._say("pass", line, text="billed when it is used")
        elif line.parent_line_no is not None and not line.unit_price and not line.line_amount:
            self._say("pass", line, text=f"priced with line {line.parent_line_no}")
        elif product is not None and qty is not None:
            self._decide_known(line, product, qty)
        elif line.unit_price is None and line.line_amount is None:
            self._say("hold", line, "P_NO_PRICE", "the line has no price, and its product or unit is not known")
        else:
            self._say("unchecked", line)

    def _decide_known(self, line: OrderLine, product: ProductMaster, qty: Decimal) -> None:
        answer = self._answer(product, qty, self.region if line.ship_to is None else self._region(region_of(line.ship_to)))
        if not isinstance(answer, Answer):
            text = f"no price of {product.sku} in {self.case.order.currency} fits this order"
            self._say("hold", line, "P_NO_PRICE", text, {"base_qty": plain(qty)}, answer)
        elif self.header is ONE and not answer.too_low and _costs_just(answer.quote.net, line, qty):  # as most often
            self.case.decisions.append(Decision(NAME, "pass", None, line.line_no, "", answer.inputs(qty), answer.quote.considered))
        else:
            self._decide_other(line, qty, answer)

    def _decide_other(self, line: OrderLine, qty: Decimal, answer: Answer) -> None:
        """Where the price is to be filled in, or may be another than ours."""
        found, with_tax = answer.quote, _with_tax(line)
        ours = found.net * qty if with_tax is ONE else found.net * with_tax * qty
        stated = stated_amount(line)
        if stated is None:
            price = (ours / line.qty.value).quantize(SIX_PLACES, ROUND_HALF_UP)
            self.case.unit_prices[line.line_no] = price_of(price, self.case.order.currency)
        as_ours = stated is None or stated == ours
        if as_ours and self.header is ONE and not answer.too_low:
            self._say("pass", line, None, "", answer.inputs(qty), found.considered)
            return
        net = found.net if stated is None or as_ours else stated / qty if with_tax is ONE else stated / qty / with_tax
        self._compare(line, qty, answer, ours, stated, net if self.header is ONE else net * self.header)

    def _compare(self, line: OrderLine, qty: Decimal, answer: Answer, ours: Decimal, stated: Decimal | None, net: Decimal) -> None:
        """Against what the sender states (beyond I6) and against the floor. net: per base unit, all allowances taken off."""
        found, floor, currency = answer.quote, answer.floor, self.case.order.currency
        inputs = {"base_qty": plain(qty), **_told(found, net, currency)}
        note = ""
        holds: dict[str, str] = {}
        if stated is not None and stated != ours and abs(stated - ours) > amount_bound(line, currency):
            inputs |= {"stated": plain(stated), "ours": plain(ours)}
            note = f"the sender states {plain(stated)} {currency} for the line, ours is {plain(ours)}"
            if self.case.order.channel not in self.settings.price.trusted_channels:
                holds["P_MISMATCH"] = note
        if floor is not None and net < floor:
            inputs["floor"] = plain(floor)
            holds["P_FLOOR"] = f"{plain(net)} {currency} is below the floor of {plain(floor)}"
        for code, text in holds.items():
            self._say("hold", line, code, text, inputs, found.considered)
        if not holds:
            self._say("pass", line, None, note, inputs, found.considered)

    def _answer(self, product: ProductMaster, qty: Decimal, region: str) -> Answer | Considered:
        """What the product costs the buyer, or what was considered where nothing fits. Whoever differs in nothing that its policies
        ask for, and buys as much as they count alike, has the same answer while the lists are the same."""
        offered = self.offers.get(product.sku)
        if offered is None:
            offered = self.offers[product.sku] = self.catalogue.offered(product)
        if not offered.in_base_units:
            return self._worked_out(offered, qty, region)
        customers, groups, tiers, channels, by_region, steps = offered.asks
        question = (
            product.sku, bisect_right(steps, qty), self.when,
            self.customer_no if self.customer_no in customers else None, self.group if self.group in groups else None,
            self.tier if self.tier in tiers else None, self.channel if self.channel in channels else None,
            region if by_region else "",
        )  # fmt: skip
        answer = self.known.get(question)
        return keep_few(self.known, question, self._worked_out(offered, qty, region), MOST_ANSWERS) if answer is None else answer

    def _worked_out(self, offered: Offered, qty: Decimal, region: str) -> Answer | Considered:
        order, product, units = self.case.order, offered.product, self.settings.quantity
        buyer = self.customer_no, self.group, self.tier
        asked = Asked(product, qty, order.currency, order.price_date, order.channel, *buyer, region)
        found = quote(offered.to(self.customer_no), asked, lambda uom: factor(product, uom, units))
        if not isinstance(found, Quote):
            return Considered(found)
        floor = _floor(offered.floors, asked)
        return Answer(
            Quote(found.net, found.base, Considered(found.considered)),
            floor,
            _told(found, found.net, order.currency),
            floor is not None and found.net < floor,
        )

    def _region(self, shipped_to: str | None) -> str:
        """Whose region counts; the customer's where that of the address is not known. Empty: nobody's is."""
        shipped = shipped_to if self.settings.price.region == "ship_to" else None
        return shipped or (region_of(self.case.customer) if self.case.customer is not None else None) or ""

    def _say(
        self,
        result: Result,
        line: OrderLine,
        code: str | None = None,
        text: str = "",
        inputs: Mapping[str, str] = NO_INPUTS,
        considered: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.case.decisions.append(Decision(NAME, result, code, line.line_no, text, inputs, considered))


def _costs_just(net: Decimal, line: OrderLine, qty: Decimal) -> bool:
    """Whether a line plainly states our price: per base unit, without tax, with nothing taken off."""
    plainly = line.unit_price == net and line.qty.value is qty and not line.allowances and line.price_base_qty == ONE
    return plainly and (line.tax is None or not line.tax.included)


def _told(found: Quote, net: Decimal, currency: str) -> dict[str, str]:
    """What a decision tells of a price. net: what is paid per base unit."""
    told = {"net": plain(found.net), "base": plain(found.base), "currency": currency}
    if net < found.base:
        told["discount_pct"] = plain((HUNDRED - net * HUNDRED / found.base).quantize(SIX_PLACES, ROUND_HALF_UP))
    return told


def _floor(floors: Iterable[ListedFloor], asked: Asked) -> Decimal | None:
    """The floor that says most about tier and region; of equal ones the highest."""
    fitting = [
        rank
        for rank, tier, region, currency, first, last in floors
        if (tier is None or tier == asked.tier)
        and asked.region.startswith(region)
        and currency == asked.currency
        and first <= asked.day <= last
    ]
    return max(fitting)[-1] if fitting else None


def stated_amount(line: OrderLine) -> Decimal | None:
    """What the sender asks to pay for the goods of a line: without charges, after allowances; None without a price."""
    if line.unit_price is None:
        return None if line.line_amount is None else line.line_amount - sum((c.amount for c in line.charges), ZERO)
    amount = line.qty.value * line.unit_price
    if line.price_base_qty != ONE:
        amount /= line.price_base_qty
    for allowance in line.allowances:
        amount -= allowance.amount
    return amount


def _with_tax(line: OrderLine) -> Decimal:
    """What turns a price of ours, always without tax, into one as the line states it."""
    if line.tax is None or not line.tax.included:
        return ONE
    return ONE + line.tax.rate_pct / HUNDRED


def _after_allowances(order: OrderPlaced) -> Decimal:
    """What the allowances of the whole order leave of each price."""
    if not order.doc_allowances:
        return ONE
    off = sum((allowance.amount for allowance in order.doc_allowances), ZERO)
    whole = sum(map(amount_of, order.lines), ZERO)
    return (whole - off) / whole if whole > 0 else ONE
