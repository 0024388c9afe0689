"""The benchmark's orders are what they claim to be, so that no system is measured on something else."""

import base64
import hashlib
import hmac
from decimal import Decimal

import orjson
import pytest

from benchmarks import orders

NUMBERS = [100_001, 100_002, 123_456, 999_999, 1_000_000]


@pytest.mark.parametrize("number", NUMBERS)
def test_the_sums_of_an_order_agree_to_the_cent(number: int) -> None:
    order = orjson.loads(orders.webhook(number))
    net = sum(Decimal(line["price"]) * line["quantity"] for line in order["line_items"])
    tax = sum(Decimal(line["tax_lines"][0]["price"]) for line in order["line_items"])
    shipping = Decimal(order["total_shipping_price_set"]["shop_money"]["amount"])
    assert Decimal(order["subtotal_price"]) == net
    assert Decimal(order["total_tax"]) == tax == Decimal(order["tax_lines"][0]["price"])
    assert Decimal(order["total_price"]) == net + tax + shipping == Decimal(order["current_total_price"])


@pytest.mark.parametrize("number", NUMBERS)
def test_an_order_is_5_to_6_kilobytes_and_has_three_different_goods(number: int) -> None:
    body = orders.webhook(number)
    skus = [line["sku"] for line in orjson.loads(body)["line_items"]]
    assert 5_000 <= len(body) <= 6_144
    assert len(set(skus)) == 3
    assert all(0 <= int(sku.removeprefix("MED-")) < 2_000 for sku in skus)


def test_the_same_number_gives_the_same_bytes_and_another_number_others() -> None:
    assert orders.webhook(100_001) == orders.webhook(100_001)
    assert orders.webhook(100_001) != orders.webhook(100_002)


def test_what_the_checks_expect_to_be_reserved_is_what_the_bodies_ask_for() -> None:
    asked: dict[str, int] = {}
    for number in range(100_001, 100_201):
        for line in orjson.loads(orders.webhook(number))["line_items"]:
            asked[line["sku"]] = asked.get(line["sku"], 0) + line["quantity"]
    assert orders.demand(range(100_001, 100_201)) == asked


def test_the_signature_is_shopifys_and_the_webhook_id_is_unique() -> None:
    body = orders.webhook(100_001)
    told = orders.headers(100_001, body, "secret")
    expected = base64.b64encode(hmac.new(b"secret", body, hashlib.sha256).digest()).decode()
    assert told["X-Shopify-Hmac-Sha256"] == expected
    assert told["X-Shopify-Topic"] == "orders/create"
    assert len({orders.webhook_id(number) for number in range(10_000)}) == 10_000
