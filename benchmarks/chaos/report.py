"""What chaos found: a JSON file for programs and a table for people."""

from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.system import OUT

FILE = OUT / "chaos.json"


def write(result: dict[str, Any]) -> Path:
    OUT.mkdir(parents=True, exist_ok=True)
    FILE.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2) + b"\n")
    return FILE


def show(result: dict[str, Any]) -> None:
    out = Console(highlight=False)
    table = Table("killed", "times", "works again after: median", "longest", box=None, pad_edge=False, header_style="bold")
    for role, times in result["kills"].items():
        recovery = result["recovery_s"].get(role)
        shown = [f"{recovery[name]:.1f} s" for name in ("p50", "max")] if recovery else ["not", "in time"]
        table.add_row(role, str(times), *shown)
    out.print(table)
    out.print(
        f"\n{result['accepted']} webhooks accepted, {result['messages']} messages in {result['seconds']:.0f} s;"
        f" settled {result['settled_s']:.0f} s after the last"
    )
    for name in ("lost", "doubled", "disordered"):
        detail = result["differences"].get(name)
        out.print(f"{name:<11} {result[name]}{f'  {detail}' if detail else ''}")
    out.print(f"overtaken   {result['overtaken']}  (rightly: the earlier message was parked, for it came before what it is about)")
    out.print(f"orderlane verify: exit code {result['verify']['exit_code']}")
    if missing := too_few(result):
        out.print(f"[bold]fewer kills than the {result['kills_asked']} asked for in the time given[/]: {', '.join(missing)}")
    if result["stuck"]:
        out.print(f"[bold]did not come back in time[/]: {result['stuck']}")


def too_few(result: dict[str, Any]) -> list[str]:
    """The roles that were killed less often than asked for."""
    return [role for role, times in result["kills"].items() if times < result["kills_asked"]]


def passed(result: dict[str, Any]) -> bool:
    wrong = result["lost"] or result["doubled"] or result["disordered"] or result["stuck"] or too_few(result)
    return not wrong and result["verify"]["exit_code"] == 0
