"""Folders of mapping files: the sound ones, and what is wrong with the others."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from mappings.checking import check_spec
from mappings.codecs.table import CODECS
from mappings.spec_files import is_shared, read_spec
from mappings.specs import Spec, SpecProblem


def check_specs(*folders: Path) -> list[SpecProblem]:
    """Everything wrong with the spec files below the folders, in the order of files and lines."""
    return sound_specs(*folders)[1]


def sound_specs(*folders: Path) -> tuple[list[Spec], list[SpecProblem]]:
    """The sound specs below the folders, and what is wrong with the others."""
    specs: dict[tuple[str, str, str], Spec] = {}
    problems: list[SpecProblem] = []
    files = [file for folder in folders for file in sorted(folder.rglob("*.yaml"))]
    states = {folder: _state(folder) for folder in {file.parent for file in files}}
    for file in (file for file in files if not is_shared(file)):
        spec, wrong = _checked(file, states[file.parent])
        found = [*wrong, *(_known_already(spec, specs) if spec is not None else ())]
        if spec is not None and not found:
            specs.update(dict.fromkeys(spec.names, spec))
        problems += sorted(found)
    return list({id(spec): spec for spec in specs.values()}.values()), problems


@cache
def _checked(file: Path, state: frozenset[tuple[str, int, int]]) -> tuple[Spec | None, tuple[SpecProblem, ...]]:
    """A spec and what is wrong with it. Read once for each state of its folder, in which it may share things with others."""
    spec, found = read_spec(file)
    if spec is not None:
        found += [problem for one in (spec, *spec.also) for problem in check_spec(one, CODECS.keys())]
    return spec, tuple(found)


def _state(folder: Path) -> frozenset[tuple[str, int, int]]:
    """What changes when a file of the folder does."""
    told = ((file.name, file.stat()) for file in folder.glob("*.yaml"))
    return frozenset((name, stat.st_mtime_ns, stat.st_size) for name, stat in told)


def _known_already(spec: Spec, specs: Mapping[tuple[str, str, str], Spec]) -> Iterator[SpecProblem]:
    line = spec.lines.get("document", spec.lines.get("documents", 1))
    for name in spec.names:
        if name in specs:
            yield SpecProblem(str(spec.file), line, "E_SPEC_DUPLICATE", f"{name[:2]} is already in {specs[name].file}")
