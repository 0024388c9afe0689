"""Finds everything wrong with the rules at once: form, expressions, message types, fields, channels, reach."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from canonical.documents.registry import DOCUMENTS
from canonical.nearest import did_you_mean
from routing.rules.engine import Invalid, Program, compile_program, constant
from routing.rules.findings import Finding, Level
from routing.rules.reach import reach_findings
from routing.rules.reading import Reading, Remark, read_expression
from routing.rules.rule import Rule
from routing.rules.shapes import MESSAGE, record_shape
from routing.rules.source import RulesFile, RuleText, Text, line_and_column, named_types, place


@dataclass(frozen=True, slots=True)
class Examined:
    """The rules of a file and what was found about them; use the rules only where no finding is an error."""

    rules: list[Rule]
    findings: list[Finding]

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.level == "error"]


def examine(path: Path, *, channels: Collection[str]) -> Examined:
    """The rules of a file with every finding, in its order. `channels`: all that exist, handlers' and endpoints'. Never raises."""
    source = RulesFile(path)
    examiner = _Examiner(source.file, channels)
    rules = [examiner.rule(text) for text in source.rules]
    findings = source.findings + examiner.findings
    if source.rules:
        findings += [Finding(source.file, *found) for found in reach_findings(rules)]
    return Examined(rules, sorted(set(findings), key=lambda finding: (finding.line, finding.code, finding.message)))


class _Examiner:
    """Turns the rules as written into rules ready to decide, noting what is wrong on the way."""

    def __init__(self, file: str, channels: Collection[str]) -> None:
        self._file = file
        self._channels = channels
        self._lines: dict[str, int] = {}
        self.findings: list[Finding] = []

    def rule(self, text: RuleText) -> Rule:
        self._check_name(text)
        self._check_channels(text)
        rule = Rule(
            text.name, text.line, self._types(text), tuple(dict.fromkeys(to.value for to in text.to)),
            stop=text.stop, unexplained=text.kept and not text.description,
        )  # fmt: skip
        if text.when is not None:
            self._condition(rule, text.when)
        return rule

    def _found(self, line: int, code: str, message: str, level: Level = "error") -> None:
        self.findings.append(Finding(self._file, line, code, message, level))

    def _check_name(self, text: RuleText) -> None:
        if text.name and text.name in self._lines:
            message = f"the name `{text.name}` is taken by the rule in line {self._lines[text.name]}"
            self._found(text.line, "duplicate-name", message)
        self._lines.setdefault(text.name, text.line)

    def _check_channels(self, text: RuleText) -> None:
        for to in text.to:
            if to.value not in self._channels:
                message = f"no channel `{to.value}`.{did_you_mean(to.value, self._channels)}"
                self._found(to.line, "unknown-channel", message)

    def _types(self, text: RuleText) -> tuple[str, ...]:
        types: dict[str, None] = {}
        for pattern in text.types:
            meant = named_types(pattern.value, list(DOCUMENTS))
            if not meant:
                message = f"no message type `{pattern.value}`.{did_you_mean(pattern.value, DOCUMENTS)}"
                self._found(pattern.line, "unknown-type", message)
            types.update(dict.fromkeys(meant))
        return tuple(types)

    def _condition(self, rule: Rule, when: Text) -> None:
        try:
            rule.program = compile_program(when.value)
        except Invalid as refused:
            rule.broken = True
            for line, column, what in refused.places:
                self._placed(when, line, column, "invalid-expression", what)
            return
        rule.always = constant(rule.program)
        if rule.always is not None:
            self._constant(rule.always, when)
        rule.readings = {name: self._reading(rule.program, name) for name in rule.types}
        for remark in _remarks(rule):
            self._placed(when, *line_and_column(when.value, remark.at), remark.code, remark.message, remark.level)

    def _reading(self, program: Program, message_type: str) -> Reading:
        roots = {"message": MESSAGE, "body": record_shape(DOCUMENTS[message_type])}
        return read_expression(program.tree, roots, subject=message_type)

    def _constant(self, always: bool, when: Text) -> None:
        if always:
            self._found(when.line, "always-true", "the condition is true for every message: leave `when` out", "warning")
        else:
            self._found(when.line, "never-true", "the condition is false for every message: this rule never matches")

    def _placed(self, when: Text, line: int, column: int, code: str, message: str, level: Level = "error") -> None:
        file_line, words = place(when, line, column)
        self._found(file_line, code, f"{message} ({words})", level)


def _remarks(rule: Rule) -> Iterator[Remark]:
    """The remarks of all types of the rule. A field only some of them have is fine where the rule asks for it first."""
    lacking = [{remark.path for remark in reading.remarks if remark.code == "unknown-field"} for reading in rule.readings.values()]
    nowhere = set.intersection(*lacking) if lacking else set()
    for reading in rule.readings.values():
        for remark in reading.remarks:
            if remark.code != "unknown-field" or remark.path in nowhere or remark.path not in reading.tested:
                yield remark
