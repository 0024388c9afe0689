"""What the order policies go by: `config/policies.yaml` read into their settings, every mistake told with its line."""

from collections.abc import Iterator
from pathlib import Path

import yaml
from pydantic import ValidationError

from canonical.failures import Misconfigured
from canonical.wrong_settings import wrong_settings
from handlers.order.policies.approving import is_open
from handlers.order.policies.settings import CHAINS, OWNERS, Policies
from routing.rules.findings import Finding


def load_policies(path: Path) -> Policies:
    """The settings of the file, the defaults where there is none. Misconfigured with all findings at once."""
    policies, findings = read_policies(path)
    if findings:
        raise Misconfigured("\n".join(str(finding) for finding in findings))
    return policies


def for_trying_out(policies: Policies) -> Policies:
    """Where nobody at all is named and the file does not say what that means, anybody may act in any role: `orderlane up` tells."""
    approval = policies.approval
    if approval.people or "unnamed" in approval.model_fields_set:
        return policies
    return policies.model_copy(update={"approval": approval.model_copy(update={"unnamed": "anybody"})})


def unnamed_findings(path: Path, policies: Policies) -> list[Finding]:
    """A warning where roles that are asked have nobody who may act in them."""
    approval = policies.approval
    asked = {role for trigger in CHAINS for role in approval.chain(trigger)} | set((OWNERS | policies.holds.owners).values())
    empty = sorted(role for role in asked if not (is_open(role, approval) or approval.people.get(role)))
    if not empty:
        return []
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader) if path.exists() else None
    lines: dict[Place, int] = {(): 1, **(dict(_lines(root)) if root is not None else {})}
    message = f"approval.people: nobody may act as {', '.join(empty)}: what waits for them waits for ever"
    return [Finding(str(path), _line_of(lines, ("approval", "people")), "nobody", message, "warning")]


def read_policies(path: Path) -> tuple[Policies, list[Finding]]:
    """The settings, and what is wrong with the file; the defaults where something is. Never raises."""
    if not path.exists():
        return Policies(), []
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        return Policies(), [Finding(str(path), 1, "unreadable", getattr(error, "strerror", None) or "expected UTF-8 text")]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return Policies(), [Finding(str(path), mark.line + 1 if mark else 1, "yaml", error.problem or "expected YAML")]
    if root is None:
        return Policies(), []
    try:
        return Policies.model_validate(yaml.SafeLoader("").construct_document(root)), []
    except ValidationError as error:
        lines = {(): 1, **dict(_lines(root))}
        return Policies(), [_finding(str(path), lines, *wrong) for wrong in wrong_settings(error, Policies)]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return Policies(), [Finding(str(path), mark.line + 1 if mark else 1, "yaml", error.problem or "expected YAML")]


Place = tuple[str, ...]


def _finding(file: str, lines: dict[Place, int], place: Place, message: str) -> Finding:
    return Finding(file, _line_of(lines, place), "policy", f"{'.'.join(place) or 'file'}: {message}")


def _line_of(lines: dict[Place, int], place: Place) -> int:
    """Of the key itself, or the nearest above it that is written down."""
    while place not in lines:
        place = place[:-1]
    return lines[place]


def _lines(node: yaml.Node, above: Place = ()) -> Iterator[tuple[Place, int]]:
    """Where every key and list entry stands."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*above, str(key.value)), key.start_mark.line + 1
            yield from _lines(value, (*above, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield (*above, str(number)), value.start_mark.line + 1
            yield from _lines(value, (*above, str(number)))
