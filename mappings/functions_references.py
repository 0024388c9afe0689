"""What a partner calls our things, for the documents we send it."""

from collections.abc import Callable


def nothing_known(kind: str, our_id: str) -> str | None:
    """The look-up of a place without a database, such as a dry run: no partner has told anything."""
    return None


def xref(our_id: str, kind: str, *, xref: Callable[[str, str], str | None]) -> str | None:
    """The partner's id of our thing of a kind; nothing where it never told one."""
    return xref(kind, our_id)
