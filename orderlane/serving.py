"""The HTTP door as a role."""

import signal
import threading

import uvicorn
from starlette.types import ASGIApp

from hub_api import decisions, health, master_data, money, queries
from hub_api.access import provide
from hub_api.app import create_app, with_door
from hub_api.intake import IntakeDoor
from orderlane.hub import Hub
from orderlane.running import STOPPING


def api(hub: Hub) -> ASGIApp:
    """The HTTP application of a hub."""
    door = IntakeDoor(hub.intake, max_body_bytes=hub.settings.max_body_bytes, proxies=hub.settings.proxies)
    documented = create_app(
        door, [queries.router, queries.open_router, money.router, master_data.router, decisions.router, health.router]
    )
    token = hub.settings.api_token
    provide(documented, hub.operations, token=token.get_secret_value() if token else None)
    return with_door(documented, door)


def serve(app: ASGIApp, host: str, port: int, stop: threading.Event) -> None:
    """Serve HTTP until SIGTERM or SIGINT; requests in hand are finished first. Nothing is served once `stop` is set."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=20,
        backlog=2048,
        proxy_headers=False,
        server_header=False,
        date_header=False,
    )
    server = uvicorn.Server(config)
    for number in STOPPING:
        signal.signal(number, server.handle_exit)  # uvicorn does so itself, but late: a signal while it starts would be lost
    if not stop.is_set():
        server.run()
