"""Commands of people who decide about orders. Every decision names who makes it, in which role and why."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from canonical.failures import Refused
from orderlane.cli_numbers import number
from orderlane.cli_options import Actor, OrderNo, Reason
from orderlane.environment import operations
from orderlane.shown_tables import print_json

if TYPE_CHECKING:
    from canonical.documents.decisions import Verdict

orders = typer.Typer()
orders_app = typer.Typer(no_args_is_help=True, help="Decide about orders: approve, reject, release, hold, cancel, close, reopen.")
orders.add_typer(orders_app, name="orders")

Role = Annotated[str, typer.Option(help="The role you act in, as in config/policies.yaml.")]
Codes = Annotated[list[str] | None, typer.Option("--code", help="hold, release: which hold, or several. All you own without any.")]
Lines = Annotated[
    list[str] | None,
    typer.Option("--line", help="cancel: line=quantity to take back, or several. All that is open without."),
]
HELP: dict[Verdict, str] = {
    "approve": "Approve what an order asks approval for.",
    "reject": "Do not take an order on.",
    "release": "Lift holds of an order.",
    "hold": "Hold an order: nothing of it leaves.",
    "cancel": "Take back what is open of an order.",
    "short_close": "Ship no more of a partly shipped order.",
    "close": "Close an order that was reopened.",
    "reopen": "Look at a closed or rejected order again.",
}


def _command(verdict: Verdict) -> Callable[..., None]:
    def command(order_no: OrderNo, role: Role, reason: Reason, actor: Actor, code: Codes = None, line: Lines = None) -> None:
        from canonical.documents.order_changes import LineQty
        from operations import deciding, find

        lines = [LineQty(line_no=line_no, qty=qty) for line_no, qty in map(_line, line or ())]
        hub = operations()
        found = find.order_no_of(hub.database, order_no)
        print_json(deciding.decide(hub, found, verdict, actor=actor, role=role, reason=reason, codes=code or (), lines=lines))

    command.__doc__ = HELP[verdict]
    return command


def _line(text: str) -> tuple[str, Decimal]:
    line_no, _, qty = text.rpartition("=")
    with contextlib.suppress(typer.BadParameter):
        if line_no and (read := number(qty, "a quantity")) > 0:
            return line_no, read
    raise Refused(f"--line {text}: expected a line number and a quantity above zero, as in 1=5")


for name in HELP:
    orders_app.command(name.replace("_", "-"))(_command(name))
