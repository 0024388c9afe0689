"""The private servers that tests, demos and benchmarks run on: they keep confirmed data and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pika
import psycopg
import pytest
from pika.exceptions import ChannelClosedByBroker

from tests.support.waiting import PATIENCE, until
from tools.services import places, processes, provision

ROOT = Path(__file__).resolve().parents[2]
QUORUM = {"x-queue-type": "quorum"}
SETTLED_SECONDS = 5  # RabbitMQ 3.10 can lose a quorum queue that is killed within its first moments


def test_database_keeps_committed_rows_through_kills_and_forgets_them_with_its_disk(services: dict[str, str]) -> None:
    with provision.database() as database:
        port = database.port
        database.sql("CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")
        with psycopg.connect(database.url) as open_connection:
            database.kill()
            with pytest.raises(psycopg.OperationalError):
                open_connection.execute("SELECT 1")
        assert not database.running
        database.restart()
        assert (database.port, database.sql("SELECT n FROM kept")) == (port, "1")
        assert database.sql("SELECT current_setting('fsync'), current_setting('synchronous_commit')") == "on|on"
        database.wipe_data()
        database.start()
        assert database.sql("SELECT count(*) FROM pg_tables WHERE tablename = 'kept'") == "0"


def test_broker_keeps_confirmed_messages_through_a_kill_and_forgets_them_with_its_disk(services: dict[str, str]) -> None:
    with provision.broker() as broker:
        port = broker.port
        with pika.BlockingConnection(pika.URLParameters(broker.url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.queue_declare("kept", durable=True, arguments=QUORUM)
            time.sleep(SETTLED_SECONDS)
            channel.basic_publish("", "kept", b"x", pika.BasicProperties(delivery_mode=2), mandatory=True)
        broker.kill()
        broker.restart()
        assert broker.port == port
        assert until(lambda: _waiting(broker.url, "kept"), "what was confirmed is there") == 1
        broker.wipe_data()
        broker.start()
        with pytest.raises(ChannelClosedByBroker, match="NOT_FOUND"):
            _waiting(broker.url, "kept")


def test_servers_end_when_the_run_that_owns_them_is_killed(services: dict[str, str]) -> None:
    run = _start_run("print('up', flush=True); import time; time.sleep(3600)")
    try:
        directories = [
            folder for base in places.bases() if base.is_dir() for folder in base.iterdir() if _owned_by(folder, run.pid)
        ]
        running = [process for folder in directories for process in places.read_processes(folder).values()]
        assert len(directories) == 1 and len(running) == 1
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        assert processes.wait_gone(running, seconds=PATIENCE)
        assert until(lambda: not any(folder.exists() for folder in directories), "their data are gone")
    finally:
        run.kill()


def test_run_answers_with_the_exit_code_of_its_command(services: dict[str, str]) -> None:
    command = [sys.executable, "-m", "tools.services", "run", "--", "sh", "-c", "exit 7"]
    assert subprocess.run(command, cwd=ROOT, env={**os.environ, **services}, check=False).returncode == 7


def _start_run(program: str) -> subprocess.Popen[str]:
    """A process that owns a private PostgreSQL and has said that it is up."""
    text = f"from tools.services import provision\nwith provision.database():\n    {program}"
    run = subprocess.Popen([sys.executable, "-c", text], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None and run.stdout.readline() == "up\n"
    return run


def _owned_by(folder: Path, pid: int) -> bool:
    owner = folder / places.OWNER
    return owner.exists() and owner.read_text().startswith(f"[{pid},")


def _waiting(url: str, queue: str) -> int:
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        return connection.channel().queue_declare(queue, passive=True).method.message_count
