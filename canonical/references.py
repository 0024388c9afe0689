"""Cross-references: what we call a thing and what a partner calls it."""

from collections.abc import Mapping

import msgspec


class Reference(msgspec.Struct, frozen=True):
    """One thing under two names. kind: order, item, shipment, invoice, payment, tracking; our_id: the canonical id;
    their_id: the partner's."""

    kind: str
    our_id: str
    their_id: str


def told(kind: str, our_id: str | None, their_id: str | None) -> tuple[Reference, ...]:
    """The reference, where both names are known and differ: under one name there is nothing to look up."""
    return (Reference(kind, our_id, their_id),) if our_id and their_id and our_id != their_id else ()


def of_shipment(shipment_no: str, parts: Mapping[str, str]) -> tuple[Reference, ...]:
    """A shipment that a shop keeps as one part for each order (order: the part's id); several are `shipment_no order`."""
    names = {order: shipment_no if len(parts) == 1 else f"{shipment_no} {order}" for order in parts}
    return tuple(one for order, their_id in parts.items() for one in told("shipment", names[order], their_id))
