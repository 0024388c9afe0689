"""`orderlane send`: files sent to the hub, signed as the partner itself would sign them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import track

from canonical.failures import Misconfigured, Transient
from canonical.nearest import unknown
from connectors.base import Endpoint, RawMessage
from orderlane.hub import Hub


def sender(hub: Hub, name: str) -> tuple[Endpoint, Callable[[RawMessage, Endpoint], RawMessage]]:
    """An endpoint that receives documents, and how its partner signs. Misconfigured where there is none of that name."""
    signing = {n: sign for n, one in hub.endpoints.items() if (sign := hub.connectors[one.connector].sign)}
    if name not in signing:
        raise Misconfigured(unknown("endpoint", name, signing, that="receives documents"))
    return hub.endpoints[name], signing[name]


def send(
    hub: Hub, endpoint: str, files: Sequence[Path], headers: Mapping[str, str], document: str | None, url: str
) -> Iterator[tuple[Path, httpx.Response]]:
    """Each file with the hub's answer to it. Misconfigured; Transient where no hub is at the address."""
    configured, sign = sender(hub, endpoint)
    named = {**headers, "orderlane-document": document} if document else headers
    with httpx.Client(base_url=url, timeout=30.0) as client:
        for file in _shown(files):
            signed = sign(RawMessage(endpoint, named, file.read_bytes(), datetime.now(UTC)), configured)
            try:
                answer = client.post(
                    f"/in/{endpoint}", content=signed.body, headers=dict(signed.headers), params=dict(signed.query)
                )
            except httpx.TransportError as error:
                raise Transient(f"{url}: {error} (is the hub up there? another address: --url)") from error
            yield file, answer


def _shown(files: Sequence[Path]) -> Iterator[Path]:
    """The files as they are sent; of several a bar on the terminal tells how far it is."""
    console = Console(stderr=True)
    yield from track(files, description="sending", console=console, disable=len(files) < 2 or not console.is_terminal)
