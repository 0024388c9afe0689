"""What makes a price list usable: every break says one thing, bases state prices, nothing is named twice (domain R1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from canonical.problems import Problem, shown

if TYPE_CHECKING:
    from canonical.documents.prices import PriceList, PricePolicy


def price_list_problems(price_list: PriceList) -> list[Problem]:
    """Every rule the list breaks, with canonical paths."""
    problems: list[Problem] = []
    seen: set[str] = set()
    for i, policy in enumerate(price_list.policies):
        path = f"policies[{i}]"
        if policy.policy_id in seen:
            problems.append(Problem("E_SCHEMA", f"{path}.policy_id", "expected a policy id used once", policy.policy_id))
        seen.add(policy.policy_id)
        problems += _policy_problems(policy, path)
    return problems


def _policy_problems(policy: PricePolicy, path: str) -> Iterator[Problem]:
    if policy.valid_from is not None and policy.valid_to is not None and policy.valid_to < policy.valid_from:
        yield Problem("E_SCHEMA", f"{path}.valid_to", "expected a last day that is not before the first", shown(policy.valid_to))
    quantities = set()
    for j, step in enumerate(policy.breaks):
        here = f"{path}.breaks[{j}]"
        said = [name for name in ("price", "pct_off", "amount_off") if getattr(step, name) is not None]
        if len(said) != 1:
            yield Problem("E_SCHEMA", here, "expected exactly one of price, pct_off, amount_off", ", ".join(said) or None)
        elif policy.kind != "promo" and said != ["price"]:
            yield Problem("E_SCHEMA", f"{here}.{said[0]}", f"expected a price: {policy.kind} states prices, a promo takes off")
        if step.pct_off is not None and not 0 <= step.pct_off <= 100:
            yield Problem("E_SCHEMA", f"{here}.pct_off", "expected a percentage from 0 to 100", shown(step.pct_off))
        if step.min_qty in quantities:
            yield Problem("E_SCHEMA", f"{here}.min_qty", "expected a quantity named once in a policy", shown(step.min_qty))
        quantities.add(step.min_qty)
