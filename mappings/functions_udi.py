"""Mapping functions on device labels."""

from typing import Any

from canonical.barcodes import read_udi
from canonical.problems import Problem
from mappings.failing import Unfit


def udi(text: str) -> dict[str, Any]:
    """What a label says: di, gtin, lot, serial, expiry, mfg_date, quantity, agency; `flags` are the codes of what is wrong with it.
    Unfit where it cannot be read."""
    label = read_udi(text)
    if not label.is_readable:
        raise Unfit("E_UDI_PARSE", "expected a device label of GS1 or HIBC", text)
    names = ("agency", "di", "gtin", "lot", "serial", "expiry", "mfg_date", "quantity")
    told = {name: getattr(label, name) for name in names}
    return {**{name: value for name, value in told.items() if value is not None}, "flags": _codes(label.problems)}


def _codes(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in problems]
