"""An order and its journey, printed."""

from collections.abc import Sequence
from decimal import Decimal

from rich.markup import escape

from operations.order_views import OrderLineView, OrderView
from operations.timeline import Step
from orderlane.shown_tables import bare_source, out, table


def print_order(found: OrderView, journey: Sequence[Step]) -> None:
    """How the order stands, what it waits for, its lines, its other names, and every message about it."""
    out.print(f"[bold]Order {escape(found.order_no)}[/]  {found.display} / {found.display_zh}   from {escape(found.origin)}")
    payable = f"{found.payable} {found.currency}" if found.payable is not None else "not priced yet"
    out.print(f"state {found.state}, goods {found.fulfilment}, billing {found.billing}, payment {found.payment}, {payable}\n")
    for one in found.waits_for:
        out.print(f"waits for {escape(one.role)}: {escape(one.code)}")
    _print_lines(found.lines)
    for name in found.known_as:
        out.print(f"{escape(name.endpoint)} calls {name.kind} {escape(name.our_id)} {escape(name.their_id)}")
    steps = table("when (UTC)", "message", "from", "what it says", "went to", whole=("when (UTC)", "message", "from"))
    for step in journey:
        steps.add_row(*_row(step))
    out.print(steps)


def _print_lines(lines: Sequence[OrderLineView]) -> None:
    """The lines in figures; a figure that is zero on every line is left out."""
    columns: dict[str, list[Decimal]] = {
        "ordered": [line.ordered for line in lines],
        "reserved": [line.reserved for line in lines],
        "back-ordered": [line.backordered for line in lines],
        "shipped": [line.shipped for line in lines],
        "delivered": [line.delivered for line in lines],
        "invoiced": [line.invoiced for line in lines],
        "cancelled": [line.cancelled for line in lines],
    }
    told = {name: figures for name, figures in columns.items() if any(figures)}
    rows = table("line", "item", *told, whole=("line", *told))
    for line, *figures in zip(lines, *told.values(), strict=True):
        rows.add_row(line.line_no, escape(line.item), *(f"{figure:f}" for figure in figures))
    out.print(rows)
    out.print()


def _row(step: Step) -> tuple[str, ...]:
    message = step.message
    went = ", ".join(f"{c.channel} {'' if c.standing in ('handled', 'sent') else c.standing}".strip() for c in message.channels)
    when = message.recorded_at.strftime("%m-%d %H:%M:%S")
    return when, message.type, bare_source(message.source), escape(step.told), escape(went or "kept")
