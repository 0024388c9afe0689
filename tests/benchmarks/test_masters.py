"""The benchmark's master data let every order of the benchmark pass every policy."""

import pytest

from benchmarks import masters, policies
from handlers.catalogue import Catalogue

pytestmark = pytest.mark.slow


def test_every_order_passes_every_policy() -> None:
    catalogue = Catalogue()
    catalogue.take(*masters.documents())
    assert set(policies.measure(policies.placed(30), catalogue)) == set(policies.POLICIES)
    assert len(masters.price_list().policies) == 2_600
