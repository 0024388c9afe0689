"""The second half of the demo: with master data loaded, a dealer's order is priced, held, approved and served by lot."""

import sys
from datetime import date
from pathlib import Path

import yaml

from demo.partners import RunningHub, say, traffic, wait_for

ORDER = "TZ-2026-118"
APPROVAL = ("orders", "approve", ORDER, "--reason", "renewal is filed")
PEOPLE = Path(__file__).parent / "people.yaml"


def name_people(config: Path) -> None:
    """Say who may act in which role: nobody else can decide."""
    file = config / "policies.yaml"
    policies = yaml.safe_load(file.read_text())
    policies["approval"]["people"] = yaml.safe_load(PEOPLE.read_text())
    file.write_text(yaml.safe_dump(policies, sort_keys=False))


def trade(hub: RunningHub) -> None:
    """Load a distributor, take an order without prices, and let people decide about it."""
    say("[bold]Now the hub gets master data[/]: products, customers, prices, licences, lots (orderlane load --demo)")
    sys.stdout.write(hub.command("load", "--demo"))
    wait_for("the lots to be known", lambda: len(hub.get("/warehouses")["items"]) > 0 and hub.get("/stock/CATH-5F"))
    say(f"\nA dealer orders {ORDER} through its own software (JSON), without prices: {_sent(hub)}")
    wait_for("the order to be decided on", lambda: bool(hub.get(f"/orders/{ORDER}").get("holds")))
    say("It is priced, and held: the catheters' registration lapsed. What each policy says (orderlane order --why):\n")
    sys.stdout.write(hub.command("order", ORDER, "--why"))
    refused = hub.refused(*APPROVAL, "--actor", "chen.jie", "--role", "sales_assistant")
    say(f"\nA sales assistant tries to approve: [yellow]{refused}[/]")
    refused = hub.refused(*APPROVAL, "--actor", "chen.jie", "--role", "compliance")
    say(f"And as compliance, which that person is not: [yellow]{refused}[/]")
    hub.command(*APPROVAL, "--actor", "zhao.min", "--role", "compliance")
    wait_for("the warehouse to be asked", lambda: hub.get(f"/orders/{ORDER}")["fulfilment"] == "picking")
    say("Compliance may, and does. The goods are set aside by lot, the first to expire first, never an expired one:\n")
    sys.stdout.write(hub.command("order", ORDER))
    sys.stdout.write("\n" + hub.command("stock", "CATH-5F"))


def _sent(hub: RunningHub) -> str:
    body = traffic("portal_order.json").replace(b'"sold_to"', f'"price_date": "{date.today()}", "sold_to"'.encode(), 1)
    answer = hub.send("portal", body)
    return f"[cyan]{answer.status_code}[/]"
