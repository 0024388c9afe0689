"""Whether a shipment was delivered in the region it was sent to (domain R8b); if not, that is a case. Derived from all its news."""

from typing import Any

import orjson

from canonical.documents.cases import CaseChanged
from canonical.documents.shipments import ShipmentTracking
from canonical.envelope import Message
from canonical.lean import lean
from canonical.regions import apart, province_of, region_of
from canonical.values import Address
from handlers.order.books import Books, Shipment

case_changed = lean(CaseChanged)

CODE = "C_DIVERSION"


def region_told(document: ShipmentTracking) -> str | None:
    """Where it happened: as the carrier codes it, else the province of China that its words begin with."""
    if document.region is not None:
        return document.region
    return province_of(Address(lines=(document.location,))) if document.location else None


def look(books: Books, shipment: Shipment, cause: Message) -> None:
    """Open a case where the goods ended elsewhere, and close it where later news say that they did not."""
    known = shipment.facts.get("elsewhere")
    where = _ended(shipment) if shipment.state == "delivered" else None
    if where is None and known is None:
        return
    expected = _sent_to(books, shipment)
    wrong = where is not None and bool(expected) and all(apart(where, one) for one in expected)
    if wrong and (known is None or not known["open"] or known["region"] != where):
        _tell(books, shipment, {"seq": (known["seq"] if known else 0) + 1, "open": True, "region": where}, expected, cause)
    elif not wrong and known is not None and known["open"]:
        _tell(books, shipment, known | {"seq": known["seq"] + 1, "open": False}, expected, cause)


def _ended(shipment: Shipment) -> str | None:
    """The region of the latest news of a delivery that tell one."""
    told = [
        (one["at"], one["region"]) for one in shipment.facts["events"].values() if one["state"] == "delivered" and "region" in one
    ]
    return max(told)[1] if told else None


def _sent_to(books: Books, shipment: Shipment) -> tuple[str, ...]:
    """The regions its orders and their lines are sent to, as far as they are known."""
    places = []
    for order_no, lines in shipment.facts["lines"].items():
        document = books.orders[order_no].document
        own = [line.ship_to for line in document.lines if line.line_no in lines and line.ship_to is not None]
        places += own or [document.ship_to]
    regions = [region_of(place) for place in places]
    return tuple(sorted({region for region in regions if region})) if all(regions) else ()


def _tell(books: Books, shipment: Shipment, fact: dict[str, Any], expected: tuple[str, ...], cause: Message) -> None:
    shipment.facts["elsewhere"] = fact
    shipment.changed = True
    case = case_changed(
        case_no=f"REG/{shipment.shipment_no}",
        seq=fact["seq"],
        state="open" if fact["open"] else "explained",
        kind="delivered_elsewhere",
        code=CODE,
        reported_by=shipment.facts["carrier"] or shipment.facts["warehouse"],
        shipment_no=shipment.shipment_no,
        order_nos=tuple(sorted(shipment.facts["lines"])),
        region=fact["region"],
        expected=expected,
    )
    books.suspicions.append({
        "case_no": case.case_no, "code": case.code, "item": "", "lot": "", "serial": "", "state": case.state,
        "document": orjson.Fragment(case.content()),
    })  # fmt: skip
    books.outcome.emit(case, cause)
