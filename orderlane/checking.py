"""`orderlane check`: everything that is wrong with the configuration, at once, each finding with its file and line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from canonical.failures import Misconfigured
from connectors.base import Connector, Endpoint
from connectors.settings import secrets_of
from mappings.specs import SpecProblem
from mappings.translation import check_specs
from orderlane.endpoints import Entry, endpoint_of, read_entries
from orderlane.secrets import Secrets
from routing.rules.check import check_rules
from routing.rules.findings import Finding


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at, in words, and what was found."""

    looked_at: str
    findings: list[Finding]

    @property
    def sound(self) -> bool:
        """Whether the hub would start: warnings do not keep it from it."""
        return not any(finding.level == "error" for finding in self.findings)


def check(
    config: Path, specs: tuple[Path, ...], *, connectors: Mapping[str, Connector], handlers: tuple[str, ...], secrets: Secrets
) -> Checked:
    """Check endpoints, rules and mappings of a configuration folder. Never raises for what is wrong in them.

    specs: folders of mappings. secrets: where the endpoints' secrets are looked up.
    """
    entries, findings = read_entries(config / "endpoints.yaml")
    for entry in entries:
        findings += _endpoint_findings(entry, connectors, secrets)
    names = {entry.name for entry in entries}
    rules = check_rules(config / "rules.yaml", channels={*handlers, *names})
    mappings = [_finding_of(problem) for problem in check_specs(*specs)]
    count = sum(len(list(folder.rglob("*.yaml"))) for folder in specs)
    return Checked(f"{len(entries)} endpoints, {count} mappings and the rules", [*findings, *rules, *mappings])


def _endpoint_findings(entry: Entry, connectors: Mapping[str, Connector], secrets: Secrets) -> Iterator[Finding]:
    """What is wrong with one endpoint: its form, its options in the connector's own words, its secrets."""
    try:
        endpoint = endpoint_of(entry, connectors, None)
    except Misconfigured as error:
        yield from (Finding(entry.file, entry.line, "endpoint", line) for line in str(error).split("\n"))
        return
    connector = connectors[endpoint.connector]
    yield from _option_findings(entry, endpoint, connector)
    yield from _secret_findings(entry, connectors, secrets)


def _option_findings(entry: Entry, endpoint: Endpoint, connector: Connector) -> Iterator[Finding]:
    try:
        connector.settings.model_validate(endpoint.options)
    except ValidationError as error:
        for wrong in error.errors():
            where = ".".join(map(str, wrong["loc"])) or "options"
            line = entry.lines.get(f"options.{where}", entry.lines.get("options", entry.line))
            yield Finding(entry.file, line, "option", f"{entry.name}: {where}: {wrong['msg']}")


def _secret_findings(entry: Entry, connectors: Mapping[str, Connector], secrets: Secrets) -> Iterator[Finding]:
    line = entry.lines.get("secrets", entry.line)
    try:
        secrets_of(endpoint_of(entry, connectors, secrets))
    except Misconfigured as error:
        yield Finding(entry.file, line, "secret", f"{error}")


def _finding_of(problem: SpecProblem) -> Finding:
    return Finding(problem.file, problem.line, problem.code, problem.message)
