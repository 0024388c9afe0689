"""R3: whether a product may be sold to this buyer, there, on the day it ships. Every reason against it is told."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import msgspec

from canonical.documents.customers import CustomerMaster
from canonical.documents.licences import LicenceUpdated
from canonical.documents.orders import SalesChannel
from canonical.documents.products import ProductMaster
from canonical.documents.recalls import RecallOpened
from canonical.regions import region_of
from canonical.values import LotRef, Party
from handlers.catalogue import Catalogue
from handlers.lookup.answers import keep_few
from handlers.order.policies.base import Case, Decision
from handlers.order.policies.settings import Policies, SaleableSettings
from handlers.territory import Place, authorised, granted

NAME = "saleable"
DEALERS = frozenset({"dealer_t1", "dealer_t2", "dealer_t3"})
INSTITUTIONS = frozenset({"hospital", "clinic"})
PERSON = "retail_person"
NOBODY: frozenset[str] = frozenset()
MOST_SALES, MOST_DAYS, MOST_KINDS = 5_000, 60, 1_000
BY_CATEGORY, BY_LINE, BY_SKU = 1, 2, 4
"""What the papers of a buyer tell apart, beside classes of devices, cold goods and what is for use at home."""


@dataclass(frozen=True, slots=True)
class Against:
    """One reason against a line."""

    code: str
    text: str
    inputs: dict[str, Any]


class Alone(msgspec.Struct, frozen=True):
    """A product, whoever buys it. against: what speaks against it. kinds: what it has in common with others that the papers of a
    buyer do not tell apart, by what they do (`Sale.level`)."""

    against: tuple[Against, ...]
    kinds: tuple[Any, ...]


class Clear(NamedTuple):
    """Kinds of products that nothing of a buyer speaks against."""

    settings: SaleableSettings
    kinds: set[Any]


class Sale:
    """Who buys, where to and when. customer: None for a private buyer; day: of shipping. by_themselves: products whoever buys them
    then, by SKU, as far as they were asked for. for_any: kinds of licences that are good for any category. level: what the papers
    of the buyer tell apart; clear: kinds of products that nothing of the buyer speaks against. passed: the decision where nothing
    speaks against any product."""

    def __init__(
        self, customer: CustomerMaster | None, place: Place, channel: SalesChannel, day: date, catalogue: Catalogue,
        settings: SaleableSettings,
    ) -> None:  # fmt: skip
        self.customer, self.place, self.channel, self.day = customer, place, channel, day
        self.catalogue, self.settings = catalogue, settings
        self.org_type = org_type_of(customer)
        self.cold_chain = customer is not None and customer.cold_chain_capable
        self.licences = catalogue.licences(customer.customer_no) if customer is not None else ()
        self.in_force = [one for one in self.licences if _in_force(one, day)]
        self.for_any = {one.kind for one in self.in_force if one.kind == "medical_institution" or not one.scope}
        self.knows_licences, self.knows_authorisations = catalogue.knows("licences"), catalogue.knows("authorisations")
        theirs = catalogue.authorisations(customer.customer_no) if customer is not None else ()
        self.granted = granted(theirs, place, channel, day)
        rules, known = (day, settings.certificates_for, settings.certificate_basis), catalogue.known("products by themselves")
        self.by_themselves: dict[str, Alone] = known[rules] if rules in known else keep_few(known, rules, {}, MOST_DAYS)
        self.by_territory = self.org_type in DEALERS and self.knows_authorisations
        self.level, self.clear = self._level(), self._clear()
        buyer = customer.customer_no if customer is not None else "private"
        inputs = {"buyer": buyer, "region": place.region, "day": str(day), "channel": channel}
        self.passed = Decision(NAME, "pass", inputs=inputs)

    def _level(self) -> int:
        if self.by_territory and any(one.by.skus for one in self.granted):
            return BY_SKU
        by_category = bool(self.settings.exempt_categories) or any(one.scope for one in self.in_force)
        return BY_CATEGORY * by_category + BY_LINE * self.by_territory

    def _clear(self) -> set[Any]:
        """The same for all buyers with the same papers, as far as these tell products apart; for every place and channel, where the
        papers do not tell these apart."""
        licences = tuple([(one.kind, one.scope) for one in self.in_force])
        named = tuple([(one.by.skus, one.by.product_lines, one.word) for one in self.granted]) if self.by_territory else None
        known, papers = self.catalogue.known("clear"), (self.customer is None, self.org_type, self.cold_chain, licences, named)
        clear: Clear | None = known.get(papers)
        if clear is None or clear.settings is not self.settings:
            clear = keep_few(known, papers, Clear(self.settings, set()), MOST_SALES)
        return clear.kinds


def decide(cases: Sequence[Case], catalogue: Catalogue, settings: Policies) -> None:
    """Holds of compliance per line (C_*); one decision where nothing speaks against any line.

    To be asked again when the ship date moves, or before goods leave.
    """
    for case in cases:
        if not case.products or (case.customer is None and not case.private_buyer):
            case.decide(Decision(NAME, "unchecked", text="the buyer or the products are not known"))
            continue
        sale = _sale(case, catalogue, settings.saleable)
        case.decisions += _against(case, sale) or (sale.passed,)


def _sale(case: Case, catalogue: Catalogue, settings: SaleableSettings) -> Sale:
    """The sale of an order; the same one for all that the same customer buys for the same place and day."""
    order, customer, region, day = case.order, case.customer, _region(case), case.ship_date
    hospital = order.end_hospital or (order.ship_to if order.ship_to.org_type in INSTITUTIONS else None)
    names = _names(hospital, case.origin, catalogue) if hospital is not None else NOBODY
    known = catalogue.known(NAME)
    question = (customer.customer_no if customer is not None else None, region, names, order.channel, day)
    sale: Sale | None = known.get(question)
    if sale is None or sale.settings is not settings or sale.customer is not customer:
        sale = Sale(customer, Place(region, names), order.channel, day, catalogue, settings)
        keep_few(known, question, sale, MOST_SALES)
    return sale


def _against(case: Case, sale: Sale) -> list[Decision]:
    found: list[Decision] = []
    products, by_themselves, level, clear = case.products, sale.by_themselves, sale.level, sale.clear
    for line in case.order.lines:
        product = products.get(line.line_no)
        if product is None:
            continue
        alone = by_themselves.get(product.sku)
        if alone is None or alone.against or alone.kinds[level] not in clear or line.requested_lots:
            for against in reasons(sale, product, line.requested_lots):
                inputs = {"sku": product.sku, **against.inputs}
                found.append(Decision(NAME, "hold", against.code, line.line_no, against.text, inputs))
    return found


def org_type_of(customer: CustomerMaster | None) -> str | None:
    if customer is None:
        return None
    return customer.org_type or (f"dealer_t{customer.tier}" if customer.tier is not None else None)


def reasons(sale: Sale, product: ProductMaster, lots: Sequence[LotRef] = ()) -> list[Against]:
    """Everything that speaks against selling a product. lots: those the buyer asks for."""
    alone = sale.by_themselves.get(product.sku)
    if alone is None:
        alone = sale.by_themselves[product.sku] = Alone(tuple(_by_itself(sale, product, ())), _kinds(product))
    found = [*_by_the_buyer(sale, product)]
    if not found and len(sale.clear) < MOST_KINDS:
        sale.clear.add(alone.kinds[sale.level])
    return [*(_by_itself(sale, product, lots) if lots else alone.against), *found]


def _kinds(product: ProductMaster) -> tuple[Any, ...]:
    """What a product has in common with others, by every level of a sale."""
    common = product.device_class, product.storage.cold_chain, product.home_use
    category, line = product.category_code, product.product_line
    return common, (*common, category), (*common, line), (*common, category, line), product.sku


def _by_the_buyer(sale: Sale, product: ProductMaster) -> Iterator[Against]:
    """What speaks against a product because of who buys it. All it goes by of the product is in its kinds."""
    if product.storage.cold_chain and not sale.cold_chain:
        yield Against("C_COLD_CHAIN", f"{product.sku} needs a buyer who can keep it cold", {})
    if sale.customer is None or sale.org_type == PERSON:
        if product.device_class is not None and not product.home_use:
            yield Against("C_LICENCE", f"{product.sku} is not for use at home", {"buyer": "private"})
        return
    if sale.org_type in DEALERS and sale.knows_authorisations:
        yield from _authorisation(sale, sale.customer, product)
    if sale.knows_licences:
        yield from _licence(sale, sale.customer, product)


def _by_itself(sale: Sale, product: ProductMaster, lots: Sequence[LotRef]) -> Iterator[Against]:
    """What speaks against a product whoever buys it."""
    if product.status != "active":
        yield _stopped(product)
    for recall in sale.catalogue.recalls(product.sku):
        if _concerns(recall, lots):
            yield Against("C_RECALL", f"recall {recall.recall_no}: {recall.reason}", {"recall_no": recall.recall_no})
    if product.device_class in sale.settings.certificates_for:
        yield from _certificates(sale, product, lots)


def _stopped(product: ProductMaster) -> Against:
    inputs = {"status": product.status}
    if product.status == "stop_sale":
        return Against("C_RECALL", f"the sale of {product.sku} is stopped", inputs)
    return Against("C_INACTIVE", f"{product.sku} is discontinued", inputs)


def _concerns(recall: RecallOpened, lots: Sequence[LotRef]) -> bool:
    """A recall of the whole product concerns everybody; one of lots, those who ask for such a lot."""
    if not (recall.lots or recall.serials or recall.made_from or recall.made_to):
        return True
    return any(lot.lot in recall.lots or lot.serial in recall.serials or _made_within(recall, lot.mfg_date) for lot in lots)


def _made_within(recall: RecallOpened, made: date | None) -> bool:
    if made is None or not (recall.made_from or recall.made_to):
        return False
    return (recall.made_from is None or recall.made_from <= made) and (recall.made_to is None or made <= recall.made_to)


def _certificates(sale: Sale, product: ProductMaster, lots: Sequence[LotRef]) -> Iterator[Against]:
    """A certificate in force on the day of shipping, and on the day each lot asked for was made, as far as that is known."""
    missing = [day for day in _days(sale, lots) if not _certified(product, day)]
    if missing or not product.certificates:
        known = [f"{one.number} until {one.valid_to}" for one in product.certificates]
        inputs = {"days": [str(day) for day in missing], "certificates": known}
        yield Against("C_REG_CERT", f"{product.sku} has no registration certificate in force", inputs)


def _days(sale: Sale, lots: Sequence[LotRef]) -> list[date]:
    """The days that a certificate has to cover."""
    basis = sale.settings.certificate_basis
    made = [lot.mfg_date for lot in lots if lot.mfg_date is not None] if basis != "shipped" else []
    return made if basis == "made" else [sale.day, *made]


def _certified(product: ProductMaster, day: date) -> bool:
    return any([certificate.covers(day) for certificate in product.certificates])


def _authorisation(sale: Sale, dealer: CustomerMaster, product: ProductMaster) -> Iterator[Against]:
    found = authorised(sale.granted, product)
    if found.allowed:
        return
    inputs = {
        "dealer": dealer.customer_no, "region": sale.place.region, "product_line": product.product_line,
        "channel": sale.channel, "day": str(sale.day), "by": found.by.authorisation_no if found.by else None,
    }  # fmt: skip
    yield Against("C_AUTH_REGION", f"{dealer.name} is not authorised for {product.sku} there", inputs)
    if found.covers:
        yield Against("C_DIVERSION", f"{dealer.name} is authorised for {product.sku} elsewhere", inputs)


def _licence(sale: Sale, buyer: CustomerMaster, product: ProductMaster) -> Iterable[Against]:
    """A licence of the kind that buyer and device class ask for, in force when goods ship, with the category in its scope."""
    wanted = _wanted(sale, product)
    if not wanted or not sale.for_any.isdisjoint(wanted):
        return ()
    valid = [one for one in sale.in_force if one.kind in wanted]
    if any([_in_scope(one, product) for one in valid]):
        return ()
    inputs = {
        "buyer": buyer.customer_no, "wanted": list(wanted), "device_class": product.device_class,
        "category": product.category_code, "day": str(sale.day),
        "licences": [f"{one.licence_no} {one.status} until {one.valid_to}" for one in sale.licences],
    }  # fmt: skip
    if valid:
        return [Against("C_SCOPE", f"category {product.category_code} is in no licence of {buyer.name}", inputs)]
    return [Against("C_LICENCE", f"{buyer.name} has no licence for class {product.device_class} on that day", inputs)]


def _wanted(sale: Sale, product: ProductMaster) -> tuple[str, ...]:
    """The kinds of licence of which one is needed; none for class I, for what is no device, and for exempt categories."""
    device_class, settings = product.device_class, sale.settings
    if device_class is None:
        return ()
    if sale.org_type in INSTITUTIONS:
        return ("medical_institution",) if device_class in settings.institution_for else ()
    if device_class == "II" and product.category_code in settings.exempt_categories:
        return ()
    return settings.licences_for.get(device_class, ())


def _in_force(licence: LicenceUpdated, day: date) -> bool:
    begun = licence.valid_from is None or licence.valid_from <= day
    return licence.status == "active" and begun and (licence.valid_to is None or day <= licence.valid_to)


def _in_scope(licence: LicenceUpdated, product: ProductMaster) -> bool:
    category = product.category_code
    return category is not None and any(category.startswith(code) for code in licence.scope)


def _names(hospital: Party, origin: str, catalogue: Catalogue) -> frozenset[str]:
    """Every name of the hospital that goods are for."""
    known = catalogue.find_customers(hospital, origin, alike=False).customer
    names = {hospital.party_id, hospital.uscc, hospital.gln, known.customer_no if known is not None else None}
    return frozenset(name for name in names if name is not None)


def _region(case: Case) -> str | None:
    """Where goods go: the region of the address they are shipped to, else the buyer's."""
    return case.shipped_to or (region_of(case.customer) if case.customer is not None else None)
