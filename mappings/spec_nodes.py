"""Nodes of a YAML file, as the reader of specs wants them."""

from decimal import Decimal
from typing import Any

import yaml


def moved(node: Any, mark: yaml.Mark) -> Any:
    """A copy of a node with everything in it, at another place."""
    if isinstance(node, yaml.MappingNode):
        pairs = [(moved(key, mark), moved(value, mark)) for key, value in node.value]
        return yaml.MappingNode(node.tag, pairs, mark, mark)
    if isinstance(node, yaml.SequenceNode):
        return yaml.SequenceNode(node.tag, [moved(one, mark) for one in node.value], mark, mark)
    return yaml.ScalarNode(node.tag, node.value, mark, mark)


def items_of(node: yaml.Node | None) -> list[yaml.Node]:
    """The rows of a sequence node; a single node is a list of one."""
    if node is None:
        return []
    return list(node.value) if isinstance(node, yaml.SequenceNode) else [node]


def constant(node: yaml.Node) -> str | int | bool | Decimal | None:
    """What a value states as it is: `true`, `12`, `="text"`; None for anything else."""
    if not isinstance(node, yaml.ScalarNode):
        return None
    kind = node.tag.rpartition(":")[2]
    if kind == "bool":
        return str(node.value).lower() in {"true", "yes", "on"}
    if kind in {"int", "float"} and str(node.value).isascii():
        return _number(str(node.value))
    if kind != "str" or not str(node.value).startswith("="):
        return None
    text = str(node.value)[1:]
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _number(text: str) -> int | Decimal | None:
    """A number; None for what YAML takes for one and a mapping does not (01, 1_000, 0x1F): X12 elements are named 01."""
    digits = text.removeprefix("-")
    if digits.isdigit() and (digits == "0" or not digits.startswith("0")):
        return int(text)
    whole, point, fraction = digits.partition(".")
    return Decimal(text) if point and whole.isdigit() and fraction.isdigit() else None


def line_of(node: yaml.Node) -> int:
    """The line it begins in, counted from 1."""
    return int(node.start_mark.line) + 1
