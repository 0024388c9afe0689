"""The base order of the golden scenarios: 10 EA x 87.40 and 3 XBX x 120.00, tax 13% excluded, and what happens to it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from canonical.documents.finance import PaymentReceived
from canonical.documents.order_changes import LineQty, OrderCancelled
from canonical.documents.orders import OrderLine, OrderPlaced, Totals
from canonical.documents.shipments import ShipmentDispatched, ShipmentLine, ShipmentTracking
from canonical.documents.stock import StockItem, StockLevel
from canonical.values import Allowance, Money, Party, Quantity, Tax

DAY = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
BUYER = Party(party_id="H-1", name="Hospital One")
VAT = Tax(rate_pct=Decimal(13))
PLACES = {"S1": {"1": 10, "2": 1}, "S2": {"2": 2}}


def d(text: str | int) -> Decimal:
    return Decimal(text)


def line(line_no: str, sku: str, qty: str | int, price: str | None = "1.00", uom: str = "EA", tax: Tax | None = VAT) -> OrderLine:
    amount = None if price is None else d(qty) * d(price)
    unit_price = None if price is None else d(price)
    return OrderLine(
        line_no=line_no, sku=sku, qty=Quantity(value=d(qty), uom=uom), unit_price=unit_price, line_amount=amount, tax=tax
    )


def placed(
    order_no: str = "SO-1", *, discount: str | None = None, lines: tuple[OrderLine, ...] | None = None, **more: Any
) -> OrderPlaced:
    """The base order, or one of other lines; totals computed with one tax rate. Its invariants hold."""
    lines = lines or (line("1", f"{order_no}-NEEDLE", 10, "87.40"), line("2", f"{order_no}-GLOVES", 3, "120.00", "XBX"))
    rates = {one.tax.rate_pct for one in lines if one.tax is not None}
    rate = rates.pop() if rates else d(0)
    allowances = (Allowance(reason="discount", amount=d(discount)),) if discount else ()
    totals = None
    if all(one.line_amount is not None for one in lines):
        gross = sum((one.line_amount or d(0) for one in lines), d(0))
        off = d(discount or 0)
        net = gross - off
        tax = (net * rate / 100).quantize(d("0.01"))
        totals = Totals(lines=gross, allowances=off, tax_exclusive=net, tax=tax, tax_inclusive=net + tax, payable=net + tax)
    order = OrderPlaced(
        **{
            "order_no": order_no, "channel": "ecommerce", "sold_to": BUYER, "ship_to": BUYER, "currency": "CNY",
            "price_date": date(2026, 11, 20), "lines": lines, "doc_allowances": allowances, "totals": totals,
            "ordered_at": DAY, **more,
        }
    )  # fmt: skip
    order.check()
    return order


def stocked(order_no: str = "SO-1", location: str = "WH-1", reference: str = "count-1") -> StockLevel:
    return level(location, {f"{order_no}-NEEDLE": 100, f"{order_no}-GLOVES": 100}, reference=f"{reference} {order_no}")


def level(
    location: str, items: dict[str, int], *, mode: str = "snapshot", reference: str = "count", at: datetime = DAY
) -> StockLevel:
    return StockLevel(
        location=location, as_of=at, mode=mode, reference=reference,
        items=tuple(StockItem(item=item, on_hand=d(qty)) for item, qty in items.items()),
    )  # fmt: skip


def dispatched(
    shipment: str,
    order_no: str = "SO-1",
    *,
    lines: dict[str, int] | None = None,
    day: int = 21,
    warehouse: str = "WH-1",
    item: str | None = None,
) -> ShipmentDispatched:
    items = {"1": f"{order_no}-NEEDLE", "2": f"{order_no}-GLOVES"}
    lines = lines or PLACES[shipment]
    return ShipmentDispatched(
        shipment_no=f"{order_no}-{shipment}", warehouse=warehouse, carrier="sf", tracking_nos=(f"{order_no}-T-{shipment}",),
        dispatched_at=DAY.replace(day=day),
        lines=tuple(ShipmentLine(order_no=order_no, line_no=no, item=item or items[no], qty=d(q)) for no, q in lines.items()),
    )  # fmt: skip


def tracked(
    shipment: str, state: str, hour: int, order_no: str = "SO-1", *, day: int = 22, seq: int | None = None
) -> ShipmentTracking:
    return ShipmentTracking(
        carrier="sf", tracking_no=f"{order_no}-T-{shipment}", event_code=state, raw_code=state, seq=seq,
        event_at=DAY.replace(day=day, hour=hour),
    )  # fmt: skip


def paid(
    ref: str, amount: str, *, refs: tuple[str, ...] = ("SO-1",), currency: str = "CNY", day: int = 22, text: str | None = None
) -> PaymentReceived:
    return PaymentReceived(
        payment_ref=ref,
        value_date=date(2026, 11, day),
        amount=Money(amount=d(amount), currency=currency),
        refs=refs,
        remittance_text=text,
    )


def cancelled(order_no: str = "SO-1", lines: dict[str, int] | None = None, reason: str = "changed_mind") -> OrderCancelled:
    return OrderCancelled(
        order_no=order_no, reason_code=reason, requested_by="buyer",
        lines=tuple(LineQty(line_no=no, qty=d(qty)) for no, qty in (lines or {}).items()),
    )  # fmt: skip
