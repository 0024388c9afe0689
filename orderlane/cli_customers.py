"""Commands about customers: tell who a party is, merge what was kept twice, approve who is new. Each makes a new edition."""

from typing import Annotated

import typer

from orderlane.defaults import MASTER_DATA
from orderlane.environment import ready_hub

customers = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="Link, merge and approve customers.")
customers.add_typer(group, name="customers")

Number = Annotated[str, typer.Argument(help="Number of the customer.")]
Endpoint = Annotated[str, typer.Option(help="The endpoint the change comes in through.")]


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
