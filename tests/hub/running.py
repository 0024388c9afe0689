"""A whole hub as users run it, with its partners around it; tests reach it over HTTP and the command line only."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import httpx
import yaml

from demo.partners import ROOT, Partners, RunningHub
from routing.rabbitmq import RabbitChannels
from store.database import open_database
from store.migrating import migrate
from tests.support.waiting import PATIENCE
from tools.services.ports import free_port
from tools.tied import tie

Found = TypeVar("Found")

ROLES = (
    ("relay",), ("handle", "order"), ("handle", "stock"), ("handle", "invoice"), ("handle", "master"), ("worker",), ("beat",),
)  # fmt: skip


class World(RunningHub):
    """The hub and everybody it talks to. Embedded it is `orderlane up`; on services each role is a process of its own."""

    def __init__(self, folder: Path, partners: Partners, **endpoints: Mapping[str, Any]) -> None:
        """endpoints: more of them than the shipped configuration has, by their names with `_` for `-`."""
        super().__init__(folder, partners.configuration(folder), free_port())
        if endpoints:
            file = self.config / "endpoints.yaml"
            written = yaml.safe_load(file.read_text())
            written["endpoints"] |= {name.replace("_", "-"): dict(entry) for name, entry in endpoints.items()}
            file.write_text(yaml.safe_dump(written, sort_keys=False))
        self.partners = partners
        self.roles: dict[str, subprocess.Popen[bytes]] = {}
        self.http = httpx.Client(base_url=self.url, timeout=PATIENCE)

    def on_services(self, database_url: str, broker_url: str, namespace: str) -> None:
        """Use these servers from the next start on."""
        self.environment |= {
            "ORDERLANE_DATABASE_URL": database_url,
            "ORDERLANE_BROKER_URL": broker_url,
            "ORDERLANE_NAMESPACE": namespace,
        }

    def start_roles(self, roles: Sequence[tuple[str, ...]] = ROLES) -> None:
        """Migrate, make the queues, and start every role in a process of its own."""
        database, channels = open_database(self.environment["ORDERLANE_DATABASE_URL"]), self.channels()
        migrate(database)
        database.close()
        channels.declare()
        for role in roles:
            self.roles[" ".join(role)] = self.spawn(*role)
        self.process = self.spawn("api", "--port", str(self.port))
        self.until(self._answers, "the hub answers", seconds=300)

    def channels(self) -> RabbitChannels:
        """The queues of this hub on its broker."""
        url, namespace = self.environment["ORDERLANE_BROKER_URL"], self.environment["ORDERLANE_NAMESPACE"]
        return RabbitChannels(url, namespace=namespace, handlers=("order", "stock", "invoice", "master"), partitions=8)

    def spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "orderlane", *arguments]
        return tie(subprocess.Popen(command, env=self.environment, cwd=ROOT, stderr=self.log.open("ab")))

    def end(self) -> None:
        """Stop every process of the hub, the HTTP door first."""
        self.http.close()
        processes = [p for p in (self.process, *self.roles.values()) if p is not None and p.poll() is None]
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def until(self, look: Callable[[], Found | None], what: str, *, seconds: float = PATIENCE) -> Found:
        """What `look` gives once that is true; AssertionError with the hub's log where it does not in time."""
        deadline = time.monotonic() + seconds
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not within {seconds:.0f} s\n{self.log.read_text()[-3000:]}")
            time.sleep(0.02)

    def take(self, endpoint: str, body: bytes, **headers: str) -> dict[str, Any]:
        """What the hub answers to a document that it accepts."""
        answer = self.send(endpoint, body, **headers)
        assert answer.status_code == 202, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def found(self, path: str) -> Any | None:
        """What a path answers, None where there is nothing yet."""
        answer = self.http.get(path)
        return None if answer.status_code == 404 else answer.raise_for_status().json()

    def order(self, order_no: str, **wanted: str) -> Any:
        """The order, once it is as wanted: `state="closed"`."""

        def look() -> Any | None:
            order = self.found(f"/orders/{order_no}")
            return order if order and all(order[name] == value for name, value in wanted.items()) else None

        return self.until(look, f"order {order_no} is {wanted}")

    def lines(self, order_no: str, figure: str) -> dict[str, str]:
        """One figure of every line of an order: {line: quantity}."""
        return {line["line_no"]: line[figure] for line in self.found(f"/orders/{order_no}")["lines"]}

    def messages(self, **wanted: str) -> list[Any]:
        items: list[Any] = self.http.get("/messages", params=wanted).raise_for_status().json()["items"]
        return items

    def available(self, item: str) -> str | None:
        stock = self.found(f"/stock/{item}")
        return stock["places"][0]["available"] if stock and stock["places"] else None

    def asked_to_ship(self, shipment_no: str) -> dict[str, Any]:
        """The shipment that the warehouse was asked for, once it was."""
        return self._told_warehouse("shipment.requested", shipment_no)

    def asked_not_to_ship(self, shipment_no: str) -> dict[str, Any]:
        """What of a shipment the warehouse was told to leave, once it was."""
        return self._told_warehouse("shipment.withdrawn", shipment_no)

    def _told_warehouse(self, kind: str, shipment_no: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            heard = [json.loads(r.body) for r in list(self.partners.warehouse.received.values())]
            told = [event["data"] for event in heard if event["type"] == kind]
            return next((data for data in told if data["shipment_no"] == shipment_no), None)

        return self.until(look, f"the warehouse hears {kind} of {shipment_no}")

    def told_shop(self, order_no: str) -> list[tuple[str, dict[str, Any]]]:
        """What the web shop heard of an order, in order: (type, data)."""
        heard = [json.loads(r.body) for r in list(self.partners.shop.received.values())]
        return [(event["type"], event["data"]) for event in heard if event["data"]["order_no"] == order_no]

    def told_dealer(self, kind: str, marker: str) -> list[list[str]]:
        """The segments of every interchange that the dealer got with a transaction of this kind and this text in it."""
        whole = [body.decode() for body in list(self.partners.dealer.bodies)]
        return [body.split("~\n") for body in whole if f"ST*{kind}*" in body and marker in body]

    def ledger_of(self, text: str) -> dict[str, Any]:
        """What is posted in the finance ledger under numbers that hold this text."""
        return {number: posted for number, posted in dict(self.partners.ledger.documents).items() if text in number}
