"""An intake door that is open, and what is sent to it."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

import hub_api.intake
from connectors.base import RawMessage
from connectors.table import CONNECTORS
from demo.partners import PLAIN, ROOT
from orderlane import serving
from orderlane.hub import Hub
from orderlane.settings import Settings
from tests.hub import documents
from tests.support.waiting import PATIENCE, until

MOST = 300_000


@dataclass(frozen=True)
class Door:
    """A running intake door on a free port, and the hub behind it."""

    hub: Hub
    port: int

    def signed(self, endpoint: str, body: bytes, **headers: str) -> tuple[bytes, dict[str, str]]:
        """Body and headers as the partner of this endpoint sends them."""
        configured = self.hub.endpoints[endpoint]
        sign = CONNECTORS[configured.connector].sign
        assert sign is not None
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        raw = sign(RawMessage(endpoint, given, body, datetime.now(UTC)), configured)
        return raw.body, dict(raw.headers)

    def send(self, endpoint: str, body: bytes, **headers: str) -> httpx.Response:
        content, signed = self.signed(endpoint, body, **headers)
        return self.post(endpoint, content, signed)

    def post(self, endpoint: str, body: bytes, headers: dict[str, str] | list[tuple[str, str]]) -> httpx.Response:
        url = f"http://127.0.0.1:{self.port}/in/{endpoint}"
        return httpx.post(url, content=body, headers=headers, timeout=PATIENCE, verify=PLAIN)

    def kept(self, endpoint: str) -> list[tuple[str, bytes]]:
        """Status and bytes of every raw message of an endpoint, oldest first."""
        with self.hub.database.reading() as tx:
            rows = tx.rows("SELECT status, body FROM raw_messages WHERE endpoint = :endpoint ORDER BY raw_id", endpoint=endpoint)
        return [(row.status, bytes(row.body)) for row in rows]


@contextlib.contextmanager
def opened(database_url: str) -> Iterator[Door]:
    """A door that is open: the shipped configuration, served by uvicorn in a thread, with patience for slow machines."""
    hub = Hub(Settings(database_url=database_url, broker_url=None, config=ROOT / "config", max_body_bytes=MOST))
    hub.migrate()
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = serving.server(hub, port=0)
    server.config.timeout_graceful_shutdown = 1
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until(lambda: server.started, "the door is open")
    with pytest.MonkeyPatch.context() as patient:
        patient.setattr(hub_api.intake, "READ_WITHIN", PATIENCE)
        patient.setattr(hub_api.intake, "COMMIT_WITHIN", PATIENCE)
        yield Door(hub, listening.getsockname()[1])
    server.should_exit = True
    thread.join(timeout=PATIENCE)
    hub.database.close()


def order(number: str, **changes: Any) -> bytes:
    return json.dumps(json.loads(documents.shop_order(number, ("OXI-200", 2, "10.00"), total="20.00")) | changes).encode()
