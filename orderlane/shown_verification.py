"""What a check of the books found, printed."""

from typing import Any

from rich.markup import escape

from operations.verify import Verification
from orderlane.shown_tables import out, table


def print_verification(result: Verification) -> None:
    """The figures, and what does not add up."""
    counts = table("figure", "count")
    figures: dict[str, Any] = result.model_dump(exclude={"differences", "seconds", "raws", "deliveries"})
    for name, count in figures.items():
        counts.add_row(name.replace("_", " "), str(count))
    for kind, statuses in (("raw messages", result.raws), ("deliveries", result.deliveries)):
        for status, count in statuses.items():
            counts.add_row(f"{kind}, {status.replace('_', ' ')}", str(count))
    out.print(counts)
    for difference in result.differences:
        out.print(f"[bold]{escape(difference.what)}[/]: {difference.count}, for example {escape(str(difference.example))}")
    out.print("the ledger is exact" if result.exact else "the ledger is NOT exact")
