"""What a partner's SOAP client is answered: a receipt, or a fault whose detail tells every problem with its code and place."""

from collections.abc import Sequence

from lxml import etree

from canonical.problems import Problem
from connectors.base import Accepted, Answer
from connectors.soap import FAULT, SOAP

MEDIA_TYPE = "text/xml; charset=utf-8"

KEPT = {"accepted": "accepted", "untranslated": "kept", "quarantined": "kept"}
REFUSED = {"rejected": "the document breaks the schema or a rule", "malformed": "the request is not what the WSDL says",
           "conflict": "the same came before with another content"}  # fmt: skip
TURNED_AWAY = {401: ("Client", "not authentic"), 503: ("Server", "not kept, please send again")}
UNTOLD = Problem("D_CONFLICT", "/", "expected a new number or revision for new content")


def told(accepted: Accepted, namespace: str) -> Answer:
    """A receipt for what is kept; a fault of the class Client, with HTTP 500 (SOAP 1.1, 6.2), for what is refused."""
    if accepted.status in KEPT:
        receipt = etree.Element(f"{{{namespace}}}Receipt", nsmap={"d": namespace})
        _add(receipt, "Status", KEPT[accepted.status])
        _add(receipt, "Id", accepted.raw_id)
        _add(receipt, "Repeated", "true" if accepted.repeated else "false")
        return _answer(200, receipt)
    return _fault(500, "Client", REFUSED[accepted.status], accepted.problems or [UNTOLD], namespace)


def turned_away(status: int) -> Answer:
    """What is not kept: without a reason where it is not authentic."""
    code, text = TURNED_AWAY.get(status, ("Server", "not kept"))
    return _fault(status, code, text)


def _fault(status: int, code: str, text: str, problems: Sequence[Problem] = (), namespace: str = "") -> Answer:
    """Children of a fault stand in no namespace (SOAP 1.1, 4.4)."""
    fault = etree.Element(FAULT, nsmap={"soap": SOAP})
    etree.SubElement(fault, "faultcode").text = f"soap:{code}"
    etree.SubElement(fault, "faultstring").text = text
    if problems:
        detail = etree.SubElement(fault, "detail")
        listed = etree.SubElement(detail, f"{{{namespace}}}Problems", nsmap={"d": namespace})
        for problem in problems:
            one = etree.SubElement(listed, f"{{{namespace}}}Problem")
            for name, value in zip(
                ("Code", "Path", "Expected", "Value"), (problem.code, problem.path, problem.message, problem.value), strict=True
            ):
                if value is not None:
                    _add(one, name, value)
    return _answer(status, fault)


def _add(parent: etree._Element, name: str, text: str) -> None:
    """A child with a text, in its parent's namespace, without what XML cannot hold."""
    etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}").text = text if text.isprintable() else ascii(text)[1:-1]


def _answer(status: int, content: etree._Element) -> Answer:
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(content)
    return Answer(status, etree.tostring(envelope, encoding="utf-8", xml_declaration=True), MEDIA_TYPE)
