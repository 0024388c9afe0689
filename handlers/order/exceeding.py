"""More left than was ordered or is wanted by now, or more came back than had left: people are told, and the order is held until
they have decided.

The order is raised, or what went beyond it is accepted (`release`): then it is not billed, or credited no further.
"""

from collections.abc import Iterable

from canonical.envelope import Message
from handlers.order import answering, chain, recording, reserving
from handlers.order.books import Books, Order
from handlers.order.ledger import BELOW_SHIPPED, OVER_RETURNED, OVER_SHIPPED, beyond, unaccepted
from handlers.order.policies.base import Decision

TEXTS = {
    OVER_SHIPPED: "more has left than is ordered",
    OVER_RETURNED: "more came back than had left",
    BELOW_SHIPPED: "the buyer wants less than has left",
}


def look(books: Books, order: Order, step: str, cause: Message) -> None:
    """Tell what goes beyond the order and was not told yet; let goods leave that waited while something did."""
    against = unaccepted(order.lines, order.facts)
    if not against:
        reserving.ask_for_shipments(books, order, cause)
        return
    found = [
        Decision("quantity", "hold", code, line_no, TEXTS[code], {"beyond": str(qty)})
        for code, over in beyond(order.lines, order.facts).items()
        if code in against
        for line_no, qty in over.items()
    ]
    news = [one for one in found if _key(one) not in order.facts.told]
    if not news:
        return
    order.facts.told += [_key(one) for one in news]
    recording.record(books, order, step, cause, news)
    answering.hold(books, order, chain.again(books, order), cause)


def accept(books: Books, order: Order, codes: Iterable[str]) -> None:
    """What stands beyond the order now is to stay so: what waits in invoicing for it is looked at again."""
    for code, over in beyond(order.lines, order.facts).items():
        if code in codes:
            order.facts.accepted[code] = {line_no: str(qty) for line_no, qty in over.items()}
            places = [order.order_no, *order.facts.shipments]
            books.outcome.arrived |= {f"raised:{order.order_no}", *(f"billed:{place}" for place in places)}


def _key(decision: Decision) -> str:
    return f"{decision.code} {decision.line_no} {decision.inputs['beyond']}"
