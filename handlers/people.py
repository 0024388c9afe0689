"""Who somebody is, however the name is written: four eyes are of two people, not of two spellings."""

import unicodedata


def person(name: str) -> str:
    """The name without what people type differently: case, width of characters, blanks."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()
