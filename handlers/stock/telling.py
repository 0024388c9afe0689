"""What stock tells after a batch: what was let go, what is short, what is reserved, what was used."""

from collections.abc import Mapping
from datetime import date

from canonical.documents.shipments import DeliveryConfirmed, ShipmentDispatched, ShipmentLine
from canonical.documents.stock import ReservedLine, StockBackordered, StockReleased, StockReserved
from canonical.envelope import Message
from canonical.handling import Outcome
from canonical.lean import lean
from canonical.values import LotRef
from handlers.stock import shortage
from handlers.stock.books import Books
from handlers.stock.demand import Demand, LotName
from handlers.stock.picking import holders
from store.database import from_micros
from store.exact import from_micro_units
from store.lots import Lot

shipment_line, shipment_dispatched, delivery_confirmed = lean(ShipmentLine), lean(ShipmentDispatched), lean(DeliveryConfirmed)

Lots = Mapping[tuple[str, str], Mapping[LotName, int]]
NO_CODES: Mapping[str, str] = {}
_line, _reserved = lean(ReservedLine), lean(StockReserved)
_short, _released = lean(StockBackordered), lean(StockReleased)
_lot = lean(LotRef)


def tell(books: Books, outcome: Outcome) -> None:
    """Add to the outcome what every order of the books has to hear."""
    for demand in books.demands.values():
        if demand.document is None or not (demand.short or demand.reserved or demand.released):
            continue
        cause = demand.cause or _who_moved(books, demand)
        if demand.released:
            _tell_released(books, demand, cause, outcome)
        if demand.soft_until is None:
            _tell_short(books, demand, cause, outcome)
        _tell_reserved(books, demand, cause, outcome)


def _who_moved(books: Books, demand: Demand) -> Message:
    """The message that brought or took goods of an order that no message of the batch is about."""
    told = (demand.reserved, demand.released)
    line_nos = [*(no for places in told for lines in places.values() for no in lines), *demand.short]
    movers = [books.moved_by[item] for no in line_nos if (item := demand.lines[no].item) in books.moved_by]
    if movers or books.moved_by:
        return movers[0] if movers else next(iter(books.moved_by.values()))
    return next(one.cause for one in books.demands.values() if one.cause is not None)


def _tell_released(books: Books, demand: Demand, cause: Message, outcome: Outcome) -> None:
    assert demand.document is not None
    for location, quantities in sorted(demand.released.items()):
        demand.told += 1
        codes = {no: code for (place, no), code in demand.unfit.items() if place == location}
        outcome.emit(
            _released(
                order_no=demand.order_no,
                origin=demand.document.origin,
                location=location,
                seq=demand.told,
                soft=demand.soft,
                lines=_lines(books, demand, quantities, location, demand.dropped, codes),
            ),
            cause,
        )


def _tell_short(books: Books, demand: Demand, cause: Message, outcome: Outcome) -> None:
    assert demand.document is not None
    short = {no: min(qty, demand.lines[no].backordered) for no, qty in demand.short.items() if demand.lines[no].backordered}
    if not short:
        return
    demand.told += 1
    codes = {no: shortage.code(books, demand, demand.lines[no]) for no in short}
    outcome.emit(
        _short(
            order_no=demand.order_no,
            origin=demand.document.origin,
            channel=demand.document.channel,
            seq=demand.told,
            lines=_lines(books, demand, short, "", {}, codes),
        ),
        cause,
    )


def _tell_reserved(books: Books, demand: Demand, cause: Message, outcome: Outcome) -> None:
    document, soft = demand.document, demand.soft_until is not None
    assert document is not None
    places = demand.reserved
    for location in sorted(places) if len(places) > 1 else places:
        demand.told += 1
        quantities = places[location]
        lines = _lines(books, demand, quantities, location, demand.picked)
        outcome.emit(
            _reserved(
                order_no=demand.order_no,
                origin=document.origin,
                channel=document.channel,
                seq=demand.told,
                soft=soft,
                location=location,
                lines=lines,
            ),
            cause,
        )
        if not soft and holders(demand) is not None:
            _tell_used(books, demand, location, lines, cause, outcome)


def _tell_used(
    books: Books, demand: Demand, location: str, lines: tuple[ReservedLine, ...], cause: Message, outcome: Outcome
) -> None:
    """Goods that lie with the buyer are used there: they leave our stock and are with the buyer at once."""
    assert demand.document is not None
    demand.shipments += 1
    shipment_no, at = f"{demand.order_no}-U{demand.shipments}", from_micros(books.now)
    sent = tuple(
        shipment_line(order_no=demand.order_no, line_no=line.line_no, item=line.item, qty=line.qty, lots=line.lots)
        for line in lines
    )
    outcome.emit(
        shipment_dispatched(
            shipment_no=shipment_no,
            consumed=True,
            warehouse=location,
            dispatched_at=at,
            ship_to=demand.document.receiver,
            lines=sent,
        ),
        cause,
    )
    receiver = demand.document.receiver.name or demand.document.receiver.party_id
    outcome.emit(delivery_confirmed(shipment_no=shipment_no, delivered_at=at, receiver=receiver), cause)


def _lines(
    books: Books, demand: Demand, quantities: Mapping[str, int], location: str, lots: Lots, codes: Mapping[str, str] = NO_CODES
) -> tuple[ReservedLine, ...]:
    lines = []
    known, packs = demand.lines, demand.packs
    for line_no, qty in quantities.items():
        in_units = demand.to_line(line_no, qty) if packs else from_micro_units(qty)
        refs = _refs(books, demand, line_no, location, lots) if lots else ()
        code = codes.get(line_no) if codes else None
        lines.append(_line(line_no=line_no, item=known[line_no].item, qty=in_units, lots=refs, code=code))
    return tuple(lines)


def _refs(books: Books, demand: Demand, line_no: str, location: str, lots: Lots) -> tuple[LotRef, ...]:
    """The lots of a line, with their days where they are known; quantities in the line's unit."""
    at = books.lots_at(demand.lines[line_no].item, location)
    refs = []
    for (lot, serial), qty in lots.get((location, line_no), {}).items():
        known = at.get((lot, serial, "released")) or Lot("", "", lot, serial)
        expiry, made = _day(known.expiry), _day(known.mfg_date)
        refs.append(_lot(lot=lot or None, serial=serial or None, expiry=expiry, mfg_date=made, qty=demand.to_line(line_no, qty)))
    return tuple(refs)


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
