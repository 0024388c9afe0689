"""Commands about master data."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from canonical.failures import Misconfigured
from canonical.nearest import did_you_mean
from orderlane.defaults import DISTRIBUTOR, MASTER_DATA
from orderlane.environment import hub_from_environment, ready_hub

master = typer.Typer()


@master.command("load")
def load_files(
    files: Annotated[
        list[Path] | None, typer.Argument(help="JSON, YAML, CSV or Excel files.", exists=True, dir_okay=False, readable=True)
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Load a distributor with products, customers, prices and lots.")] = False,
    kind: Annotated[str | None, typer.Option(help="What tables are of, as in price.list.")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            help="From when on records count that do not say; now by default. UTC.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]
        ),
    ] = None,
    endpoint: Annotated[str, typer.Option(help="The endpoint they come in through.")] = MASTER_DATA,
) -> None:
    """Load master data: each record is kept or refused as a whole, everything that is wrong is told with its place; exit 2 then."""
    from orderlane.loading.loading import load
    from orderlane.loading.records import KINDS

    if kind is not None and kind not in KINDS:
        raise Misconfigured(f"--kind: expected one of {', '.join(KINDS)}.{did_you_mean(kind, KINDS)}")
    wanted = [*(files or []), *(sorted(DISTRIBUTOR.glob("*.yaml")) if demo else [])]
    if not wanted:
        raise Misconfigured("nothing to load: name files, or say --demo")
    hub = hub_from_environment(secrets=False)
    if hub.settings.sqlite_file is not None:
        hub.migrate()  # so that data can be loaded before it first starts
    else:
        hub = ready_hub(secrets=False)
    since = as_of.replace(tzinfo=UTC) if as_of is not None else datetime.now(UTC)
    loaded = load(hub.intake, endpoint, wanted, as_of=since, kind=kind)
    for problem in loaded.problems:
        print(json.dumps({k: v for k, v in problem.as_json().items() if v}, ensure_ascii=False), file=sys.stderr)
    print("\n".join(f"{count} {name}" for name, count in sorted(loaded.kept.items())) or "nothing was loaded")
    if loaded.problems:
        raise typer.Exit(2)
