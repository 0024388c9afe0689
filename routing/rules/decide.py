"""Names the channels of a message: the rules of its type, tried in their order."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from canonical.documents.registry import DOCUMENTS
from canonical.envelope import Message
from canonical.failures import Misconfigured
from routing.rules.check import examine
from routing.rules.engine import activation, verdict
from routing.rules.explain import RuleTried, tried
from routing.rules.project import Use, projector
from routing.rules.rule import Rule
from routing.rules.shapes import MESSAGE, Shape, record_shape


@dataclass(frozen=True, slots=True)
class _Step:
    """One rule of a type: compiled condition (None: always), and its channels as keys, which keep their order."""

    rule: Rule
    compiled: Any
    channels: dict[str, None]


@dataclass(frozen=True, slots=True)
class _Route:
    """The rules of one message type. fixed: the channels where no rule has a condition, then nothing is evaluated."""

    steps: tuple[_Step, ...]
    fixed: tuple[str, ...] | None
    envelope: Callable[[Message], Any]
    body: Callable[[Any], Any]

    def values(self, message: Message) -> dict[str, Any]:
        return {"message": self.envelope(message), "body": self.body(message.document)}


class Rules:
    """All rules, ready to decide. Safe to share between threads."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._routes = {name: _route(name, rules) for rule in rules for name in rule.types}
        self._failures: Counter[str] = Counter()

    @classmethod
    def load(cls, path: Path, *, channels: Collection[str]) -> "Rules":
        """The rules of the file. `channels`: all that exist. Raises Misconfigured with every error, each with file and line."""
        examined = examine(path, channels=channels)
        if examined.errors:
            raise Misconfigured("\n".join(str(finding) for finding in examined.errors))
        return cls(examined.rules)

    def channels(self, message: Message) -> tuple[str, ...]:
        """Where the message goes, each channel once, in the order of the rules. Empty: kept, sent nowhere.

        A rule whose condition fails does not match and is counted; the others decide as if it were not there.
        """
        route = self._routes.get(message.type)
        if route is None:
            return ()
        return route.fixed if route.fixed is not None else self._decide(route, message)

    def channels_of(self, messages: Sequence[Message]) -> list[tuple[str, ...]]:
        return [self.channels(message) for message in messages]

    def explain(self, message: Message) -> list[RuleTried]:
        """Every rule of the message's type in its order: whether it matched and why. Counts nothing."""
        route = self._routes.get(message.type)
        return tried([step.rule for step in route.steps], route.values(message)) if route else []

    @property
    def failures(self) -> Mapping[str, int]:
        """How often the condition of each rule failed while deciding, by rule name; since the start of this process."""
        return dict(self._failures)

    def _decide(self, route: _Route, message: Message) -> tuple[str, ...]:
        values = activation(route.values(message))
        found: dict[str, None] = {}
        for step in route.steps:
            if step.compiled is not None:
                outcome = verdict(step.compiled, values)
                if outcome is not True:
                    if outcome is not False:
                        self._failures[step.rule.name] += 1
                    continue
            found.update(step.channels)
            if step.rule.stop:
                break
        return tuple(found)


def _route(message_type: str, rules: Sequence[Rule]) -> _Route:
    own = [rule for rule in rules if message_type in rule.types]
    steps = tuple(_Step(rule, _condition(rule), dict.fromkeys(rule.channels)) for rule in own)
    uses = {"message": Use(), "body": Use()}
    for rule in own:
        for variable, use in rule.readings[message_type].uses.items() if rule.readings else ():
            uses[variable].merge(use)
    fixed = _fixed(steps) if all(step.compiled is None for step in steps) else None
    return _Route(
        steps, fixed, _projector(MESSAGE, uses["message"]), _projector(record_shape(DOCUMENTS[message_type]), uses["body"])
    )  # fmt: skip


def _projector(shape: Shape, use: Use) -> Callable[[Any], Any]:
    convert = projector(shape, use)
    assert convert is not None, "a record is always converted"
    return convert


def _condition(rule: Rule) -> Any:
    return None if rule.program is None or rule.always else rule.program.compiled


def _fixed(steps: Sequence[_Step]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for step in steps:
        found.update(step.channels)
        if step.rule.stop:
            break
    return tuple(found)
