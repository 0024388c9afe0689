"""Private RabbitMQ and PostgreSQL servers for tests, demos and benchmarks.

python -m tools.services run -- COMMAND...   start both, run COMMAND with their URLs in its environment, stop both
python -m tools.services start [--dir D]     start both and leave them running
python -m tools.services stop [--dir D]      stop them; their data stays
python -m tools.services status [--dir D]    what runs
python -m tools.services env [--dir D]       lines for `eval`: export ORDERLANE_...='...'
"""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools.services import pair, places, ports
from tools.services.installing import InstallFailed
from tools.services.provision import Missing
from tools.services.service import Service, ServiceFailed

FAILURES = (Missing, InstallFailed, ServiceFailed, places.Unusable, ports.NoFreePorts)


def run(command: list[str]) -> int:
    """Run a command with both servers beside it; its exit code, 128 + the signal's number where a signal ended it."""
    with pair.running() as urls:
        child = subprocess.Popen(command, env={**os.environ, **urls})
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C reaches the command too: wait for its end
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda received, _: child.send_signal(received))
        code = child.wait()
    return code if code >= 0 else 128 - code


def start(services: dict[str, Service]) -> int:
    pair.start_all(list(services.values()))
    return show_environment(services)


def stop(services: dict[str, Service]) -> int:
    pair.stop_all(list(services.values()))
    pair.say("stopped, data kept")
    return 0


def status(services: dict[str, Service]) -> int:
    """Say what runs; 0 when both do, 3 otherwise, as service managers answer."""
    for service in services.values():
        pair.say(f"{service.title}: {f'running on port {service.port}' if service.running else 'stopped'} ({service.directory})")
    return 0 if all(service.running for service in services.values()) else 3


def show_environment(services: dict[str, Service]) -> int:
    for name, service in services.items():
        print(f"export {name}='{service.url}'")
    return 0


COMMANDS: dict[str, Callable[[dict[str, Service]], int]] = {
    "start": start,
    "stop": stop,
    "status": status,
    "env": show_environment,
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.services", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("command", choices=["run", *COMMANDS])
    parser.add_argument("--dir", type=Path, help="where kept servers live (default: var/services/kept)")
    ours, command = _split(arguments)
    chosen = parser.parse_args(ours)
    try:
        if chosen.command == "run":
            return run(command or parser.error("run needs a command: run -- COMMAND..."))
        return COMMANDS[chosen.command](pair.kept((chosen.dir or places.usable_base() / "kept").resolve()))
    except FAILURES as failed:
        print(f"services: {failed}", file=sys.stderr)
        return 1


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    if "--" not in arguments:
        return arguments, []
    here = arguments.index("--")
    return arguments[:here], arguments[here + 1 :]


def _end_in_order(number: int, _: object) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end_in_order)
    signal.signal(signal.SIGHUP, _end_in_order)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
