"""Our names of what partners name: items and customers, by the master data where there are any."""

from collections.abc import Sequence
from datetime import date, datetime

from canonical.documents.sales_out import SalesOutReported, SoldLine
from canonical.documents.shipments import ShipmentDispatched, ShipmentLine
from canonical.documents.stock import StockItem, StockLevel
from canonical.envelope import Message
from canonical.regions import is_region, region_of
from canonical.values import Party
from handlers.catalogue import Catalogue
from handlers.territory import Finding, Place, authorised, granted
from store.database import Transaction
from store.exact import to_micro_units

Named = SoldLine | StockItem | ShipmentLine


OF_PARTNERS = frozenset({one.message_type for one in (SalesOutReported, StockLevel, ShipmentDispatched)})
"""Messages whose senders have names of their own for what we keep in stock. Orders have ours already."""


class Naming:
    """Looks names up in the master data; brings them up to date only for a batch that has something to look up."""

    def __init__(self) -> None:
        self._catalogue = Catalogue()

    def refresh(self, batch: Sequence[Message], tx: Transaction, now: datetime) -> None:
        """One statement, for a batch that names something in a partner's words."""
        if any(message.type in OF_PARTNERS for message in batch):
            self._catalogue.refresh(tx, now)

    def item(self, line: Named) -> str:
        """The name stock keeps the item under: our SKU where any of its numbers is known, else what the sender calls it."""
        if self._catalogue.product(line.item) is not None:
            return line.item
        product = self._catalogue.find_product(line) if self._catalogue.knows("products") else None
        return product.sku if product is not None else line.item

    def in_base_units(self, line: ShipmentLine) -> int:
        """How much of the item a supplier's line is, in millionths of the item's unit; its own figure where the unit is unknown."""
        qty = to_micro_units(line.qty)
        product = self._catalogue.product(self.item(line))
        unit = next((one for one in product.units if one.uom == line.uom), None) if product is not None else None
        return qty if unit is None else qty * unit.numerator // unit.denominator

    def consigned_to(self, location: str) -> str | None:
        """Whose hands a place of ours is in by the master data: a customer number; None for our own and for places unknown."""
        warehouse = self._catalogue.warehouse(location)
        return warehouse.customer_no if warehouse is not None and warehouse.owner == "consigned" else None

    def outside(self, dealer: str, line: SoldLine, end_customer: str, day: date) -> Finding | None:
        """What the dealer's authorisations say of a sale, where they are against it; None where it may sell there, or nothing is
        known of the product, of the dealer or of the place."""
        product = self._catalogue.product(self.item(line))
        theirs = self._catalogue.authorisations(dealer)
        if product is None or not theirs:
            return None
        customer = self._catalogue.customer_in_force(end_customer) if end_customer else None
        told = (line.region, *(region_of(one) for one in (line.end_customer, customer) if one is not None))
        region = next((one for one in told if one is not None and is_region(one)), None)
        names = {end_customer, *((line.end_customer.party_id, line.end_customer.gln) if line.end_customer else ())}
        hospital = frozenset(name for name in names if name)
        if region is None and not any(hospital & {*one.hospitals_allowed, *one.hospitals_denied} for one in theirs):
            return None
        found = authorised(granted(theirs, Place(region, hospital), None, day), product)
        return None if found.allowed else found

    def party(self, party: Party, source: str) -> str:
        """Our customer number, or the party's own id."""
        found = self._catalogue.find_customers(party, source, alike=False).customer
        return found.customer_no if found is not None else party.party_id
