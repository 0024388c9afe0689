"""`orderlane check`: everything that is wrong with the configuration, at once, each finding with its file and line."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from canonical.failures import Malformed, Misconfigured
from canonical.wrong_settings import wrong_settings
from connectors.base import Connector, Endpoint, RawMessage, Source
from connectors.settings import PollSettings, secrets_of
from connectors.sources import SOURCES
from mappings.spec_folders import check_specs
from mappings.translation import Translations
from orderlane.endpoints import Written, endpoint_of, names_in, read_endpoints
from orderlane.policies import read_policies, unnamed_findings
from orderlane.secrets import Secrets
from routing.rules.check import examine
from routing.rules.findings import Finding
from routing.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at, in words, and what was found, by file and line."""

    looked_at: str
    findings: Sequence[Finding]

    @property
    def sound(self) -> bool:
        """Whether a hub can work with it: warnings do not keep it from that."""
        return all(finding.level == "warning" for finding in self.findings)


def check(
    config: Path, specs: Sequence[Path], *, connectors: Mapping[str, Connector], handlers: Collection[str], secrets: Secrets
) -> Checked:
    """Check the endpoints, rules and policies of a folder and the mappings of others. Never raises for what is wrong in them.

    secrets: where the endpoints' secrets are looked up. One that is not there is an error, or a warning where it may be made up.
    """
    written, findings = read_endpoints(config / "endpoints.yaml", connectors)
    names = names_in(config / "endpoints.yaml")
    for one in written:
        connector = connectors[one.entry.connector]
        findings += [*_option_findings(one, connector), *_poll_findings(one, connector), *_secret_findings(one, connector, secrets)]
    findings += _made_up_findings(config / "endpoints.yaml", written, secrets)
    examined = examine(config / "rules.yaml", channels={*handlers, *(names or ())})
    problems = check_specs(*specs)
    findings += [one for one in examined.findings if names is not None or one.code != "unknown-channel"]
    policies, wrong = read_policies(config / "policies.yaml")
    findings += wrong or (unnamed_findings(config / "policies.yaml", policies) if secrets.own is None else [])
    findings += [Finding(problem.file, problem.line, problem.code, problem.message) for problem in problems]
    if not problems:
        kinds, translations = {one.name: connectors[one.entry.connector] for one in written}, Translations.load(*specs)
        file = str(config / "rules.yaml")
        findings += [Finding(file, *found) for found in _route_findings(examined.rules, kinds, translations)]
        findings += [found for one in written for found in _unread_findings(one, kinds[one.name], translations)]
    count = sum(len(list(folder.rglob("*.yaml"))) for folder in specs)
    looked_at = f"{len(written)} endpoints, {len(examined.rules)} rules, {count} mappings"
    return Checked(looked_at, sorted(set(findings), key=lambda finding: (finding.file, finding.line, finding.message)))


def _option_findings(written: Written, connector: Connector) -> Iterator[Finding]:
    """What the connector's own settings say of the options."""
    try:
        connector.settings.model_validate(written.entry.options)
    except ValidationError as error:
        for place, message in wrong_settings(error, connector.settings):
            where = ".".join(place) or "options"
            yield written.finding("option", f"{where}: {message}", key=f"options.{where}")


def _poll_findings(written: Written, connector: Connector) -> Iterator[Finding]:
    """What is wrong under the key `poll`: as the source of files, or the connector's own poll, wants it."""
    poll = written.entry.poll
    if poll is None:
        return
    source = SOURCES.get(poll.source) if poll.source else connector
    asks = source is not None and (source.poll or (isinstance(source, Connector) and source.track))
    if source is None or not asks or connector.identify is None:
        ways = f"expected `from`, one of {', '.join(sorted(SOURCES))}" if connector.identify else "there is nothing to be fetched"
        yield written.finding("poll", f"poll: {ways} for connector {connector.name}", key="poll.from")
        return
    kind = source.settings if isinstance(source, Source) else source.poll_settings
    try:
        kind.model_validate(poll.model_extra or {})
    except ValidationError as error:
        for place, message in wrong_settings(error, kind):
            where = ".".join(place) or "poll"
            yield written.finding("poll", f"poll: {where}: {message}", key=f"poll.{where}")


def _unread_findings(written: Written, connector: Connector, translations: Translations) -> Iterator[Finding]:
    """Documents that the endpoint names itself, under `poll`, and that no mapping reads."""
    poll = written.entry.poll
    if poll is None or poll.source or not issubclass(connector.poll_settings, PollSettings):
        return
    with suppress(ValidationError):  # told as what is wrong with the poll
        for key, document in connector.poll_settings.model_validate(poll.model_extra or {}).documents().items():
            if not translations.reads(connector.name, document):
                message = f"no mapping reads `{document}` of connector {connector.name}; expected one in config/mappings"
                yield written.finding("no-mapping", message, key=f"poll.{key}")


def _secret_findings(written: Written, connector: Connector, secrets: Secrets) -> Iterator[Finding]:
    """Secrets that are not there, or that the connector cannot sign with."""
    poll = written.entry.poll
    places = [("secrets", place) for place in written.entry.secrets]
    places += [("poll.secrets", place) for place in (poll.secrets if poll else ())]
    sound = True
    for key, place in places:
        try:
            secrets.look(place)
        except Misconfigured as error:
            sound = False
            if not secrets.makes_up(place):
                yield written.finding("secret", str(error), key=key)
    if sound and (written.entry.secrets or poll is None):  # what is only polled needs none to be sent to
        try:
            _sign_something(connector, endpoint_of(written, secrets.look))
        except Misconfigured as error:
            yield written.finding("secret", str(error).removeprefix(f"endpoint {written.name}: "), key="secrets")


def _made_up_findings(file: Path, written: Sequence[Written], secrets: Secrets) -> Iterator[Finding]:
    """One warning of all secrets that nobody set and that are made up."""
    places = dict.fromkeys(
        place for one in written for place in (*one.entry.secrets, *(one.entry.poll.secrets if one.entry.poll else ()))
    )
    names = [place.removeprefix("env:") for place in places if secrets.makes_up(place)]
    if names:
        message = f"{', '.join(names)}: not set; made up at the first start, under {secrets.own}"
        yield Finding(str(file), 1, "secret", message, "warning")


def _sign_something(connector: Connector, endpoint: Endpoint) -> None:
    """Misconfigured where the endpoint's secrets are not usable."""
    secrets_of(endpoint)
    try:
        connector.settings.model_validate(endpoint.options)
    except ValidationError:
        return  # told as what is wrong with the options
    if connector.sign is not None:
        with suppress(Malformed):  # where the proof goes into the document: this is none
            connector.sign(RawMessage(endpoint.name, {}, b"{}", datetime.now(UTC)), endpoint)


Route = tuple[int, str, str]
"""Line, code and message of a finding about a rule."""


def _route_findings(rules: Sequence[Rule], kinds: Mapping[str, Connector], translations: Translations) -> Iterator[Route]:
    """Rules that send to endpoints what these cannot be sent."""
    for rule in rules:
        for channel in rule.channels:
            connector = kinds.get(channel)
            if connector is None:
                continue
            if connector.send is None:
                yield rule.line, "sends-nothing", f"`{channel}` only receives: nothing can be sent through {connector.name}"
                continue
            for message_type in rule.types:
                if translations.outgoing(connector.name, message_type) is None:
                    yield rule.line, "no-mapping", f"no mapping of {message_type} for connector {connector.name} (`{channel}`)"
