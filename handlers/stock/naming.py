"""Our names of what partners name: items and customers, by the master data where there are any."""

from collections.abc import Sequence
from datetime import datetime

from canonical.documents.sales_out import SalesOutReported, SoldLine
from canonical.envelope import Message
from canonical.values import Party
from handlers.catalogue import Catalogue
from store.database import Transaction


class Naming:
    """Looks names up in the master data; brings them up to date only for a batch that has something to look up."""

    def __init__(self) -> None:
        self._catalogue = Catalogue()

    def refresh(self, batch: Sequence[Message], tx: Transaction, now: datetime) -> None:
        """One statement, for a batch with a sales-out report."""
        if any(isinstance(message.document, SalesOutReported) for message in batch):
            self._catalogue.refresh(tx, now)

    def item(self, line: SoldLine) -> str:
        """The name stock keeps the item under."""
        product = self._catalogue.find_product(line)
        return product.sku if product is not None else line.sku or line.item

    def party(self, party: Party, source: str) -> str:
        """Our customer number, or the party's own id."""
        found = self._catalogue.find_customers(party, source, alike=False).customer
        return found.customer_no if found is not None else party.party_id
