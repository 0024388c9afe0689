"""Endpoints: `config/endpoints.yaml` read, its secrets fetched from the environment or from files."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from canonical.failures import Misconfigured
from canonical.nearest import instead
from canonical.wrong_settings import wrong_settings
from connectors.base import Connector, Endpoint, Polling
from connectors.callers import Network, networks
from orderlane.secrets import Secrets
from routing.rules.findings import Finding

SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def _seconds(text: object) -> object:
    """`30s`, `5m`, `2h`, `1d` as seconds."""
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("expected a time such as 30s, 5m, 2h or 1d")
    return int(found[1]) * SECONDS[found[2]]


def _place(written: object) -> object:
    """Where a secret is: `env:NAME` or `file:/path`."""
    if not (isinstance(written, str) and re.fullmatch(r"(env|file):.+", written)):
        raise ValueError("expected the place of a secret: env:NAME or file:/path")  # and not what was found: it may be the secret
    return written


Secret = Annotated[str, BeforeValidator(_place)]


def _networks(written: object) -> object:
    """`[203.0.113.0/24, 2001:db8::1]` as networks."""
    if not isinstance(written, list):
        raise ValueError("expected a list of addresses or networks, such as [203.0.113.0/24]")
    return networks([str(one) for one in written])


class PollEntry(BaseModel):
    """The key `poll`. Beside these keys it holds what the source of files or the connector's own poll wants to know."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    every: Annotated[float, BeforeValidator(_seconds), Field(ge=1)]
    source: Annotated[str | None, Field(alias="from")] = None
    secrets: tuple[Secret, ...] = ()


class EndpointEntry(BaseModel):
    """One endpoint as it is written down. `secrets` name where each secret is: `env:NAME` or `file:/path`; newest first."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    partner: Annotated[str, Field(min_length=1)]
    connector: str
    description: str = ""
    secrets: tuple[Secret, ...] = ()
    on_invalid: Literal["reject", "quarantine"] = "reject"
    allow_from: Annotated[tuple[Network, ...], BeforeValidator(_networks)] = ()
    options: dict[str, Any] = Field(default_factory=dict)
    poll: PollEntry | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """An entry with its place. lines: of its keys, inner ones with a dot (`options.url`)."""

    name: str
    entry: EndpointEntry
    file: str
    line: int
    lines: Mapping[str, int]

    def finding(self, code: str, message: str, *, key: str = "", level: Literal["error", "warning"] = "error") -> Finding:
        """A finding at a key of this entry, or at the nearest key above that is written down."""
        line = self.lines.get(key) or self.lines.get(key.partition(".")[0]) or self.line
        return Finding(self.file, line, code, f"{self.name}: {message}", level)


def load_endpoints(path: Path, connectors: Mapping[str, Connector], secrets: Secrets | None) -> dict[str, Endpoint]:
    """Every endpoint of the file by name. Misconfigured with all findings (`file:line: what`) at once.

    secrets: None leaves them unread, for checks and for translating without keys.
    """
    written, findings = read_endpoints(path, connectors)
    endpoints: dict[str, Endpoint] = {}
    for one in written:
        try:
            endpoints[one.name] = endpoint_of(one, secrets.read if secrets else None)
        except Misconfigured as error:
            findings.append(one.finding("secret", str(error), key="secrets"))
    if findings:
        raise Misconfigured("\n".join(str(finding) for finding in findings))
    return endpoints


def endpoint_of(written: Written, secret: Callable[[str], bytes] | None) -> Endpoint:
    """The endpoint with its secrets read from their places; None: without them. Misconfigured where one is not there."""
    entry = written.entry
    secrets, poll_secrets = (
        tuple(secret(place) for place in places) if secret else ()
        for places in (entry.secrets, entry.poll.secrets if entry.poll else ())
    )
    polling = None
    if entry.poll is not None:
        polling = Polling(entry.poll.every, entry.poll.source, poll_secrets, entry.poll.model_extra or {})
    return Endpoint(
        written.name, entry.partner, entry.connector, secrets, entry.on_invalid, entry.options, polling, entry.allow_from
    )


def read_endpoints(path: Path, connectors: Mapping[str, Connector]) -> tuple[list[Written], list[Finding]]:
    """The entries of the file that are sound in form, and what is wrong with the others. Reads no secret, never raises."""
    named = _composed(path)
    if isinstance(named, Finding):
        return [], [named]
    read = [_read(str(path), key, value, connectors) for key, value in _pairs(named)]
    findings = [finding for _, found in read for finding in found]
    return [one for one, _ in read if one is not None], [*_doubled(str(path), named), *findings]


def names_in(path: Path) -> set[str] | None:
    """The names of all entries of the file, sound or not; None where it cannot be read."""
    named = _composed(path)
    return None if isinstance(named, Finding) else {str(key.value) for key, _ in _pairs(named)}


def _composed(path: Path) -> yaml.MappingNode | Finding:
    """What stands under the key `endpoints`, or why nothing does."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        return Finding(str(path), 1, "unreadable", getattr(error, "strerror", None) or "expected UTF-8 text")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return Finding(str(path), mark.line + 1 if mark else 1, "yaml", error.problem or "expected YAML")
    named = next((value for key, value in _pairs(root) if key.value == "endpoints"), None)
    if not isinstance(named, yaml.MappingNode):
        return Finding(str(path), 1, "not-a-mapping", "expected a mapping with the key `endpoints`")
    return named


def _read(file: str, key: yaml.Node, value: yaml.Node, connectors: Mapping[str, Connector]) -> tuple[Written | None, list[Finding]]:
    name, line, lines = str(key.value), key.start_mark.line + 1, dict(_lines(value))
    try:
        entry = EndpointEntry.model_validate(yaml.SafeLoader("").construct_document(value))
    except (ValidationError, yaml.MarkedYAMLError) as error:
        return None, [
            Finding(file, lines.get(where.partition(".")[0], line), "endpoint", f"{name}: {where}: {message}")
            for where, message in _wrong(error)
        ]
    written = Written(name, entry, file, line, lines)
    if entry.connector not in connectors:
        message = f"no connector `{entry.connector}`.{instead(entry.connector, connectors)}"
        return None, [written.finding("unknown-connector", message, key="connector")]
    return written, []


def _wrong(error: ValidationError | yaml.MarkedYAMLError) -> list[tuple[str, str]]:
    """Where in an entry, and what."""
    if isinstance(error, ValidationError):
        return [(".".join(place) or "entry", message) for place, message in wrong_settings(error, EndpointEntry)]
    return [("entry", error.problem or "expected YAML")]


def _pairs(node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    return list(node.value) if isinstance(node, yaml.MappingNode) else []


def _lines(node: yaml.Node, above: str = "") -> Iterator[tuple[str, int]]:
    for key, value in _pairs(node):
        yield f"{above}{key.value}", key.start_mark.line + 1
        yield from _lines(value, f"{above}{key.value}.")


def _doubled(file: str, named: yaml.MappingNode) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for key, _ in _pairs(named):
        line = key.start_mark.line + 1
        if key.value in seen:
            message = f"the name `{key.value}` is taken by the endpoint in line {seen[key.value]}"
            yield Finding(file, line, "duplicate-name", message)
        seen.setdefault(key.value, line)
