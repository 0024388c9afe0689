"""What every test can ask for; see tests/support/services.py for servers and databases, examples.py for how much is tried."""

import gc

pytest_plugins = ["tests.support.services", "tests.support.examples"]


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: looking through it for garbage again and again took a fifth of the time."""
    gc.collect()
    gc.freeze()
