"""What is made without validation is what the class makes."""

from decimal import Decimal

import pytest

from canonical.documents.order_answers import ConfirmedLine, OrderConfirmed
from canonical.documents.shipments import ShipmentLine
from canonical.making import trusting
from canonical.values import Party, Quantity

LINE = {"line_no": "1", "item": "GLOVES", "qty": Quantity(value=Decimal(2))}


def test_it_equals_what_the_class_makes_in_value_and_in_writing() -> None:
    line = trusting(ConfirmedLine)(**LINE, base_qty=Decimal(200), base_uom="EA")
    assert line == ConfirmedLine(**LINE, base_qty=Decimal(200), base_uom="EA")
    head = {"order_no": "SO-1", "origin": "shop", "channel": "edi", "ship_to": Party(party_id="H-1"), "lines": (line,)}
    made, validated = trusting(OrderConfirmed)(**head), OrderConfirmed(**head)
    assert made == validated
    assert made.body() == validated.body() == validated.model_dump_json(exclude_defaults=True).encode()
    assert OrderConfirmed.model_validate_json(made.body()) == made


def test_a_copy_with_other_values_leaves_the_first_as_it_was() -> None:
    line = trusting(ConfirmedLine)(**LINE)
    assert line.model_copy(update={"item": "MASKS"}).item == "MASKS"
    assert line == ConfirmedLine(**LINE)


def test_what_a_class_makes_anew_is_not_shared() -> None:
    make = trusting(ShipmentLine)
    one, other = (make(order_no="SO-1", line_no=no, item="GLOVES", qty=Decimal(1)) for no in ("1", "2"))
    assert one.references == {} and one.references is not other.references


def test_missing_and_unknown_fields_are_errors_of_the_caller() -> None:
    make = trusting(ConfirmedLine)
    with pytest.raises(TypeError):
        make(line_no="1")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        make(**LINE, colour="blue")  # type: ignore[call-arg]
