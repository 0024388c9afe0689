"""Whether a dealer is authorised to sell a product where it is shipped to (domain R3, R8a): the narrowest word counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from canonical.documents.licences import AuthorisationUpdated
from canonical.documents.orders import SalesChannel
from canonical.documents.products import ProductMaster

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


class Granted(NamedTuple):
    """An authorisation that counts on a day and through a channel, and what it says of a place: how narrowly it names it, whether
    it allows it; None where it does not speak of it."""

    by: AuthorisationUpdated
    word: tuple[int, bool] | None


def granted(
    authorisations: Sequence[AuthorisationUpdated], place: Place, channel: SalesChannel | None, day: date
) -> tuple[Granted, ...]:
    """The authorisations that count for a channel (None: any) and a day, whatever product it is about."""
    return tuple([Granted(one, _says(one, place)) for one in authorisations if _on(one, channel, day)])


def authorised(having: Sequence[Granted], product: ProductMaster) -> Finding:
    """Of all authorisations for the product, the one that names the place most narrowly."""
    covering = [one for one in having if _for_product(one.by, product)]
    words = [(*one.word, one.by) for one in covering if one.word is not None]
    if not words:
        return Finding(allowed=False, covers=bool(covering))
    # of two as narrow words, the one against it counts
    _, allows, by = words[0] if len(words) == 1 else max(words, key=lambda word: (word[0], not word[1]))
    return Finding(allows, True, by)


def _for_product(one: AuthorisationUpdated, product: ProductMaster) -> bool:
    everything = not one.product_lines and not one.skus
    return everything or product.sku in one.skus or product.product_line in one.product_lines


def _on(one: AuthorisationUpdated, channel: SalesChannel | None, day: date) -> bool:
    begun = one.valid_from is None or one.valid_from <= day
    return (
        begun and (one.valid_to is None or day <= one.valid_to) and (channel is None or not one.channels or channel in one.channels)
    )


def _says(one: AuthorisationUpdated, place: Place) -> tuple[int, bool] | None:
    """How narrowly an authorisation names the place, and whether it allows it; None where it does not speak of it."""
    if place.hospital & set(one.hospitals_denied):
        return NAMED, False
    if place.hospital & set(one.hospitals_allowed):
        return NAMED, one.status == "active"
    if place.hospital and one.hospitals_allowed:
        return None
    lengths = [len(prefix) for prefix in one.regions if place.region is not None and place.region.startswith(prefix)]
    return (max(lengths, default=0), one.status == "active") if lengths or not one.regions else None
