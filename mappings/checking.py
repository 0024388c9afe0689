"""The static check of a spec: everything that can be known to be wrong before a document arrives, all at once."""

from collections.abc import Iterator, Mapping, Set

from canonical.documents.registry import DOCUMENTS
from mappings.expressions import Expression, Literal
from mappings.kinds import FITS, SETTINGS, check_expression, type_of, unfit_constants
from mappings.specs import ANY, Block, Field, Spec, SpecProblem, members
from mappings.targets import FREE, Shape, kind_of, shape_of

DIRECTIONS = ("in", "out")


def check_spec(spec: Spec, codecs: Set[str]) -> list[SpecProblem]:
    """Every static mistake of the spec, in the order of its lines."""
    checker = _Checker(spec)
    checker.header(codecs)
    checker.whole()
    return sorted(checker.problems)


class _Checker:
    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.tables = frozenset(spec.tables)
        self.problems: list[SpecProblem] = []

    def wrong(self, code: str, line: int, message: str) -> None:
        self.problems.append(SpecProblem(str(self.spec.file), line, code, message))

    def header(self, codecs: Set[str]) -> None:
        spec = self.spec
        types = {*DOCUMENTS, ANY} if spec.direction == "out" else set(DOCUMENTS)
        known: Mapping[str, tuple[str, str, Set[str]]] = {
            "direction": ("E_SPEC_DIRECTION", spec.direction, set(DIRECTIONS)),
            "codec": ("E_SPEC_CODEC", spec.codec, codecs),
            "message_type": ("E_SPEC_MESSAGE_TYPE", spec.message_type, types),
        }
        for name, (code, value, allowed) in known.items():
            if name in spec.lines and value not in allowed:
                self.wrong(code, spec.lines[name], f"unknown {name} {value!r}, expected one of {', '.join(sorted(allowed))}")

    def whole(self) -> None:
        spec = self.spec
        known = spec.direction == "in" and spec.message_type in DOCUMENTS
        named = frozenset((*SETTINGS, *(one.name for one in spec.body.let)))
        for extension in spec.extensions:
            self.expression(extension.path, extension.line, named)
        for silent in spec.silent:
            self.expression(silent.when, silent.line, frozenset(SETTINGS))
        self.block(spec.body, shape_of(spec.message_type) if known else FREE, frozenset(SETTINGS))

    def expression(self, expression: Expression, line: int, names: Set[str], shape: Shape = FREE) -> None:
        """Tell what is wrong with an expression, and with its value in a target of this shape."""
        if not check_expression(expression, names, self.tables, lambda code, message: self.wrong(code, line, message)):
            return
        given, wanted = type_of(expression), "object" if shape.kind == "names" else shape.kind
        if shape.members and given != "object":
            self.wrong("E_SPEC_TYPE", line, "the target is an object, fill its fields")
        elif wanted not in FITS[given]:
            self.wrong("E_SPEC_TYPE", line, f"the target is {_told(shape)}, {given} does not fit")
        elif isinstance(expression, Literal) and shape.choices and expression.value not in shape.choices:
            allowed = ", ".join(sorted(shape.choices))
            self.wrong("E_SPEC_TYPE", line, f"{expression.value!r} is not allowed, expected one of {allowed}")
        else:
            for message in unfit_constants(expression, kind_of(shape)):
                self.wrong("E_SPEC_TYPE", line, message)

    def block(self, block: Block, shape: Shape, names: Set[str]) -> None:
        if block.when is not None:
            self.expression(block.when, block.line, names)
        for loop in block.loops:
            self.expression(loop.path, block.line, names)
        for named in block.let:
            if named.name in names:
                self.wrong("E_SPEC_DUPLICATE", named.line, f"${named.name} already has a meaning")
            self.expression(named.expression, named.line, names)
            names = names | {named.name}
        if block.where is not None:
            self.expression(block.where, block.line, names)
        if block.value is not None:
            self.expression(block.value, block.line, names, shape)
        else:
            self.fields(block.fields, shape, names, block.line)

    def fields(self, fields: tuple[Field, ...], shape: Shape, names: Set[str], line: int) -> None:
        for name, found in members(fields):
            member = shape.member(name)
            first = found if isinstance(found, Field) else found[0] if found else None
            if member is None:
                self.wrong("E_SPEC_TARGET", first.line if first else line, f"the canonical document has no field {name!r} here")
            elif isinstance(found, Field):
                self.field(found, member, names)
            else:
                self.group(name, fields, found, member, names)
        given = {field.target[0] for field in fields}
        for name, member in shape.members.items():
            if member.required and name not in given:
                self.wrong("E_SPEC_REQUIRED", line, f"the required field {name!r} is not filled")

    def group(self, name: str, fields: tuple[Field, ...], found: tuple[Field, ...], member: Shape, names: Set[str]) -> None:
        for field in fields:
            if field.target == (name,) and (found or field is not next(one for one in fields if one.target == (name,))):
                self.wrong("E_SPEC_DUPLICATE", field.line, f"{name!r} is filled whole and in parts")
        if member.kind not in {"object", "names", "any"}:
            self.wrong("E_SPEC_TARGET", found[0].line, f"{name!r} is {_told(member)}, it has no fields")
        elif found:
            self.fields(found, member, names, found[0].line)

    def field(self, field: Field, shape: Shape, names: Set[str]) -> None:
        if not isinstance(field.source, Block | tuple):
            self.expression(field.source, field.line, names, shape)
            return
        many = isinstance(field.source, tuple)
        for block in _blocks(field.source):
            if block.value is not None and not many and not block.loops:
                self.block(block, shape, names)
                continue
            wanted = "list" if many or block.loops else "object"
            if shape.kind not in {wanted, "any"} and not (wanted == "object" and shape.kind == "names"):
                self.wrong("E_SPEC_TYPE", field.line, f"the target is {_told(shape)}, {wanted} does not fit")
                continue
            row = (shape.item or FREE) if wanted == "list" else shape
            if block.value is None and row.kind not in {"object", "names", "any"}:
                self.wrong("E_SPEC_TYPE", field.line, f"the rows are {_told(row)}, use 'value' instead of 'fields'")
                continue
            self.block(block, row, names)


def _blocks(source: Block | tuple[Block, ...]) -> Iterator[Block]:
    yield from source if isinstance(source, tuple) else (source,)


def _told(shape: Shape) -> str:
    return {"list": "a list", "object": "an object", "names": "an object", "int": "a whole number"}.get(shape.kind, shape.kind)
