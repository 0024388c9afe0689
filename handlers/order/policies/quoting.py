"""R1, steps 1 to 5: the lowest net price that the policies in force allow for one line, and why every other one lost.

Taking something off never raises a price, and what one promotion leaves is the larger the larger what it was given; so one more
policy that is not binding can only lower the result.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from canonical.amounts import ZERO
from canonical.documents.products import ProductMaster
from handlers.lookup.prices import Bunch, Conditions, ListedPolicy, Step

SIX_PLACES = Decimal("0.000001")
HUNDRED = Decimal(100)
UnitFactor = Callable[[str], Fraction | None]
"""Base units in one of a unit; None where the product is not sold in it."""


class Asked(NamedTuple):
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


class Quote(NamedTuple):
    """The price: net per base unit at six places, the base it starts from, and everything that was considered: those that do not
    fit by why (`lost`, `policies` as list/id), the others one by one."""

    net: Decimal
    base: Decimal
    considered: Sequence[Mapping[str, Any]]


class Fit(msgspec.Struct):
    """A policy that fits, with its break for the quantity. amount: its price, or what it takes off, per base unit."""

    listed: ListedPolicy
    step: Step
    amount: Decimal

    def applied(self, price: Decimal) -> Decimal:
        """What a promotion leaves of a price."""
        if self.step.keeps is not None:
            return price * self.step.keeps
        if self.step.off is not None:
            return max(ZERO, price - self.amount)
        return min(price, self.amount)


class Net(msgspec.Struct):
    """A base with the promotions that lower it most. price: what they leave, at six places."""

    base: Fit
    price: Decimal
    promos: tuple[Fit, ...] = ()


def quote(bunches: Iterable[Bunch], asked: Asked, factor: UnitFactor) -> Quote | tuple[dict[str, Any], ...]:
    """The best price, or, where no base fits, only what was considered. The order of the policies does not matter."""
    bases: list[Fit] = []
    promos: list[Fit] = []
    unfit: dict[str, list[str]] = {}
    for bunch in bunches:
        why = _misfit(bunch.conditions, asked)
        if why is not None:
            unfit.setdefault(why, []).extend(bunch.labels)
            continue
        for listed in bunch.policies:
            fit = _fit(listed, asked, factor)
            if isinstance(fit, str):
                unfit.setdefault(fit, []).append(listed.label)
            else:
                (promos if listed.promo else bases).append(fit)
    told: list[dict[str, Any]] = [{"lost": why, "policies": labels} for why, labels in unfit.items()]
    if len(bases) == 1 and not promos:  # nothing to choose from, as most often
        base = bases[0]
        told.append({**base.listed.told, "price": plain(base.amount)})
        return Quote(base.amount.quantize(SIX_PLACES, ROUND_HALF_UP), base.amount, tuple(told))
    if not bases:
        return (*told, *({**promo.listed.told, "lost": "no_base"} for promo in promos))
    sets = promotion_sets(promos)
    binding = [base for base in bases if base.listed.binding]
    nets = [_net(base, sets) for base in binding or bases]
    best = _lowest_of(nets)
    if binding:
        told += [{**b.listed.told, "price": plain(b.amount), "lost": "binding"} for b in bases if not b.listed.binding]
    told += [_told(net, best) for net in nets]
    told += [promo.listed.told if promo in best.promos else {**promo.listed.told, "lost": "other_promotions"} for promo in promos]
    return Quote(best.price, best.base.amount, tuple(told))


def _lowest_of(nets: Sequence[Net]) -> Net:
    """The lowest price; of equal ones, the policy that ranks first."""
    price = min([net.price for net in nets])
    lowest = [net for net in nets if net.price == price]
    return lowest[0] if len(lowest) == 1 else min(lowest, key=lambda net: net.base.listed.rank)


def _misfit(conditions: Conditions, asked: Asked) -> str | None:
    """What of a policy does not fit, in a word; None where all does."""
    customer, first, last, demands, region, currency, approved = conditions
    if customer is not None and customer != asked.customer_no:
        return "customer"
    if not first <= asked.day <= last:
        return "date"
    for name, value in demands:
        if getattr(asked, name) != value:
            return name
    if region is not None and not asked.region.startswith(region):
        return "region"
    if currency != asked.currency:
        return "currency"
    return None if approved else "not_approved"


def _fit(listed: ListedPolicy, asked: Asked, factor: UnitFactor) -> Fit | str:
    """The break for the quantity, with amounts per base unit; or why there is none."""
    qty = asked.qty
    for step in listed.steps:
        if step.least <= qty:
            break
    else:
        return "quantity"
    amount = step.off if step.price is None else step.price
    if amount is None:
        return Fit(listed, step, ZERO)
    if listed.uom is None or listed.uom == asked.product.base_uom:
        return Fit(listed, step, amount)
    per_unit = factor(listed.uom)
    if per_unit is None:
        return "unit"
    return Fit(listed, step, amount * per_unit.denominator / per_unit.numerator)


def promotion_sets(promos: Sequence[Fit]) -> list[list[list[Fit]]]:
    """The admissible sets of promotions, each a sequence of choices of which one is taken: all stackable ones (one of each
    exclusive group); one of each exclusive group of the others; each of the others without a group alone."""
    if len(promos) < 2:
        return [[[promo]] for promo in promos]
    stacked, single = (_by_group(p for p in promos if p.listed.policy.stackable is wanted) for wanted in (True, False))
    alone = single.pop("", [])
    together = [*([one] for one in sorted(stacked.pop("", []), key=_turn)), *(stacked[group] for group in sorted(stacked))]
    exclusive = [single[group] for group in sorted(single)]
    return [choices for choices in (together, exclusive, *([[one]] for one in alone)) if choices]


def _by_group(promos: Iterable[Fit]) -> dict[str, list[Fit]]:
    groups: dict[str, list[Fit]] = {}
    for promo in promos:
        groups.setdefault(promo.listed.policy.exclusive_group or "", []).append(promo)
    return groups


def _turn(promo: Fit) -> tuple[int, str, str]:
    """Stackable promotions follow each other by priority, then by id; their groups come after them, by name."""
    return -promo.listed.policy.priority, promo.listed.policy.policy_id, promo.listed.price_list.list_id


def _net(base: Fit, sets: Sequence[Sequence[Sequence[Fit]]]) -> Net:
    """What the best set leaves of a price; of equal ones, the one with fewer promotions, then the higher ranking one."""
    if not sets:
        return Net(base, base.amount.quantize(SIX_PLACES, ROUND_HALF_UP))
    lowest, taken = base.amount, list[Fit]()
    for choices in sets:
        left, used = base.amount, list[Fit]()
        for choice in choices:
            best = choice[0] if len(choice) == 1 else _lowest(choice, left)
            left = best.applied(left)
            used.append(best)
        if left < lowest or (left == lowest and (len(used), _ranks(used)) < (len(taken), _ranks(taken))):
            lowest, taken = left, used
    return Net(base, lowest.quantize(SIX_PLACES, ROUND_HALF_UP), tuple(taken))


def _lowest(choice: Sequence[Fit], price: Decimal) -> Fit:
    return min(choice, key=lambda promo: (promo.applied(price), promo.listed.rank))


def _ranks(promos: Sequence[Fit]) -> list[tuple[Any, ...]]:
    return [promo.listed.rank for promo in promos]


def _told(net: Net, best: Net) -> dict[str, Any]:
    told: dict[str, Any] = {**net.base.listed.told, "price": plain(net.base.amount)}
    if net.promos:
        told |= {"net": plain(net.price), "promotions": [promo.listed.policy.policy_id for promo in net.promos]}
    if net is not best:
        told["lost"] = "tie" if net.price == best.price else "price"
    return told


@lru_cache(maxsize=8192)
def plain(number: Decimal) -> str:
    """The number as people write it: no exponent, no trailing zeros, at most six places."""
    text = f"{number:f}"
    if "." not in text:
        return text
    if len(text) - text.index(".") > 7:
        text = f"{number:.6f}"
    return text.rstrip("0").rstrip(".")
