"""Documents that answer for several things at once, cut into pieces: one is translated, or refused, whatever its neighbours are.

`split` of a spec says where the pieces stand, `refuse` where a piece (or the whole document) says that there is nothing.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from canonical.problems import Problem, shown
from mappings.codecs.base import Path as TreePath
from mappings.codecs.base import Source
from mappings.expressions import Key, Path
from mappings.functions_lists import is_missing
from mappings.specs import Spec
from mappings.tracing_values import Misread, Read, rows_at, walk

NOTHING: tuple[Any, ...] = (None, "", {})
ITSELF = (Path("row"),)
"""The split of a document that is one piece, or a list of them."""


def pieces(spec: Spec, source: Source) -> Iterator[Source]:
    """The pieces of a source, each row of a list with its place as its reference; with nothing at any place it is refused."""
    if not spec.split or source.problems or source.skipped or source.acknowledge is not None:
        yield source
        return
    root = root_of(spec, source)
    if spec.split == ITSELF and root.value is source.tree and isinstance(root.value, dict):
        yield source
        return
    places = [read for path in spec.split for read in reads_of(path, root)]
    taken: list[Read] = []
    for place in places:
        if place.value not in NOTHING and not any(_holds(place, other) for other in taken):
            taken.append(place)
    if not taken:
        problem = refusal(spec, source, root) or Problem(
            "E_DOCUMENT", source.locate(places[0].path), "expected what this document is about"
        )
        yield source._replace(tree={}, problems=(problem,))
    elif all(place.value == [] for place in taken):
        yield source._replace(tree={}, skipped=f"nothing at {source.locate(taken[0].path)}")
    for place in taken:
        for row in rows_at(place.value, place.path):
            yield _piece(source, row)


def other_tops(spec: Spec) -> tuple[str, ...] | None:
    """The names by which an object could be more than the document itself, as most are: where nothing stands at any of them, it
    is one piece. None where that cannot be told by names."""
    before = list(itertools.takewhile(lambda path: path.steps, spec.roots))
    names = tuple(path.steps[0].name for path in before if isinstance(path.steps[0], Key))
    return names if spec.split == ITSELF and len(names) == len(before) else None


def _holds(place: Read, other: Read) -> bool:
    """Whether a place is around one that was taken already."""
    return len(place.path) < len(other.path) and other.path[: len(place.path)] == place.path


def _piece(source: Source, row: Read) -> Source:
    def located(path: TreePath) -> str:
        return source.locate((*row.path, *path))

    numbered = bool(row.path) and isinstance(row.path[-1], int)
    return source._replace(tree=row.value, locate=located, reference=source.reference or (located(()) if numbered else ""))


def root_of(spec: Spec, source: Source) -> Read:
    """Where the document starts: the first of the spec's roots at which something stands, else the top."""
    top = Read((), source.tree)
    return next((read for path in spec.roots for read in reads_of(path, top)[:1] if not is_missing(read.value)), top)


def refusal(spec: Spec, source: Source, start: Read | None = None) -> Problem | None:
    """What a source that holds no news says instead, by the first of the spec's `refuse` that stands in it."""
    for path, why in spec.refuse:
        found = _first((path,), start or Read((), source.tree))
        if found is not None:
            told = None if isinstance(found.value, dict | list) else shown(str(found.value))
            return Problem("E_DOCUMENT", source.locate(found.path), why, told)
    return None


def silence(spec: Spec, source: Source) -> str | Problem:
    """Why a source rightly holds no news, by the first of the spec's `skip` that stands in it; the problem where nothing does."""
    found = _first(spec.skip, Read((), source.tree))
    if found is not None:
        return f"no news about {source.locate(found.path)} {shown(str(found.value))}"
    return Problem("E_DOCUMENT", source.locate(()), "expected what this document is about") if spec.skip else ""


def _first(paths: Iterable[Path], start: Read) -> Read | None:
    reads = (read for path in paths for read in reads_of(path, start))
    return next((read for read in reads if not is_missing(read.value)), None)


def reads_of(path: Path, start: Read) -> list[Read]:
    """What stands at a path, one read for every branch of a `[]` in it; missing where a step cannot be taken."""
    reads: list[Read] = []
    try:
        walk(start.value, start.path, path.steps, reads)
    except Misread as error:
        return [Read(error.path, None)]
    return reads
