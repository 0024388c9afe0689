"""Commands that run the hub: all of it, or one role each; and what has to be there before."""

from typing import Annotated

import typer

from canonical.failures import Misconfigured
from canonical.nearest import unknown
from orderlane.defaults import PORT, WORKER_THREADS
from orderlane.environment import hub_from_environment, ready_hub
from orderlane.handlers import HANDLERS
from orderlane.hub import Hub

running = typer.Typer()
Port = Annotated[int, typer.Option(help="Port of the HTTP door.", min=1, max=65535)]


@running.command()
def up(port: Port = PORT) -> None:
    """Run the whole hub in one process: embedded unless ORDERLANE_DATABASE_URL and ORDERLANE_BROKER_URL say otherwise."""
    from orderlane import serving, starting
    from orderlane.everything import everything
    from orderlane.running import run_roles

    hub = hub_from_environment()
    if not hub.settings.embedded:
        hub.needs_broker()
    starting.check_port(hub.settings.host, port)
    starting.be_alone(hub.settings)
    hub.migrate()
    roles, server = everything(hub), serving.server(hub, port)
    if hub.policies.approval.unnamed == "anybody" and not hub.policies.approval.people:
        typer.echo("Anybody may decide about orders in any role: approval.people of config/policies.yaml names nobody.", err=True)
    typer.echo(f"Orderlane is up on http://{hub.settings.host}:{port} ({hub.described()})", err=True)
    run_roles(roles, lambda stop: serving.serve(server, stop))


@running.command()
def api(port: Port = PORT) -> None:
    """Run the HTTP door."""
    from orderlane import serving, starting
    from orderlane.running import run_roles

    hub = ready_hub()
    starting.check_port(hub.settings.host, port)
    server = serving.server(hub, port)
    run_roles({}, lambda stop: serving.serve(server, stop))


def _with_broker() -> Hub:
    hub = ready_hub()
    hub.needs_broker()
    return hub


@running.command()
def relay() -> None:
    """Run the relay: what is committed goes to RabbitMQ."""
    from orderlane import roles
    from orderlane.celery_application import application
    from orderlane.running import run_roles

    hub = _with_broker()
    run_roles({"relay": roles.relay(hub, application(hub.settings))})


@running.command()
def handle(
    handler: Annotated[str, typer.Argument(help=f"One of: {', '.join(HANDLERS)}.")],
    partitions: Annotated[str | None, typer.Option(help="Partitions to take, as in 0-3 or 0,2,5; all by default.")] = None,
) -> None:
    """Run one handler."""
    if handler not in HANDLERS:
        raise Misconfigured(unknown("handler", handler, HANDLERS))
    from orderlane import roles
    from orderlane.running import run_roles

    hub = _with_broker()
    run_roles({handler: roles.handle(hub, handler, _numbers(partitions, hub.settings.partitions))})


def _numbers(text: str | None, count: int) -> list[int]:
    if text is None:
        return list(range(count))
    try:
        spans = [part.split("-", 1) for part in text.split(",")]
        numbers = sorted({n for span in spans for n in range(int(span[0]), int(span[-1]) + 1)})
    except ValueError:
        numbers = []
    if not numbers or numbers[-1] >= count:
        raise Misconfigured(f"--partitions {text}: expected numbers from 0 to {count - 1}, as in 0-3 or 0,2,5")
    return numbers


@running.command()
def worker(threads: Annotated[int, typer.Option(help="Deliveries at a time.", min=1, max=256)] = WORKER_THREADS) -> None:
    """Run a Celery worker: deliveries to partners, large translations, scheduled work."""
    from orderlane import celery_roles
    from orderlane.celery_application import application
    from orderlane.running import run_roles
    from orderlane.tasks import add_tasks

    hub = _with_broker()
    run_roles({"worker": celery_roles.worker(add_tasks(application(hub.settings), hub), threads)})


@running.command()
def beat() -> None:
    """Run Celery beat: starts the scheduled work."""
    from orderlane import celery_roles
    from orderlane.celery_application import application
    from orderlane.running import run_roles
    from orderlane.schedule import schedule

    hub = _with_broker()
    app = application(hub.settings)
    app.conf.beat_schedule = schedule(hub)
    run_roles({"beat": celery_roles.beat(app)})


@running.command()
def topology() -> None:
    """Make the exchanges and queues on RabbitMQ. Run it at deploy time; let them settle five seconds before traffic."""
    hub = hub_from_environment()
    hub.needs_broker()
    hub.channels.declare()
    typer.echo(f"{len(HANDLERS) * hub.settings.partitions} queues for {', '.join(HANDLERS)} are there", err=True)


@running.command()
def migrate() -> None:
    """Bring the database to this version's tables."""
    hub = hub_from_environment()
    typer.echo(f"the database is at version {hub.migrate()}", err=True)
