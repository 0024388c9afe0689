"""Tells of each rule whether it matched and why, with the values its condition met."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from canonical.problems import shown
from routing.rules.engine import activation, verdict
from routing.rules.rule import Rule

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class RuleTried:
    """What one rule had to say about a message. `line`: in the rules file; `channels`: its own, given only where it matched."""

    rule: str
    line: int
    matched: bool
    why: str
    channels: tuple[str, ...]


def tried(rules: Sequence[Rule], values: Mapping[str, Any]) -> list[RuleTried]:
    """The rules in their order over the values of `message` and `body`."""
    told: list[RuleTried] = []
    shared = activation(values)
    stopped_by = ""
    for rule in rules:
        if stopped_by:
            told.append(RuleTried(rule.name, rule.line, False, f"not tried: `{stopped_by}` stopped before", ()))
            continue
        outcome = True if rule.program is None else verdict(rule.program.compiled, shared)
        matched = outcome is True
        told.append(RuleTried(rule.name, rule.line, matched, _why(rule, outcome, values), rule.channels if matched else ()))
        stopped_by = rule.name if matched and rule.stop else ""
    return told


def _why(rule: Rule, outcome: bool | str, values: Mapping[str, Any]) -> str:
    if rule.program is None:
        return "no condition"
    met = _met(rule, values)
    verdict_words = f"failed, so the rule does not match: {outcome}" if isinstance(outcome, str) else f"is {str(outcome).lower()}"
    return f"`{' '.join(rule.program.text.split())}` {verdict_words}{f' ({met})' if met else ''}"


def _met(rule: Rule, values: Mapping[str, Any]) -> str:
    """The plain fields the condition mentions, each with its value: `body.channel is "edi"`."""
    reads = list(dict.fromkeys(path for reading in rule.readings.values() for path in reading.reads))
    parts = [(path, _value_at(path, values)) for path in reads]
    return ", ".join(f"{path} is {_word(value)}" for path, value in parts if not isinstance(value, dict | list))


def _value_at(path: str, values: Any) -> Any:
    for name in path.split("."):
        if not isinstance(values, Mapping) or name not in values:
            return _ABSENT
        values = values[name]
    return values


def _word(value: Any) -> str:
    if value is _ABSENT:
        return "absent"
    return shown(json.dumps(value, ensure_ascii=False)) or ""
