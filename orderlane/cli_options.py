"""Options that many commands share, each written once."""

import getpass
import os
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[int, typer.Option(help="How many at most.", min=1, max=200)]
Cursor = Annotated[str | None, typer.Option(help="Where an earlier list ended.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the decision.")]


def who() -> str:
    """Who is logged in; the user's number where it has no name, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


Actor = Annotated[
    str, typer.Option(help="Who decides; kept with the decision.", default_factory=who, show_default="who is logged in")
]
OrderNo = Annotated[str, typer.Argument(help="The order's number, ours or the partner's.")]
