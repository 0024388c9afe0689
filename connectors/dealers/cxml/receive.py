"""cXML documents over HTTP: proven by the shared secret in the header's Sender, which is masked before anything is kept."""

from dataclasses import replace
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from canonical.failures import Malformed, Misconfigured
from canonical.problems import Problem
from canonical.prolog import without_cxml_doctype
from connectors.base import Accepted, Answer, Endpoint, Identified, RawMessage
from connectors.dealers.cxml.head import SECRET, head_of, masked
from connectors.dealers.cxml.settings import CxmlSettings
from connectors.peek import delivery_id, one_of
from connectors.peek_xml import xml_root
from connectors.settings import options_of, secrets_of
from connectors.signatures import check_signature, refusal, same

DOCUMENTS = ("OrderRequest", "ConfirmationRequest", "ShipNoticeRequest", "InvoiceDetailRequest")
MEDIA_TYPE = "text/xml; charset=UTF-8"
STATUSES = {
    "accepted": ("200", "OK"),
    "untranslated": ("200", "OK"),
    "quarantined": ("201", "Accepted"),
    "rejected": ("406", "Not Acceptable"),
    "malformed": ("400", "Bad Request"),
    "conflict": ("409", "Conflict"),
}
"""What became of a document as a status of cXML."""
TURNED_AWAY = {401: ("401", "Unauthorized"), 503: ("560", "Temporary server error")}
ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd">
<cXML payloadID="{payload}" timestamp="{now}" xml:lang="en">
<Response><Status code="{code}" text="{text}">{told}</Status></Response></cXML>
"""
MOST_TOLD = 10


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    """Pass when a shared secret of the Sender is one of the endpoint's, and the Sender who the options say."""
    options = options_of(endpoint, CxmlSettings)
    keys = secrets_of(endpoint)
    head = head_of(raw.body)
    if head is None or not head.secrets:
        raise refusal()
    check_signature(head.secrets, lambda secret: _text(secret, endpoint), keys)
    if options.sender is not None and not any([same(one, options.sender) for one in head.identities]):
        raise refusal()


def _text(secret: bytes, endpoint: Endpoint) -> str:
    try:
        return secret.decode().strip()
    except UnicodeDecodeError:
        raise Misconfigured(f"endpoint {endpoint.name}: expected a shared secret in UTF-8") from None


def kept(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    return replace(raw, body=masked(raw.body))


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """The request in the document; the delivery is its payload id, which stays the same when it is sent again."""
    root = xml_root(without_cxml_doctype(raw.body))
    if root.tag != "cXML":
        raise Malformed([Problem("E_DOCUMENT", f"/{root.tag}", "expected a cXML document")])
    holder = next((one for one in root if one.tag != "Header"), root)
    inside = next(iter(holder), holder)
    path = "/".join(("", *dict.fromkeys(("cXML", str(holder.tag), str(inside.tag)))))
    document = one_of(str(inside.tag) if holder.tag == "Request" else "", DOCUMENTS, path)
    payload = root.get("payloadID")
    return Identified(document, delivery_id(payload, "/cXML/@payloadID") if payload else None)


def answer(accepted: Accepted, endpoint: Endpoint) -> Answer:
    """The Response; with HTTP 200, for cXML takes any other HTTP status for a failure of the way, to be tried again."""
    code, text = STATUSES[accepted.status]
    told = "; ".join(f"{p.code} at {p.path}: {p.message}" for p in accepted.problems[:MOST_TOLD])
    return _response(200, code, text, told, accepted.raw_id)


def turn_away(status: int, endpoint: Endpoint) -> Answer:
    code, text = TURNED_AWAY[status]
    return _response(status, code, text, text, "refused")


def _response(http_status: int, code: str, text: str, told: str, name: str) -> Answer:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    body = ANSWER.format(payload=f"{name}@orderlane", now=now, code=code, text=text, told=escape(_printable(told)))
    return Answer(http_status, body.encode(), MEDIA_TYPE)


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    """The document with the newest secret in place of the one it holds, or put in where its Sender has none."""
    secret = escape(_text(secrets_of(endpoint)[0], endpoint)).encode()
    return replace(raw, headers={"content-type": MEDIA_TYPE, **raw.headers}, body=with_secret(raw.body, secret))


def with_secret(body: bytes, secret: bytes) -> bytes:
    """The document with this shared secret, as it stands in XML, in its Sender."""
    start = max(body.find(b"<Sender"), 0)
    before, sender = body[:start], body[start:]
    if SECRET.search(sender):
        return before + SECRET.sub(lambda found: found[1] + secret + found[2], sender, count=1)
    return before + sender.replace(b"</Credential>", b"<SharedSecret>" + secret + b"</SharedSecret></Credential>", 1)
