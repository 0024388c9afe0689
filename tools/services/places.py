"""Where private data directories go, and what an earlier run that was killed has left there."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools.services import processes
from tools.services.processes import Identity

ROOT = Path(__file__).resolve().parents[2]
OWNER, PROCESSES, CONTAINER = "owner.json", "processes.json", "container"


class Unusable(RuntimeError):
    """No folder can hold the data."""


def bases() -> list[Path]:
    """Folders to try, best first: inside the project, then the machine's own folders for temporary data."""
    outside = f"orderlane-services-{os.getuid()}"
    return [ROOT / "var" / "services", Path("/var/tmp") / outside, Path(tempfile.gettempdir()) / outside]


def usable_base() -> Path:
    """The first folder we can write to and the servers can enter. Unusable when there is none."""
    for base in bases():
        try:
            base.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(base, os.W_OK | os.X_OK) and enterable(base):
            return base
    raise Unusable(f"no folder for private data that other users may enter, tried {', '.join(map(str, bases()))}")


def enterable(folder: Path) -> bool:
    """Whether servers that run as another user can reach the folder. Only root starts such servers."""
    if os.getuid() != 0:
        return True
    return all(step.stat().st_mode & 0o001 for step in (folder, *folder.resolve().parents))


def new_directory(kind: str) -> Path:
    """A private directory for one server, in the first usable base."""
    directory = Path(tempfile.mkdtemp(prefix=f"{kind}-", dir=usable_base()))
    directory.chmod(0o711)
    return directory


def write_owner(directory: Path) -> None:
    """Note that the directory and its processes end with this process."""
    me = processes.identity(os.getpid())
    if me is not None:
        (directory / OWNER).write_text(json.dumps([me.pid, me.started]))


def owner_alive(directory: Path) -> bool:
    """Whether the process that owns the directory still runs; a directory without an owner was started to be kept."""
    try:
        pid, started = json.loads((directory / OWNER).read_text())
    except (OSError, ValueError):
        return True
    return processes.alive(Identity(pid, started))


def write_processes(directory: Path, running: dict[str, Identity]) -> None:
    target = directory / PROCESSES
    target.with_suffix(".new").write_text(json.dumps({name: [one.pid, one.started] for name, one in running.items()}))
    target.with_suffix(".new").replace(target)


def read_processes(directory: Path) -> dict[str, Identity]:
    """The server's processes that still run, by name."""
    try:
        noted = json.loads((directory / PROCESSES).read_text())
    except (OSError, ValueError):
        return {}
    found = {name: Identity(pid, started) for name, (pid, started) in noted.items()}
    return {name: one for name, one in found.items() if processes.alive(one)}


def clear(directory: Path) -> None:
    """Kill what runs from a directory and delete it."""
    processes.kill(read_processes(directory).values())
    if (directory / CONTAINER).exists():
        name = (directory / CONTAINER).read_text()
        subprocess.run(["docker", "rm", "--force", "--volumes", name], capture_output=True, check=False)
    shutil.rmtree(directory, ignore_errors=True)


def clear_leftovers() -> list[Path]:
    """Clear every directory whose owner is gone; the directories cleared."""
    abandoned = [folder for base in bases() if base.is_dir() for folder in base.iterdir() if not owner_alive(folder)]
    for directory in abandoned:
        clear(directory)
    return abandoned
