"""What a light class takes, its class takes too, and both say and write the same of it."""

from collections.abc import Iterator
from copy import copy
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canonical.documents.base import Document
from canonical.documents.registry import DOCUMENTS
from canonical.failures import Malformed
from canonical.light import light, light_class, whole
from tests.canonical.test_writing import canonical_documents

Path = tuple[str | int, ...]
ODD: tuple[Any, ...] = (
    None, "", " ", "x", "S", "EA", "EUR", "eur", "ZZZ", "DE", "DE\n", "de", "ЯЯ", "stock", "x" * 200, "x" * 201, "x" * 4000,
    "x" * 4001, "Größe 漢字 🩺 \"\\/\b\f\n\r\t\x01\x1f\x7f<&>\u2028", "1.5", "2026-11-26", "2026-11-26T08:00:00Z", b"EUR",
    0, 1, -1, 3, 7, 4000, 2**40, 2**63, 2**70, True, False, 1.0, 0.1, float("nan"),
    Decimal(0), Decimal("0.00"), Decimal("-0"), Decimal(1), Decimal("1.000"), Decimal("1E+2"), Decimal("0E-7"), Decimal(-1),
    Decimal(10) ** 12, Decimal(10) ** 12 + Decimal("0.01"), -(Decimal(10) ** 12), Decimal(1000), Decimal("NaN"), Decimal("sNaN"),
    Decimal("Infinity"), Decimal("-Infinity"), date(2026, 11, 26), date(1, 1, 1), datetime(2026, 11, 26, 1, 2, 3, 4, UTC),
    datetime(2026, 11, 26), datetime(2026, 11, 26, 1, 2, 3, 400_000, timezone(timedelta(hours=5, minutes=30))),
    datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1), datetime(1, 1, 1, tzinfo=timezone(timedelta(0, 60))),
    [], (), {}, ["x"], ["x", ""], ["x", None], [Decimal(1)], [1.5], {"x": "y"}, {"x": ""}, {"": "y"}, {"x": None}, {1: "y"},
    {"x": 1.5}, {"x": [1, None, {"y": [True, "z" * 4001]}]}, {"x": "y" * 201}, {"x": "y" * 4001}, {"x" * 4001: "y"},
    {"x": Decimal(1)}, {"x": 2**70},
)  # fmt: skip

NAMES = sorted({name for kind in DOCUMENTS.values() for name in kind.model_fields} | {"colour"})


@cache
def samples() -> tuple[tuple[type[Document], dict[str, Any]], ...]:
    """The golden samples as mappings make them: fields of objects, lists for rows."""
    return tuple((type(document), _plain(document.model_dump(exclude_defaults=True))) for document in canonical_documents())


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    for step, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(one, (*path, step))


def changed(value: Any, path: Path, to: Any) -> Any:
    """A copy with another value at a place."""
    made = copy(value)
    made[path[0]] = changed(value[path[0]], path[1:], to) if len(path) > 1 else to
    return made


def same(kind: type[Document], fields: dict[str, Any]) -> bool:
    """Whether the light class takes them; then all it says is what its class says."""
    made = light(kind, fields)
    if made is None:
        return False
    document = kind.model_validate(fields)
    document.check()
    assert made.content() == document.content()
    assert made.fact() == document.fact()
    assert made.body() == document.body()
    assert whole(made) == document
    for ask in ("subject", "partition_key", "identity", "occurred_at", "known_as"):
        assert getattr(made, ask)() == getattr(document, ask)()
    return True


@pytest.mark.parametrize("kind", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_every_document_has_its_light_class(kind: type[Document]) -> None:
    assert set(light_class(kind).__struct_fields__) == set(kind.model_fields)


def test_every_golden_sample_is_taken_and_said_alike() -> None:
    right = [(kind, fields) for kind, fields in samples() if keeps_its_rules(kind, fields)]
    assert all(same(kind, fields) for kind, fields in right)
    assert len({kind for kind, _ in right}) > 8


def keeps_its_rules(kind: type[Document], fields: dict[str, Any]) -> bool:
    try:
        kind.model_validate(fields).check()
    except Malformed:
        return False
    return True


def test_a_document_that_breaks_an_invariant_is_left_to_its_class() -> None:
    kind, order = next((kind, fields) for kind, fields in samples() if "payable" in fields.get("totals", {}))
    assert light(kind, order) is not None
    assert light(kind, {**order, "totals": {**order["totals"], "payable": order["totals"]["payable"] + 1}}) is None


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_whatever_it_takes_its_class_takes_and_says_alike(data: st.DataObject) -> None:
    kind, fields = data.draw(st.sampled_from(samples()))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(places(fields))))
        name = data.draw(st.sampled_from(NAMES))
        at = fields
        for step in path:
            at = at[step]
        path = (*path, name) if isinstance(at, dict) and (not path or data.draw(st.booleans())) else path
        if path:
            fields = changed(fields, path, data.draw(st.sampled_from(ODD)))
    same(kind, fields)
