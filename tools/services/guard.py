"""The guard: a small process beside each private server. When the server's owner ends, however it ends, so does the server."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from tools.services import places

EVERY_SECONDS = 0.25


def start_guard(directory: Path) -> subprocess.Popen[bytes]:
    """Start a guard over a server's directory; it leaves when the directory is gone."""
    command = [sys.executable, "-m", "tools.services.guard", str(directory)]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=places.ROOT, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)


def watch(directory: Path) -> None:
    while directory.exists():
        if not places.owner_alive(directory):
            places.clear(directory)
            return
        time.sleep(EVERY_SECONDS)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    watch(Path(sys.argv[1]))
