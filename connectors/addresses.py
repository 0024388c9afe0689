"""Which IP addresses may be dialled: the tables behind the guard against requests into our own network (F24).

Python's `is_global` says yes to NAT64, 6to4 and multicast addresses that lead inside, so the ranges are listed here, from
the IANA special-purpose registries (iana.org/assignments/iana-ipv4-special-registry, iana-ipv6-special-registry).
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

INSIDE_V4 = tuple(map(IPv4Network, ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""Private, shared (carrier NAT) and loopback: allowed where the endpoint says `allow_private`."""

NEVER_V4 = tuple(map(IPv4Network, (
    "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "100.100.100.200/32", "168.63.129.16/32",
)))  # fmt: skip
"""This host, link-local (metadata of most clouds), protocol, documentation, 6to4 relays, benchmarks, multicast, reserved;
and the metadata addresses of Alibaba Cloud and Azure, which stand in ordinary ranges."""

INSIDE_V6 = tuple(map(IPv6Network, ("::1/128", "fc00::/7")))

PUBLIC_V6 = IPv6Network("2000::/3")
"""The only public unicast; everything else, IPv4-mapped and NAT64 (64:ff9b::/96) included, is refused."""

NEVER_V6 = tuple(map(IPv6Network, (
    "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "fd00:ec2::254/128", "fd20:ce::254/128",
)))  # fmt: skip
"""Within those: Teredo and protocol addresses, documentation, 6to4 (embeds any IPv4), metadata of AWS and Google."""


def dialable(address: str, *, allow_private: bool) -> bool:
    """Whether a numeric address may be dialled; one with a zone (`fe80::1%eth0`) or not an address at all never."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return _v4(ip, allow_private)
    return ip.scope_id is None and _v6(ip, allow_private)


def _v4(ip: IPv4Address, allow_private: bool) -> bool:
    if any(ip in network for network in NEVER_V4):
        return False
    return allow_private or not any(ip in network for network in INSIDE_V4)


def _v6(ip: IPv6Address, allow_private: bool) -> bool:
    if any(ip in network for network in NEVER_V6):
        return False
    return ip in PUBLIC_V6 or (allow_private and any(ip in network for network in INSIDE_V6))
