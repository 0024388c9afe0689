"""Master data: kept by edition, and looked up in memory."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from canonical.documents.base import Document
from canonical.documents.customers import CustomerMaster
from canonical.documents.licences import LicenceUpdated
from canonical.documents.orders import OrderLine
from canonical.documents.prices import PriceList
from canonical.documents.products import ProductMaster
from canonical.documents.recalls import RecallOpened
from canonical.envelope import first_message
from handlers.catalogue import Catalogue
from handlers.master.handler import MasterHandler
from store import master
from store.database import Database, to_micros

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def keep(database: Database, *documents: Document) -> None:
    batch = [first_message(d, source="master-data", raw_id="raw", now=NOW) for d in documents]
    with database.transaction() as tx:
        MasterHandler().handle(batch, tx, NOW)


def refreshed(catalogue: Catalogue, database: Database, now: datetime = NOW) -> Catalogue:
    with database.reading() as tx:
        catalogue.refresh(tx, now)
    return catalogue


def product(sku: str = "P-1", *, as_of: datetime = NOW, **fields: Any) -> ProductMaster:
    return ProductMaster.model_validate({"sku": sku, "as_of": as_of, "name": sku, **fields})


def line(**fields: Any) -> OrderLine:
    return OrderLine.model_validate({"line_no": "1", "qty": {"value": Decimal(1)}, **fields})


def price_list(list_id: str, policies: Sequence[dict[str, Any]]) -> PriceList:
    return PriceList.model_validate(
        {
            "list_id": list_id,
            "version": "1",
            "as_of": NOW,
            "currency": "CNY",
            "valid_from": "2026-01-01",
            "policies": [{"kind": "list", "breaks": [{"price": Decimal(1)}], **policy} for policy in policies],
        }
    )


def test_what_was_kept_is_known_after_the_next_refresh(database: Database) -> None:
    catalogue = refreshed(Catalogue(), database)
    assert (catalogue.product("P-1"), catalogue.knows("products")) == (None, False)
    keep(database, product(mpn="M-1"))
    assert catalogue.product("P-1") is None
    refreshed(catalogue, database)
    assert catalogue.product("P-1") == product(mpn="M-1")
    assert (catalogue.knows("products"), catalogue.knows("customers")) == (True, False)


def test_the_newest_edition_is_in_force_whatever_order_they_come_in(database: Database) -> None:
    one, two = Catalogue(), Catalogue()
    keep(database, product(name="newer"))
    refreshed(one, database)
    keep(database, product(name="older", as_of=NOW - DAY))
    assert refreshed(one, database).product("P-1") == product(name="newer")
    assert refreshed(two, database).product("P-1") == product(name="newer")


def test_an_edition_of_the_future_comes_into_force_at_its_instant(database: Database) -> None:
    catalogue = Catalogue()
    keep(database, product(name="today"), product(name="tomorrow", as_of=NOW + DAY))
    assert refreshed(catalogue, database).product("P-1") == product(name="today")
    assert refreshed(catalogue, database, NOW + DAY).product("P-1") == product(name="tomorrow", as_of=NOW + DAY)


def test_the_same_edition_twice_is_kept_once(database: Database) -> None:
    keep(database, product())
    keep(database, product())
    with database.reading() as tx:
        assert len(master.editions(tx, "product.master", "P-1", limit=10)) == 1
        assert [row.key for row in master.listed(tx, "product.master", after="", now=to_micros(NOW), limit=10)] == ["P-1"]
        assert master.in_force(tx, "product.master", "P-1", now=to_micros(NOW - DAY)) is None


def test_a_refresh_without_news_reads_nothing_again(database: Database) -> None:
    keep(database, product())
    catalogue = refreshed(Catalogue(), database)
    first = catalogue.product("P-1")
    assert refreshed(catalogue, database).product("P-1") is first


def test_a_product_is_found_by_any_of_its_numbers() -> None:
    catalogue = Catalogue()
    box = {"uom": "XBX", "numerator": 10, "gtin": "10381780268468"}
    catalogue.take(product(mpn="M-1", gtin="6901234567892", udi_di="06901234567892", ids={"HIBC": "A123"}, units=[box]))
    catalogue.take(CustomerMaster(customer_no="C-1", as_of=NOW, name="Clinic", item_ids={"THEIRS-7": "P-1"}))
    found = catalogue.product("P-1")
    assert found is not None
    for numbers in (
        {"sku": "P-1"}, {"mpn": "M-1"}, {"gtin": "06901234567892"}, {"gtin": "10381780268468"},
        {"buyer_item_id": "x", "udi_di": "6901234567892"}, {"buyer_item_id": "x", "ids": {"HIBC": "A123"}},
    ):  # fmt: skip
        assert catalogue.find_product(line(**numbers)) is found
    assert catalogue.find_product(line(buyer_item_id="THEIRS-7")) is None
    assert catalogue.find_product(line(buyer_item_id="THEIRS-7"), "C-1") is found


def test_a_number_of_two_products_names_none_and_one_that_was_given_up_neither() -> None:
    catalogue = Catalogue()
    catalogue.take(product("P-1", mpn="M-1"), product("P-2", mpn="M-1"))
    assert catalogue.find_product(line(mpn="M-1")) is None
    catalogue.take(product("P-2", mpn="M-2", as_of=NOW + DAY))
    assert catalogue.find_product(line(mpn="M-1")) == product("P-1", mpn="M-1")


def test_numbers_that_name_different_products_are_both_told() -> None:
    catalogue = Catalogue()
    catalogue.take(product("P-1"), product("P-2", mpn="M-2"))
    assert {k: v.sku for k, v in catalogue.identified(line(sku="P-1", mpn="M-2")).items()} == {"sku": "P-1", "mpn": "P-2"}


def offered(catalogue: Catalogue, wanted: ProductMaster, customer_no: str | None = None) -> set[str]:
    return {listed.policy.policy_id for bunch in catalogue.offered(wanted).to(customer_no) for listed in bunch.policies}


def test_price_policies_come_by_product_line_category_for_anything_and_for_the_customer() -> None:
    catalogue = Catalogue()
    selectors = {
        "by-sku": {"sku": "P-1"}, "by-line": {"product_line": "hips"}, "by-category": {"category": "13"}, "any": {},
        "other": {"sku": "P-2"}, "theirs": {"sku": "P-1", "customer": "C-1"},
    }  # fmt: skip
    lists = [price_list("L", [{"policy_id": name, "selector": selector} for name, selector in selectors.items()])]
    catalogue.take(*lists)
    hip = product(product_line="hips", category_code="13")
    assert offered(catalogue, hip) == {"by-sku", "by-line", "by-category", "any"}
    assert offered(catalogue, product()) == {"by-sku", "any"}
    assert offered(catalogue, hip, "C-1") == {"by-sku", "by-line", "by-category", "any", "theirs"}
    assert catalogue.offered(hip) is catalogue.offered(hip)


def test_a_licence_moves_to_its_new_holder_and_a_closed_recall_is_gone() -> None:
    catalogue = Catalogue()

    def licence(customer_no: str, as_of: datetime) -> LicenceUpdated:
        return LicenceUpdated(licence_no="L-1", customer_no=customer_no, kind="other", as_of=as_of)

    catalogue.take(licence("C-1", NOW))
    catalogue.take(licence("C-2", NOW + DAY))
    assert ([x.licence_no for x in catalogue.licences("C-1")], len(catalogue.licences("C-2"))) == ([], 1)
    recall = RecallOpened(recall_no="R-1", sku="P-1", reason="cracks", as_of=NOW)
    catalogue.take(recall)
    assert catalogue.recalls("P-1") == (recall,)
    catalogue.take(recall.model_copy(update={"status": "closed", "as_of": NOW + DAY}))
    assert catalogue.recalls("P-1") == ()


def test_a_merged_customer_is_the_one_that_took_it_over_and_can_be_itself_again() -> None:
    catalogue = Catalogue()

    def customer(number: str, into: str | None, as_of: datetime = NOW) -> CustomerMaster:
        return CustomerMaster(customer_no=number, name=number, merged_into=into, as_of=as_of)

    catalogue.take(customer("C-1", "C-2"), customer("C-2", "C-3"), customer("C-3", None))
    assert catalogue.customer_in_force("C-1") == customer("C-3", None)
    catalogue.take(customer("C-1", None, NOW + DAY))
    assert catalogue.customer_in_force("C-1") == customer("C-1", None, NOW + DAY)


def test_a_reader_misses_nothing_while_several_processes_write(database: Database) -> None:
    """Versions are given under a lock held until the commit: whoever read up to one has everything below it."""

    def write(writer: int) -> None:
        for number in range(15):
            keep(database, *(product(f"P-{writer}-{number}-{n}") for n in range(3)))

    catalogue = Catalogue()
    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, writer) for writer in range(4)]
        while not all(writer.done() for writer in writers):
            refreshed(catalogue, database)
        for writer in writers:
            writer.result()
    refreshed(catalogue, database)
    assert len(catalogue.products()) == 4 * 15 * 3
