"""What a mapping may do to a value: one literal table of small pure functions.

A function whose value (its first argument) is missing is not called and gives nothing, unless it `sees_missing`. Arguments are
converted to the declared types first. `first` and `choose` are part of the language itself, see `compiling`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mappings import functions_carriers as carriers
from mappings import functions_cxml as cxml
from mappings import functions_cxml_writing as cxml_out
from mappings import functions_edifact as edifact
from mappings import functions_edifact_packing as packing
from mappings import functions_json as jsons
from mappings import functions_lists as lists
from mappings import functions_numbers as numbers
from mappings import functions_references as references
from mappings import functions_rows as tables
from mappings import functions_shopify as shopify
from mappings import functions_shops as shops
from mappings import functions_text as texts
from mappings import functions_time as times
from mappings import functions_ubl as ubl
from mappings import functions_ubl_parties as ubl_parties
from mappings import functions_ubl_writing as ubl_out
from mappings import functions_udi as labels
from mappings import functions_x12 as x12
from mappings import functions_x12_goods as x12_goods
from mappings import functions_xsd as xsd

SAME = "same"


@dataclass(frozen=True, slots=True)
class Function:
    """call: the function itself. takes: types of its arguments; the last repeats when `more`. optional: how many may be left out.

    gives: the type of the result; "same" is that of its arguments. zone: it gets the endpoint's time zone as `zone`.
    tables: it gets the mapping's tables as `tables`; then its first text argument names one. xref: it gets the endpoint's
    look-up of partners' ids as `xref`.
    """

    call: Callable[..., Any]
    takes: tuple[str, ...]
    gives: str
    optional: int = 0
    more: bool = False
    sees_missing: bool = False
    zone: bool = False
    tables: bool = False
    xref: bool = False

    def least(self) -> int:
        return len(self.takes) - self.optional - (1 if self.more else 0)

    def type_of(self, number: int) -> str:
        return self.takes[min(number, len(self.takes) - 1)]

    def accepts(self, count: int) -> bool:
        return self.least() <= count and (self.more or count <= len(self.takes))


FUNCTIONS: Mapping[str, Function] = {
    # language: chosen alternatives, presence
    "first": Function(lists.first, ("any", "any"), SAME, more=True, sees_missing=True),
    "choose": Function(lists.choose, ("bool", "any", "any"), SAME, optional=1, sees_missing=True),
    "default": Function(lists.first, ("any", "any"), SAME, sees_missing=True),
    "required": Function(lists.required, ("any",), SAME, sees_missing=True),
    "exists": Function(lists.exists, ("any",), "bool", sees_missing=True),
    # conditions
    "not": Function(lists.negated, ("any",), "bool", sees_missing=True),
    "equals": Function(lists.equals, ("any", "any"), "bool", more=True, sees_missing=True),
    "all_of": Function(lists.all_of, ("any", "any"), "bool", more=True, sees_missing=True),
    "any_of": Function(lists.any_of, ("any", "any"), "bool", more=True, sees_missing=True),
    "positive": Function(numbers.positive, ("decimal",), "bool"),
    "negative": Function(numbers.negative, ("decimal",), "bool"),
    # text
    "text": Function(texts.text, ("any",), "text"),
    "trim": Function(texts.trim, ("text",), "text"),
    "upper": Function(texts.upper, ("text",), "text"),
    "lower": Function(texts.lower, ("text",), "text"),
    "strip_prefix": Function(texts.strip_prefix, ("text", "text"), "text"),
    "before_last": Function(texts.before_last, ("text", "text"), "text"),
    "prefix": Function(texts.prefix, ("text", "text"), "text"),
    "suffix": Function(texts.suffix, ("text", "text"), "text"),
    "concat": Function(texts.concat, ("text", "text"), "text", more=True, sees_missing=True),
    "join": Function(texts.join, ("list", "text"), "text"),
    "cut": Function(texts.cut, ("text", "int", "int"), "text", optional=1),
    "replace": Function(texts.replace, ("text", "text", "text"), "text"),
    "digits": Function(texts.digits, ("text",), "text"),
    "pad_left": Function(texts.pad_left, ("text", "int", "text"), "text", optional=1),
    "pad_right": Function(texts.pad_right, ("text", "int", "text"), "text", optional=1),
    "country_code": Function(texts.country_code, ("text",), "text"),
    "gtin": Function(texts.gtin, ("text",), "text"),
    "gtin_optional": Function(texts.gtin_optional, ("text",), "text"),
    "sscc": Function(texts.sscc, ("text",), "text"),
    "lookup": Function(texts.lookup, ("text", "text", "text"), "any", optional=1, tables=True),
    "lookup_optional": Function(texts.lookup_optional, ("text", "text"), "any", tables=True),
    "xref": Function(references.xref, ("text", "text"), "text", xref=True),
    "plain": Function(texts.plain, ("any",), "any"),
    # numbers
    "decimal": Function(numbers.decimal, ("decimal",), "decimal"),
    "int": Function(numbers.whole, ("int",), "int"),
    "bool": Function(numbers.truth, ("bool",), "bool"),
    "plus": Function(numbers.plus, ("decimal", "decimal"), "decimal", more=True, sees_missing=True),
    "minus": Function(numbers.minus, ("decimal", "decimal"), "decimal", more=True),
    "times": Function(numbers.times, ("decimal", "decimal"), "decimal"),
    "divided_by": Function(numbers.divided_by, ("decimal", "decimal"), "decimal"),
    "absolute": Function(numbers.absolute, ("decimal",), "decimal"),
    "negate": Function(numbers.negate, ("decimal",), "decimal"),
    "sum": Function(numbers.total, ("list",), "decimal"),
    "round": Function(numbers.round_half_up, ("decimal", "int"), "decimal"),
    "positives": Function(numbers.positives, ("list",), "list"),
    "negatives": Function(numbers.negatives, ("list",), "list"),
    "sum_products": Function(numbers.sum_products, ("list", "text"), "decimal", more=True),
    "percent_of": Function(numbers.percent_of, ("decimal", "decimal"), "decimal"),
    "most_places": Function(numbers.most_places, ("decimal", "int"), "decimal"),
    "places": Function(numbers.places, ("decimal",), "int"),
    "implied_decimals": Function(numbers.implied_decimals, ("text", "int"), "decimal"),
    "to_implied_decimals": Function(numbers.to_implied_decimals, ("decimal", "int"), "text"),
    "minor_units": Function(numbers.minor_units, ("int", "text", "text"), "decimal", optional=1, tables=True),
    "to_minor_units": Function(numbers.to_minor_units, ("decimal", "text"), "int"),
    # dates and instants
    "date": Function(times.date_in, ("text", "text"), "date", optional=1),
    "instant": Function(times.instant_in, ("text", "text"), "instant", optional=1, zone=True),
    "zoned": Function(times.zoned, ("text", "text", "text"), "instant", optional=1),
    "known_instant": Function(times.known_instant, ("text",), "instant", zone=True),
    "is_naive": Function(times.is_naive, ("text",), "bool"),
    "at_time": Function(times.at_time, ("date", "text"), "instant", zone=True),
    "epoch_seconds": Function(times.epoch_seconds, ("decimal",), "instant"),
    "epoch_millis": Function(times.epoch_millis, ("decimal",), "instant"),
    "seconds_since": Function(times.seconds_since, ("instant", "instant"), "int"),
    "local_date": Function(times.local_date, ("instant",), "date"),
    "utc_date": Function(times.utc_date, ("instant",), "date"),
    "start_of_day": Function(times.start_of_day, ("date",), "instant", zone=True),
    "add_days": Function(times.add_days, ("date", "int"), "date"),
    "format_date": Function(times.format_date, ("date", "text"), "text"),
    "format_instant": Function(times.format_instant, ("instant", "text"), "text", optional=1),
    # lists and pairs
    "list": Function(lists.listed, ("any",), "list", more=True, sees_missing=True),
    "row": Function(lists.row, ("any",), "list", more=True, sees_missing=True),
    "unique": Function(lists.unique, ("list",), "list"),
    "count": Function(lists.count, ("list",), "int"),
    "item": Function(lists.item, ("list", "int"), "any"),
    "last": Function(lists.last, ("list",), "any"),
    "split": Function(lists.split, ("text", "text"), "list"),
    "qualified": Function(lists.qualified, ("any", "text", "text"), "text", optional=1, more=False),
    "with_note": Function(lists.with_note, ("any", "text"), "object", sees_missing=True),
    "by_name": Function(lists.by_name, ("list", "text", "text"), "object"),
    # JSON in texts
    "from_json": Function(jsons.from_json, ("any",), "any"),
    "unless": Function(jsons.unless, ("any", "text"), "any", more=True),
    # carriers
    "receiver_name": Function(carriers.receiver_name, ("text",), "text"),
    "region": Function(carriers.region, ("text", "text"), "text", optional=1, sees_missing=True),
    # tables
    "table_number": Function(tables.table_number, ("any",), "decimal"),
    "table_date": Function(tables.table_date, ("any",), "date"),
    "table_instant": Function(tables.table_instant, ("any",), "instant", zone=True),
    "table_tax_rate": Function(tables.table_tax_rate, ("any",), "decimal"),
    "table_discount": Function(tables.table_discount, ("any", "text"), "decimal"),
    "table_amount": Function(tables.table_amount, ("any", "text"), "decimal"),
    "table_is_gross": Function(tables.table_is_gross, ("any",), "bool"),
    "table_sums": Function(tables.table_sums, ("any", "text"), "object"),
    # shops
    "magento_counted": Function(shops.magento_counted, ("list", "any"), "bool"),
    "magento_parts": Function(shops.magento_parts, ("list", "any"), "text"),
    "shopify_kept": Function(shopify.shopify_kept, ("decimal", "any", "any"), "decimal"),
    "shopify_properties": Function(shopify.shopify_properties, ("list",), "object"),
    "shopify_share": Function(shopify.shopify_share, ("decimal", "decimal", "decimal"), "decimal"),
    "shopify_discount": Function(shopify.shopify_discount, ("decimal", "list", "decimal"), "decimal"),
    "shopify_total": Function(shopify.shopify_total, ("decimal", "any", "text"), "decimal"),
    "shopify_edited": Function(shopify.shopify_edited, ("any", "decimal", "decimal"), "object"),
    "woo_counted": Function(shops.woo_counted, ("list", "any"), "bool"),
    "woo_parts": Function(shops.woo_parts, ("list", "any"), "text"),
    "rounding_rest": Function(shops.rounding_rest, ("decimal", "decimal", "text"), "decimal"),
    # X12
    "x12_date": Function(x12.x12_date, ("text",), "date"),
    "x12_instant": Function(x12.x12_instant, ("text", "text", "text"), "instant", optional=2, zone=True),
    "x12_line_amount": Function(x12.x12_line_amount, ("any", "text"), "decimal"),
    "x12_lines_amount": Function(x12.x12_lines_amount, ("list", "text"), "decimal"),
    "x12_allowances": Function(x12.x12_allowances, ("any",), "decimal"),
    "x12_charges": Function(x12.x12_charges, ("any",), "decimal"),
    "x12_taxes": Function(x12.x12_taxes, ("any",), "decimal"),
    "x12_position": Function(x12.x12_position, ("list", "any"), "text"),
    "x12_acknowledgements": Function(x12.x12_acknowledgements, ("any",), "any", sees_missing=True),
    "x12_acknowledging_version": Function(x12.x12_acknowledging_version, ("any",), "text"),
    "x12_interchange_acknowledgement": Function(x12.x12_interchange_acknowledgement, ("any",), "any", sees_missing=True),
    # labels
    "udi": Function(labels.udi, ("text",), "any"),
    # EDIFACT
    "edifact_date": Function(edifact.edifact_date, ("any",), "date"),
    "edifact_end": Function(edifact.edifact_end, ("any",), "date"),
    "edifact_instant": Function(edifact.edifact_instant, ("any",), "instant", zone=True),
    "edifact_clock": Function(edifact.edifact_clock, ("any",), "instant", zone=True),
    "edifact_revision": Function(edifact.edifact_revision, ("any",), "int"),
    "edifact_unit": Function(edifact.edifact_unit, ("text", "any"), "text", optional=1),
    "edifact_unit_out": Function(edifact.edifact_unit_out, ("text", "any"), "text", optional=1),
    "edifact_items": Function(edifact.edifact_items, ("any",), "any"),
    "edifact_substitutes": Function(edifact.edifact_substitutes, ("any",), "text"),
    "edifact_gln": Function(edifact.edifact_gln, ("text",), "text"),
    "edifact_texts": Function(edifact.edifact_texts, ("any", "text"), "text"),
    "edifact_references": Function(edifact.edifact_references, ("list", "text"), "list", more=True),
    "edifact_communication": Function(edifact.edifact_communication, ("any", "text"), "text"),
    "edifact_price": Function(edifact.edifact_price, ("any", "text"), "decimal"),
    "edifact_price_base": Function(edifact.edifact_price_base, ("any",), "decimal"),
    "edifact_line_amount": Function(edifact.edifact_line_amount, ("any", "text"), "decimal"),
    "edifact_lines_amount": Function(edifact.edifact_lines_amount, ("any", "text"), "decimal"),
    "edifact_levies": Function(edifact.edifact_levies, ("any", "text", "text"), "any"),
    "edifact_document_levies": Function(edifact.edifact_document_levies, ("any", "text", "text"), "any"),
    "edifact_tax_totals": Function(edifact.edifact_tax_totals, ("any", "text"), "any"),
    "edifact_tax": Function(edifact.edifact_tax, ("any", "text"), "decimal"),
    "edifact_packages": Function(packing.packages, ("any",), "any"),
    "edifact_sscc": Function(packing.sscc_of, ("any",), "text"),
    "edifact_lots": Function(packing.lots_of, ("any",), "any"),
    "edifact_contrl": Function(edifact.edifact_contrl, ("any",), "any", sees_missing=True),
    "edifact_free_texts": Function(edifact.edifact_free_texts, ("list",), "any"),
    "edifact_wrapped": Function(edifact.edifact_wrapped, ("text", "int"), "list", optional=1),
    "edifact_levels": Function(packing.levels_of, ("any",), "any"),
    "x12_kilograms": Function(x12_goods.x12_kilograms, ("decimal", "text"), "decimal"),
    "x12_tracking_nos": Function(x12_goods.x12_tracking_nos, ("list", "list"), "list", sees_missing=True),
    "x12_lots": Function(x12_goods.x12_lots, ("any", "text"), "list", optional=1),
    "x12_difference": Function(x12_goods.x12_difference, ("any", "text"), "decimal"),
    "x12_levels": Function(x12_goods.x12_levels, ("any", "text", "text"), "list", optional=1, tables=True),
    "control_number": Function(x12.control_number, ("text", "int"), "text"),
    # XML Schema, UBL
    "xsd_date": Function(xsd.xsd_date, ("text",), "date"),
    "xsd_instant": Function(xsd.xsd_instant, ("text", "text"), "instant", optional=1, zone=True),
    "xsd_instant_known": Function(xsd.xsd_instant_known, ("text", "text"), "instant", optional=1, zone=True),
    "ubl_party": Function(ubl_parties.ubl_party, ("any",), "object"),
    "ubl_delivery": Function(ubl_parties.ubl_delivery, ("any", "object"), "object"),
    "ubl_packages": Function(ubl_parties.ubl_packages, ("any",), "list"),
    "ubl_allowances": Function(ubl.ubl_allowances, ("list", "decimal"), "list", optional=1),
    "ubl_charges": Function(ubl.ubl_charges, ("list", "decimal"), "list", optional=1),
    "ubl_line_amount": Function(ubl.ubl_line_amount, ("any", "text"), "decimal"),
    "ubl_totals": Function(ubl.ubl_totals, ("any", "text"), "object"),
    "ubl_gtin": Function(ubl.ubl_gtin, ("any",), "text"),
    "ubl_wrong_gtin": Function(ubl.ubl_wrong_gtin, ("any",), "text"),
    "ubl_item_ids": Function(ubl.ubl_item_ids, ("any",), "object"),
    "ubl_lots": Function(ubl.ubl_lots, ("any", "decimal"), "list"),
    "ubl_tax": Function(ubl.ubl_tax, ("any", "text"), "decimal"),
    "ubl_sign": Function(ubl.ubl_sign, ("any",), "decimal"),
    "ubl_order_no": Function(ubl.ubl_order_no, ("any", "any"), "text", sees_missing=True),
    "lines_of": Function(ubl.lines_of, ("list",), "text"),
    "ubl_amount": Function(ubl_out.ubl_amount, ("decimal", "text"), "object"),
    "ubl_measure": Function(ubl_out.ubl_measure, ("decimal", "text"), "object", optional=1),
    "ubl_us": Function(ubl_out.ubl_us, ("any",), "object"),
    "ubl_them": Function(ubl_out.ubl_them, ("any",), "object"),
    "ubl_item": Function(ubl_out.ubl_item, ("any",), "object"),
    "ubl_taxed_item": Function(ubl_out.ubl_taxed_item, ("any", "text"), "object", optional=1),
    "ubl_despatch_lines": Function(ubl_out.ubl_despatch_lines, ("list",), "list"),
    "ubl_units": Function(ubl_out.ubl_units, ("list",), "list"),
    "ubl_allowance_charges": Function(ubl_out.ubl_allowance_charges, ("any", "text", "decimal"), "list", optional=1),
    "ubl_tax_total": Function(ubl_out.ubl_tax_total, ("any",), "object"),
    # cXML
    "cxml_text": Function(cxml.cxml_text, ("any",), "text"),
    "cxml_texts": Function(cxml.cxml_texts, ("list",), "text"),
    "cxml_credential": Function(cxml.cxml_credential, ("any",), "object"),
    "cxml_party": Function(cxml.cxml_party, ("any", "object"), "object", optional=1),
    "cxml_buyer": Function(cxml.cxml_buyer, ("any", "any"), "object"),
    "cxml_references": Function(cxml.cxml_references, ("any",), "object"),
    "cxml_gtin": Function(cxml.cxml_gtin, ("any",), "text"),
    "cxml_item_ids": Function(cxml.cxml_item_ids, ("any",), "object"),
    "cxml_base": Function(cxml.cxml_base, ("any",), "decimal"),
    "cxml_priced": Function(cxml.cxml_priced, ("any", "list"), "bool"),
    "cxml_line_net": Function(cxml.cxml_line_net, ("any",), "decimal"),
    "cxml_line_amount": Function(cxml.cxml_line_amount, ("any", "list", "text"), "decimal"),
    "cxml_modifications": Function(cxml.cxml_modifications, ("any", "text"), "list"),
    "cxml_charges": Function(cxml.cxml_charges, ("any",), "list"),
    "cxml_totals": Function(cxml.cxml_totals, ("any", "text"), "object"),
    "cxml_lots": Function(cxml.cxml_lots, ("any", "decimal"), "list"),
    "cxml_sign": Function(cxml.cxml_sign, ("any",), "decimal"),
    "cxml_portions": Function(cxml_out.cxml_portions, ("list",), "list"),
    "cxml_place": Function(cxml_out.cxml_place, ("text", "text"), "object", optional=1),
    "cxml_contact": Function(cxml_out.cxml_contact, ("any", "text"), "object", optional=1),
    "cxml_item_id": Function(cxml_out.cxml_item_id, ("any",), "object"),
    "cxml_item_in": Function(cxml_out.cxml_item_in, ("any", "text"), "object"),
    "cxml_price": Function(cxml_out.cxml_price, ("text", "text"), "object"),
    "cxml_packaging": Function(cxml_out.cxml_packaging, ("text",), "object"),
    "cxml_batches": Function(cxml_out.cxml_batches, ("list",), "list"),
    "cxml_assets": Function(cxml_out.cxml_assets, ("list",), "list"),
}
