"""A decision of a person that is not allowed: nothing changes, and it has a stable code."""

from canonical.failures import Refused


class NotAllowed(Refused):
    """code: stable, from docs/codes.md; text: one sentence for the person."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
