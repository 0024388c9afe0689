"""Documents of orders that were read or placed lately, by their text: the next message of an order mostly comes soon."""

from canonical.documents.orders import OrderPlaced

MOST = 2000


class Documents:
    """Parses a document once while it is remembered. The text is the key, so what is remembered cannot be another document."""

    def __init__(self) -> None:
        self._known: dict[str, OrderPlaced] = {}

    def keep(self, text: str, document: OrderPlaced) -> None:
        """Remember a parsed document; the oldest goes when there are too many."""
        if len(self._known) >= MOST:
            del self._known[next(iter(self._known))]
        self._known[text] = document

    def of(self, text: str) -> OrderPlaced:
        """The document of a text."""
        known = self._known.get(text)
        if known is None:
            known = OrderPlaced.model_validate_json(text)
            self.keep(text, known)
        return known
