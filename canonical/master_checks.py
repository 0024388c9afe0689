"""What must hold of master data beyond their schema: check digits, forms of numbers, periods."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from stdnum import ean

from canonical.problems import Problem
from canonical.registrations import is_device_number, read_registration, read_seller
from canonical.uscc import is_uscc

if TYPE_CHECKING:
    from canonical.documents.customers import CustomerMaster
    from canonical.documents.licences import LicenceUpdated
    from canonical.documents.products import ProductMaster


def product_problems(product: "ProductMaster") -> Iterator[Problem]:
    """Numbers with wrong check digits or forms, units and quantities that contradict each other."""
    gtins = [("gtin", product.gtin), *((f"units[{i}].gtin", unit.gtin) for i, unit in enumerate(product.units))]
    gtins += [("udi_di", product.udi_di)] if product.issuing_agency == "GS1" else []
    for path, gtin in gtins:
        if gtin is not None and not ean.is_valid(gtin):
            yield Problem("E_GTIN_CHECK", path, "expected a GTIN with a right check digit", gtin)
    for i, certificate in enumerate(product.certificates):
        yield from _certificate_problems(product, certificate.number, f"certificates[{i}].number")
        yield from period_problems(certificate.valid_from, certificate.valid_to, f"certificates[{i}].")
    yield from _doubled([unit.uom for unit in product.units], "units", "uom", "E_UOM")
    if product.max_qty is not None and product.max_qty < product.moq:
        yield Problem("E_QTY", "max_qty", f"expected at least the minimum of {product.moq}", str(product.max_qty))


def _certificate_problems(product: "ProductMaster", number: str, path: str) -> Iterator[Problem]:
    if not is_device_number(number):
        return
    read = read_registration(number)
    if read is None:
        yield Problem("E_REG_CERT", path, "expected 国械注准20173134669, 沪械注准20202140123, 国械备20180123 or the like", number)
    elif product.device_class is not None and read.device_class != product.device_class:
        yield Problem("E_REG_CERT", path, f"expected a number of class {product.device_class}, as the product is", number)


def customer_problems(customer: "CustomerMaster") -> Iterator[Problem]:
    """Numbers with wrong check characters, a customer that is its own parent or heir."""
    if customer.uscc is not None and not is_uscc(customer.uscc):
        yield Problem("E_USCC", "uscc", "expected 18 characters with a right check character (GB 32100)", customer.uscc)
    glns = [("gln", customer.gln), *((f"ship_tos[{i}].gln", party.gln) for i, party in enumerate(customer.ship_tos))]
    for path, gln in glns:
        if gln is not None and not (len(gln) == 13 and ean.is_valid(gln)):
            yield Problem("E_GLN_CHECK", path, "expected 13 digits with a right check digit", gln)
    for path in ("parent_customer_no", "merged_into"):
        if getattr(customer, path) == customer.customer_no:
            yield Problem("E_SCHEMA", path, "expected another customer", customer.customer_no)
    yield from _doubled([party.party_id for party in customer.ship_tos], "ship_tos", "party_id", "E_LINE_DUP")


def licence_problems(licence: "LicenceUpdated") -> Iterator[Problem]:
    """A number of another form than its kind has, a period that ends before it begins."""
    if licence.kind in ("operating_licence", "operating_filing") and read_seller(licence.licence_no) != licence.kind:
        form = "沪浦食药监械经营许20160226号" if licence.kind == "operating_licence" else "京丰食药监械经营备20150159号"
        yield Problem("E_LICENCE_NO", "licence_no", f"expected a number of the form {form}", licence.licence_no)
    yield from period_problems(licence.valid_from, licence.valid_to, "")


def period_problems(begin: date | None, end: date | None, path: str) -> Iterator[Problem]:
    """The problem of a period that ends before it begins. path: of what holds it, with its full stop."""
    if begin is not None and end is not None and end < begin:
        yield Problem("E_PERIOD", f"{path}valid_to", f"expected no day before {begin}", str(end))


def _doubled(names: Sequence[str], path: str, field: str, code: str) -> Iterator[Problem]:
    counts = Counter(names)
    for i, name in enumerate(names):
        if counts[name] > 1 and name in names[:i]:
            yield Problem(code, f"{path}[{i}].{field}", "expected each once", name)
