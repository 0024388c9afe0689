"""Fetching files: which ones are ready, in which order, and what becomes of each once it is archived.

A file is ready when two looks a little apart find it unchanged; one that is still being written is left for the next poll, and
so is an empty one. What is archived is moved to `done/`, what the hub could not use to `failed/`, beside the files. A crash
before the move brings the file once more, and the archive knows it by its content.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import partial
from typing import Annotated, Literal, Protocol

from pydantic import Field

from canonical.failures import Refused
from connectors.base import Accepted, Endpoint, Polled, RawMessage
from connectors.settings import PollSettings

PAGE_FILES = 50
PAGE_BYTES = 8 * 1024 * 1024


class FileSettings(PollSettings):
    """Which files are fetched, and what becomes of them.

    pattern: of the name, as in `*.edi`; letters count as they are. document: which document the files are, where they do not
    tell. after: what is done with an archived file; `leave` is for places where the hub may only read, and remembers what it
    has seen. quiet_seconds: how long a file must stay unchanged.
    """

    path: Annotated[str, Field(min_length=1)]
    pattern: Annotated[str, Field(min_length=1)] = "*"
    document: str | None = None
    after: Literal["move", "delete", "leave"] = "move"
    quiet_seconds: Annotated[float, Field(ge=0, le=60)] = 2.0
    most_bytes: Annotated[int, Field(ge=1)] = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """A file as a look finds it. changed: the place's own words or clock for when it was last written."""

    name: str
    size: int
    changed: float

    @property
    def mark(self) -> str:
        return f"{self.size} {self.changed}"


class Place(Protocol):
    """Where files are. Every call raises Transient when the place cannot be reached, Refused when it says no."""

    def listed(self) -> list[Found]:
        """The regular files, hidden ones left out."""

    def read(self, name: str, most: int) -> bytes | None:
        """What is in a file, at most so many bytes; None where it is gone."""

    def move(self, name: str, folder: str) -> None:
        """Into a folder beside the files, which is made when missing; no file there is overwritten."""

    def delete(self, name: str) -> None: ...


def fetch(endpoint: Endpoint, settings: FileSettings, place: Place, watermark: str | None) -> Iterator[Polled]:
    """The files that are ready, oldest first, some at a time. Refused at the end where one is too large."""
    found = [one for one in place.listed() if one.size and fnmatchcase(one.name, settings.pattern)]
    before: dict[str, str] = json.loads(watermark or "{}")
    taken = {one.name: before[one.name] for one in found if one.name in before}
    waiting = [one for one in found if taken.get(one.name) != one.mark]
    if not waiting:
        return
    time.sleep(settings.quiet_seconds)
    again = set(place.listed())
    ready = sorted((one for one in waiting if one in again), key=lambda one: (one.changed, one.name))
    for group in _groups([one for one in ready if one.size <= settings.most_bytes]):
        files = [(one, body) for one in group if (body := place.read(one.name, one.size + 1)) is not None and len(body) == one.size]
        taken |= {one.name: one.mark for one, _ in files}
        yield Polled(
            [_raw(endpoint, settings, one, body) for one, body in files],
            json.dumps(taken) if settings.after == "leave" else None,
            partial(_settle, settings, place, [one for one, _ in files]),
        )
    if large := [one.name for one in ready if one.size > settings.most_bytes]:
        raise Refused(f"expected files of at most {settings.most_bytes} bytes, not {', '.join(large[:5])}")


def _groups(ready: Sequence[Found]) -> Iterator[list[Found]]:
    """As many files at a time as go into memory and a transaction well."""
    group: list[Found] = []
    for one in ready:
        if group and (len(group) == PAGE_FILES or sum(other.size for other in group) + one.size > PAGE_BYTES):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _raw(endpoint: Endpoint, settings: FileSettings, one: Found, body: bytes) -> RawMessage:
    headers = {"x-file-name": one.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")}
    if settings.document:
        headers["orderlane-document"] = settings.document
    return RawMessage(endpoint.name, headers, body, datetime.now(UTC))


def _settle(settings: FileSettings, place: Place, files: Sequence[Found], answers: Sequence[Accepted]) -> None:
    """Clear away what is archived. A file that was replaced meanwhile stays: it is another one."""
    if settings.after == "leave":
        return
    unchanged = set(place.listed())
    for one, answer in zip(files, answers, strict=True):
        if one not in unchanged:
            continue
        if answer.status not in ("accepted", "untranslated"):
            place.move(one.name, "failed")
        elif settings.after == "move":
            place.move(one.name, "done")
        else:
            place.delete(one.name)


def free_name(name: str, taken: Sequence[str] | set[str]) -> str:
    """The name, or one with a number in it that is not taken: `a.edi`, `a.2.edi`, `a.3.edi`."""
    stem, dot, ending = name.rpartition(".")
    names = (f"{stem}.{n}{dot}{ending}" if stem else f"{name}.{n}" for n in range(2, len(taken) + 3))
    return name if name not in taken else next(one for one in names if one not in taken)
