"""The fixtures give what they promise: a database nobody else sees, on both kinds of machinery."""

import psycopg
import pytest
from sqlalchemy import create_engine, text

SEEN: dict[str, set[str]] = {"empty_url": set(), "namespace": set()}


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_an_empty_database_of_its_own(turn: int, mode: str, empty_url: str) -> None:
    assert empty_url.startswith("sqlite:///" if mode == "embedded" else "postgresql://")
    assert empty_url not in SEEN["empty_url"]
    SEEN["empty_url"].add(empty_url)
    engine = create_engine(empty_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE only_mine (n int)"))
    engine.dispose()


def test_database_is_dropped_even_while_someone_is_connected(postgres_url: str) -> None:
    left_open = psycopg.connect(postgres_url)
    assert left_open.execute("SELECT current_setting('synchronous_commit')").fetchone() == ("on",)


@pytest.mark.parametrize("turn", [1, 2])
def test_names_on_the_shared_broker_differ_from_test_to_test(turn: int, mode: str, broker_url: str | None, namespace: str) -> None:
    assert (broker_url is None) == (mode == "embedded")
    assert namespace not in SEEN["namespace"]
    SEEN["namespace"].add(namespace)
