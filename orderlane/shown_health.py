"""How the hub stands, on one screen."""

from rich.markup import escape

from operations.health import Health
from orderlane.shown_tables import out, table

STYLES = {"ok": "", "warning": "[yellow]", "failing": "[bold red]"}


def print_health(health: Health) -> None:
    """Every check, what needs a person first; then queues that hold something, and what failed last in polls and deliveries."""
    checks = table("", "check", "what it says", whole=("", "check"))
    for check in sorted(health.checks, key=lambda check: tuple(STYLES).index(check.status), reverse=True):
        style = STYLES[check.status]
        checks.add_row(f"{style}{check.status}{style and '[/]'}", check.name, escape(check.detail))
    out.print(checks)
    waiting = [f"{name} {packets}" for name, packets in health.queues.items() if packets]
    if waiting:
        out.print(f"packets in queues: {', '.join(waiting)}")
    for poll in health.polls:
        if poll.error:
            out.print(f"{poll.endpoint}: {poll.failures} polls failed, the last: {escape(poll.error)}")
    for circuit in health.circuits:
        until = f", nothing is sent until {circuit.open_until:%H:%M:%S} UTC" if circuit.open and circuit.open_until else ""
        out.print(f"{circuit.endpoint}: {circuit.failures} deliveries failed in a row{until}")
