"""Look-ups depend on what is in force, not on what was before."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from canonical.documents.customers import CustomerMaster
from canonical.documents.master import Master
from canonical.documents.orders import OrderLine
from canonical.documents.products import ProductMaster
from canonical.values import Party
from handlers.catalogue import Catalogue
from tests.handlers.policies.selling import NOW, customer, product

FEW = st.sampled_from(["a", "b", "c"])
NAMES = st.sampled_from(["上海仁和医院", "上海仁和医院东院区", "北京仁和医院", "Acme Medical Inc", "Acme Medic"])
MAYBE = st.none() | FEW
PRODUCTS = st.builds(
    lambda sku, mpn, gtin, ids: product(sku, mpn=mpn, gtin=gtin, ids=ids),
    FEW, MAYBE, st.sampled_from([None, "06901234567892", "96385074"]), st.dictionaries(FEW, FEW, max_size=2),
)  # fmt: skip
CUSTOMERS = st.builds(
    lambda no, name, gln, heir, ids: customer(
        no, name=name, gln=gln, merged_into=heir if heir != no else None, external_ids=[{"source": "s", "id": i} for i in ids]
    ),
    FEW, NAMES, MAYBE, MAYBE, st.lists(FEW, max_size=2),
)  # fmt: skip


def editions(records: list[Master]) -> list[Master]:
    """Each later than the one before."""
    return [record.model_copy(update={"as_of": NOW + timedelta(days=n)}) for n, record in enumerate(records)]


def newest(records: list[Master]) -> list[Master]:
    return list({(record.message_type, record.key()): record for record in records}.values())


def known(records: list[Master]) -> Catalogue:
    catalogue = Catalogue()
    catalogue.take(*records)
    return catalogue


def answers(catalogue: Catalogue) -> list[Any]:
    lines: list[dict[str, Any]] = [{"sku": x} for x in "abc"] + [{"mpn": x} for x in "abc"]
    lines += [{"gtin": "06901234567892"}, {"gtin": "96385074"}] + [{"mpn": "z", "ids": {x: y}} for x in "abc" for y in "abc"]
    asked = [OrderLine.model_validate({"line_no": "1", "qty": {"value": 1}, **line}, strict=False) for line in lines]
    parties = [Party(party_id=x) for x in "abc"] + [Party(party_id="z", gln=x) for x in "abc"]
    parties += [Party(party_id="z", name=name) for name in ("上海仁和医院", "Acme Medical")]
    return [catalogue.identified(line) for line in asked] + [catalogue.find_customers(party, "s") for party in parties]


@given(st.lists(PRODUCTS | CUSTOMERS, max_size=8), st.randoms(use_true_random=False))
def test_only_the_newest_editions_count_in_whatever_order_they_come(
    records: list[ProductMaster | CustomerMaster], chance: Any
) -> None:
    dated = editions(list(records))
    shuffled = list(dated)
    chance.shuffle(shuffled)
    asked_between = Catalogue()
    for record in shuffled:
        asked_between.take(record)
        answers(asked_between)
    assert answers(asked_between) == answers(known(newest(dated)))
