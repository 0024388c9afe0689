"""The HTTP door as a role."""

import signal
import threading

import uvicorn

from hub_api import decisions, health, master_data, money, queries
from hub_api.access import provide
from hub_api.app import create_app
from hub_api.connection import connections_of
from hub_api.intake import IntakeDoor
from orderlane.hub import Hub
from orderlane.running import STOPPING


def server(hub: Hub, port: int) -> uvicorn.Server:
    """What serves a hub's HTTP: the intake door and the API."""
    door = IntakeDoor(hub.intake, max_body_bytes=hub.settings.max_body_bytes, proxies=hub.settings.proxies)
    documented = create_app(
        door, [queries.router, queries.open_router, money.router, master_data.router, decisions.router, health.router]
    )
    token = hub.settings.api_token
    provide(documented, hub.operations, token=token.get_secret_value() if token else None)
    config = uvicorn.Config(
        documented,
        host=hub.settings.host,
        port=port,
        loop="uvloop",
        http=connections_of(door),
        ws="none",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=20,
        backlog=2048,
        proxy_headers=False,
        server_header=False,
        date_header=False,
    )
    return uvicorn.Server(config)


def serve(server: uvicorn.Server, stop: threading.Event) -> None:
    """Serve HTTP until SIGTERM or SIGINT; requests in hand are finished first. Nothing is served once `stop` is set."""
    for number in STOPPING:
        signal.signal(number, server.handle_exit)  # uvicorn does so itself, but late: a signal while it starts would be lost
    if not stop.is_set():
        server.run()
