"""Spec files (YAML) as `Spec` values; every mistake of form is collected with its line, nothing stops at the first."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

import yaml

from canonical.documents.registry import DOCUMENTS
from canonical.nearest import instead
from mappings.expressions import BadExpression, Expression, Literal, Path, parse
from mappings.sameness import SAME, same_fields
from mappings.spec_nodes import constant, items_of, line_of, moved
from mappings.specs import Block, Extension, Field, Loop, Named, Silent, Spec, SpecProblem
from mappings.targets import Shape, shape_of

HEADER = ("connector", "direction", "codec", "message_type")
BLOCK_KEYS = frozenset(("each", "when", "where", "let", "fields", "value"))
SPEC_KEYS = BLOCK_KEYS - {"value"} | frozenset(
    (*HEADER, "document", "documents", "root", "split", "refuse", "skip", "silent", "closed", "same", "expect", "tables",
     "tables_from", "extensions", "also")
)  # fmt: skip
ALSO_KEYS = BLOCK_KEYS - {"value"} | frozenset(("message_type", "extensions"))
SILENT_KEYS = frozenset(("when", "because"))
NOTHING = Literal("")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml reads ten times as fast where PyYAML was built with it."""
TABLES = ".tables.yaml"
"""What the name of a file ends with that holds tables for several specs."""
NO_NEWS = "expected news, not a refusal"
"""What is told of a piece that makes no message, where the spec has no text of its own for it."""
PARTS = "_parts.yaml"
"""The file of a folder's parts that `<<: name` includes among the keys of a spec file."""
INCLUDE = "<<"


def is_shared(file: FilePath) -> bool:
    """Whether a file holds what several specs of its folder share, and no spec."""
    return file.name == PARTS or file.name.endswith(TABLES)


def read_spec(file: FilePath) -> tuple[Spec | None, list[SpecProblem]]:
    """The spec of a file, or None where its form is too broken to go on, and what is wrong with its form."""
    reader = _Reader(file)
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        reader.wrong("E_SPEC_YAML", 1, "expected UTF-8 text")
        return None, reader.problems
    try:
        node = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = min(mark.line + 1, len(text.splitlines())) if mark else 1
        reader.wrong("E_SPEC_YAML", line, getattr(error, "problem", None) or "expected YAML")
        return None, reader.problems
    if not isinstance(node, yaml.MappingNode):
        reader.wrong("E_SPEC_YAML", 1, "expected a mapping of keys")
        return None, reader.problems
    return reader.spec(node), reader.problems


class _Reader:
    """Walks the YAML nodes of one file."""

    def __init__(self, file: FilePath) -> None:
        self.file = file
        self.problems: list[SpecProblem] = []

    def wrong(self, code: str, line: int, message: str) -> None:
        self.problems.append(SpecProblem(str(self.file), line, code, message))

    def spec(self, node: yaml.MappingNode) -> Spec:
        top = dict(self.pairs(node, SPEC_KEYS))
        for name in (*HEADER, "fields"):
            if name not in top:
                self.wrong("E_SPEC_KEY", 1, f"expected the key {name!r}")
        header = {name: self.text(top[name]) if name in top else "" for name in HEADER}
        main = Spec(
            file=self.file,
            connector=header["connector"],
            direction=header["direction"],
            codec=header["codec"],
            message_type=header["message_type"],
            documents=self.documents(top),
            body=self.body(top, header["message_type"]),
            roots=self.paths(top.get("root")),
            split=self.paths(top.get("split")),
            refuse=tuple(self.refusals(top.get("refuse"))),
            skip=self.paths(top.get("skip")),
            closed=tuple(self.text(one) for one in items_of(top["closed"])) if "closed" in top else None,
            silent=tuple(self.silent(one) for one in items_of(top.get("silent"))),
            expect=tuple(self.expectations(top.get("expect"))),
            tables=dict(self.tables_from(top.get("tables_from"))) | dict(self.tables(top.get("tables"))),
            extensions=tuple(self.extensions(top.get("extensions"))),
            lines={name: line_of(value) for name, value in top.items()},
        )
        return replace(main, also=tuple(self.also(main, one) for one in items_of(top.get("also"))))

    def documents(self, top: dict[str, yaml.Node]) -> tuple[str, ...]:
        """The documents a spec is for: one under `document`, or several under `documents`."""
        if ("document" in top) == ("documents" in top):
            self.wrong("E_SPEC_KEY", 1, "expected either the key 'document' or 'documents'")
        names = tuple(self.text(one) for one in items_of(top.get("documents", top.get("document"))))
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.wrong("E_SPEC_DUPLICATE", line_of(top["documents"]), f"{name!r} stands twice")
        return names or ("",)

    def silent(self, node: yaml.Node) -> Silent:
        keys = dict(self.pairs(node, SILENT_KEYS))
        for name in sorted(SILENT_KEYS - keys.keys()):
            self.wrong("E_SPEC_KEY", line_of(node), f"expected the key {name!r}")
        because = self.text(keys["because"]) if "because" in keys else ""
        return Silent(line_of(node), self.optional(keys.get("when")) or NOTHING, because)

    def also(self, main: Spec, node: yaml.Node) -> Spec:
        """A further message made of the same document: its own type, rows and fields; root and tables are the spec's."""
        keys = dict(self.pairs(node, ALSO_KEYS))
        if "message_type" not in keys:
            self.wrong("E_SPEC_KEY", line_of(node), "expected the key 'message_type'")
        return replace(
            main,
            message_type=self.text(keys["message_type"]) if "message_type" in keys else "",
            body=self.block({name: keys[name] for name in keys if name in BLOCK_KEYS}, line_of(node)),
            expect=(),
            extensions=tuple(self.extensions(keys.get("extensions"))),
            lines={name: line_of(value) for name, value in keys.items()},
        )

    def body(self, top: dict[str, yaml.Node], message_type: str) -> Block:
        fields = top.get("fields")
        if isinstance(fields, yaml.ScalarNode) and fields.value == SAME and message_type in DOCUMENTS:
            return Block(1, fields=same_fields(shape_of(message_type), line_of(fields)))
        block = self.block({name: top[name] for name in top if name in BLOCK_KEYS}, 1)
        return replace(block, fields=(*self.same(top["same"], message_type), *block.fields)) if "same" in top else block

    def same(self, node: yaml.Node, message_type: str) -> tuple[Field, ...]:
        """The fields that are read from the paths of their own names."""
        members = shape_of(message_type).members if message_type in DOCUMENTS else {}
        names = [self.text(one) for one in items_of(node)]
        for name in names:
            if name not in members:
                self.wrong("E_SPEC_TARGET", line_of(node), f"the canonical document has no field {name!r} here")
        chosen = {name: members[name] for name in names if name in members}
        return same_fields(Shape("object", members=chosen), line_of(node))

    def pairs(self, node: yaml.Node | None, known: frozenset[str] | None = None) -> Iterator[tuple[str, yaml.Node]]:
        """Keys and values of a mapping node, those of included parts last; a key that is unknown or stands twice is told and
        left out, one that an included part has as well wins."""
        seen: dict[str, int] = {}
        included: list[tuple[yaml.Node, yaml.Node]] = []
        if node is not None and not isinstance(node, yaml.MappingNode):
            self.wrong("E_SPEC_KEY", line_of(node), "expected a mapping of keys")
            return
        for key, value in node.value if node is not None else ():
            name, line = str(key.value), line_of(key)
            if name == INCLUDE:
                included += self.parts_of(value)
            elif known is not None and name not in known:
                self.wrong("E_SPEC_KEY", line, f"unknown key {name!r}.{instead(name, known)}")
            elif name in seen:
                self.wrong("E_SPEC_DUPLICATE", line, f"{name!r} already stands on line {seen[name]}")
            else:
                seen[name] = line
                yield name, value
        for key, value in included:
            if str(key.value) not in seen:
                seen[str(key.value)] = line_of(key)
                yield str(key.value), value

    def parts_of(self, node: yaml.Node) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """The entries of the parts that `<<` names, those that they include last; told as standing where they are included."""
        for one in items_of(node):
            part = self.parts.get(self.text(one))
            if part is None:
                known = ", ".join(sorted(self.parts)) or "none"
                self.wrong("E_SPEC_NAME", line_of(one), f"{PARTS} has no part {self.text(one)!r}, there are: {known}")
                continue
            entries = moved(part, one.start_mark).value
            yield from (entry for entry in entries if str(entry[0].value) != INCLUDE)
            for inner in (value for key, value in entries if str(key.value) == INCLUDE):
                yield from self.parts_of(inner)

    @cached_property
    def parts(self) -> dict[str, yaml.MappingNode]:
        """What several files of a folder share, by name."""
        file = self.file.with_name(PARTS)
        try:
            node = yaml.compose(file.read_text(encoding="utf-8"), Loader=LOADER) if file.exists() else None
        except (yaml.MarkedYAMLError, UnicodeDecodeError) as error:
            node = None
            self.wrong("E_SPEC_YAML", 1, f"{PARTS}: {error}")
        entries = node.value if isinstance(node, yaml.MappingNode) else ()
        return {str(key.value): value for key, value in entries if isinstance(value, yaml.MappingNode)}

    def block(self, keys: dict[str, yaml.Node], line: int) -> Block:
        loops = tuple(self.loop(one) for one in items_of(keys.get("each")))
        if ("fields" in keys) == ("value" in keys):
            self.wrong("E_SPEC_KEY", line, "expected either 'fields' or 'value'")
        return Block(
            line,
            loops,
            self.optional(keys.get("when")),
            self.optional(keys.get("where")),
            tuple(Named(name, line_of(value), self.expression(value)) for name, value in self.pairs(keys.get("let"))),
            tuple(
                Field(tuple(name.split(".")), line_of(value), self.source(value)) for name, value in self.pairs(keys.get("fields"))
            ),
            self.optional(keys.get("value")),
        )

    def source(self, node: yaml.Node) -> Expression | Block | tuple[Block, ...]:
        if isinstance(node, yaml.MappingNode):
            return self.block(dict(self.pairs(node, BLOCK_KEYS)), line_of(node))
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.block(dict(self.pairs(one, BLOCK_KEYS)), line_of(one)) for one in node.value)
        return self.expression(node)

    def optional(self, node: yaml.Node | None) -> Expression | None:
        return None if node is None else self.expression(node)

    def expression(self, node: yaml.Node) -> Expression:
        """Numbers, true, false and texts after "=" are constants; any other text is an expression."""
        stated = constant(node)
        if stated is not None:
            return Literal(stated)
        try:
            return parse(self.text(node))
        except BadExpression as error:
            self.wrong("E_SPEC_SYNTAX", line_of(node), str(error))
            return NOTHING

    def paths(self, node: yaml.Node | None) -> tuple[Path, ...]:
        return tuple(self.path(one) for one in items_of(node))

    def refusals(self, node: yaml.Node | None) -> Iterator[tuple[Path, str]]:
        """Paths with what is told of them: of each its own text, or of all the same."""
        if isinstance(node, yaml.MappingNode):
            yield from self.expectations(node)
        else:
            yield from ((path, NO_NEWS) for path in self.paths(node))

    def path(self, node: yaml.Node) -> Path:
        expression = self.expression(node)
        if isinstance(expression, Path):
            return expression
        if expression is not NOTHING:
            self.wrong("E_SPEC_SYNTAX", line_of(node), f"expected a path, found {self.text(node)!r}")
        return Path("row")

    def loop(self, node: yaml.Node) -> Loop:
        text = self.text(node).rstrip()
        or_one = text.endswith("?")
        bare = yaml.ScalarNode("tag:yaml.org,2002:str", text.rstrip("?"), node.start_mark, node.end_mark)
        return Loop(self.path(bare), or_one)

    def text(self, node: yaml.Node) -> str:
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        self.wrong("E_SPEC_KEY", line_of(node), "expected a text")
        return ""

    def expectations(self, node: yaml.Node | None) -> Iterator[tuple[Path, str]]:
        for name, value in self.pairs(node):
            key = yaml.ScalarNode("tag:yaml.org,2002:str", name, value.start_mark, value.end_mark)
            yield self.path(key), self.text(value)

    def tables(self, node: yaml.Node | None) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, entries in self.pairs(node):
            yield name, {key: self.entry(value) for key, value in self.pairs(entries)}

    def tables_from(self, node: yaml.Node | None) -> Iterator[tuple[str, dict[str, Any]]]:
        """The tables of a file beside this one, which several specs of a connector share."""
        if node is None:
            return
        shared = _Reader(self.file.with_name(f"{self.text(node)}{TABLES}"))
        try:
            yield from shared.tables(yaml.compose(shared.file.read_text(encoding="utf-8"), Loader=LOADER))
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            self.wrong("E_SPEC_TABLE", line_of(node), f"expected a file of tables {shared.file.name!r} beside this one")
        self.problems += shared.problems

    def entry(self, node: yaml.Node) -> Any:
        stated = constant(node)
        return self.text(node) if stated is None else stated

    def extensions(self, node: yaml.Node | None) -> Iterator[Extension]:
        for one in items_of(node):
            yield Extension(self.text(one).lstrip("/^$"), line_of(one), self.path(one))
