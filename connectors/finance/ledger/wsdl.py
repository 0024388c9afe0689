"""The ledger's WSDL as shipped."""

from pathlib import Path

from connectors.soap import Wsdl

NAMESPACE = "urn:orderlane:ledger:1"
LEDGER = Wsdl(Path(__file__).parent / "ledger.wsdl", f"{{{NAMESPACE}}}LedgerBinding")
