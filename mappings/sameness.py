"""`fields: same`: a partner that speaks canonical JSON. Every field of the message type is read from the path of its own name."""

from mappings.expressions import Expression, Path, parse
from mappings.specs import Block, Field, Loop
from mappings.targets import Shape

SAME = "same"
ITSELF = "."


def same_fields(shape: Shape, line: int, within: tuple[str, ...] = ()) -> tuple[Field, ...]:
    """The field table of a document that is canonical already; objects are dotted targets, lists are blocks."""
    fields: list[Field] = []
    for name, member in shape.members.items():
        target = (*within, name)
        if member.kind == "object":
            fields += same_fields(member, line, target)
        else:
            fields.append(Field(target, line, _source(member, ".".join(target), line)))
    return tuple(fields)


def _source(shape: Shape, path: str, line: int) -> Expression | Block:
    if shape.kind != "list" or shape.item is None:
        return parse(path)
    rows = parse(path)
    assert isinstance(rows, Path)
    if shape.item.kind == "object":
        return Block(line, (Loop(rows),), fields=same_fields(shape.item, line))
    return Block(line, (Loop(rows),), value=parse(ITSELF))
