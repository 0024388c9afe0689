"""The WSDL of orders over SOAP as shipped: what the hub offers, and what a dealer offers whom the hub asks or tells."""

from pathlib import Path

from connectors.soap import Wsdl

NAMESPACE = "urn:orderlane:dealer:1"
DEALER = Wsdl(Path(__file__).parent / "dealer.wsdl", f"{{{NAMESPACE}}}DealerBinding")
PLACEHOLDER = b"https://hub.example/in/dealer"
"""The address in the shipped file; each endpoint tells its own."""
