"""A local folder as a source of files: whatever appears in it is fetched."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from canonical.failures import Transient
from connectors.base import Endpoint, Polled
from connectors.file_fetching import FileSettings, Found, fetch, free_name
from connectors.settings import polling_of


class FolderSettings(FileSettings):
    """path: the folder, relative to where the hub runs; folders in it are not looked into."""


def poll(endpoint: Endpoint, watermark: str | None) -> Iterator[Polled]:
    settings = polling_of(endpoint, FolderSettings)
    return fetch(endpoint, settings, Folder(Path(settings.path)), watermark)


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path

    def listed(self) -> list[Found]:
        with _told(self.path):
            return [found for one in self.path.iterdir() if not one.name.startswith(".") and (found := _look(one))]

    def read(self, name: str, most: int) -> bytes | None:
        with _told(self.path / name):
            try:
                with (self.path / name).open("rb") as file:
                    return file.read(most)
            except FileNotFoundError:
                return None

    def move(self, name: str, folder: str) -> None:
        target = self.path / folder
        with _told(self.path / name):
            target.mkdir(exist_ok=True)
            (self.path / name).rename(target / free_name(name, {one.name for one in target.iterdir()}))

    def delete(self, name: str) -> None:
        with _told(self.path / name):
            (self.path / name).unlink(missing_ok=True)


def _look(file: Path) -> Found | None:
    """None for what is no regular file, or gone meanwhile."""
    try:
        look = file.lstat()
    except FileNotFoundError:
        return None
    return Found(file.name, look.st_size, look.st_mtime) if stat.S_ISREG(look.st_mode) else None


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Transient(f"{path}: {error.strerror or error}") from error
