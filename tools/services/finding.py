"""Where the installed servers are. Distributions put RabbitMQ's and PostgreSQL's own programs off the PATH."""

import re
import shutil
from pathlib import Path

RABBITMQ_HOMES = (
    "usr/lib/rabbitmq/lib/rabbitmq_server-*",
    "opt/rabbitmq/lib/rabbitmq_server-*",
    "opt/rabbitmq_server-*",
    "opt/rabbitmq",
)
POSTGRESQL_PROGRAMS = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "usr/local/pgsql/bin", "usr/local/bin", "usr/bin")
POSTGRESQL_NEEDED = ("postgres", "initdb", "psql", "pg_isready")
EPMD_PLACES = ("usr/bin/epmd", "usr/lib/erlang/bin/epmd", "usr/lib/erlang/erts-*/bin/epmd", "usr/local/lib/erlang/bin/epmd")


def rabbitmq_home(root: Path = Path("/")) -> Path | None:
    """The newest installed RabbitMQ: the folder with `sbin/rabbitmq-server`, None when there is none or no Erlang to run it."""
    homes = [home for pattern in RABBITMQ_HOMES for home in root.glob(pattern) if (home / "sbin" / "rabbitmq-server").exists()]
    return max(homes, key=_version, default=None) if shutil.which("erl") else None


def postgresql_programs(root: Path = Path("/")) -> Path | None:
    """The newest installed PostgreSQL server: the folder with its programs, None when there is none."""
    folders = [folder for pattern in POSTGRESQL_PROGRAMS for folder in root.glob(pattern)]
    whole = [folder for folder in folders if all((folder / name).exists() for name in POSTGRESQL_NEEDED)]
    return max(whole, key=_version, default=None)


def epmd(root: Path = Path("/")) -> str:
    """Erlang's port mapper. FileNotFoundError when it is not installed."""
    on_path = shutil.which("epmd")
    places = [str(place) for pattern in EPMD_PLACES for place in sorted(root.glob(pattern))]
    if on_path is None and not places:
        raise FileNotFoundError("epmd, which comes with Erlang, is not installed")
    return on_path or places[-1]


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", str(folder)))
