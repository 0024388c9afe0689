"""What an endpoint of this connector may say in its options."""

from connectors.transport_auth import TransportAuth


class CamtSettings(TransportAuth):
    """How the bank's requests, or those of the service that fetches its files, prove themselves."""
