"""Translating a file without taking it in: which document it is, and what its parts become."""

from collections.abc import Iterator

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Connector, Endpoint, RawMessage
from mappings.translation import NO_NEWS, Part, Settings, Translations
from orderlane.hub import mapping_settings


def parts_of(
    translations: Translations, connector: Connector, raw: RawMessage, endpoint: Endpoint, document: str | None = None
) -> Iterator[Part]:
    """The parts of a document; where none of them makes a message or tells a problem, a last one tells why as W_SKIPPED.
    Malformed where it is not of its format."""
    raw = raw if connector.kept is None else connector.kept(raw, endpoint)
    name = document or document_of(translations, connector, raw, endpoint)
    settings = mapping_settings(endpoint).received(raw.received_at)
    silent, skipped = True, list[Problem]()
    for part in translations.translate(connector.name, name, opened(connector, raw, endpoint), settings):
        silent = silent and not part.made and not part.problems
        if part.skipped and not skipped:
            skipped.append(Problem("W_SKIPPED", part.reference, part.skipped))
        yield part
    if silent:
        yield Part("", (), tuple(skipped) or (Problem("W_SKIPPED", "", NO_NEWS),))


def opened(connector: Connector, raw: RawMessage, endpoint: Endpoint) -> bytes:
    """The document's bytes, opened where the platform seals them."""
    return raw.body if connector.opened is None else connector.opened(raw.body, endpoint)


def document_of(translations: Translations, connector: Connector, raw: RawMessage, endpoint: Endpoint) -> str:
    """The document the connector recognises; without headers that tell, else the first one of its documents that this translates
    as. Malformed where the document itself says that it is another one."""
    assert connector.identify is not None
    try:
        return connector.identify(raw, endpoint).document
    except Malformed as error:
        if raw.headers or error.problems[0].code == "E_DOCUMENT":
            raise
    settings = mapping_settings(endpoint).received(raw.received_at)
    found = (name for name in connector.documents_in if _fits(translations, connector.name, name, raw.body, settings))
    return next(found, connector.documents_in[0])


def _fits(translations: Translations, connector: str, document: str, body: bytes, settings: Settings) -> bool:
    try:
        parts = list(translations.translate(connector, document, body, settings))
    except Malformed:
        return False
    return any(part.made for part in parts) and not any(part.problems for part in parts)
