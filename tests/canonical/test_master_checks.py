"""Master data that contradict themselves are refused, each with its code and place."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from canonical.documents.customers import CustomerMaster
from canonical.documents.licences import AuthorisationUpdated, LicenceUpdated
from canonical.documents.master import Master
from canonical.documents.products import ProductMaster
from canonical.failures import Malformed

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CUSTOMER = {"customer_no": "C-1", "name": "Clinic"}
PRODUCT = {"sku": "P-1", "name": "Stent"}
LICENCE = {"customer_no": "C-1", "kind": "operating_licence", "licence_no": "沪浦食药监械经营许20160226号"}
NUMBER = "国械注准20173134669"


def problems(document: type[Master], fields: dict[str, Any]) -> list[tuple[str, str]]:
    made = document.model_validate({"as_of": NOW, **fields})
    try:
        made.check()
    except Malformed as error:
        return [(problem.code, problem.path) for problem in error.problems]
    return []


@pytest.mark.parametrize(("document", "fields"), [
    (CustomerMaster, CUSTOMER | {"uscc": "91350100M000100Y43", "gln": "5020436000004"}),
    (ProductMaster, PRODUCT | {"gtin": "06901234567892", "device_class": "III", "certificates": [{"number": NUMBER}]}),
    (ProductMaster, PRODUCT | {"device_class": "II", "certificates": [{"number": "K123456"}]}),
    (LicenceUpdated, LICENCE),
    (LicenceUpdated, LICENCE | {"kind": "medical_institution", "licence_no": "425001236310115A1001"}),
])  # fmt: skip
def test_sound_records_pass(document: type[Master], fields: dict[str, Any]) -> None:
    assert problems(document, fields) == []


@pytest.mark.parametrize(("document", "fields", "found"), [
    (CustomerMaster, CUSTOMER | {"uscc": "91350100M000100Y42"}, ("E_USCC", "uscc")),
    (CustomerMaster, CUSTOMER | {"gln": "5020436000005"}, ("E_GLN_CHECK", "gln")),
    (CustomerMaster, CUSTOMER | {"ship_tos": [{"party_id": "S", "gln": "1"}]}, ("E_GLN_CHECK", "ship_tos[0].gln")),
    (CustomerMaster, CUSTOMER | {"merged_into": "C-1"}, ("E_SCHEMA", "merged_into")),
    (ProductMaster, PRODUCT | {"gtin": "06901234567893"}, ("E_GTIN_CHECK", "gtin")),
    (ProductMaster, PRODUCT | {"units": [{"uom": "XBX", "numerator": 10, "gtin": "1"}]}, ("E_GTIN_CHECK", "units[0].gtin")),
    (ProductMaster, PRODUCT | {"units": [{"uom": "XBX", "numerator": n} for n in (5, 10)]}, ("E_UOM", "units[1].uom")),
    (ProductMaster, PRODUCT | {"certificates": [{"number": "国械注准202326400123"}]}, ("E_REG_CERT", "certificates[0].number")),
    (ProductMaster, PRODUCT | {"device_class": "II", "certificates": [{"number": NUMBER}]},
     ("E_REG_CERT", "certificates[0].number")),
    (ProductMaster, PRODUCT | {"moq": Decimal(5), "max_qty": Decimal(4)}, ("E_QTY", "max_qty")),
    (LicenceUpdated, LICENCE | {"licence_no": "黑哈食药监械经营许20XXXXXX"}, ("E_LICENCE_NO", "licence_no")),
    (LicenceUpdated, LICENCE | {"kind": "operating_filing"}, ("E_LICENCE_NO", "licence_no")),
    (LicenceUpdated, LICENCE | {"valid_from": "2026-01-02", "valid_to": "2026-01-01"}, ("E_PERIOD", "valid_to")),
    (AuthorisationUpdated, {"authorisation_no": "A", "dealer": "C-1", "valid_from": "2026-01-02", "valid_to": "2026-01-01"},
     ("E_PERIOD", "valid_to")),
])  # fmt: skip
def test_records_that_contradict_themselves_are_refused(
    document: type[Master], fields: dict[str, Any], found: tuple[str, str]
) -> None:
    assert problems(document, fields) == [found]
