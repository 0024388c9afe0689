"""The command line: `orderlane COMMAND`.

What commands work with, they load themselves when they run: help, and what is mistyped, is answered at once.
"""

import sys
from typing import Annotated

import typer

from canonical.failures import Failure, Misconfigured, Transient
from orderlane.cli_barcodes import barcodes
from orderlane.cli_conformance import conformance
from orderlane.cli_customers import customers
from orderlane.cli_documents import documents
from orderlane.cli_master import master
from orderlane.cli_messages import message_groups
from orderlane.cli_money import money_groups
from orderlane.cli_order import order_app
from orderlane.cli_orders import orders
from orderlane.cli_polling import polling
from orderlane.cli_roles import running
from orderlane.cli_stock import stock_app
from orderlane.cli_verify import verifying

app = typer.Typer(name="orderlane", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
PANELS = {
    "Run the hub": (running,),
    "Documents of partners": (documents, conformance, polling, barcodes),
    "Orders, stock and money": (order_app, orders, stock_app, money_groups),
    "Master data": (master, customers),
    "What happened": (message_groups, verifying),
}
"""The commands as `--help` groups them."""


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata

        print(f"orderlane {metadata.version('orderlane')}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """An integration hub for medical-device orders."""


for panel, groups in PANELS.items():
    for group in groups:
        for command in group.registered_commands:
            command.rich_help_panel = panel
        for inner in group.registered_groups:
            inner.rich_help_panel = panel
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
