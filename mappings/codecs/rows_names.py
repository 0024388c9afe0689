"""The names dealers give their columns (English, German, Chinese), and what each column holds."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from canonical.amounts import is_currency

PARTIES = {
    "sold_to": ("sold to", "customer", "buyer", "client", "dealer", "account", "bill-to customer",
                "kunde", "kunden", "besteller", "debitor",
                "debitoren", "käufer",
                "客户", "买方", "采购方", "经销商", "购货单位"),
    "ship_to": ("ship to", "shipto", "delivery", "deliver to", "recipient", "consignee", "lieferadresse", "lieferanschrift",
                "warenempfänger", "empfänger", "收货", "收货方", "收货人", "送货"),
    "bill_to": ("bill to", "billto", "invoice to", "billing", "rechnungsempfänger", "rechnungsadresse", "rechnung", "开票",
                "收票", "开票方"),
    "hospital": ("hospital", "end hospital", "end customer", "end user", "krankenhaus", "klinik", "endkunde", "医院", "终端",
                 "终端医院"),
}  # fmt: skip
"""Role of a party to the words its columns begin with."""

PARTY_PARTS = {
    "id": ("number", "no", "id", "code", "account", "account number", "nummer", "nr", "编码", "编号", "代码"),
    "name": ("", "name", "company", "company name", "firma", "名称", "单位", "姓名"),
    "gln": ("gln", "iln"),
    "uscc": ("uscc", "tax id", "统一社会信用代码", "税号"),
    "street": ("address", "address 1", "address line 1", "street", "strasse", "straße", "anschrift", "adresse", "地址"),
    "street2": ("address 2", "address line 2", "street 2", "zusatz", "adresszusatz"),
    "city": ("city", "town", "ort", "stadt", "城市", "市"),
    "state": ("state", "province", "region", "county", "bundesland", "省", "省份"),
    "postcode": ("postal code", "postcode", "post code", "zip", "zip code", "plz", "postleitzahl", "邮编"),
    "country": ("country", "country code", "land", "ländercode", "国家"),
    "contact": ("contact", "contact name", "attention", "attn", "ansprechpartner", "kontakt", "联系人"),
    "phone": ("phone", "telephone", "tel", "mobile", "telefon", "电话", "手机"),
    "email": ("email", "e-mail", "mail", "邮箱"),
}  # fmt: skip

ORDER = {
    "order_no": ("order no", "order number", "order id", "order", "order #", "order ref", "order reference", "po", "po no",
                 "po number", "po #", "purchase order", "purchase order no", "purchase order number", "customer po",
                 "customer order no", "bestellnummer", "bestell nr", "bestellung", "bestellung nr", "auftragsnummer",
                 "auftrags nr", "auftrag", "auftragsnr", "belegnummer", "订单号", "订单编号", "采购订单号", "采购单号", "单号",
                 "订货单号", "合同订单号"),
    "order_date": ("order date", "po date", "purchase order date", "date ordered", "ordered at", "ordered on", "date",
                   "bestelldatum", "auftragsdatum", "belegdatum", "datum", "订单日期", "下单日期", "订货日期", "采购日期",
                   "日期"),
    "currency": ("currency", "currency code", "curr", "währung", "waehrung", "币种", "货币"),
    "contract_no": ("contract", "contract no", "contract number", "agreement no", "vertragsnummer", "vertrag", "rahmenvertrag",
                    "合同号", "合同编号"),
    "incoterm": ("incoterm", "incoterms", "delivery terms", "lieferbedingung", "贸易条款"),
    "payment_terms": ("payment terms", "terms", "zahlungsbedingung", "zahlungsbedingungen", "付款条件", "账期"),
    "freight": ("freight", "shipping", "shipping cost", "freight charge", "frachtkosten", "fracht", "versandkosten", "运费"),
    "order_remarks": ("order notes", "order remarks", "order comment", "special instructions", "header text", "kopftext",
                      "bestelltext", "订单备注"),
}  # fmt: skip
"""What belongs to the order as a whole; it may stand in title lines above the table too."""

ITEM = {
    "sku": ("sku", "item", "item no", "item number", "item code", "item #", "item id", "article", "article no", "article number",
            "product code", "product no", "product number", "product id", "catalog no", "catalog number", "catalogue no",
            "catalogue number", "cat no", "ref", "ref no", "reference number", "material", "material no", "material number",
            "part no", "part number", "part #", "code", "supplier item no", "supplier item number", "supplier part no",
            "vendor code", "vendor item no", "vendor part no", "vendor part number", "artikelnummer", "artikel nr", "artikelnr",
            "artikel", "artnr", "art nr", "materialnummer", "bestellnummer artikel", "产品编码", "产品编号", "产品代码",
            "商品编码", "商品编号", "货号", "物料编码", "物料号", "物料编号", "存货编码"),
    "gtin": ("gtin", "ean", "ean code", "upc", "upc number", "upc code", "barcode", "gtin 14", "gtin 13", "ean 13", "jan",
             "udi di", "di", "ean nummer", "strichcode", "条码", "条形码", "商品条码", "产品标识", "udi"),
    "mpn": ("mpn", "manufacturer part no", "manufacturer part number", "manufacturer item no", "manufacturer code", "mfr part no",
            "mfg part no", "mfr no", "hersteller nr", "herstellernummer", "herstellerartikelnummer", "厂家货号", "厂商编码",
            "原厂货号"),
    "buyer_item_id": ("customer item no", "customer part no", "customer part number", "customer material", "customer material no",
                      "buyer part no", "buyer item no", "your item no", "our item no", "kundenartikelnummer",
                      "kundenmaterialnummer", "kunden artikel nr", "客户物料号", "客户货号", "客户料号"),
    "description": ("description", "item description", "product", "product name", "item name", "product description",
                    "material description", "name", "bezeichnung", "artikelbezeichnung", "beschreibung", "artikeltext",
                    "产品名称", "商品名称", "品名", "名称", "物料名称", "规格型号", "存货名称"),
    "uom": ("uom", "unit", "units", "unit of measure", "uom code", "um", "u m", "einheit", "mengeneinheit", "me", "单位",
            "计量单位"),
    "lot": ("lot", "lot no", "lot number", "batch", "batch no", "batch number", "charge", "chargennummer", "chargen nr", "los",
            "批号", "批次", "批次号", "生产批号"),
    "serial": ("serial", "serial no", "serial number", "sn", "seriennummer", "序列号"),
    "expiry": ("expiry", "expiry date", "expiration", "expiration date", "exp", "exp date", "use by", "best before", "verfall",
               "verfalldatum", "verfallsdatum", "haltbar bis", "mhd", "有效期", "有效期至", "失效日期", "效期"),
}  # fmt: skip

LINE = {
    "line_no": ("line", "line no", "line number", "line item", "line #", "pos", "position", "item line", "pos nr",
                "positionsnummer", "行号", "序号", "项次"),
    "qty": ("qty", "quantity", "order qty", "order quantity", "ordered", "ordered qty", "qty ordered", "quantity ordered",
            "qty requested",
            "menge", "bestellmenge", "anzahl", "stück", "stückzahl", "数量", "订货数量", "订购数量", "采购数量", "订单数量"),
    "unit_price": ("price", "unit price", "net price", "unit cost", "price each", "price per unit",
                   "price per each", "price per piece",
                   "net unit price", "unit price net", "price net", "einzelpreis netto", "preis netto", "netto einzelpreis",
                   "preis per stück", "stückpreis netto", "preis", "einzelpreis", "nettopreis",
                   "stückpreis", "ep", "单价", "不含税单价", "未税单价"),
    "unit_price_gross": ("gross price", "price incl tax", "price incl vat", "bruttopreis", "preis inkl mwst", "含税单价"),
    "price_base": ("price unit", "price per", "price base", "price base qty", "preiseinheit", "价格单位"),
    "line_amount": ("amount", "line amount", "line total", "net amount", "total", "total price", "total cost", "extended price",
                    "ext price", "betrag", "gesamtpreis", "gesamt", "nettobetrag", "positionswert", "金额", "不含税金额", "总价"),
    "line_amount_gross": ("gross amount", "amount incl tax", "bruttobetrag", "含税金额", "价税合计"),
    "tax_pct": ("tax", "tax rate", "tax %", "vat", "vat rate", "vat %", "gst", "mwst", "mwst satz", "ust", "steuersatz", "税率"),
    "discount_pct": ("discount", "discount %", "discount pct", "disc %", "rabatt", "rabatt %", "折扣", "折扣率"),
    "discount": ("discount amount", "rabattbetrag", "折扣金额", "折扣额"),
    "requested_date": ("requested date", "delivery date", "requested delivery date", "required date", "need by", "need by date",
                       "due date", "ship date", "request date", "liefertermin", "lieferdatum", "wunschtermin",
                       "wunschlieferdatum", "交货日期", "要求到货日期", "交期", "到货日期", "需求日期"),
    "line_remarks": ("remark", "remarks", "note", "notes", "comment", "comments", "line note", "bemerkung", "bemerkungen",
                     "hinweis", "备注", "说明"),
}  # fmt: skip

STOCK = {
    "on_hand": ("on hand", "qty on hand", "quantity on hand", "stock", "stock qty", "stock quantity", "stock on hand", "in stock",
                "inventory", "inventory qty", "soh", "bestand", "lagerbestand", "bestandsmenge", "库存", "库存数量", "库存量",
                "现存量", "结存数量", "在库数量"),
    "location": ("location", "warehouse", "warehouse code", "site", "store", "plant", "storage location", "lager", "lagerort",
                 "werk", "仓库", "库房", "仓库编码", "仓库名称", "库位"),
    "as_of": ("as of", "stock date", "inventory date", "count date", "snapshot date", "stand", "bestandsdatum", "stichtag",
              "库存日期", "盘点日期", "截止日期"),
    "stock_reference": ("report no", "report number", "count no", "stocktake no", "inventur nr", "盘点单号", "报表编号"),
    "reserved": ("reserved", "reserved qty", "allocated", "committed", "reserviert", "占用数量", "锁定数量", "已分配"),
    "in_transit": ("in transit", "on order", "unterwegs", "在途", "在途数量"),
    "stock_status": ("status", "stock status", "quality status", "bestandsart", "qualitätsstatus", "状态", "质量状态"),
}  # fmt: skip

KINDS: Mapping[str, str] = {
    **dict.fromkeys(("qty", "unit_price", "unit_price_gross", "price_base", "line_amount", "line_amount_gross", "tax_pct",
                     "discount_pct", "discount", "freight", "on_hand", "reserved", "in_transit"), "number"),
    **dict.fromkeys(("order_date", "requested_date", "expiry"), "date"),
    "as_of": "moment", "currency": "code", "incoterm": "code",
    **{f"{role}_country": "country" for role in PARTIES},
}  # fmt: skip
"""What a field holds where it is not plain text."""

PRICES = frozenset(("unit_price", "unit_price_gross", "line_amount", "line_amount_gross"))
PERCENTS = frozenset(("tax_pct", "discount_pct"))
ITEM_IDS = ("sku", "gtin", "mpn", "buyer_item_id")
BARE_PARTY = "ship_to"
"""Whose the columns `Address`, `City` ... without a party's name are."""

SIGNS = {"€": "EUR", "£": "GBP", "人民币": "CNY", "元": "CNY"}
"""What stands for one currency alone; `$` and `¥` do not."""
CODES = re.compile(r"\b[A-Z]{3}\b")
HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
PER = re.compile(r"(price|preis|cost)\s*/\s*", re.IGNORECASE)
NUMBER_AT_END = re.compile(r"(nummer|nr)$")
MARKS = re.compile(r"[^\w#%]+|_+")
NUMBERS = {"nr": "no", "number": "no", "num": "no", "nummer": "no", "quantity": "qty"}


@lru_cache(maxsize=4096)
def plain_name(text: str) -> str:
    """A column's name without what people write differently: case, marks, blanks, `number` for `no`, a line's unit."""
    apart = PER.sub(r"\1 per ", HUMPS.sub(" ", unicodedata.normalize("NFKC", text)))
    words = MARKS.sub(" ", apart.casefold().replace("ß", "ss")).split()
    return "".join(NUMBERS.get(word) or NUMBER_AT_END.sub("no", word) for word in words)


def currency_in(name: str) -> str | None:
    """The currency that the name of a column of prices states: `Price (EUR)`, `Preis in €`, `单价(元)`."""
    sign = next((code for sign, code in SIGNS.items() if sign in name), None)
    return sign or next((word for word in CODES.findall(name) if is_currency(word)), None)


def without_currency(name: str) -> str:
    """A column's name without the currency it states."""
    for sign in SIGNS:
        name = name.replace(sign, " ")
    return CODES.sub(lambda found: " " if is_currency(found[0]) else found[0], name).strip().removesuffix(" in")


def _names() -> dict[str, str]:
    named: dict[str, str] = {}
    for group in (ORDER, LINE, STOCK, ITEM):
        for field, names in group.items():
            for name in names:
                named.setdefault(plain_name(name), field)
    for role, starts in PARTIES.items():
        for start in starts:
            for part, ends in PARTY_PARTS.items():
                for end in ends:
                    named.setdefault(plain_name(f"{start} {end}"), f"{role}_{part}")
    for part, ends in PARTY_PARTS.items():
        for end in ends if part not in ("id", "name") else ():
            named.setdefault(plain_name(end), f"{BARE_PARTY}_{part}")
    return named


NAMES: Mapping[str, str] = _names()
"""Plain column name to field."""

HEADER_FIELDS = frozenset((*ORDER, *(f"{role}_{part}" for role in PARTIES for part in PARTY_PARTS)))
STOCK_HEADER_FIELDS = frozenset(("location", "as_of", "stock_reference"))
FIELDS = frozenset((*HEADER_FIELDS, *ITEM, *LINE, *STOCK))
USED = {
    "order": HEADER_FIELDS | ITEM.keys() | LINE.keys(),
    "stock": frozenset((*ITEM, *STOCK)),
    "": frozenset[str](),
}
"""Which fields a kind of document has a place for; other columns are kept as they are."""

TOTAL_WORDS = ("total", "subtotal", "grand total", "sum", "summe", "gesamt", "gesamtsumme", "zwischensumme", "合计", "总计", "小计")
TOTALS = frozenset(plain_name(word) for word in TOTAL_WORDS)
