"""What stock counts: whole millionths, in whatever document they come."""

import json
from typing import Any

import pytest

from mappings.translation import OWN_SPECS, Settings, Translations

TRANSLATIONS = Translations.load(OWN_SPECS / "canonical")
LINE = {"line_no": "1", "item": "KNEE-7"}
SHIPPED = {"shipment_no": "S1", "warehouse": "WH1", "dispatched_at": "2026-11-01T00:00:00Z"}
DOCUMENTS: dict[tuple[str, str], dict[str, Any]] = {
    ("stock.level", "items[0].on_hand"): {
        "location": "WH1", "as_of": "2026-11-01T00:00:00Z", "mode": "delta", "reference": "R1",
        "items": [{"item": "KNEE-7", "on_hand": "?"}],
    },
    ("shipment.dispatched", "lines[0].qty"): SHIPPED | {"lines": [LINE | {"order_no": "A1", "qty": "?"}]},
    ("shipment.dispatched", "lines[0].lots[0].qty"): SHIPPED
    | {"lines": [LINE | {"order_no": "A1", "qty": "1", "lots": [{"lot": "L1", "qty": "?"}]}]},
    ("order.cancelled", "lines[0].qty"): {
        "order_no": "A1", "reason_code": "buyer", "requested_by": "D1", "lines": [{"line_no": "1", "qty": "?"}],
    },
    ("order.changed", "line_ops[0].qty.value"): {
        "order_no": "A1", "revision": 2, "line_ops": [{"op": "update", "line_no": "1", "qty": {"value": "?"}}],
    },
}  # fmt: skip


def problems(document: str, data: dict[str, Any], qty: str) -> list[tuple[str, str]]:
    body = json.dumps({"type": document, "data": data}).replace('"?"', json.dumps(qty)).encode()
    (part,) = TRANSLATIONS.translate("canonical", document, body, Settings())
    return [(problem.code, problem.path) for problem in part.problems]


@pytest.mark.parametrize(("document", "path"), DOCUMENTS)
@pytest.mark.parametrize("qty", ["2", "2.000001"])
def test_a_quantity_of_whole_millionths_is_taken(document: str, path: str, qty: str) -> None:
    assert problems(document, DOCUMENTS[document, path], qty) == []


@pytest.mark.parametrize(("document", "path"), DOCUMENTS)
@pytest.mark.parametrize("qty", ["2.0000001", "0.0000001"])
def test_a_finer_quantity_is_refused_where_it_stands(document: str, path: str, qty: str) -> None:
    assert problems(document, DOCUMENTS[document, path], qty) == [("E_QTY", f"data.{path}")]
