"""What every test can ask for; see tests/support: services.py for servers and databases, waiting.py for time,
examples.py for how much is tried."""

import gc
import os
import shutil
from pathlib import Path

pytest_plugins = ["tests.support.services", "tests.support.examples", "tests.support.waiting"]

MEMORY, ROOMY = Path("/dev/shm"), 2 << 30


def pytest_configure() -> None:
    """Temporary files in memory where there is room: at each of thousands of commits SQLite waits for the disk it writes to."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOMY:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: looking through it for garbage again and again took a fifth of the time."""
    gc.collect()
    gc.freeze()
