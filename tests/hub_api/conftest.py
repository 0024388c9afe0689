"""What partners sign with, for all doors of a module."""

from collections.abc import Iterator

import pytest

from demo.partners import SECRETS


@pytest.fixture(scope="module")
def secrets() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        yield
