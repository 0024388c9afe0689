"""R1, steps 1 to 5: the lowest net price that the policies in force allow for one line, and why every other one lost.

Taking something off never raises a price, and what one promotion leaves is the larger the larger what it was given; so one more
policy that is not binding can only lower the result.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from canonical.amounts import ZERO
from canonical.documents.master import Break, ProductMaster
from handlers.lookup.prices import ListedPolicy

SIX_PLACES = Decimal("0.000001")
HUNDRED = Decimal(100)
UnitFactor = Callable[[str], Fraction | None]
"""Base units in one of a unit; None where the product is not sold in it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a price is asked for: so many base units, by whom, through which channel, for where, on which day."""

    product: ProductMaster
    qty: Decimal
    currency: str
    day: date
    channel: str
    customer_no: str | None = None
    group: str | None = None
    tier: int | None = None
    region: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """The price: net per base unit at six places, the base it starts from, and everything that was considered."""

    net: Decimal
    base: Decimal
    considered: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """A policy that fits, with its break for the quantity and its price or amount per base unit."""

    listed: ListedPolicy
    step: Break
    amount: Decimal

    def applied(self, price: Decimal) -> Decimal:
        """What a promotion leaves of a price."""
        if self.step.pct_off is not None:
            return price * (HUNDRED - self.step.pct_off) / HUNDRED
        if self.step.amount_off is not None:
            return max(ZERO, price - self.amount)
        return min(price, self.amount)


Net = tuple[Decimal, tuple[str, ...]]
"""A price after promotions, and their ids."""


def quote(policies: Iterable[ListedPolicy], asked: Asked, factor: UnitFactor) -> Quote | tuple[dict[str, Any], ...]:
    """The best price, or, where no base fits, only what was considered. The order of the policies does not matter."""
    bases: list[Fit] = []
    promos: list[Fit] = []
    lost: list[dict[str, Any]] = []
    for listed in policies:
        why = _misfit(listed, asked)
        fit = _fit(listed, asked.qty, asked.product.base_uom, factor) if why is None else why
        if isinstance(fit, str):
            lost.append({"policy": listed.policy_id, "kind": listed.kind, "lost": fit})
        else:
            (promos if listed.kind == "promo" else bases).append(fit)
    if not bases:
        return (*lost, *({"policy": p.listed.policy_id, "kind": "promo", "lost": "no_base"} for p in promos))
    binding = [base for base in bases if base.listed.policy.binding or base.listed.kind == "vbp"]
    sets = promotion_sets(promos)
    nets = {base.listed.policy_id: _best(base.amount, sets) for base in binding or bases}
    rounded = {policy_id: net[0].quantize(SIX_PLACES, ROUND_HALF_UP) for policy_id, net in nets.items()}
    best = min(binding or bases, key=lambda base: (rounded[base.listed.policy_id], base.listed.rank))
    winner = best.listed.policy_id
    used = nets[winner][1]
    for base in bases:
        lost.append(_told_base(base, rounded.get(base.listed.policy_id), nets, winner, rounded[winner]))
    for promo in promos:
        told = {"policy": promo.listed.policy_id, "kind": "promo"}
        lost.append(told if promo.listed.policy_id in used else told | {"lost": "other_promotions"})
    return Quote(rounded[winner], best.amount, tuple(lost))


def _misfit(listed: ListedPolicy, asked: Asked) -> str | None:
    """What of a policy does not fit, in a word; None where all does."""
    selector = listed.selector
    if selector.customer is not None and selector.customer != asked.customer_no:
        return "customer"
    if not listed.first <= asked.day <= listed.last:
        return "date"
    if selector.group is not None and selector.group != asked.group:
        return "group"
    if selector.tier is not None and selector.tier != asked.tier:
        return "tier"
    if selector.channel is not None and selector.channel != asked.channel:
        return "channel"
    if selector.region_prefix is not None and not asked.region.startswith(selector.region_prefix):
        return "region"
    if listed.currency != asked.currency:
        return "currency"
    if not listed.approved:
        return "not_approved"
    return _other_product(listed, asked.product)


def _other_product(listed: ListedPolicy, product: ProductMaster) -> str | None:
    selector = listed.selector
    if selector.sku is not None and selector.sku != product.sku:
        return "sku"
    if selector.product_line is not None and selector.product_line != product.product_line:
        return "product_line"
    if selector.category is not None and selector.category != product.category_code:
        return "category"
    return None


def _fit(listed: ListedPolicy, qty: Decimal, base_uom: str, factor: UnitFactor) -> Fit | str:
    """The break for the quantity, with amounts per base unit; or why there is none."""
    step = next((step for least, step in listed.steps if least <= qty), None)
    if step is None:
        return "quantity"
    amount = step.price if step.price is not None else step.amount_off
    if amount is None:
        return Fit(listed, step, ZERO)
    if listed.policy.uom is None or listed.policy.uom == base_uom:
        return Fit(listed, step, amount)
    per_unit = factor(listed.policy.uom)
    if per_unit is None:
        return "unit"
    return Fit(listed, step, amount * per_unit.denominator / per_unit.numerator)


def promotion_sets(promos: Sequence[Fit]) -> list[list[list[Fit]]]:
    """The admissible sets of promotions, each a sequence of choices of which one is taken: all stackable ones (one of each
    exclusive group); one of each exclusive group of the others; each of the others without a group alone."""
    if not promos:
        return []
    stacked, single = (
        _by_group(p for p in promos if p.listed.policy.stackable),
        _by_group(p for p in promos if not p.listed.policy.stackable),
    )
    alone = single.pop("", [])
    together = [*([one] for one in sorted(stacked.pop("", []), key=_turn)), *(stacked[group] for group in sorted(stacked))]
    exclusive = [single[group] for group in sorted(single)]
    return [choices for choices in (together, exclusive, *([[one]] for one in alone)) if choices]


def _by_group(promos: Iterable[Fit]) -> dict[str, list[Fit]]:
    groups: dict[str, list[Fit]] = {}
    for promo in promos:
        groups.setdefault(promo.listed.policy.exclusive_group or "", []).append(promo)
    return groups


def _turn(promo: Fit) -> tuple[int, str]:
    """Stackable promotions follow each other by priority, then by id; their groups come after them, by name."""
    return -promo.listed.policy.priority, promo.listed.policy_id


def _best(price: Decimal, sets: Sequence[Sequence[Sequence[Fit]]]) -> Net:
    """The lowest of what the sets leave of a price; of equal ones, the one with fewer promotions."""
    nets: list[Net] = [(price, ())]
    for choices in sets:
        left, used = price, []
        for choice in choices:
            left, _, policy_id = min((one.applied(left), one.listed.rank, one.listed.policy_id) for one in choice)
            used.append(policy_id)
        nets.append((left, tuple(used)))
    return nets[0] if len(nets) == 1 else min(nets, key=lambda net: (net[0], len(net[1]), net[1]))


def _told_base(base: Fit, net: Decimal | None, nets: dict[str, Net], winner: str, lowest: Decimal) -> dict[str, Any]:
    policy_id = base.listed.policy_id
    told: dict[str, Any] = {"policy": policy_id, "kind": base.listed.kind, "price": plain(base.amount)}
    if net is None:
        return told | {"lost": "binding"}
    told["net"] = plain(net)
    if nets[policy_id][1]:
        told["promotions"] = list(nets[policy_id][1])
    if policy_id != winner:
        told["lost"] = "tie" if net == lowest else "price"
    return told


def plain(number: Decimal) -> str:
    """The number as people write it: no exponent, no trailing zeros, at most six places."""
    text = f"{number:.6f}" if number.as_tuple().exponent < -6 else f"{number:f}"  # type: ignore[operator]
    return text.rstrip("0").rstrip(".") if "." in text else text
