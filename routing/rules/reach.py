"""Which rules can ever act, and which message types no rule names."""

from collections.abc import Iterator, Sequence

from canonical.documents.registry import DOCUMENTS
from routing.rules.findings import Level
from routing.rules.rule import Rule

Found = tuple[int, str, str, Level]


def reach_findings(rules: Sequence[Rule]) -> Iterator[Found]:
    """Findings without their file: line, code, message, level."""
    yield from _unreachable(rules)
    yield from _doubled(rules)
    yield from _kept_without_reason(rules)
    routed = {name for rule in rules for name in rule.types}
    for name in DOCUMENTS:
        if name not in routed:
            yield 1, "no-route", f"message type with no route: {name}; say `to: []` with a description to only keep it", "warning"


def _unreachable(rules: Sequence[Rule]) -> Iterator[Found]:
    """Rules that only stand behind an unconditional `stop` of all their types."""
    stopped: dict[str, Rule] = {}
    for rule in rules:
        if rule.types and all(name in stopped for name in rule.types):
            first = stopped[rule.types[0]]
            yield rule.line, "unreachable-rule", f"never tried: `{first.name}` in line {first.line} always stops before", "error"
        if rule.stop and rule.unconditional:
            for name in rule.types:
                stopped.setdefault(name, rule)


def _doubled(rules: Sequence[Rule]) -> Iterator[Found]:
    for at, rule in enumerate(rules):
        for earlier in rules[:at]:
            if _adds_nothing(rule, earlier):
                message = (
                    f"adds nothing to `{earlier.name}` in line {earlier.line}, which already sends the same to the same channels"
                )
                yield rule.line, "duplicate-rule", message, "error"
                break


def _adds_nothing(rule: Rule, earlier: Rule) -> bool:
    """Whether every message that matches the rule has gone to all its channels by the earlier one."""
    if not rule.types or not set(rule.types) <= set(earlier.types) or rule.stop != earlier.stop:
        return False
    if not set(rule.channels) <= set(earlier.channels) or (not rule.channels and earlier.channels):
        return False
    return earlier.unconditional or (_same_condition(rule, earlier) and bool(rule.channels))


def _same_condition(rule: Rule, other: Rule) -> bool:
    return rule.program is not None and other.program is not None and rule.program.same_as == other.program.same_as


def _kept_without_reason(rules: Sequence[Rule]) -> Iterator[Found]:
    for rule in rules:
        if rule.unexplained and not rule.stop:
            yield rule.line, "kept-without-reason", "`to: []` sends nowhere: say why in `description`", "warning"
