"""Asking partners for news, now."""

from typing import Annotated

import typer

from orderlane.environment import ready_hub

polling = typer.Typer()


@polling.command()
def poll(
    endpoints: Annotated[list[str], typer.Argument(help="Endpoints that have a `poll` in config/endpoints.yaml.")],
) -> None:
    """Ask endpoints for news now, whenever they would be due."""
    poller = ready_hub().poller
    for name in endpoints:
        result = poller.poll(name)
        typer.echo(
            f"{name}: {result.new} new ({result.messages} messages, {result.set_aside} set aside), {result.repeated} known already"
        )
