"""R1 on an order: every line priced by the policies in force, compared with the price its sender states and with its floor."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from canonical.amounts import ZERO, price_of
from canonical.documents.master import ProductMaster
from canonical.documents.orders import OrderLine, OrderPlaced
from canonical.invariants import amount_bound
from canonical.regions import region_of
from canonical.values import Party
from handlers.catalogue import Catalogue
from handlers.order.policies.base import Case, Decision, Result
from handlers.order.policies.quantity import factor
from handlers.order.policies.quoting import HUNDRED, SIX_PLACES, Asked, Quote, plain, quote
from handlers.order.policies.settings import Policies
from handlers.worth import amount_of, billed, priced

NAME = "price"
ONE = Decimal(1)
NO_INPUTS: Mapping[str, str] = {}


def decide(cases: Sequence[Case], catalogue: Catalogue, settings: Policies) -> None:
    """Fill in unit prices; P_NO_PRICE, P_MISMATCH and P_FLOOR per line. Nothing is clamped or converted."""
    if not catalogue.knows("prices"):
        for case in cases:
            _without_lists(case)
        return
    for case in cases:
        pricing = Pricing(case, catalogue, settings)
        for line in case.order.lines:
            pricing.decide(line)


def _without_lists(case: Case) -> None:
    if priced(case.order):
        case.decide(Decision(NAME, "unchecked"))
    else:
        case.decide(Decision(NAME, "hold", "P_NO_PRICE", text="a line has no price, and no price list is loaded"))


class Pricing:
    """The pricing of one order. header: what is left of a price after the order's own allowances."""

    def __init__(self, case: Case, catalogue: Catalogue, settings: Policies) -> None:
        self.case, self.catalogue, self.settings = case, catalogue, settings
        self.header = _after_allowances(case.order)
        customer = case.customer
        self.customer_no = customer.customer_no if customer is not None else None
        self.group = customer.group if customer is not None else None
        self.tier = customer.tier if customer is not None and customer.tier is not None else case.order.dealer_tier
        self.region = self._region(case.order.ship_to)

    def decide(self, line: OrderLine) -> None:
        """Price one line and say what is to be said of it."""
        product, qty = self.case.products.get(line.line_no), self.case.base_qtys.get(line.line_no)
        if line.free_of_charge:
            self._say("pass", line, text="free of charge")
        elif not billed(self.case.order):
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
        asked = self._asked(line, product, qty)
        units = self.settings.quantity
        found = quote(self.catalogue.offers(product, self.customer_no), asked, lambda uom: factor(product, uom, units))
        if not isinstance(found, Quote):
            text = f"no price of {product.sku} in {asked.currency} fits this order"
            self._say("hold", line, "P_NO_PRICE", text, {"base_qty": plain(qty)}, found)
            return
        with_tax = _with_tax(line)
        ours = found.net * qty if with_tax is ONE else found.net * with_tax * qty
        stated = stated_amount(line)
        if stated is None:
            price = (ours / line.qty.value).quantize(SIX_PLACES, ROUND_HALF_UP)
            self.case.unit_prices[line.line_no] = price_of(price, asked.currency)
        net = found.net if stated is None else stated / qty if with_tax is ONE else stated / qty / with_tax
        self._compare(line, asked, found, ours, stated, net if self.header is ONE else net * self.header)

    def _compare(self, line: OrderLine, asked: Asked, found: Quote, ours: Decimal, stated: Decimal | None, net: Decimal) -> None:
        """Against what the sender states (beyond I6) and against the floor. net: per base unit, all allowances taken off."""
        inputs = {"base_qty": plain(asked.qty), "net": plain(found.net), "base": plain(found.base), "currency": asked.currency}
        if net < found.base:
            inputs["discount_pct"] = plain((HUNDRED - net * HUNDRED / found.base).quantize(SIX_PLACES, ROUND_HALF_UP))
        note = ""
        holds: dict[str, str] = {}
        if stated is not None and stated != ours and abs(stated - ours) > amount_bound(line, asked.currency):
            inputs |= {"stated": plain(stated), "ours": plain(ours)}
            note = f"the sender states {plain(stated)} {asked.currency} for the line, ours is {plain(ours)}"
            if self.case.order.channel not in self.settings.price.trusted_channels:
                holds["P_MISMATCH"] = note
        floor = self._floor(asked)
        if floor is not None and net < floor:
            inputs["floor"] = plain(floor)
            holds["P_FLOOR"] = f"{plain(net)} {asked.currency} is below the floor of {plain(floor)}"
        for code, text in holds.items():
            self._say("hold", line, code, text, inputs, found.considered)
        if not holds:
            self._say("pass", line, None, note, inputs, found.considered)

    def _asked(self, line: OrderLine, product: ProductMaster, qty: Decimal) -> Asked:
        order = self.case.order
        region = self.region if line.ship_to is None else self._region(line.ship_to)
        return Asked(product, qty, order.currency, order.price_date, order.channel, self.customer_no, self.group, self.tier, region)

    def _region(self, ship_to: Party) -> str:
        """Whose region counts; the customer's where that of the address is not known. Empty: nobody's is."""
        shipped = region_of(ship_to) if self.settings.price.region == "ship_to" else None
        return shipped or (region_of(self.case.customer) if self.case.customer is not None else None) or ""

    def _floor(self, asked: Asked) -> Decimal | None:
        """The floor that says most about tier and region; of equal ones the highest."""
        fitting = [
            rank
            for rank, tier, region, currency, first, last in self.catalogue.floors(asked.product)
            if (tier is None or tier == asked.tier)
            and asked.region.startswith(region)
            and currency == asked.currency
            and first <= asked.day <= last
        ]
        return max(fitting)[-1] if fitting else None

    def _say(
        self,
        result: Result,
        line: OrderLine,
        code: str | None = None,
        text: str = "",
        inputs: Mapping[str, str] = NO_INPUTS,
        considered: tuple[dict[str, Any], ...] = (),
    ) -> None:
        self.case.decide(Decision(NAME, result, code, line.line_no, text, inputs, considered))


def stated_amount(line: OrderLine) -> Decimal | None:
    """What the sender asks to pay for the goods of a line: without charges, after allowances; None without a price."""
    if line.unit_price is None:
        return None if line.line_amount is None else line.line_amount - sum((c.amount for c in line.charges), ZERO)
    amount = line.qty.value * line.unit_price / line.price_base_qty
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
