"""Endpoints: `config/endpoints.yaml` read, its secrets fetched from the environment or from files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from canonical.failures import Misconfigured
from connectors.base import Connector, Endpoint
from orderlane.secrets import Secrets


class EndpointEntry(BaseModel):
    """One endpoint as it is written down. `secrets` name where each secret is: `env:NAME` or `file:/path`; newest first."""

    model_config = ConfigDict(extra="forbid")

    partner: Annotated[str, Field(min_length=1)]
    connector: str
    description: str = ""
    secrets: tuple[Annotated[str, Field(pattern=r"^(env|file):.+")], ...] = ()
    on_invalid: Literal["reject", "quarantine"] = "reject"
    options: dict[str, Any] = Field(default_factory=dict)


def load_endpoints(path: Path, connectors: Mapping[str, Connector], secrets: Secrets | None) -> dict[str, Endpoint]:
    """Every endpoint of the file by name. Misconfigured with all findings (`file:line: what`) at once.

    secrets: None leaves them unread, for checks and for translating without keys.
    """
    entries, lines = _read(path)
    findings: list[str] = []
    endpoints: dict[str, Endpoint] = {}
    for name, raw in entries.items():
        where = f"{path}:{lines.get(name, 1)}"
        try:
            entry = EndpointEntry.model_validate(raw)
            endpoints[name] = _endpoint(name, entry, connectors, secrets)
        except ValidationError as error:
            findings += [f"{where}: {name}.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        except Misconfigured as error:
            findings.append(f"{where}: {name}: {error}")
    if findings:
        raise Misconfigured("\n".join(findings))
    return endpoints


def _read(path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    try:
        text = path.read_text(encoding="utf-8")
        document = yaml.safe_load(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise Misconfigured(f"{path}: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("endpoints"), dict):
        raise Misconfigured(f"{path}:1: expected a mapping with the key `endpoints`")
    assert isinstance(root, yaml.MappingNode)
    named = next(value for key, value in root.value if key.value == "endpoints")
    return document["endpoints"], {key.value: key.start_mark.line + 1 for key, _ in named.value}


def _endpoint(name: str, entry: EndpointEntry, connectors: Mapping[str, Connector], secrets: Secrets | None) -> Endpoint:
    connector = connectors.get(entry.connector)
    if connector is None:
        raise Misconfigured(f"unknown connector {entry.connector!r}; known: {', '.join(sorted(connectors))}")
    values = tuple(secrets.read(place) for place in entry.secrets) if secrets else ()
    return Endpoint(name, entry.partner, entry.connector, values, entry.on_invalid, entry.options)
