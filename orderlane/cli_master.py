"""Commands about master data."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from canonical.failures import Misconfigured
from orderlane.environment import hub_from_environment
from orderlane.hub import Hub
from orderlane.loading.loading import load
from orderlane.loading.records import KINDS
from store.migrating import check_version

master = typer.Typer()
DISTRIBUTOR = Path(__file__).parent / "distributor"
"""The master data of a distributor of medical devices that does not exist; also examples of the files' shapes."""


@master.command("load")
def load_files(
    files: Annotated[
        list[Path] | None, typer.Argument(help="JSON, YAML, CSV or Excel files.", exists=True, dir_okay=False, readable=True)
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Load a distributor with products, customers, prices and lots.")] = False,
    kind: Annotated[str | None, typer.Option(help=f"What tables are of: {', '.join(KINDS)}.")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            help="From when on records count that do not say; now by default. UTC.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]
        ),
    ] = None,
    endpoint: Annotated[str, typer.Option(help="The endpoint they come in through.")] = "master-data",
) -> None:
    """Load master data: each record is kept or refused as a whole, everything that is wrong is told with its place; exit 2 then."""
    if kind is not None and kind not in KINDS:
        raise Misconfigured(f"--kind: expected one of {', '.join(KINDS)}")
    wanted = [*(files or []), *(sorted(DISTRIBUTOR.glob("*.yaml")) if demo else [])]
    if not wanted:
        raise Misconfigured("nothing to load: name files, or say --demo")
    since = as_of.replace(tzinfo=UTC) if as_of is not None else datetime.now(UTC)
    loaded = load(_hub().intake, endpoint, wanted, as_of=since, kind=kind)
    for problem in loaded.problems:
        print(json.dumps({k: v for k, v in problem.as_json().items() if v}, ensure_ascii=False), file=sys.stderr)
    print("\n".join(f"{count} {name}" for name, count in sorted(loaded.kept.items())) or "nothing was loaded")
    if loaded.problems:
        raise typer.Exit(2)


def _hub() -> Hub:
    """The hub with its tables; on SQLite they are made here, so that data can be loaded before it first starts."""
    hub = hub_from_environment(secrets=False)
    if hub.settings.sqlite_file is not None:
        hub.migrate()
    else:
        check_version(hub.database)
    return hub
