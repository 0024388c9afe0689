"""The hub under chaos: role processes under a supervisor, on real servers, with a receiver of its webhooks."""

import json
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks import hub
from benchmarks.chaos.shop import WAREHOUSE_SECRET
from benchmarks.chaos.supervisor import Supervisor
from benchmarks.hub import ORDERLANE, HubSystem
from benchmarks.servers import Servers
from benchmarks.system import OUT, START_S, NotUp, Processes, listens
from demo.receiver import Receiver

RECEIVER_SECRET = "whsec_Y2hhb3MtcmVjZWl2ZXItc2VjcmV0LTAwMDAwMDE="
EMPTY_FOLDER = "nothing-comes-here"
ROLES: Mapping[str, tuple[str, ...]] = {
    "api": ("api", "--port", "{port}"),
    "relay": ("relay",),
    "order": ("handle", "order"),
    "stock": ("handle", "stock"),
    "invoice": ("handle", "invoice"),
    "master": ("handle", "master"),
    "worker": ("worker",),
    "beat": ("beat",),
}
EMBEDDED: Mapping[str, tuple[str, ...]] = {"up": ("up", "--port", "{port}")}
RULES = [
    {"name": "orders-are-placed", "type": "order.placed", "to": ["order"]},
    {"name": "confirmed-goods-are-reserved", "type": "order.confirmed", "to": ["stock"]},
    {"name": "goods-have-left", "type": "shipment.dispatched", "to": ["order", "stock", "invoice"]},
    {"name": "money-has-arrived", "type": "payment.received", "to": ["invoice"]},
    {"name": "money-is-booked", "type": "payment.allocated", "to": ["order"]},
    {"name": "billing-is-told", "type": "invoice.issued", "to": ["order", "billing-events"]},
    {"name": "master-data-is-kept", "type": "warehouse.master", "to": ["master"]},
    {
        "name": "the-rest-is-archived",
        "type": [f"order.{what}" for what in ("response", "progressed")]
        + [f"stock.{what}" for what in ("reserved", "backordered", "released")]
        + ["shipment.requested"],
        "to": [],
    },
]  # fmt: skip


@dataclass(slots=True)
class Rig:
    """system: asks the database. supervisor: the processes. receiver: where `invoice.issued` is delivered."""

    system: HubSystem
    supervisor: Supervisor
    receiver: Receiver
    env: Mapping[str, str]

    def wait_for_door(self) -> None:
        """NotUp when HTTP is not served after a while."""
        deadline = time.monotonic() + START_S
        while not listens(self.system.port):
            if time.monotonic() > deadline:
                raise NotUp(f"the HTTP door did not open after {START_S:.0f} s; see {OUT / 'logs'}")
            time.sleep(0.1)

    def verify(self) -> tuple[int, dict[str, Any]]:
        """`orderlane verify` as a user runs it: exit code and what it says."""
        asked = [ORDERLANE, "verify", "--settled", "--json"]
        done = subprocess.run(asked, env=dict(self.env), capture_output=True, text=True, check=False)
        if not done.stdout.startswith("{"):
            raise NotUp(f"orderlane verify: {done.stderr.strip()}")
        return done.returncode, json.loads(done.stdout)


def command(arguments: Sequence[str], port: int) -> list[str]:
    return [ORDERLANE, *(part.format(port=port) for part in arguments)]


@contextmanager
def running(name: str, servers: Servers | None, folder: Path, *, namespace: str = "chaos") -> Iterator[Rig]:
    """A hub on an empty database with full shelves: its roles on the servers, or embedded in one process without them."""
    with Receiver(RECEIVER_SECRET) as receiver:
        url = servers.create_database(namespace.replace("-", "_")) if servers else f"sqlite:///{folder}/hub.db"
        env = _environment(url, servers, _configuration(folder, receiver.url), namespace)
        preparing = Processes(name)
        preparing.run("migrate", (ORDERLANE, "migrate"), env)
        if servers:
            preparing.run("topology", (ORDERLANE, "topology"), env)
        system = HubSystem(name, url, preparing, servers)
        system.fill_stock()
        roles = {role: command(parts, system.port) for role, parts in (ROLES if servers else EMBEDDED).items()}
        supervisor = Supervisor(name, env, roles)
        try:
            yield Rig(system, supervisor, receiver, env)
        finally:
            supervisor.stop()
            system.engine.dispose()


def _environment(url: str, servers: Servers | None, config: Path, namespace: str) -> dict[str, str]:
    return hub.environment(url, servers) | {
        "ORDERLANE_CONFIG": str(config),
        "ORDERLANE_NAMESPACE": namespace,
        "CHAOS_WAREHOUSE_SECRET": WAREHOUSE_SECRET,
        "CHAOS_RECEIVER_SECRET": RECEIVER_SECRET,
    }


def _configuration(folder: Path, receiver: str) -> Path:
    endpoints = yaml.safe_load((hub.CONFIG / "endpoints.yaml").read_text())["endpoints"]
    endpoints["warehouse"] = {"partner": "warehouse", "connector": "canonical", "secrets": ["env:CHAOS_WAREHOUSE_SECRET"]}
    endpoints["masters"] = endpoints["warehouse"] | {"connector": "master_data"}
    (folder / EMPTY_FOLDER).mkdir()
    endpoints["files"] = {  # looked into again and again, which beat starts
        "partner": "warehouse", "connector": "canonical",
        "poll": {"every": "1s", "from": "folder", "path": str((folder / EMPTY_FOLDER).resolve())},
    }  # fmt: skip
    endpoints["billing-events"] = {
        "partner": "bench-shop",
        "connector": "webhook",
        "secrets": ["env:CHAOS_RECEIVER_SECRET"],
        "options": {"url": receiver, "allow_private": True},
    }
    config = folder / "config"
    config.mkdir()
    (config / "endpoints.yaml").write_text(yaml.safe_dump({"endpoints": endpoints}, sort_keys=False))
    (config / "rules.yaml").write_text(yaml.safe_dump(RULES, sort_keys=False))
    return config
