"""Two embedded hubs never work on one database file."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from canonical.failures import Misconfigured
from orderlane.settings import Settings
from orderlane.starting import be_alone
from tests.orderlane.conftest import Orderlane

HOLD = """
import sys, time
from orderlane.starting import be_alone
from orderlane.settings import Settings
be_alone(Settings(database_url=sys.argv[1], broker_url=None))
print("held", flush=True)
time.sleep(3600)
"""


def test_the_second_hub_on_a_file_is_told_so_and_a_killed_one_leaves_it(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/new/orderlane.db", broker_url=None)
    holder = subprocess.Popen([sys.executable, "-c", HOLD, settings.database_url], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(Misconfigured, match="another `orderlane up` works on"):
        be_alone(settings)
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    be_alone(settings)


def test_a_file_of_a_hub_with_a_broker_may_be_shared(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/orderlane.db", broker_url="amqp://127.0.0.1")
    be_alone(settings)
    be_alone(settings)
    assert list(tmp_path.iterdir()) == []


def test_the_version_is_printed(orderlane: Orderlane) -> None:
    ran = orderlane("--version")
    assert (ran.returncode, ran.stdout) == (0, "orderlane 0.1.0\n")


def test_a_standing_nobody_knows_is_a_wrong_option(orderlane: Orderlane) -> None:
    orderlane("migrate")
    ran = orderlane("messages", "list", "--standing", "lying")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "'parked'" in ran.stderr


def test_a_list_with_nothing_in_it_says_so(orderlane: Orderlane) -> None:
    orderlane("migrate")
    assert [orderlane("dead", "list").stdout, orderlane("messages", "list").stdout] == ["nothing is dead\n", "no such message\n"]


def test_a_log_level_nobody_knows_is_one_line(orderlane: Orderlane) -> None:
    ran = orderlane("migrate", ORDERLANE_LOG_LEVEL="loud")
    assert (ran.returncode, len(ran.stderr.splitlines())) == (2, 1)
    assert "ORDERLANE_LOG_LEVEL" in ran.stderr
