"""Why an order stands as it does, printed: each run of decisions, who or what said what, and what lost to what."""

from collections.abc import Mapping
from typing import Any

from rich.markup import escape

from operations.decisions import DecisionRun, OrderDecisions, PolicyDecision
from orderlane.shown_tables import out, table

COLOURS = {"pass": "green", "hold": "yellow", "approve": "yellow", "reject": "red"}


def print_decisions(found: OrderDecisions) -> None:
    """Every run as a table."""
    for run in found.runs:
        _print_run(found.order_no, run)


def _print_run(order_no: str, run: DecisionRun) -> None:
    cause = run.cause_type or run.cause
    out.print(f"[bold]{escape(order_no)}[/]  {run.seq}. {run.step}, {run.decided_at:%Y-%m-%d %H:%M:%S} UTC, because of {cause}")
    rows = table("policy", "line", "result", "code", "why", whole=("policy", "line", "result", "code"))
    for one in run.decisions:
        result = f"[{COLOURS.get(one.result, 'default')}]{one.result}[/]"
        rows.add_row(escape(one.policy), escape(one.line_no or ""), result, escape(one.code or ""), escape(_why(one)))
        for candidate in one.considered:
            rows.add_row("", "", "", "", f"  considered {escape(_pairs(candidate))}")
    out.print(rows)
    out.print()


def _why(one: PolicyDecision) -> str:
    return "; ".join(part for part in (one.text, _pairs(one.inputs)) if part)


def _pairs(values: Mapping[str, Any]) -> str:
    said = {name.replace("_", " "): value for name, value in values.items() if value not in (None, "", [], {})}
    return ", ".join(f"{name} {_plainly(value)}" for name, value in said.items())


def _plainly(value: Any) -> str:
    return " and ".join(map(str, value)) if isinstance(value, list) else str(value)
