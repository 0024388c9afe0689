"""What stock tells after a batch: what was let go, what is short, what is reserved."""

from collections.abc import Mapping

from canonical.documents.stock import ReservedLine, StockBackordered, StockReleased, StockReserved
from canonical.envelope import Message
from canonical.handling import Outcome
from handlers.stock.books import Books, Demand
from store.exact import from_micro_units


def tell(books: Books, outcome: Outcome) -> None:
    """Add to the outcome what every order of the books has to hear."""
    for demand in books.demands.values():
        if demand.document is None or not (demand.short or demand.reserved or demand.released):
            continue
        cause = demand.cause or _who_moved(books, demand)
        _tell_released(demand, cause, outcome)
        _tell_short(demand, cause, outcome)
        _tell_reserved(demand, cause, outcome)


def _who_moved(books: Books, demand: Demand) -> Message:
    """The message that brought or took goods of an order that no message of the batch is about."""
    line_nos = [*(no for lines in demand.reserved.values() for no in lines), *demand.short]
    movers = [books.moved_by[item] for no in line_nos if (item := demand.lines[no].item) in books.moved_by]
    return movers[0] if movers else next(iter(books.moved_by.values()))


def _tell_released(demand: Demand, cause: Message, outcome: Outcome) -> None:
    assert demand.document is not None
    for location, quantities in sorted(demand.released.items()):
        demand.told += 1
        outcome.emit(
            StockReleased(
                order_no=demand.order_no,
                origin=demand.document.origin,
                location=location,
                seq=demand.told,
                lines=_lines(demand, quantities),
            ),
            cause,
        )


def _tell_short(demand: Demand, cause: Message, outcome: Outcome) -> None:
    assert demand.document is not None
    short = {no: min(qty, demand.lines[no].backordered) for no, qty in demand.short.items() if demand.lines[no].backordered}
    if not short:
        return
    demand.told += 1
    outcome.emit(
        StockBackordered(
            order_no=demand.order_no,
            origin=demand.document.origin,
            channel=demand.document.channel,
            seq=demand.told,
            lines=_lines(demand, short),
        ),
        cause,
    )


def _tell_reserved(demand: Demand, cause: Message, outcome: Outcome) -> None:
    document = demand.document
    assert document is not None
    for location, quantities in sorted(demand.reserved.items()):
        demand.told += 1
        outcome.emit(
            StockReserved(
                order_no=demand.order_no,
                origin=document.origin,
                channel=document.channel,
                seq=demand.told,
                location=location,
                lines=_lines(demand, quantities),
            ),
            cause,
        )


def _lines(demand: Demand, quantities: Mapping[str, int]) -> tuple[ReservedLine, ...]:
    return tuple(
        ReservedLine(line_no=line_no, item=demand.lines[line_no].item, qty=from_micro_units(qty))
        for line_no, qty in quantities.items()
    )
