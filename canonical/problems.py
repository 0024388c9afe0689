"""What is wrong with a document, told so that its sender can mend it."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about a document.

    code: stable, from `docs/codes.md` (`E_SUM_LINES`, `E_TIME_NAIVE`...).
    path: where it is, in the words of the document it was found in (JSON path, X12 segment and element, XPath).
    message: what was expected, in one sentence.
    value: what stood there, as text cut to 200 characters; None where nothing stood.
    """

    code: str
    path: str
    message: str
    value: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def shown(value: object) -> str | None:
    """The value as a problem shows it: text of at most 200 characters."""
    if value is None:
        return None
    text = str(value)
    return text if len(text) <= 200 else text[:199] + "…"
