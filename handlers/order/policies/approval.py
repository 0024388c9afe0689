"""R6: which people have to approve an order, by what the other policies found and by what the order is."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
import orjson

from canonical.amounts import ZERO
from canonical.documents.licences import AuthorisationUpdated
from canonical.documents.orders import OrderLine, OrderPlaced, PaymentTerms
from canonical.documents.products import ProductMaster
from canonical.structs import as_json
from handlers.catalogue import Catalogue
from handlers.lookup.answers import keep_few
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
PASS = Decision(NAME, "pass")
MOST_CUSTOMERS = 20_000
BILL_ONLY = ("trunk_stock_bill_only", "implant_bill_only")


class Look(msgspec.Struct, frozen=True):
    """What a trigger looks at. held: the codes of every hold so far."""

    case: Case
    catalogue: Catalogue
    settings: ApprovalSettings
    held: tuple[str, ...]


class Ends(NamedTuple):
    """What a customer may do that does not last. licences: when the last of each kind ends; nothing where all last. authorisations:
    all in force, where any of them ends."""

    licences: tuple[tuple[str, date], ...]
    authorisations: tuple[AuthorisationUpdated, ...]


def decide(cases: Sequence[Case], catalogue: Catalogue, settings: Policies) -> None:
    """One decision `approve` per trigger, with its chain of roles and the holds it lifts; comes after all other policies."""
    if not catalogue.knows_trade:
        for case in cases:
            case.decide(Decision(NAME, "unchecked"))
        return
    for case in cases:
        case.decisions += _asked(Look(case, catalogue, settings.approval, case.codes("hold"))) or (PASS,)


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
    address = as_json(place.address)
    told = [
        customer_no or order.sold_to.party_id, place.party_id, address, order.currency, order.kind,
        _terms(order.payment_terms),
        sorted([allowance.reason, plain(allowance.amount)] for allowance in order.doc_allowances),
        sorted(_line_fields(line, unit_prices.get(line.line_no)) for line in order.lines),
    ]  # fmt: skip
    beside = _beside(order)
    return sha256(orjson.dumps([*told, beside] if beside else told)).hexdigest()


def _beside(order: OrderPlaced) -> list[list[str]]:
    """Who pays, where that is not the buyer, and what is charged beside the prices."""
    payer = [["bill_to", order.bill_to.party_id]] if order.bill_to and order.bill_to.party_id != order.sold_to.party_id else []
    charges = [["", charge.reason, plain(charge.amount)] for charge in order.doc_charges]
    charges += [[line.line_no, charge.reason, plain(charge.amount)] for line in order.lines for charge in line.charges]
    return [*payer, *sorted(charges)]


def _terms(terms: PaymentTerms | None) -> dict[str, Any] | None:
    return None if terms is None else {name: as_json(getattr(terms, name)) for name in PaymentTerms.model_fields}


def _line_fields(line: OrderLine, ours: Decimal | None) -> list[Any]:
    price = ours if line.unit_price is None else line.unit_price / line.price_base_qty
    off = sum((allowance.amount for allowance in line.allowances), ZERO)
    return [
        line.line_no, line.item, plain(line.qty.value), line.qty.uom, "" if price is None else plain(price), plain(off),
        line.free_of_charge, line.ship_to.party_id if line.ship_to else "",
    ]  # fmt: skip


def _asked(look: Look) -> list[Decision]:
    asked = []
    for trigger, why in WHY.items() if look.held else BY_THE_ORDER if _is_calm(look) else WITHOUT_HOLDS:
        text = why(look)
        if not text:
            continue
        roles = look.settings.chain(trigger)
        if roles:
            lifts = [code for code in LIFTS.get(trigger, ()) if code in look.held]
            inputs = {"trigger": trigger, "roles": list(roles), "lifts": lifts}
            asked.append(Decision(NAME, "approve", CODES[trigger], None, text, inputs))
    return asked


def _is_calm(look: Look) -> bool:
    """Whether who buys, through that channel, is no reason to ask anybody, and what it may do lasts."""
    customer = look.case.customer
    if customer is None:
        return False
    known, question = look.catalogue.known("calm buyers"), (customer.customer_no, customer.status, look.case.order.channel)
    calm: bool | None = known.get(question)
    if calm is None:
        calm = not (_dealer_entered(look) or _new_customer(look) or any(_what_ends(look.catalogue, customer.customer_no)))
        keep_few(known, question, calm, MOST_CUSTOMERS)
    return calm


def _held_for(trigger: Trigger) -> Callable[[Look], str]:
    """The trigger that is a hold of another policy."""
    codes = LIFTS[trigger]

    def why(look: Look) -> str:
        return ", ".join(code for code in codes if code in look.held)

    return why


def _discount(look: Look) -> str:
    given = [one.inputs["discount_pct"] for one in look.case.decisions if "discount_pct" in one.inputs]
    if not given:
        return ""
    most = max(map(Decimal, given))
    return f"{plain(most)}% off the agreed price" if most > look.settings.discount_pct else ""


def _dealer_entered(look: Look) -> str:
    case = look.case
    if case.order.channel != "dealer_portal" or not look.catalogue.knows("customers"):
        return ""
    trusted = case.customer is not None and case.customer.whitelisted
    return "" if trusted else "entered by the dealer"


def _new_customer(look: Look) -> str:
    new = look.case.customer is not None and look.case.customer.status == "pending"
    return "a customer that nobody has looked at yet" if new else ""


def _unusual_goods(look: Look) -> str:
    order = look.case.order
    if order.kind == "sample":
        return "a sample"
    unnamed = _used_unnamed(look, order) if order.kind in BILL_ONLY else ""
    if unnamed:
        return unnamed
    free = [line.line_no for line in order.lines if line.free_of_charge]
    return f"free goods: line {', '.join(free)}" if free else ""


def _used_unnamed(look: Look, order: OrderPlaced) -> str:
    """What is missing of the names of goods that were used."""
    if any(line.patient_case_id is None for line in order.lines):
        return "billed from consigned goods without a case number"
    unnamed = [line.line_no for line in order.lines if _kept_apart(look, line) and not line.requested_lots]
    return f"billed from consigned goods without lot or serial number: line {', '.join(unnamed)}" if unnamed else ""


def _kept_apart(look: Look, line: OrderLine) -> bool:
    """Whether the goods of a line are followed by lot or serial number."""
    product = look.case.products.get(line.line_no)
    return product is not None and (product.lot_controlled or product.serial_controlled)


def _large_order(look: Look) -> str:
    return _from_on(look.case, look.settings.large)


def _very_large_order(look: Look) -> str:
    return _from_on(look.case, look.settings.very_large)


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


def _ending_soon(look: Look) -> str:
    """A certificate that lapsed; or the last licence of a kind, or authorisation for a product, that ends soon after shipping."""
    lapsed = LAPSED(look) if look.held else ""
    customer = look.case.customer
    if lapsed or customer is None:
        return lapsed
    ends = _what_ends(look.catalogue, customer.customer_no)
    if not ends.licences and not ends.authorisations:
        return ""
    first = look.case.ship_date
    last = first + timedelta(days=look.settings.ends_within_days)
    named = [*ends.licences, *_authorisations_end(look, ends.authorisations)]
    return ", ".join(f"{name} ends {day}" for name, day in named if first <= day <= last)


def _what_ends(catalogue: Catalogue, customer_no: str) -> Ends:
    """What a customer may do that does not last."""
    known = catalogue.known("what ends")
    ends: Ends | None = known.get(customer_no)
    return keep_few(known, customer_no, _ends(catalogue, customer_no), MOST_CUSTOMERS) if ends is None else ends


def _ends(catalogue: Catalogue, customer_no: str) -> Ends:
    licences = [one for one in catalogue.licences(customer_no) if one.status == "active" and one.kind != "other"]
    granted = [one for one in catalogue.authorisations(customer_no) if one.status == "active"]
    kinds = dict.fromkeys(one.kind for one in licences) if any(one.valid_to is not None for one in licences) else ()
    last = [(kind, max(one.valid_to or date.max for one in licences if one.kind == kind)) for kind in kinds]
    return Ends(tuple(last), tuple(granted) if any(one.valid_to is not None for one in granted) else ())


def _authorisations_end(look: Look, granted: Sequence[AuthorisationUpdated]) -> Iterator[tuple[str, date]]:
    """When the last authorisation for each product ordered ends."""
    for product in look.case.products.values() if granted else ():
        days = [one.valid_to or date.max for one in granted if _grants(one, product)]
        if days:
            yield f"authorisation for {product.sku}", max(days)


def _grants(authorisation: AuthorisationUpdated, product: ProductMaster) -> bool:
    if not authorisation.skus and not authorisation.product_lines:
        return True
    return product.sku in authorisation.skus or product.product_line in authorisation.product_lines


LAPSED = _held_for("ending_soon")
WHY: dict[Trigger, Callable[[Look], str]] = {
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
"""Why a trigger applies, in a few words; empty where it does not. Told in this order."""
WITHOUT_HOLDS = [(trigger, why) for trigger, why in WHY.items() if trigger not in ("below_floor", "credit", "out_of_territory")]
"""Those that are more than a hold of another policy."""
BY_THE_ORDER = [one for one in WITHOUT_HOLDS if one[0] not in ("dealer_entered", "ending_soon", "new_customer")]
"""Of these, those that go by more than the buyer."""
