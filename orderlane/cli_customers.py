"""Commands about customers: list them, tell who a party is, merge what was kept twice, approve who is new: each a new edition."""

from typing import Annotated, Literal

import typer
from rich.markup import escape

from orderlane.defaults import MASTER_DATA
from orderlane.environment import ready_hub

customers = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="List, link, merge and approve customers.")
customers.add_typer(group, name="customers")

Number = Annotated[str, typer.Argument(help="Number of the customer.")]
Endpoint = Annotated[str, typer.Option(help="The endpoint the change comes in through.")]


@group.command("list")
def list_customers(
    status: Annotated[Literal["active", "pending", "blocked"] | None, typer.Option(help="Only those that stand so.")] = None,
) -> None:
    """List customers by number; pending ones wait for approval."""
    from orderlane import customers
    from orderlane.shown_tables import show, table

    rows = table("customer", "name", "kind", "tier", "region", "status", whole=("customer",))
    for one in customers.listed(ready_hub(secrets=False).database, status):
        stands = f"merged into {one.merged_into}" if one.merged_into else one.status
        cells = (one.customer_no, one.name, one.org_type or "", str(one.tier or ""), one.region or "", stands)
        rows.add_row(*map(escape, cells))
    show(rows, nothing="no such customer")


@group.command()
def link(
    number: Number,
    source: Annotated[str, typer.Option(help="The endpoint that knows the customer.")],
    id: Annotated[str, typer.Option(help="What it calls it; * for every buyer.")],
    endpoint: Endpoint = MASTER_DATA,
) -> None:
    """From now on the endpoint's id means this customer."""
    from orderlane import customers

    print(customers.link(ready_hub(secrets=False), endpoint, number, source=source, external_id=id))


@group.command()
def merge(
    number: Number,
    into: Annotated[str | None, typer.Option(help="The customer that takes it over; absent: none any more.")] = None,
    endpoint: Endpoint = MASTER_DATA,
) -> None:
    """One customer takes another over, or gives it back: what the numbers of the one mean is then the other."""
    from orderlane import customers

    print(customers.merge(ready_hub(secrets=False), endpoint, number, into=into))


@group.command()
def approve(number: Number, endpoint: Endpoint = MASTER_DATA) -> None:
    """A pending customer becomes an active one."""
    from orderlane import customers

    print(customers.approve(ready_hub(secrets=False), endpoint, number))
