"""JSON Schema of every canonical document, for partners and for tools."""

from typing import Any, Literal

from canonical.documents.registry import DOCUMENTS


def json_schema(message_type: str) -> dict[str, Any]:
    """JSON Schema 2020-12 of one message type's document. KeyError for an unknown type."""
    return _schema(message_type, "serialization")


def accepted_schema(message_type: str) -> dict[str, Any]:
    """The same for what is taken in: numbers may be numbers or text. KeyError for an unknown type."""
    return _schema(message_type, "validation")


def _schema(message_type: str, mode: Literal["serialization", "validation"]) -> dict[str, Any]:
    document = DOCUMENTS[message_type]
    schema = document.model_json_schema(mode=mode)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["$id"] = f"urn:orderlane:schema:{message_type}:{document.schema_version}"
    return schema
