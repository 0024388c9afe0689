"""Which product a line means."""

from typing import Any

from canonical.documents.master import Master
from handlers.order.policies import product as policy
from handlers.order.policies.base import Case
from handlers.order.policies.settings import Policies, ProductSettings
from tests.handlers.policies.selling import case, catalogue_of, customer, product, said


def decided(*lines: dict[str, Any], known: tuple[Master, ...] = (), settings: Policies | None = None) -> Case:
    asked = case(*lines)
    asked.customer = customer("C-1", item_ids={"THEIRS": "P-2"})
    masters = known or (product("P-1", mpn="M-1", udi_di="06901234567892"), product("P-2"))
    policy.decide([asked], catalogue_of(asked.customer, *masters), settings or Policies())
    return asked


def test_every_line_gets_its_product_and_the_order_one_decision() -> None:
    asked = decided({"mpn": "M-1"}, {"buyer_item_id": "THEIRS"}, {"sku": "P-1", "udi_di": "06901234567892"})
    assert {no: found.sku for no, found in asked.products.items()} == {"1": "P-1", "2": "P-2", "3": "P-1"}
    assert (said(asked), asked.decisions[0].inputs) == ([("pass", None, None)], {"1": "P-1", "2": "P-2", "3": "P-1"})


def test_an_unknown_item_holds_its_line_or_rejects_the_order() -> None:
    asked = decided({"sku": "P-1"}, {"sku": "nowhere", "gtin": "04006381333931"})
    assert said(asked) == [("hold", "E_ITEM", "2")]
    assert asked.decisions[0].inputs == {"sku": "nowhere", "gtin": "04006381333931"}
    strict = Policies(product=ProductSettings(unknown="reject"))
    assert said(decided({"sku": "nowhere"}, settings=strict)) == [("reject", "E_ITEM", "1")]


def test_numbers_of_different_products_hold() -> None:
    asked = decided({"sku": "P-2", "mpn": "M-1"})
    assert (said(asked), asked.products) == ([("hold", "E_ITEM", "1")], {})
    assert asked.decisions[0].considered == ({"by": "sku", "sku": "P-2"}, {"by": "mpn", "sku": "P-1"})


def test_a_device_identifier_of_another_product_holds() -> None:
    assert said(decided({"sku": "P-2", "udi_di": "06901234567892"})) == [("hold", "E_UDI_MISMATCH", "1")]
    assert said(decided({"sku": "P-1", "udi_di": "10381780268468"})) == [("hold", "E_UDI_MISMATCH", "1")]


def test_the_device_identifier_of_a_pack_is_its_products() -> None:
    boxed = product("P-1", udi_di="06901234567892", units=[{"uom": "XBX", "numerator": 10, "gtin": "10381780268468"}])
    assert said(decided({"sku": "P-1", "udi_di": "10381780268468"}, known=(boxed,))) == [("pass", None, None)]


def test_without_products_nothing_is_checked() -> None:
    asked = case()
    policy.decide([asked], catalogue_of(customer("C-1")), Policies())
    assert said(asked) == [("unchecked", None, None)]
