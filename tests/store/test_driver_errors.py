"""What a database refuses is known by its code, not by its words; what an operator may heal is waited for."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from canonical.failures import Misconfigured, Transient
from store.database import Database, open_database
from tests.support.gate import Gate
from tests.support.tables import file_with_tables

MARK = "INSERT INTO watermarks (name, value) VALUES ('test', 1)"
SPOILT_PROOF = re.compile(rb",p=....")


@pytest.fixture
def gate(postgres_url: str) -> Iterator[Gate]:
    gate = Gate(postgres_url)
    yield gate
    gate.close()


def failure_of(database: Database, *statements: str) -> Transient:
    with pytest.raises(Transient) as failed, database.transaction() as tx:
        for sql in statements:
            tx.run(sql)
    database.close()
    return failed.value


def in_another_language(data: bytes) -> bytes:
    return data.replace(b"password authentication failed", b"Passwort-Authentif. schlug fehl"[:30])


def test_a_login_that_is_refused_is_known_in_any_language(gate: Gate, postgres_url: str) -> None:
    gate.up, gate.down = lambda data: SPOILT_PROOF.sub(b",p=AAAA", data), in_another_language
    failure = failure_of(open_database(gate.url))
    assert "Passwort-Authentif. schlug feh" in str(failure)
    assert open_database(postgres_url).keeps_us_out(failure)  # asked without the gate, which this process could not attend


def test_a_database_that_is_not_there_keeps_us_out_and_a_server_that_is_down_does_not(gate: Gate, postgres_url: str) -> None:
    nowhere = open_database(f"{postgres_url.rpartition('/')[0]}/nowhere")
    assert nowhere.keeps_us_out(failure_of(nowhere))
    gate.close()
    down = open_database(gate.url)
    assert not down.keeps_us_out(failure_of(down))


def test_a_host_without_an_address_is_a_mistake() -> None:
    database = open_database("postgresql://orderlane@no.such.host.invalid/x")
    assert database.keeps_us_out(failure_of(database))


def test_a_password_that_becomes_wrong_is_waited_out(gate: Gate) -> None:
    database = open_database(gate.url)
    with database.reading() as tx:
        assert tx.rows("SELECT 1")
    gate.up = lambda data: SPOILT_PROOF.sub(b",p=AAAA", data)
    gate.cut()
    for _ in range(2):
        with pytest.raises(Transient), database.reading() as tx:
            tx.rows("SELECT 1")
    gate.up = lambda data: data
    with database.reading() as tx:
        assert tx.rows("SELECT 1")
    database.close()


def test_a_postgresql_that_only_reads_or_took_a_right_away_is_waited_for(copied_url: str) -> None:
    name = urlsplit(copied_url).path.removeprefix("/")
    with psycopg.connect(copied_url, autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    assert "read-only" in str(failure_of(open_database(copied_url), MARK))
    with psycopg.connect(copied_url, autocommit=True) as admin:
        admin.execute("SET default_transaction_read_only = off")
        admin.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
        admin.execute("CREATE ROLE nobody_in_particular")
    try:
        without = open_database(copied_url)
        assert without.keeps_us_out(failure_of(without, "SET LOCAL ROLE nobody_in_particular", MARK))
    finally:
        with psycopg.connect(copied_url, autocommit=True) as admin:
            admin.execute("DROP ROLE nobody_in_particular")


def pid_of(database: Database) -> int:
    with database.statement() as tx:
        return int(tx.rows("SELECT pg_backend_pid() AS pid")[0].pid)


def test_a_connection_that_the_server_ended_meanwhile_is_thrown_away(postgres_url: str) -> None:
    database, other = open_database(postgres_url, pool_size=1), open_database(postgres_url, pool_size=1)
    ended = pid_of(database)
    assert pid_of(database) == ended
    with other.statement() as tx:
        tx.rows("SELECT pg_terminate_backend(:pid)", pid=ended)
    with pytest.raises(Transient), database.transaction() as tx:
        tx.run("SELECT 1")
    assert pid_of(database) != ended
    database.close()
    other.close()


def test_transactions_at_one_time_have_a_connection_each(postgres_url: str) -> None:
    database = open_database(postgres_url)
    with database.transaction(), database.transaction() as tx:
        pids = {pid_of(database), pid_of(database), tx.rows("SELECT pg_backend_pid() AS pid")[0].pid}
    database.close()
    assert len(pids) == 2


def test_a_statement_that_is_wrong_is_not_waited_for(copied_url: str) -> None:
    database = open_database(copied_url)
    with pytest.raises(psycopg.ProgrammingError), database.transaction() as tx:
        tx.run("SELECT nothing_of_the_kind")
    database.close()


def test_a_sqlite_file_that_is_full_or_only_read_is_waited_for(tmp_path: Path) -> None:
    url = file_with_tables(tmp_path / "orderlane.db")
    for limit in ("PRAGMA max_page_count = 1", "PRAGMA query_only = on"):
        database = open_database(url)
        with pytest.raises(Transient), database.transaction() as tx:
            tx.rows(limit)
            tx.run("INSERT INTO watermarks (name, value) SELECT 'test', hex(randomblob(1000000))")
        database.close()


def test_a_sqlite_file_that_is_broken_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "orderlane.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(Misconfigured), open_database(f"sqlite:///{tmp_path / 'orderlane.db'}").reading() as tx:
        tx.rows("SELECT 1")
