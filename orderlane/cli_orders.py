"""Commands of people who decide about orders. Every decision names who makes it, in which role and why."""

import getpass
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from canonical.documents.decisions import Verdict
from canonical.documents.orders import LineQty
from canonical.failures import Refused
from operations import deciding, find
from orderlane.environment import ready_hub

orders = typer.Typer()
orders_app = typer.Typer(no_args_is_help=True, help="Decide about orders: approve, reject, release, hold, cancel, close, reopen.")
orders.add_typer(orders_app, name="orders")

OrderNo = Annotated[str, typer.Argument(help="The order's number, ours or the partner's.")]
Role = Annotated[str, typer.Option(help="The role you act in, as in config/policies.yaml.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the decision.")]
Actor = Annotated[str, typer.Option(help="Who decides; kept with the decision.", default_factory=getpass.getuser)]
Codes = Annotated[list[str] | None, typer.Option("--code", help="A hold; may be given several times. All you own without any.")]
Lines = Annotated[
    list[str] | None,
    typer.Option("--line", help="line=quantity to take back; may be given several times. All open ones without."),
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
        hub = ready_hub(secrets=False).operations
        number = find.order_no_of(hub.database, order_no)
        decided = deciding.decide(
            hub, number, verdict, actor=actor, role=role, reason=reason, codes=code or (), lines=[_line(one) for one in line or ()]
        )
        print(decided.model_dump_json())

    command.__doc__ = HELP[verdict]
    return command


def _line(text: str) -> LineQty:
    number, _, qty = text.rpartition("=")
    try:
        return LineQty(line_no=number, qty=Decimal(qty))
    except (InvalidOperation, ValueError):
        raise Refused(f"--line {text}: expected a line number and a quantity above zero, as in 1=5") from None


for name in HELP:
    orders_app.command(name.replace("_", "-"))(_command(name))
