"""Fields of our models are read as those of any other object: nothing is looked up by a way of its own."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from pydantic import BaseModel

from canonical.documents.registry import DOCUMENTS
from canonical.values import Money, Value
from orderlane.settings import Settings


def models(kind: type[BaseModel] = BaseModel) -> Iterator[type[BaseModel]]:
    """Every model of the product that is loaded."""
    for model in kind.__subclasses__():
        if not model.__module__.startswith(("pydantic", "fastapi")):
            yield model
        yield from models(model)


def test_no_model_has_private_fields_for_which_it_would_have_to_look_further() -> None:
    found = set(models())
    assert {Value, Money, Settings, *DOCUMENTS.values()} <= found
    assert [model for model in found if model.__private_attributes__] == []
    assert [model for model in found if any("__getattr__" in vars(base) for base in model.__mro__)] == []


def test_a_field_that_is_not_there_is_told_by_name() -> None:
    with pytest.raises(AttributeError, match="'Money' object has no attribute 'amuont'"):
        _ = Money(amount=Decimal("1.00"), currency="EUR").amuont  # type: ignore[attr-defined]
