"""The Kuaidi100 codec: what `param` of a push holds, or the answer of a query: a source for each leg, at home and abroad."""

from collections.abc import Iterator
from typing import Any

from canonical.problems import Problem, shown
from mappings.codecs import json
from mappings.codecs.base import Path, Source
from mappings.codecs.carrier_forms import pushed

FIELD = "param"
LEGS = ("lastResult", "destResult")


class Kuaidi100:
    """Reads pushes and answers; the tree of a source is a result, with what the push says beside it under `push`."""

    def read(self, body: bytes) -> Iterator[Source]:
        """A source for each result; Malformed for what is no JSON."""
        document, way = pushed(body, FIELD)
        tree = json.parsed(document)
        legs = [name for name in LEGS if isinstance(tree, dict) and tree.get(name)]
        if not legs:
            yield _source(tree, {}, way)
        for name in legs:
            push = {key: value for key, value in tree.items() if key not in LEGS}
            yield _source(tree[name], push, (*way, name))

    def write(self, tree: Any) -> bytes:
        return json.written(tree)


def _source(result: Any, push: dict[str, Any], way: Path) -> Source:
    def located(path: Path) -> str:
        return json.locate((*way[:-1], *path[1:]) if path[:1] == ("push",) else (*way, *path))

    if not isinstance(result, dict) or not (result.get("nu") or result.get("data")):
        told = result.get("message") if isinstance(result, dict) else push.get("message")
        value = shown(str(told)) if told else None
        return Source({}, located, problems=(Problem("E_DOCUMENT", located(("message",)), "expected news about a number", value),))
    nothing = "" if result.get("data") else f"no news about {result['nu']}: {push.get('message') or result.get('message')}"
    return Source({**result, "push": push}, located, reference=json.locate(way) if way else "", skipped=nothing)
