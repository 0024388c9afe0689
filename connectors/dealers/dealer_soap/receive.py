"""Orders that dealers push to the hub over SOAP 1.1."""

from connectors.dealers.dealer_soap.settings import DealerSoapSettings
from connectors.dealers.dealer_soap.wsdl import DEALER, NAMESPACE, PLACEHOLDER
from connectors.soap_receiving import SoapDoor

DOCUMENTS = ("PlaceOrder", "CancelOrder", "GetOrdersResponse")
DOOR = SoapDoor(DEALER, NAMESPACE, DOCUMENTS, PLACEHOLDER, DealerSoapSettings)
