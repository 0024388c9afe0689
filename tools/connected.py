"""Health of a process that serves no HTTP: it holds an open connection to each port named, in this network namespace.

    python connected.py 5672 5432      exit 0 when both are held, else 1 and the missing ports on one line

Reads Linux's own connection tables; stdlib only, opens nothing itself.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
ESTABLISHED = "01"
REMOTE, STATE = 2, 3


def open_remote_ports(tables: Iterable[Path] = TABLES) -> set[int]:
    """The remote ports of all established connections."""
    rows = [line.split() for table in tables if table.exists() for line in table.read_text().splitlines()[1:]]
    return {int(row[REMOTE].rsplit(":", 1)[1], 16) for row in rows if row[STATE] == ESTABLISHED}


def main(arguments: list[str]) -> int:
    missing = {int(port) for port in arguments} - open_remote_ports()
    if missing:
        print(f"no open connection to port {', '.join(map(str, sorted(missing)))}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
