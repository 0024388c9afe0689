"""Commands about documents: translate a file, send one as its partner would, check the configuration."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from canonical.failures import Misconfigured
from orderlane.defaults import PORT
from orderlane.environment import hub_from_environment

documents = typer.Typer()

Files = Annotated[list[Path], typer.Argument(help="Files as the partner sends them.", exists=True, dir_okay=False, readable=True)]
Document = Annotated[str | None, typer.Option(help="Which document it is, where headers do not tell.")]
Header = Annotated[list[str] | None, typer.Option("--header", help="A header the partner would send, as in 'K: V'.")]


@documents.command()
def translate(
    connector: Annotated[str, typer.Argument(help="Name of the connector, as `orderlane connectors` lists them.")],
    files: Files,
    document: Document = None,
    header: Header = None,
    endpoint: Annotated[str | None, typer.Option(help="Use the options of this endpoint (zone, currency, prefix).")] = None,
    currency: Annotated[str | None, typer.Option(help="Where the document names none.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="For times without a zone, as in Europe/Berlin.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show which source path fills each field instead.")] = False,
) -> None:
    """Translate files: canonical messages as JSON lines; problems as JSON lines on standard error and exit 2."""
    from orderlane import translating

    headers = _headers(header)
    hub = hub_from_environment(secrets=False)
    kind = translating.connector_named(hub, connector)
    if kind.opened is not None:  # what it seals is opened with the endpoint's secrets
        hub = hub_from_environment()
    configured = translating.endpoint_named(hub, endpoint, kind)
    given = {"currency": currency, "time_zone": time_zone}
    configured = replace(configured, options={**configured.options, **{k: v for k, v in given.items() if v}})
    if not translating.translate(hub.translations, kind, configured, files, headers, document, explain=explain):
        raise typer.Exit(2)


def _headers(given: list[str] | None) -> dict[str, str]:
    pairs = [line.partition(":") for line in given or []]
    if any(not separator for _, separator, _ in pairs):
        raise Misconfigured("--header: expected 'Name: value'")
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


@documents.command()
def send(
    endpoint: Annotated[str, typer.Argument(help="Name of the endpoint, as in config/endpoints.yaml.")],
    files: Files,
    document: Document = None,
    header: Header = None,
    url: Annotated[str, typer.Option(help="The hub.")] = f"http://127.0.0.1:{PORT}",
) -> None:
    """Send files to the hub, signed as the partner itself would sign them."""
    from orderlane import sending

    refused = 0
    for file, answer in sending.send(hub_from_environment(), endpoint, files, _headers(header), document, url):
        refused += answer.is_error
        print(f"{file.name}: {answer.status_code} {answer.text}")
    if refused:
        raise typer.Exit(2)


@documents.command("check")
def check_configuration() -> None:
    """Check rules, mappings and endpoints: everything that is wrong at once, with file and line. Exit 1 on errors."""
    from orderlane.checking import check
    from orderlane.handlers import HANDLERS

    hub = hub_from_environment(secrets=False)
    checked = check(hub.config, hub.spec_folders, connectors=hub.connectors, handlers=HANDLERS, secrets=hub.secrets)
    for finding in checked.findings:
        print(finding, file=sys.stderr)
    print(f"{checked.looked_at}: {'all is well' if checked.sound else 'not as it should be'}")
    if not checked.sound:
        raise typer.Exit(1)


@documents.command("connectors")
def list_connectors(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the table of docs/connectors.md.")] = False,
) -> None:
    """List the kinds of partner systems this hub speaks to, with the documents each receives (in) and sends (out)."""
    from connectors.table import CONNECTORS
    from orderlane.shown_connectors import markdown_table, print_connectors

    if markdown:
        print("\n".join(markdown_table(CONNECTORS.values())))
        return
    print_connectors(CONNECTORS.values())
