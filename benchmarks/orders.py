"""The orders every system is given: Shopify `orders/create` webhooks, alike on every run.

An order is made from its number alone (with `SEED`), so the load generator and the checks afterwards agree on it
without passing anything between them. Each is 5-6 KB of JSON with three lines of different goods; all sums agree.
Money is counted in whole cents and written as Shopify writes it, as decimal text.
"""

import base64
import hashlib
import hmac
import random
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

SEED = 20240607
SKUS = 2_000
LINES = 3
MAX_QUANTITY = 5
SHOP = "bench-medical.myshopify.com"
CURRENCY = "EUR"
FIRST_PLACED = datetime(2025, 3, 3, 8, 0, tzinfo=UTC)
TAX_PERCENT = 19
SHIPPING_CENTS = (0, 490, 990, 1490)
GOODS = (
    "Nitrile glove",
    "Pulse oximeter",
    "Infusion set",
    "Foam dressing",
    "Blood pressure cuff",
    "Suction catheter",
    "Test strip",
    "Syringe",
)
SIZES = ("S", "M", "L", "XL", "10 pcs", "50 pcs", "100 pcs", "sterile")
TOWNS = (("Leipzig", "04109", "Sachsen", "SN"), ("Kassel", "34117", "Hessen", "HE"), ("Bremen", "28195", "Bremen", "HB"))
NAMES = ("Ada", "Bruno", "Carla", "Deniz", "Emil", "Freya", "Goran", "Hanna")
SURNAMES = ("Albrecht", "Brandt", "Conrad", "Doering", "Engel", "Fuchs", "Graf", "Hartmann")


@dataclass(frozen=True)
class Line:
    """One line: the goods by their number (0 to SKUS-1), so many pieces, at so many cents each."""

    goods: int
    quantity: int
    cents: int

    @property
    def sku(self) -> str:
        return sku(self.goods)

    @property
    def net(self) -> int:
        return self.quantity * self.cents

    @property
    def tax(self) -> int:
        return (self.net * TAX_PERCENT + 50) // 100


def sku(goods: int) -> str:
    """The stock keeping unit of goods number 0 to SKUS-1."""
    return f"MED-{goods:05d}"


def order_name(number: int) -> str:
    """The order's number as the shop shows it."""
    return f"#{number}"


def lines_of(number: int) -> tuple[Line, ...]:
    """What order `number` asks for: LINES different goods, 1 to MAX_QUANTITY pieces each."""
    return _lines(random.Random(SEED * 1_000_003 + number))


def _lines(rng: random.Random) -> tuple[Line, ...]:
    picked = rng.sample(range(SKUS), LINES)
    return tuple(Line(goods, rng.randint(1, MAX_QUANTITY), cents(goods)) for goods in picked)


def cents(goods: int) -> int:
    """What one piece costs."""
    return 250 + goods * 7 % 20_000


def demand(numbers: Iterable[int]) -> Counter[str]:
    """Pieces asked for of each SKU over these orders."""
    total: Counter[str] = Counter()
    for number in numbers:
        for line in lines_of(number):
            total[line.sku] += line.quantity
    return total


def webhook(number: int) -> bytes:
    """The body of order `number`'s `orders/create` webhook."""
    return orjson.dumps(shopify_order(number))


def sign(body: bytes, secret: str) -> str:
    """The X-Shopify-Hmac-Sha256 of a body: base64 of its HMAC-SHA256 under the shop's secret."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def headers(number: int, body: bytes, secret: str) -> dict[str, str]:
    """The headers Shopify sends with it. The webhook id is unique per order."""
    return {
        "Content-Type": "application/json",
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Hmac-Sha256": sign(body, secret),
        "X-Shopify-Shop-Domain": SHOP,
        "X-Shopify-API-Version": "2025-01",
        "X-Shopify-Webhook-Id": webhook_id(number),
        "X-Shopify-Triggered-At": _placed(number).isoformat().replace("+00:00", "Z"),
    }


def webhook_id(number: int) -> str:
    """As scattered as Shopify's own ids, so that indexes on it do the work they do in life."""
    return str(uuid.UUID(bytes=hashlib.md5(f"{SEED} {number}".encode(), usedforsecurity=False).digest(), version=4))


def shopify_order(number: int) -> dict[str, Any]:
    """Order `number` as Shopify's REST order object."""
    rng = random.Random(SEED * 1_000_003 + number)
    lines = _lines(rng)
    shipping = rng.choice(SHIPPING_CENTS)
    given, family, town = rng.choice(NAMES), rng.choice(SURNAMES), rng.choice(TOWNS)
    address = _address(given, family, town, rng.randint(1, 180))
    net, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
    placed = _placed(number).isoformat()
    return {
        "id": 820_000_000_000_000 + number,
        "admin_graphql_api_id": f"gid://shopify/Order/{820_000_000_000_000 + number}",
        "app_id": 580111,
        "browser_ip": "203.0.113.24",
        "buyer_accepts_marketing": False,
        "cancel_reason": None,
        "cancelled_at": None,
        "checkout_id": 901_000_000_000_000 + number,
        "confirmation_number": f"{number:09X}",
        "confirmed": True,
        "contact_email": f"{given}.{family}@example.com".lower(),
        "created_at": placed,
        "currency": CURRENCY,
        **_totals(net, tax, shipping),
        "customer_locale": "de",
        "discount_applications": [],
        "discount_codes": [],
        "email": f"{given}.{family}@example.com".lower(),
        "estimated_taxes": False,
        "financial_status": "paid",
        "fulfillment_status": None,
        "name": order_name(number),
        "note": None,
        "note_attributes": [],
        "number": number,
        "order_number": number,
        "payment_gateway_names": ["manual"],
        "phone": None,
        "po_number": None,
        "presentment_currency": CURRENCY,
        "processed_at": placed,
        "source_name": "web",
        "tags": "",
        "tax_exempt": False,
        "tax_lines": [_tax_line(tax)],
        "taxes_included": False,
        "test": False,
        "total_line_items_price": _money(net),
        "total_outstanding": "0.00",
        "total_shipping_price_set": _money_set(shipping),
        "total_tip_received": "0.00",
        "total_weight": 1200,
        "updated_at": placed,
        "billing_address": address,
        "customer": _customer(number, given, family),
        "fulfillments": [],
        "line_items": [_line_item(number, at, line) for at, line in enumerate(lines, start=1)],
        "refunds": [],
        "shipping_address": address,
        "shipping_lines": [_shipping_line(number, shipping)],
    }


def _placed(number: int) -> datetime:
    return FIRST_PLACED + timedelta(seconds=number % 1_000_000)


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _money_set(cents: int) -> dict[str, dict[str, str]]:
    money = {"amount": _money(cents), "currency_code": CURRENCY}
    return {"shop_money": money, "presentment_money": money}


def _totals(net: int, tax: int, shipping: int) -> dict[str, Any]:
    amounts = {"subtotal_price": net, "total_discounts": 0, "total_tax": tax, "total_price": net + tax + shipping}
    plain = {f"{prefix}{name}": _money(cents) for prefix in ("", "current_") for name, cents in amounts.items()}
    return plain | {f"{name}_set": _money_set(cents) for name, cents in amounts.items()}


def _tax_line(cents: int) -> dict[str, Any]:
    return {
        "title": "DE VAT",
        "price": _money(cents),
        "rate": TAX_PERCENT / 100,
        "price_set": _money_set(cents),
        "channel_liable": False,
    }


def _address(given: str, family: str, town: tuple[str, str, str, str], house: int) -> dict[str, Any]:
    city, postcode, province, province_code = town
    return {
        "first_name": given,
        "address1": f"Marktstraße {house}",
        "phone": "+49 341 5550100",
        "city": city,
        "zip": postcode,
        "province": province,
        "country": "Germany",
        "last_name": family,
        "address2": None,
        "company": "Praxis am Markt",
        "name": f"{given} {family}",
        "country_code": "DE",
        "province_code": province_code,
    }


def _customer(number: int, given: str, family: str) -> dict[str, Any]:
    return {
        "id": 700_000_000_000 + number % 5_000,
        "email": f"{given}.{family}@example.com".lower(),
        "created_at": "2024-11-02T10:15:00+00:00",
        "first_name": given,
        "last_name": family,
        "state": "enabled",
        "verified_email": True,
        "tax_exempt": False,
        "currency": CURRENCY,
        "default_address": None,
    }


def _line_item(number: int, at: int, line: Line) -> dict[str, Any]:
    title, size = f"{GOODS[line.goods % len(GOODS)]} {line.goods}", SIZES[line.goods % len(SIZES)]
    return {
        "id": (1_100_000_000_000 + number) * 10 + at,
        "current_quantity": line.quantity,
        "fulfillable_quantity": line.quantity,
        "fulfillment_service": "manual",
        "fulfillment_status": None,
        "gift_card": False,
        "grams": 400,
        "name": f"{title} - {size}",
        "price": _money(line.cents),
        "price_set": _money_set(line.cents),
        "product_exists": True,
        "product_id": 500_000_000_000 + line.goods,
        "properties": [],
        "quantity": line.quantity,
        "requires_shipping": True,
        "sku": line.sku,
        "taxable": True,
        "title": title,
        "total_discount": "0.00",
        "variant_id": 510_000_000_000 + line.goods,
        "variant_title": size,
        "vendor": "Medical Bench",
        "tax_lines": [_tax_line(line.tax)],
        "duties": [],
        "discount_allocations": [],
    }


def _shipping_line(number: int, cents: int) -> dict[str, Any]:
    return {
        "id": 430_000_000_000_000 + number,
        "code": "Standard",
        "price": _money(cents),
        "price_set": _money_set(cents),
        "discounted_price": _money(cents),
        "source": "shopify",
        "title": "Standard",
        "tax_lines": [],
        "discount_allocations": [],
    }
