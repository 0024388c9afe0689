"""The SF codec: routes as SF Express pushes them (JSON, XML, XML in a form) and as its queries answer (JSON in JSON, XML).

Each event is a source, with the waybill's number beside what the event says, and names the same whatever the format.
"""

from collections.abc import Iterator
from typing import Any

from canonical.problems import Problem, shown
from mappings.codecs import json, xml
from mappings.codecs.base import Path, Source
from mappings.codecs.carrier_forms import pushed

FIELD = "content"
ANSWER = "apiResultData"
GOOD_ANSWER = "A1000"
LISTS: tuple[Path, ...] = (
    ("Body", "WaybillRoute"), ("Body", "RouteResponse", "Route"), ("msgData", "routeResps", "routes"),
    ("msgData", "routeResps", "route"), ("WaybillRoute",), ("routeResps", "routes"),
)  # fmt: skip
"""Where the events stand."""
OF_THE_WAYBILL = ("mailno", "mailNo", "orderid", "orderId")
ERRORS: tuple[Path, ...] = (("apiErrorMsg",), ("errorMsg",), ("errorMessage",), ("ERROR",), ("return_msg",))


class Sf:
    """Reads pushes and answers."""

    def read(self, body: bytes) -> Iterator[Source]:
        """A source for each event, or one that tells the error SF answered with; Malformed for what is neither JSON nor XML."""
        tree, way = _opened(body)
        found = [event for path in LISTS for event in _events(tree, way, {}, path)]
        if not found and _is_good(tree):
            yield Source({}, json.locate, skipped="no routes yet")
        elif not found:
            yield Source({}, json.locate, problems=_problems(tree, way))
        for event, place in found:
            yield _source(event, place)

    def write(self, tree: Any) -> bytes:
        return json.written(tree)


def _opened(body: bytes) -> tuple[Any, Path]:
    """The tree of a document and the way to it, with the answer of a query taken out of its text."""
    document, way = pushed(body, FIELD)
    if document.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        ((name, content),) = xml.tree_of(xml.parsed(document)).items()
        return _plain(content), (*way, name)
    tree = json.parsed(document)
    inner = tree.get(ANSWER) if isinstance(tree, dict) else None
    if isinstance(inner, str) and inner.strip() and tree.get("apiResultCode") == GOOD_ANSWER:
        return json.parsed(inner.encode()), (*way, ANSWER)
    return (inner, (*way, ANSWER)) if isinstance(inner, dict) else (tree, way)


def _plain(node: Any) -> Any:
    """An element with its attributes under their plain names."""
    if isinstance(node, list):
        return [_plain(one) for one in node]
    return {name.lstrip("@"): _plain(value) for name, value in node.items()} if isinstance(node, dict) else node


def _events(node: Any, way: Path, known: dict[str, Any], rest: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    """Every event at the end of a path, with what the waybill around it says, and its place."""
    for number, row in enumerate(node if isinstance(node, list) else [node]):
        place = (*way, number) if isinstance(node, list) else way
        if not isinstance(row, dict):
            continue
        known_here = known | {name: row[name] for name in OF_THE_WAYBILL if row.get(name)}
        if not rest:
            yield known_here | row, place
        elif row.get(rest[0]):
            yield from _events(row[rest[0]], (*place, rest[0]), known_here, rest[1:])


def _source(event: dict[str, Any], place: Path) -> Source:
    def located(path: Path) -> str:
        return json.locate((*place, *path))

    return Source(event, located, reference=located(()))


def _is_good(tree: Any) -> bool:
    """Whether an answer without events says itself that nothing is wrong."""
    return isinstance(tree, dict) and (tree.get("success") is True or tree.get("Head") == "OK")


def _problems(tree: Any, way: Path) -> tuple[Problem, ...]:
    """What a document without events says instead."""
    row = tree if isinstance(tree, dict) else {}
    for path in ERRORS:
        value = row.get(path[0])
        if value:
            text = value.get("#text") if isinstance(value, dict) else value
            return (Problem("E_DOCUMENT", json.locate((*way, *path)), "expected routes, not an error", shown(str(text))),)
    return (Problem("E_DOCUMENT", json.locate(way), "expected routes of a waybill"),)
