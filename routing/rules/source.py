"""Reads `config/rules.yaml` into rules with line numbers; tells everything that is not of the format."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from canonical.nearest import did_you_mean
from routing.rules.findings import Finding


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the file, the line its content starts on, and the columns before it there.

    columns is None where the lines of the text are not lines of the file (folded ones).
    """

    value: str
    line: int
    columns: int | None = None


@dataclass(slots=True)
class RuleText:
    """One rule as written; `line` is its first, `kept` says that it sends nowhere on purpose (`to: []`)."""

    line: int
    name: str = ""
    types: list[Text] = field(default_factory=list)
    when: Text | None = None
    to: list[Text] = field(default_factory=list)
    kept: bool = False
    stop: bool = False
    description: str = ""


class RulesFile:
    """The rules of one file and what is wrong with its form."""

    def __init__(self, path: Path) -> None:
        self.file = str(path)
        self._lines: list[str] = []
        self.rules: list[RuleText] = []
        self.findings: list[Finding] = []
        root = self._root(path)
        if isinstance(root, yaml.SequenceNode) and root.value:
            self.rules = [rule for node in root.value if (rule := self._rule(node)) is not None]
        elif not self.findings:
            self.found(_line(root) if root else 1, "not-a-list", "expected a list of rules, each starting with `- name:`")

    def found(self, line: int, code: str, message: str) -> None:
        self.findings.append(Finding(self.file, line, code, message))

    def _root(self, path: Path) -> yaml.Node | None:
        try:
            content = path.read_text(encoding="utf-8")
            self._lines = content.splitlines()
            return yaml.compose(content, Loader=yaml.SafeLoader)
        except OSError as failure:
            self.found(1, "unreadable", f"the file cannot be read: {failure.strerror}")
        except (yaml.YAMLError, UnicodeDecodeError) as failure:
            mark = getattr(failure, "problem_mark", None)
            what = getattr(failure, "problem", None) or str(failure)
            self.found(mark.line + 1 if mark else 1, "yaml", f"not YAML: {what}")
        return None

    def _rule(self, node: yaml.Node) -> RuleText | None:
        if not isinstance(node, yaml.MappingNode):
            self.found(_line(node), "not-a-rule", "expected a rule: `name`, `type` and `to`")
            return None
        rule, seen = RuleText(_line(node)), set()
        for key, value in node.value:
            if key.value in seen:
                self.found(_line(key), "repeated-key", f"`{key.value}` stands twice in this rule")
            elif isinstance(key.value, str) and key.value in _KEYS:
                _KEYS[key.value](self, rule, value)
            else:
                self.found(_line(key), "unknown-key", f"unknown key `{key.value}`.{did_you_mean(str(key.value), _KEYS)}")
            seen.add(key.value if isinstance(key.value, str) else "")
        for key in ("name", "type", "to"):
            if key not in seen:
                self.found(rule.line, "missing-key", f"a rule needs `{key}`")
        return rule

    def _name(self, rule: RuleText, node: yaml.Node) -> None:
        rule.name = self._text(node, "name").value

    def _types(self, rule: RuleText, node: yaml.Node) -> None:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not nodes:
            self.found(_line(node), "wrong-kind", "expected at least one message type")
        rule.types = [text for each in nodes if (text := self._text(each, "type")).value]

    def _when(self, rule: RuleText, node: yaml.Node) -> None:
        text = self._text(node, "when")
        rule.when = text if text.value else None

    def _to(self, rule: RuleText, node: yaml.Node) -> None:
        if isinstance(node, yaml.SequenceNode):
            rule.to = [text for each in node.value if (text := self._text(each, "to")).value]
            rule.kept = not node.value
        else:
            self.found(_line(node), "wrong-kind", "`to` expects a list of channels: `to: [order]`, or `to: []`")

    def _stop(self, rule: RuleText, node: yaml.Node) -> None:
        rule.stop = node.value == "true"
        if node.tag != "tag:yaml.org,2002:bool" or node.value not in {"true", "false"}:
            self.found(_line(node), "wrong-kind", "`stop` expects true or false")

    def _description(self, rule: RuleText, node: yaml.Node) -> None:
        rule.description = self._text(node, "description").value

    def _text(self, node: yaml.Node, key: str) -> Text:
        """The text of a node; empty, and told, where it holds something else. `when: true` is an expression, too."""
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip() or node.tag == "tag:yaml.org,2002:null":
            self.found(_line(node), "wrong-kind", f"`{key}` expects a text")
            return Text("", _line(node))
        block = node.style in {"|", ">"}
        return Text(node.value.rstrip("\n"), _line(node) + block, self._columns(node))

    def _columns(self, node: yaml.ScalarNode) -> int | None:
        if node.style == "|":
            first = self._lines[node.start_mark.line + 1]
            return len(first) - len(first.lstrip())
        if node.style == ">" or node.start_mark.line != node.end_mark.line:
            return None
        return int(node.start_mark.column) + (1 if node.style else 0)


_KEYS: dict[str, Callable[[RulesFile, RuleText, Any], None]] = {
    "name": RulesFile._name,
    "type": RulesFile._types,
    "when": RulesFile._when,
    "to": RulesFile._to,
    "stop": RulesFile._stop,
    "description": RulesFile._description,
}


def place(text: Text, line: int, column: int) -> tuple[int, str]:
    """The file's line of a place in the expression, and its column in words."""
    if text.columns is None:
        return text.line, f"line {line}, column {column} of the expression"
    return text.line + line - 1, f"column {text.columns + column}"


def line_and_column(expression: str, at: int) -> tuple[int, int]:
    before = expression[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def named_types(pattern: str, known: Iterator[str] | list[str]) -> list[str]:
    """The message types a rule's `type` means: itself, or for `order.*` and `*` all that start so."""
    if pattern.endswith("*"):
        return [name for name in known if name.startswith(pattern[:-1])]
    return [name for name in known if name == pattern]
