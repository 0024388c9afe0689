"""Documents that answer for several things at once, cut into pieces: one is translated, or refused, whatever its neighbours are.

`split` of a spec says where the pieces stand, `refuse` where a piece (or the whole document) says that there is nothing.
"""

from collections.abc import Iterator
from dataclasses import replace

from canonical.problems import Problem, shown
from mappings.codecs.base import Path as TreePath
from mappings.codecs.base import Source
from mappings.expressions import Path
from mappings.functions_lists import is_missing
from mappings.specs import Spec
from mappings.tracing_values import Misread, Read, rows_at, walk


def pieces(spec: Spec, source: Source) -> Iterator[Source]:
    """The pieces of a source, each with its place as its reference; a source with nothing at any of the places is refused."""
    if not spec.split or source.problems or source.skipped or source.acknowledge is not None:
        yield source
        return
    root = root_of(spec, source)
    places = [read for path in spec.split for read in reads_of(path, root)]
    if all(read.value is None for read in places):
        problem = refusal(spec, source, root) or Problem(
            "E_DOCUMENT", source.locate(places[0].path), "expected what this document is about"
        )
        yield replace(source, tree={}, problems=(problem,))
    for place in places:
        for row in rows_at(place.value, place.path):
            yield _piece(source, row)


def _piece(source: Source, row: Read) -> Source:
    def located(path: TreePath) -> str:
        return source.locate((*row.path, *path))

    return replace(source, tree=row.value, locate=located, reference=source.reference or located(()))


def root_of(spec: Spec, source: Source) -> Read:
    """Where the document starts: the first of the spec's roots at which something stands, else the top."""
    top = Read((), source.tree)
    return next((read for path in spec.roots for read in reads_of(path, top)[:1] if not is_missing(read.value)), top)


def refusal(spec: Spec, source: Source, start: Read | None = None) -> Problem | None:
    """What a source that holds no news says instead, by the first of the spec's `refuse` that stands in it."""
    for path in spec.refuse:
        for read in reads_of(path, start or Read((), source.tree)):
            if not is_missing(read.value):
                told = None if isinstance(read.value, dict | list) else shown(str(read.value))
                return Problem("E_DOCUMENT", source.locate(read.path), "expected news, not a refusal", told)
    return None


def reads_of(path: Path, start: Read) -> list[Read]:
    """What stands at a path, one read for every branch of a `[]` in it; missing where a step cannot be taken."""
    reads: list[Read] = []
    try:
        walk(start.value, start.path, path.steps, reads)
    except Misread as error:
        return [Read(error.path, None)]
    return reads
