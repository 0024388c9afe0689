"""The master handler: keeps every edition of products, customers, prices, licences, authorisations, warehouses, recalls."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from canonical.documents.master import Master
from canonical.envelope import Message
from canonical.handling import Outcome
from handlers.master.healing import ask_for_review
from store import master
from store.database import Transaction, to_micros
from store.master import Edition


class MasterHandler:
    """Handles master data, whoever sends it. Three statements a batch, one more for every two thousand orders that wait; the order
    of arrival does not matter."""

    def handle(self, batch: Sequence[Message], tx: Transaction, now: datetime) -> Outcome:
        """Keep what the batch states, and have orders looked at again that wait for it. A known edition changes nothing."""
        outcome = Outcome()
        version = master.add(tx, [_edition(message) for message in batch])
        if version:
            ask_for_review(batch, tx, version, outcome)
        return outcome


def _edition(message: Message) -> Edition:
    document = cast(Master, message.document)
    return Edition(message.type, document.key(), to_micros(document.as_of), message.body)
