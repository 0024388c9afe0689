"""The chain of policies an order goes through before it is confirmed, in their order; each works on a whole batch of cases."""

from collections.abc import Callable, Sequence

from handlers.order.derive import NO_PRICE
from handlers.order.policies.base import Case, Decision
from handlers.worth import priced

Policy = Callable[[Sequence[Case]], None]


def have_prices(cases: Sequence[Case]) -> None:
    """Without prices of our own, those of the order count; an order without any waits."""
    for case in cases:
        if priced(case.order):
            case.decide(Decision("price", "unchecked"))
        else:
            case.decide(Decision("price", "hold", NO_PRICE, text="a line has no price"))


POLICIES: tuple[Policy, ...] = (have_prices,)


def decide(cases: Sequence[Case]) -> None:
    """Have every policy say what it thinks of every case."""
    for policy in POLICIES:
        policy(cases)
