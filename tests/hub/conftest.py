"""One hub per kind of machinery, started once; each test brings its own orders and items."""

import itertools
import uuid
from collections.abc import Callable, Iterator

import pytest
import yaml

from demo.partners import Partners
from tests.hub.running import World
from tests.support.services import new_database
from tools.services import pair


@pytest.fixture(scope="package", params=["embedded", "services"])
def mode(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="package")
def partners() -> Iterator[Partners]:
    partners = Partners()
    partners.start()
    yield partners
    partners.stop()


@pytest.fixture(scope="package")
def world(
    mode: str, partners: Partners, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[World]:
    """A hub without master data."""
    yield from running(World(tmp_path_factory.mktemp(f"hub-{mode}"), partners), mode, request)


@pytest.fixture(scope="package")
def dealers(
    mode: str, partners: Partners, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[World]:
    """A hub of its own, for master data that the orders of other tests know nothing of; a hospital orders there by EDIFACT."""
    hospital = {
        "partner": "hospital", "connector": "edifact", "secrets": ["env:DEALER_ACME_TOKEN"],
        "options": {"auth": "bearer", "time_zone": "Europe/Amsterdam", "currency": "EUR"},
    }  # fmt: skip
    world = World(tmp_path_factory.mktemp(f"dealers-{mode}"), partners, hospital=hospital)
    file = world.config / "policies.yaml"
    policies = yaml.safe_load(file.read_text())
    policies["approval"]["people"] = PEOPLE
    file.write_text(yaml.safe_dump(policies, sort_keys=False))
    yield from running(world, mode, request)


def running(world: World, mode: str, request: pytest.FixtureRequest) -> Iterator[World]:
    """Embedded: one process on SQLite. Services: every role in a process of its own on PostgreSQL and RabbitMQ."""
    if mode == "embedded":
        yield from started(world, world.start)
        return
    servers, namespace = request.getfixturevalue("services"), f"test-{uuid.uuid4().hex[:10]}"
    with new_database(servers[pair.DATABASE_URL]) as database_url:
        world.on_services(database_url, servers[pair.BROKER_URL], namespace)
        yield from started(world, world.start_roles)
    world.channels().delete()


def started(world: World, start: Callable[[], None]) -> Iterator[World]:
    try:
        start()
        yield world
    finally:
        world.end()


PEOPLE = {"regional_manager": ["li", "D-1"], "finance": ["wang", "li"], "compliance": ["li"], "sales_assistant": ["li"]}
"""Who may act in which role; the dealer's own number, to see that it may not approve its own orders."""
NUMBERS = itertools.count(1)


@pytest.fixture
def number() -> int:
    """A number that no other test uses, for orders, items and parcels."""
    return next(NUMBERS)
