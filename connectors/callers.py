"""Where a request comes from, and whether an endpoint takes any from there (its key `allow_from`)."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Networks as they are written down (`203.0.113.0/24`, `2001:db8::1`); ValueError for what is none."""
    return tuple(map(_network, texts))


def _network(text: str) -> Network:
    try:
        return ip_network(text.strip())
    except ValueError:
        raise ValueError(f"expected an address or network such as 203.0.113.0/24, found {text.strip()!r}") from None


def comes_from(address: str, allowed: Sequence[Network]) -> bool:
    """Whether an address lies in one of the networks; what is no address never does."""
    try:
        ip = ip_address(address.strip())
    except ValueError:
        return False
    plain = ip.ipv4_mapped if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None else ip
    return any(plain.version == network.version and plain in network for network in allowed)


def caller(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The address that called: the peer itself, or, where that is a proxy of ours, the last one in `X-Forwarded-For` that is not.

    Each proxy adds whom it got the request from at the end, so what stands before the first stranger is anybody's word.
    """
    address = peer
    for told in reversed(forwarded_for.split(",") if forwarded_for else []):
        if not comes_from(address, trusted):
            break
        address = told.strip()
    return address
