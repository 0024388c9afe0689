"""The partners of the demo: small real services that the hub talks to, and a hub that runs as users run it."""

import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import yaml
from rich.console import Console

from connectors.base import Endpoint, RawMessage
from connectors.table import CONNECTORS
from demo.ledger_service import LedgerService
from demo.receiver import Receiver
from demo.serving import Answering, Served
from tools.tied import tie

say = Console(highlight=False, soft_wrap=True).print
ROOT = Path(__file__).resolve().parent.parent
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""All is plain HTTP on this machine: reading every known authority for each call took longer than the call."""
TRAFFIC = Path(__file__).parent / "traffic"
SECRETS = {
    "SHOP_EU_SECRET": "demo-shop-client-secret",
    "SHOP_EU_EVENTS_SECRET": "whsec_ZGVtby1zaG9wLWV2ZW50cy1zZWNyZXQtMDAwMDE=",
    "DEALER_ACME_TOKEN": "demo-dealer-token",
    "WAREHOUSE_SECRET": "whsec_ZGVtby13YXJlaG91c2Utc2VjcmV0LTAwMDAwMDE=",
    "MASTER_DATA_SECRET": "whsec_ZGVtby1tYXN0ZXItZGF0YS1zZWNyZXQtMDAwMDE=",
    "EASYPOST_SECRET": "demo-parcels-secret",
    "STRIPE_SECRET": "whsec_demo_card_payments",
    "BANK_TOKEN": "demo-bank-token",
    "LEDGER_PASSWORD": "demo-ledger-password",
    "PORTAL_SECRET": "whsec_ZGVtby1kZWFsZXItcG9ydGFsLXNlY3JldC0wMDE=",
}
PORTAL = {
    "description": "Dealers order here with software of their own.", "partner": "portal", "connector": "dealer_json",
    "secrets": ["env:PORTAL_SECRET"], "options": {"currency": "CNY", "time_zone": "Asia/Shanghai"},
}  # fmt: skip


@dataclass(slots=True)
class Mailbox:
    """A partner's inbox over HTTP: keeps every body that is posted."""

    bodies: list[bytes] = field(default_factory=list)
    served: Served = field(init=False)

    def __post_init__(self) -> None:
        bodies = self.bodies

        class Handler(Answering):
            def do_POST(self) -> None:  # noqa: N802
                body = self.request_body()
                if body is not None:
                    bodies.append(body)
                    self.reply(200, b"", "text/plain")

        self.served = Served(Handler)


@dataclass(slots=True)
class Partners:
    """Everybody outside the hub."""

    shop: Receiver = field(default_factory=lambda: Receiver(SECRETS["SHOP_EU_EVENTS_SECRET"]))
    warehouse: Receiver = field(default_factory=lambda: Receiver(SECRETS["WAREHOUSE_SECRET"]))
    dealer: Mailbox = field(default_factory=Mailbox)
    ledger: LedgerService = field(default_factory=lambda: LedgerService("orderlane", SECRETS["LEDGER_PASSWORD"]))

    def start(self) -> None:
        for service in (self.shop, self.warehouse, self.dealer.served, self.ledger):
            service.start()

    def stop(self) -> None:
        for service in (self.shop, self.warehouse, self.dealer.served, self.ledger):
            service.stop()

    def configuration(self, folder: Path) -> Path:
        """The shipped configuration with the addresses of these partners, and a door for dealers."""
        config = folder / "config"
        shutil.copytree(ROOT / "config", config)
        endpoints = yaml.safe_load((config / "endpoints.yaml").read_text())
        places = {
            "shop-eu-events": self.shop.url,
            "warehouse-main-out": self.warehouse.url,
            "dealer-acme-out": self.dealer.served.url,
            "ledger-main": self.ledger.url,
        }
        endpoints["endpoints"]["portal"] = PORTAL
        for name, url in places.items():
            endpoints["endpoints"][name]["options"] |= {"url": url, "allow_private": True}
        (config / "endpoints.yaml").write_text(yaml.safe_dump(endpoints, sort_keys=False))
        return config


@dataclass(slots=True)
class RunningHub:
    """`orderlane up` in a process of its own, reached over HTTP as partners reach it."""

    folder: Path
    config: Path
    port: int
    environment: dict[str, str] = field(init=False)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.environment = {
            **os.environ, **SECRETS, "ORDERLANE_CONFIG": str(self.config), "ORDERLANE_LOG_LEVEL": "INFO",
            "ORDERLANE_DATABASE_URL": f"sqlite:///{self.folder / 'demo.db'}",
        }  # fmt: skip
        self.environment.pop("ORDERLANE_BROKER_URL", None)

    @property
    def log(self) -> Path:
        return self.folder / "hub.log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "orderlane", "up", "--port", str(self.port)]
        self.process = tie(subprocess.Popen(command, env=self.environment, cwd=ROOT, stderr=self.log.open("ab")))
        wait_for("the hub to answer", self._answers, seconds=300)

    def _answers(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise SystemExit(f"the hub did not start:\n{self.log.read_text()}")
        try:
            return httpx.get(f"{self.url}/readyz", timeout=10, verify=PLAIN).is_success
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(timeout=30)

    def command(self, *arguments: str) -> str:
        """What an `orderlane` command prints."""
        return self._run(arguments, check=True).stdout

    def refused(self, *arguments: str) -> str:
        """Why an `orderlane` command is refused."""
        return self._run(arguments, check=False).stderr.strip()

    def _run(self, arguments: Sequence[str], *, check: bool) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "orderlane", *arguments]
        environment = {**self.environment, "COLUMNS": "150"}
        return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=check)

    def get(self, path: str) -> Any:
        """What stands at a path; nothing while it is not there yet."""
        answer = httpx.get(f"{self.url}{path}", timeout=60, verify=PLAIN)
        return {} if answer.status_code == 404 else answer.raise_for_status().json()

    def send(self, endpoint: str, body: bytes, **headers: str) -> httpx.Response:
        """Post a document as its partner would: signed, with its headers."""
        entry = yaml.safe_load((self.config / "endpoints.yaml").read_text())["endpoints"][endpoint]
        secret = SECRETS[entry["secrets"][0].removeprefix("env:")].encode()
        connector = CONNECTORS[entry["connector"]]
        configured = Endpoint(endpoint, entry["partner"], connector.name, (secret,), options=entry.get("options", {}))
        assert connector.sign is not None
        raw = RawMessage(endpoint, {k.replace("_", "-"): v for k, v in headers.items()}, body, datetime.now(UTC))
        signed = connector.sign(raw, configured)
        url = f"{self.url}/in/{endpoint}"
        return httpx.post(url, content=signed.body, headers=dict(signed.headers), timeout=60, verify=PLAIN)


def wait_for(what: str, done: Callable[[], bool], *, seconds: float = 120) -> None:
    """Wait until `done`; SystemExit with one line when it takes longer."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise SystemExit(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.05)


def traffic(name: str) -> bytes:
    return (TRAFFIC / name).read_bytes()
