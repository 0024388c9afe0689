"""Payments, refunds and reversals that a finance system reports to the hub over SOAP 1.1."""

from pathlib import Path

from connectors.finance.ledger.settings import LedgerSettings
from connectors.soap import Wsdl
from connectors.soap_receiving import SoapDoor

NAMESPACE = "urn:orderlane:finance:1"
DOCUMENTS = ("ReportPayment", "ReportRefund", "ReportReversal")
HUB = Wsdl(Path(__file__).parent / "hub.wsdl", f"{{{NAMESPACE}}}FinanceBinding")
DOOR = SoapDoor(HUB, NAMESPACE, DOCUMENTS, b"https://hub.example/in/finance", LedgerSettings)
