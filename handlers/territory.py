"""Whether a dealer is authorised to sell a product where it is shipped to (domain R3, R8a): the narrowest word counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from canonical.documents.master import AuthorisationUpdated, ProductMaster
from canonical.documents.orders import SalesChannel

NAMED = 99
"""A hospital that is named counts more than any region."""


class Place(NamedTuple):
    """Where goods go: the region, and the names of the hospital they are for, where there is one."""

    region: str | None
    hospital: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """allowed: by the authorisation `by`. covers: whether any authorisation is for the product at all, wherever."""

    allowed: bool
    covers: bool
    by: AuthorisationUpdated | None = None


def authorised(
    authorisations: Sequence[AuthorisationUpdated], product: ProductMaster, place: Place, channel: SalesChannel | None, day: date
) -> Finding:
    """Of all authorisations for the product, channel (None: any) and day, the one that names the place most narrowly."""
    covering = [one for one in authorisations if _for_product(one, product) and _on(one, channel, day)]
    words = [(how, allows, one) for one in covering for how, allows in _says(one, place)]
    if not words:
        return Finding(allowed=False, covers=bool(covering))
    # of two as narrow words, the one against it counts
    _, allows, by = max(words, key=lambda word: (word[0], not word[1]))
    return Finding(allows, True, by)


def _for_product(one: AuthorisationUpdated, product: ProductMaster) -> bool:
    everything = not one.product_lines and not one.skus
    return everything or product.sku in one.skus or product.product_line in one.product_lines


def _on(one: AuthorisationUpdated, channel: SalesChannel | None, day: date) -> bool:
    begun = one.valid_from is None or one.valid_from <= day
    return (
        begun and (one.valid_to is None or day <= one.valid_to) and (channel is None or not one.channels or channel in one.channels)
    )


def _says(one: AuthorisationUpdated, place: Place) -> Iterator[tuple[int, bool]]:
    """How narrowly an authorisation names the place, and whether it allows it; nothing where it does not speak of it."""
    if place.hospital & set(one.hospitals_denied):
        yield NAMED, False
    elif place.hospital & set(one.hospitals_allowed):
        yield NAMED, one.status == "active"
    elif not (place.hospital and one.hospitals_allowed):
        lengths = [len(prefix) for prefix in one.regions if place.region is not None and place.region.startswith(prefix)]
        if lengths or not one.regions:
            yield max(lengths, default=0), one.status == "active"
