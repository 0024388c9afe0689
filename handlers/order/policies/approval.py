"""R6: which people have to approve an order, by what the other policies found and by what the order is."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, get_args

import orjson

from canonical.amounts import ZERO
from canonical.documents.master import AuthorisationUpdated, ProductMaster
from canonical.documents.orders import OrderLine, OrderPlaced
from handlers.catalogue import Catalogue
from handlers.order.policies.base import Case, Decision
from handlers.order.policies.quoting import plain
from handlers.order.policies.settings import ApprovalSettings, Policies, Role, Trigger
from handlers.worth import amount_of, rate_of

NAME = "approval"
CODES: dict[Trigger, str] = {
    "below_floor": "A_BELOW_FLOOR",
    "discount": "A_DISCOUNT",
    "credit": "A_CREDIT",
    "dealer_entered": "A_DEALER_ENTERED",
    "out_of_territory": "A_OUT_OF_TERRITORY",
    "ending_soon": "A_ENDING_SOON",
    "unusual_goods": "A_UNUSUAL_GOODS",
    "new_customer": "A_NEW_CUSTOMER",
    "large_order": "A_LARGE_ORDER",
    "very_large_order": "A_VERY_LARGE_ORDER",
}
LIFTS: dict[Trigger, tuple[str, ...]] = {
    "below_floor": ("P_FLOOR",),
    "credit": ("K_LIMIT", "K_OVERDUE"),
    "out_of_territory": ("C_AUTH_REGION", "C_DIVERSION"),
    "ending_soon": ("C_REG_CERT",),
}
"""The holds that are released once everybody asked has approved. The others need a decision of their own."""
BILL_ONLY = ("trunk_stock_bill_only", "implant_bill_only")


def decide(cases: Sequence[Case], catalogue: Catalogue, settings: Policies) -> None:
    """One decision `approve` per trigger, with its chain of roles and the holds it lifts; comes after all other policies."""
    if not any(catalogue.knows(kind) for kind in ("customers", "products", "prices")):
        for case in cases:
            case.decide(Decision(NAME, "unchecked"))
        return
    for case in cases:
        asked = [*_asked(case, catalogue, settings.approval)]
        for decision in asked:
            case.decide(decision)
        if not asked:
            case.decide(Decision(NAME, "pass"))


def roles_of(decisions: Iterable[Decision], settings: ApprovalSettings) -> tuple[Role, ...]:
    """Everybody who has to approve: the union of the chains, by level, each role once."""
    named = dict.fromkeys(role for one in decisions if one.result == "approve" for role in one.inputs["roles"])
    return tuple(sorted(named, key=lambda role: settings.levels[role]))


def lifted_by(decisions: Iterable[Decision]) -> tuple[str, ...]:
    """The holds of these decisions that an approval by everybody asked releases."""
    return tuple(dict.fromkeys(code for one in decisions if one.result == "approve" for code in one.inputs["lifts"]))


def approved_fields(order: OrderPlaced, customer_no: str | None, unit_prices: dict[str, Decimal]) -> str:
    """A hash of what an approval is bound to: party, address, items, quantities, prices, terms. Another one voids it.

    unit_prices: ours, for lines that state none; stating them later changes nothing.
    """
    place = order.ship_to
    address = place.address.model_dump(exclude_none=True) if place.address else None
    told = [
        customer_no or order.sold_to.party_id, place.party_id, address, order.currency, order.kind,
        order.payment_terms.model_dump(mode="json") if order.payment_terms else None,
        sorted([allowance.reason, plain(allowance.amount)] for allowance in order.doc_allowances),
        sorted(_line_fields(line, unit_prices.get(line.line_no)) for line in order.lines),
    ]  # fmt: skip
    return sha256(orjson.dumps(told)).hexdigest()


def _line_fields(line: OrderLine, ours: Decimal | None) -> list[Any]:
    price = ours if line.unit_price is None else line.unit_price / line.price_base_qty
    off = sum((allowance.amount for allowance in line.allowances), ZERO)
    return [
        line.line_no, line.item, plain(line.qty.value), line.qty.uom, "" if price is None else plain(price), plain(off),
        line.free_of_charge, line.ship_to.party_id if line.ship_to else "",
    ]  # fmt: skip


def _asked(case: Case, catalogue: Catalogue, settings: ApprovalSettings) -> Iterator[Decision]:
    for trigger in TRIGGERS:
        roles = settings.chain(trigger)
        why = WHY[trigger](case, catalogue, settings) if roles else ""
        if why:
            lifts = [code for code in LIFTS.get(trigger, ()) if code in case.codes("hold")]
            inputs = {"trigger": trigger, "roles": list(roles), "lifts": lifts}
            yield Decision(NAME, "approve", CODES[trigger], None, why, inputs)


def _held_for(trigger: Trigger) -> Callable[[Case, Catalogue, ApprovalSettings], str]:
    """The trigger that is a hold of another policy."""

    def why(case: Case, catalogue: Catalogue, settings: ApprovalSettings) -> str:
        return ", ".join(code for code in LIFTS[trigger] if code in case.codes("hold"))

    return why


def _discount(case: Case, catalogue: Catalogue, settings: ApprovalSettings) -> str:
    given = [Decimal(text) for one in case.decisions if (text := one.inputs.get("discount_pct")) is not None]
    most = max(given, default=ZERO)
    return f"{plain(most)}% off the agreed price" if most > settings.discount_pct else ""


def _dealer_entered(case: Case, catalogue: Catalogue, settings: ApprovalSettings) -> str:
    if case.order.channel != "dealer_portal" or not catalogue.knows("customers"):
        return ""
    trusted = case.customer is not None and case.customer.whitelisted
    return "" if trusted else "entered by the dealer"


def _new_customer(case: Case, catalogue: Catalogue, settings: ApprovalSettings) -> str:
    new = case.customer is not None and case.customer.status == "pending"
    return "a customer that nobody has looked at yet" if new else ""


def _unusual_goods(case: Case, catalogue: Catalogue, settings: ApprovalSettings) -> str:
    order = case.order
    if order.kind == "sample":
        return "a sample"
    if order.kind in BILL_ONLY and any(line.patient_case_id is None for line in order.lines):
        return "billed from consigned goods without a case number"
    free = [line.line_no for line in order.lines if line.free_of_charge]
    return f"free goods: line {', '.join(free)}" if free else ""


def _large_order(case: Case, catalogue: Catalogue, settings: ApprovalSettings) -> str:
    return _from_on(case, settings.large)


def _very_large_order(case: Case, catalogue: Catalogue, settings: ApprovalSettings) -> str:
    return _from_on(case, settings.very_large)


def _from_on(case: Case, bounds: dict[str, Decimal]) -> str:
    bound = bounds.get(case.order.currency)
    if bound is None:
        return ""
    value = value_of(case)
    return f"worth {plain(value)} {case.order.currency}" if value >= bound else ""


def value_of(case: Case) -> Decimal:
    """What the buyer has to pay, with tax; by our prices for lines that state none."""
    order = case.order
    if order.totals is not None:
        return order.totals.tax_inclusive
    value = ZERO
    for line in order.lines:
        ours = case.unit_prices.get(line.line_no)
        amount = amount_of(line) if ours is None else line.qty.value * ours
        included = line.tax is None or line.tax.included
        value += amount if included else amount * (100 + rate_of(line)) / 100
    return value


def _ending_soon(case: Case, catalogue: Catalogue, settings: ApprovalSettings) -> str:
    """A certificate that lapsed; or the last licence of a kind, or authorisation for a product, that ends soon after shipping."""
    lapsed = _held_for("ending_soon")(case, catalogue, settings)
    if lapsed or case.customer is None:
        return lapsed
    first, last = case.ship_date, case.ship_date + timedelta(days=settings.ends_within_days)
    ends: dict[str, date] = {}
    for licence in catalogue.licences(case.customer.customer_no):
        if licence.status == "active" and licence.kind != "other":
            ends[licence.kind] = max(ends.get(licence.kind, date.min), licence.valid_to or date.max)
    granted = [one for one in catalogue.authorisations(case.customer.customer_no) if one.status == "active"]
    for product in case.products.values() if granted else ():
        days = [one.valid_to or date.max for one in granted if _grants(one, product)]
        if days:
            ends[f"authorisation for {product.sku}"] = max(days)
    return ", ".join(f"{name} ends {day}" for name, day in ends.items() if first <= day <= last)


def _grants(authorisation: AuthorisationUpdated, product: ProductMaster) -> bool:
    if not authorisation.skus and not authorisation.product_lines:
        return True
    return product.sku in authorisation.skus or product.product_line in authorisation.product_lines


WHY: dict[Trigger, Callable[[Case, Catalogue, ApprovalSettings], str]] = {
    "below_floor": _held_for("below_floor"),
    "discount": _discount,
    "credit": _held_for("credit"),
    "dealer_entered": _dealer_entered,
    "out_of_territory": _held_for("out_of_territory"),
    "ending_soon": _ending_soon,
    "unusual_goods": _unusual_goods,
    "new_customer": _new_customer,
    "large_order": _large_order,
    "very_large_order": _very_large_order,
}
"""Why a trigger applies, in a few words; empty where it does not."""
TRIGGERS: tuple[Trigger, ...] = get_args(Trigger)
