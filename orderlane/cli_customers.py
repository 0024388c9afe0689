"""Commands about customers: tell who a party is, merge what was kept twice, approve who is new. Each makes a new edition."""

from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer

from canonical.documents.master import CustomerMaster
from canonical.failures import Failure
from orderlane.environment import ready_hub
from orderlane.hub import Hub
from orderlane.loading.loading import Loaded, take
from orderlane.loading.records import Record
from store import master
from store.database import to_micros

customers = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="Link, merge and approve customers.")
customers.add_typer(group, name="customers")

KIND = CustomerMaster.message_type
Number = Annotated[str, typer.Argument(help="Number of the customer.")]
Endpoint = Annotated[str, typer.Option(help="The endpoint the change comes in through.")]
MASTER_DATA = "master-data"


@group.command()
def link(
    number: Number,
    source: Annotated[str, typer.Option(help="The endpoint that knows the customer.")],
    id: Annotated[str, typer.Option(help="What it calls it; * for every buyer.")],
    endpoint: Endpoint = MASTER_DATA,
) -> None:
    """From now on the endpoint's id means this customer."""
    hub = ready_hub(secrets=False)
    customer = _known(hub, number)
    external = {"source": source, "id": id}
    known = [one.model_dump() for one in customer.external_ids]
    _state(hub, endpoint, customer, {"external_ids": known if external in known else [*known, external]})


@group.command()
def merge(
    number: Number,
    into: Annotated[str | None, typer.Option(help="The customer that takes it over; absent: none any more.")] = None,
    endpoint: Endpoint = MASTER_DATA,
) -> None:
    """One customer takes another over, or gives it back: what the numbers of the one mean is then the other."""
    hub = ready_hub(secrets=False)
    customer = _known(hub, number)
    if into is not None:
        target = _known(hub, into)
        if None not in (customer.uscc, target.uscc) and customer.uscc != target.uscc:
            raise Failure(f"{number} and {into} have different social credit codes: they are two companies")
        if target.merged_into is not None:
            raise Failure(f"{into} was itself taken over, by {target.merged_into}")
    _state(hub, endpoint, customer, {"merged_into": into})


@group.command()
def approve(number: Number, endpoint: Endpoint = MASTER_DATA) -> None:
    """A pending customer becomes an active one."""
    hub = ready_hub(secrets=False)
    customer = _known(hub, number)
    if customer.status != "pending":
        raise Failure(f"{number} is {customer.status}, not pending")
    _state(hub, endpoint, customer, {"status": "active"})


def _known(hub: Hub, number: str) -> CustomerMaster:
    with hub.database.reading() as tx:
        body = master.in_force(tx, KIND, number, now=to_micros(datetime.now(UTC)))
    if body is None:
        raise Failure(f"there is no customer {number}")
    return CustomerMaster.model_validate_json(body)


def _state(hub: Hub, endpoint: str, customer: CustomerMaster, change: dict[str, Any]) -> None:
    """Send the record anew, as of now, through the intake."""
    now = datetime.now(UTC)
    data = {**orjson.loads(customer.body()), **change, "as_of": now.isoformat()}
    filled = {name: value for name, value in data.items() if value is not None}
    loaded = Loaded()
    take(hub.intake, endpoint, [Record(KIND, filled, "change")], "", loaded)
    if loaded.problems:
        raise Failure("; ".join(f"{problem.path}: {problem.message}" for problem in loaded.problems))
    print(f"{customer.customer_no}: {', '.join(f'{name} {value}' for name, value in change.items())}")
