"""The command line: `orderlane COMMAND`.

Commands that run roles import them themselves: FastAPI, uvicorn and Celery take longer to load than most other commands to run.
"""

import sys
from importlib import metadata
from typing import Annotated

import typer

from canonical.failures import Failure, Misconfigured, Transient
from orderlane import cli_starting
from orderlane.cli_ask import ask
from orderlane.cli_barcodes import barcodes
from orderlane.cli_conformance import conformance
from orderlane.cli_customers import customers
from orderlane.cli_documents import documents
from orderlane.cli_master import master
from orderlane.cli_money import money
from orderlane.cli_orders import orders
from orderlane.cli_polling import polling
from orderlane.cli_stock import stock_app as stock
from orderlane.environment import hub_from_environment, ready_hub
from orderlane.hub import HANDLERS
from orderlane.settings import WORKER_THREADS

app = typer.Typer(name="orderlane", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
Port = Annotated[int, typer.Option(help="Port of the HTTP door.", min=1, max=65535)]


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"orderlane {metadata.version('orderlane')}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """An integration hub for medical-device orders."""


@app.command()
def up(port: Port = 8080) -> None:
    """Run the whole hub in one process: embedded unless ORDERLANE_DATABASE_URL and ORDERLANE_BROKER_URL say otherwise."""
    from orderlane import roles

    hub = hub_from_environment()
    cli_starting.check_port(hub.settings.host, port)
    cli_starting.be_alone(hub.settings)
    hub.migrate()
    everything = roles.everything(hub)
    typer.echo(f"Orderlane is up on http://{hub.settings.host}:{port} ({hub.described()})", err=True)
    roles.run_roles(everything, lambda stop: roles.serve(hub, port, stop))


@app.command()
def api(port: Port = 8080) -> None:
    """Run the HTTP door."""
    from orderlane import roles

    hub = ready_hub()
    cli_starting.check_port(hub.settings.host, port)
    roles.run_roles({}, lambda stop: roles.serve(hub, port, stop))


@app.command()
def relay() -> None:
    """Run the relay: what is committed goes to RabbitMQ."""
    from orderlane import roles
    from orderlane.tasks import celery_app

    hub = ready_hub()
    hub.needs_broker()
    roles.run_roles({"relay": roles.relay(hub, celery_app(hub))})


@app.command()
def handle(
    handler: Annotated[str, typer.Argument(help=f"One of: {', '.join(HANDLERS)}.")],
    partitions: Annotated[str | None, typer.Option(help="Partitions to take, as in 0-3 or 0,2,5; all by default.")] = None,
) -> None:
    """Run one handler."""
    from orderlane import roles

    hub = ready_hub()
    if handler not in HANDLERS:
        raise Misconfigured(f"no handler {handler!r}; there are {', '.join(HANDLERS)}")
    hub.needs_broker()
    roles.run_roles({handler: roles.handle(hub, handler, _numbers(partitions, hub.settings.partitions))})


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


@app.command()
def worker(threads: Annotated[int, typer.Option(help="Deliveries at a time.", min=1, max=256)] = WORKER_THREADS) -> None:
    """Run a Celery worker: deliveries to partners, large translations, scheduled work."""
    from orderlane import roles
    from orderlane.tasks import celery_app

    hub = ready_hub()
    hub.needs_broker()
    roles.run_roles({"worker": roles.worker(celery_app(hub), threads)})


@app.command()
def beat() -> None:
    """Run Celery beat: starts the scheduled work."""
    from orderlane import roles
    from orderlane.tasks import celery_app

    hub = ready_hub()
    hub.needs_broker()
    roles.run_roles({"beat": roles.beat(celery_app(hub))})


@app.command()
def topology() -> None:
    """Make the exchanges and queues on RabbitMQ. Run it at deploy time; let them settle five seconds before traffic."""
    hub = hub_from_environment()
    hub.needs_broker()
    hub.channels.declare()
    typer.echo(f"{len(HANDLERS) * hub.settings.partitions} queues for {', '.join(HANDLERS)} are there", err=True)


@app.command()
def migrate() -> None:
    """Bring the database to this version's tables."""
    hub = hub_from_environment()
    typer.echo(f"the database is at version {hub.migrate()}", err=True)


for group in (documents, orders, stock, master, customers, conformance, barcodes, polling, ask, money):
    app.registered_commands += group.registered_commands
    app.registered_groups += group.registered_groups


def main() -> None:
    """Run a command; an expected failure is one line on standard error: exit 2 for wrong settings, 1 for anything else."""
    try:
        app()
    except Misconfigured as error:
        sys.exit(_say(f"orderlane: {error}", 2))
    except Transient as error:
        sys.exit(_say(f"orderlane: not available: {error}", 1))
    except Failure as error:
        sys.exit(_say(f"orderlane: {error}", 1))


def _say(line: str, code: int) -> int:
    print(line, file=sys.stderr)
    return code
