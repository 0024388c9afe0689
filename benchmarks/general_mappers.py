"""The order of `benchmarks.translate` mapped with general expression languages, for the same fields as the mapping by hand.

Both are handed plain JSON values (orjson) and give text and floats where the hub gives exact numbers: neither has a Decimal.
"""

from collections.abc import Callable
from typing import Any

import jmespath
from jsonata import jsonata

PARTY = """{{party_id: to_string(customer.id), name: {0}.name, phone: {0}.phone, address: {{lines: [{0}.address1, {0}.address2],
  city: {0}.city, subdivision: {0}.province_code, postcode: {0}.zip, country: {0}.country_code}}}}"""
JMESPATH = f"""{{order_no: name, source_order_id: to_string(id), ordered_at: processed_at, currency: currency,
  payment_method: payment_gateway_names[0], sold_to: {{party_id: to_string(customer.id),
  name: join(' ', [customer.first_name, customer.last_name]), email: customer.email}},
  ship_to: {PARTY.format("shipping_address")}, bill_to: {PARTY.format("billing_address")},
  lines: line_items[].{{line_no: to_string(id), sku: sku, buyer_item_id: to_string(variant_id), description: name,
    qty: {{value: quantity, uom: 'EA'}}, unit_price: price, rates: tax_lines[].rate}},
  doc_charges: shipping_lines[?price != '0.00'].{{reason: code || title, amount: price}},
  totals: {{lines: total_line_items_price, tax: total_tax, tax_inclusive: total_price, payable: total_price}}}}"""
JSONATA = """{"order_no": $substringAfter(name, "#"), "channel": "ecommerce", "source_order_id": $string(id),
  "ordered_at": processed_at, "currency": currency, "payment_method": payment_gateway_names[0],
  "sold_to": {"party_id": $string(customer.id), "name": customer.first_name & " " & customer.last_name, "email": customer.email},
  "ship_to": shipping_address.{"name": name, "phone": phone, "address": {"lines": [address1, address2], "city": city,
    "subdivision": province_code, "postcode": zip, "country": country_code}},
  "bill_to": billing_address.{"name": name, "phone": phone, "address": {"lines": [address1, address2], "city": city,
    "subdivision": province_code, "postcode": zip, "country": country_code}},
  "lines": [line_items.{"line_no": $string(id), "sku": sku, "buyer_item_id": $string(variant_id), "description": name,
    "qty": {"value": quantity, "uom": "EA"}, "unit_price": price, "rate_pct": $sum(tax_lines.rate) * 100,
    "line_amount": $number(price) * quantity}],
  "doc_charges": [shipping_lines[price != "0.00"].{"reason": code, "amount": price}],
  "totals": {"lines": total_line_items_price, "tax": total_tax, "tax_exclusive": $number(total_price) - $number(total_tax),
    "tax_inclusive": total_price, "payable": total_price}}"""


def mappers() -> dict[str, Callable[[Any], Any]]:
    """A ready mapper by language."""
    return {"jmespath": jmespath.compile(JMESPATH).search, "jsonata-python": jsonata.Jsonata(JSONATA).evaluate}
