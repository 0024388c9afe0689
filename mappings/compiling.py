"""A checked spec as one Python function: the mapping as a person would write it by hand, made once at start.

    convert(tree, settings, message) -> iterator of targets

`tree` as the codec read it, `message` the envelope of an outgoing message (empty on the way in). A target is a dict with the
canonical document's fields, or the partner's tree. Raises Unfit, ArithmeticError or ValueError when something does not fit; where
and why is then found by `tracing`, so that the hot path carries no paths.
"""

import linecache
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from canonical.amounts import ZERO
from canonical.documents.base import Document
from canonical.documents.registry import DOCUMENTS
from mappings import coercing, reading
from mappings.emitting import Emitter, filled, is_constant, rows_of
from mappings.expressions import Expression, Literal, Path
from mappings.failing import Unfit
from mappings.functions import FUNCTIONS
from mappings.functions_lists import holds, is_missing
from mappings.functions_text import plain
from mappings.specs import ANY, Block, Extension, Field, Spec, members
from mappings.targets import FREE, Shape, kind_of, shape_of

Convert = Callable[[Any, Any, Mapping[str, Any]], Iterator[dict[str, Any]]]
ConvertAll = Callable[[Any, Any, Mapping[str, Any]], Iterator[tuple[type[Document], dict[str, Any]]]]
ONE_EMPTY_ROW: list[Any] = [{}]


def expect(value: Any, wanted: str) -> None:
    """Refuse a document that is not the one the mapping is for."""
    if str(value) != wanted:
        raise Unfit("E_DOCUMENT", f"expected {wanted}", value)


def compiled(spec: Spec) -> Convert:
    """The function of a spec without mistakes."""
    return _made(spec, *source_of(spec))  # type: ignore[no-any-return]


def compiled_all(spec: Spec) -> ConvertAll:
    """The function of a spec and of the further messages made of the same document: each target behind the class it is for.
    Where most documents make one message, to ask for the others costs a tenth of what a function for each does."""
    return _made(spec, *source_of(spec, *spec.also, named=True))  # type: ignore[no-any-return]


def model_of(spec: Spec) -> type[Document]:
    """What a spec makes of incoming documents."""
    return DOCUMENTS.get(spec.message_type, Document)


def _made(spec: Spec, source: str, constants: Mapping[str, Any]) -> Any:
    filename = f"<mapping {spec.connector}/{spec.document}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {
        **{f"f_{name}": function.call for name, function in FUNCTIONS.items()},
        **{name: getattr(coercing, name) for name in dir(coercing) if name.startswith("as_") or name in {"instant", "number"}},
        **{name: getattr(reading, name) for name in ("NOTHING", "part", "rows", "row_at", "match")},
        **constants,
        "Decimal": Decimal, "ZERO": ZERO, "holds": holds, "is_missing": is_missing, "plain": plain, "expect": expect,
        "TABLES": spec.tables, "ONE_EMPTY_ROW": ONE_EMPTY_ROW,
    }  # fmt: skip
    exec(compile(source, filename, "exec"), namespace)
    return namespace["convert"]


def source_of(*specs: Spec, named: bool = False) -> tuple[str, dict[str, Any]]:
    """The source text of the function of specs for one document, and the constants it names. named: each target stands behind
    its class."""
    emitter = Emitter()
    emitter.emit("zone = settings.time_zone")
    _root(emitter, specs[0])
    for number, spec in enumerate(specs):
        before = ""
        if named:
            emitter.constants[f"model_{number}"] = model_of(spec)
            before = f"model_{number}, "
        _messages(emitter, spec, before)
    return "\n".join(("def convert(tree, settings, message):", *emitter.lines, "")), emitter.constants


def _messages(emitter: Emitter, spec: Spec, before: str) -> None:
    """Emit what yields the targets of one spec, each with something before it."""
    shape = FREE if spec.direction == "out" or spec.message_type == ANY else shape_of(spec.message_type)
    emitter.names = {}
    for path, wanted in spec.expect:
        emitter.emit(f"expect({emitter.read(path)}, {wanted!r})")

    def document() -> None:
        target = _object(emitter, spec.body.fields, shape)
        _extensions(emitter, spec.extensions, target)
        emitter.emit(f"yield {before}{target}")

    _rows(emitter, spec.body, document)
    emitter.scopes = ["root"]


def _root(emitter: Emitter, spec: Spec) -> None:
    """The first of the paths at which something stands is the document's root; a piece of a document is its own."""
    emitter.emit("root = tree")
    roots = () if spec.split else spec.roots
    for number, path in enumerate(roots):
        emitter.scopes = ["tree"]
        candidate = emitter.read(Path("row", path.steps))
        emitter.emit(f"root{number} = {candidate}")
    for number in reversed(range(len(roots))):
        emitter.emit(f"if not is_missing(root{number}): root = root{number}")
    emitter.scopes = ["root"]


def _rows(emitter: Emitter, block: Block, made: Callable[[], None]) -> None:
    """The condition and the loops of a block around what `made` emits for each row."""
    if block.when is not None:
        with emitter.under(f"if {emitter.holds(block.when)}:"):
            _loops(emitter, block, 0, made)
    else:
        _loops(emitter, block, 0, made)


def _loops(emitter: Emitter, block: Block, level: int, made: Callable[[], None]) -> None:
    if level < len(block.loops):
        loop = block.loops[level]
        given, row = emitter.variable("w"), emitter.variable("r")
        emitter.emit(f"{given} = {emitter.read(loop.path)}")
        with emitter.under(f"for {row} in {rows_of(given)}{' or ONE_EMPTY_ROW' if loop.or_one else ''}:"):
            emitter.scopes.append(row)
            _loops(emitter, block, level + 1, made)
        return
    for named in block.let:
        emitter.name(named.name, named.expression)
    if block.where is not None:
        with emitter.under(f"if {emitter.holds(block.where)}:"):
            made()
    else:
        made()


def _object(emitter: Emitter, fields: tuple[Field, ...], shape: Shape) -> str:
    """Emit an object with all of its fields; its variable. It may turn out empty."""
    target = emitter.variable("t")
    emitter.emit(f"{target} = {{}}")
    _fill(emitter, fields, shape, target, constant=False)
    _fill(emitter, fields, shape, target, constant=True)
    return target


def _fill(emitter: Emitter, fields: tuple[Field, ...], shape: Shape, target: str, *, constant: bool) -> None:
    """Emit the fields that read the document, or those that do not."""
    for name, found in members(fields):
        member = shape.member(name) or FREE
        if only_constants(found) is not constant:
            continue
        if isinstance(found, Field):
            _field(emitter, found, member, target)
        else:
            _group(emitter, found, member, f"{target}[{name!r}]", constant=constant)


def only_constants(found: Field | tuple[Field, ...]) -> bool:
    if isinstance(found, tuple):
        return all(only_constants(one) for one in found)
    return not isinstance(found.source, Block | tuple) and is_constant(found.source)


def _group(emitter: Emitter, fields: tuple[Field, ...], shape: Shape, place: str, *, constant: bool) -> None:
    """Emit an object; where it reads the document it is left out when nothing but constants would be in it."""
    if constant:
        emitter.emit(f"{place} = {_object(emitter, fields, shape)}")
        return
    target = emitter.variable("t")
    emitter.emit(f"{target} = {{}}")
    _fill(emitter, fields, shape, target, constant=False)
    with emitter.under(f"if {target}:"):
        _fill(emitter, fields, shape, target, constant=True)
        emitter.emit(f"{place} = {target}")


def _field(emitter: Emitter, field: Field, shape: Shape, target: str) -> None:
    place = f"{target}[{field.target[0]!r}]"
    if isinstance(field.source, tuple) or (isinstance(field.source, Block) and field.source.loops):
        _list(emitter, field.source if isinstance(field.source, tuple) else (field.source,), shape, place)
    elif isinstance(field.source, Block):
        block = field.source
        _rows(emitter, block, lambda: _single(emitter, block, shape, place))
    else:
        _store(emitter, field.source, shape, f"{place} = ")


def _store(emitter: Emitter, expression: Expression, shape: Shape, before: str, after: str = "") -> None:
    """Emit a statement around the value of an expression, carried out when there is one."""
    kind = kind_of(shape)
    value = emitter.value(expression, kind)
    if not isinstance(expression, Literal):
        emitter.emit(f"if {filled(value, kind)}: {before}{value}{after}")
    elif value != "None":
        emitter.emit(f"{before}{value}{after}")


def _single(emitter: Emitter, block: Block, shape: Shape, place: str) -> None:
    if block.value is not None:
        _store(emitter, block.value, shape, f"{place} = ")
    else:
        _group(emitter, block.fields, shape, place, constant=all(only_constants(one) for one in block.fields))


def _list(emitter: Emitter, blocks: tuple[Block, ...], shape: Shape, place: str) -> None:
    """Emit a list: the rows of all blocks one after the other; left out when there are none."""
    rows, item = emitter.variable("l"), shape.item or FREE
    emitter.emit(f"{rows} = []")
    for block in blocks:
        _rows(emitter, block, lambda block=block: _row(emitter, block, item, rows))  # type: ignore[misc]
    emitter.emit(f"if {rows}: {place} = {rows}")


def _row(emitter: Emitter, block: Block, shape: Shape, rows: str) -> None:
    if block.value is None:
        emitter.emit(f"{rows}.append({_object(emitter, block.fields, shape)})")
    else:
        _store(emitter, block.value, shape, f"{rows}.append(", ")")


def _extensions(emitter: Emitter, extensions: tuple[Extension, ...], target: str) -> None:
    if not extensions:
        return
    kept = emitter.variable("x")
    emitter.emit(f"{kept} = {{}}")
    for extension in extensions:
        value = emitter.variable("v")
        emitter.emit(f"{value} = {emitter.read(extension.path)}")
        with emitter.under(f"if {value}.__class__ is str:"):
            emitter.emit(f"if {value}: {kept}[{extension.name!r}] = {value}")
        is_there = f"{value} or {value} is not None and {value} != [] and {value} != {{}}"
        emitter.emit(f"elif {is_there}: {kept}[{extension.name!r}] = {value} if {value}.__class__ is bool else plain({value})")
    emitter.emit(f"if {kept}: {target}['extensions'] = {kept}")
