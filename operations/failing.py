"""What can be wrong with a question or a decision."""

from canonical.failures import Failure


class NotFound(Failure):
    """There is no such thing."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"there is no {kind} {key!r}")
        self.kind = kind
        self.key = key


class BadCursor(Failure):
    """A cursor that no page of this list gave out."""


class NotPossible(Failure):
    """The thing is there, but it does not stand so that this could be done to it."""
