"""Which IP addresses may be fetched: public ones only, so that no page leads into a private network.

The networks are those of the special-purpose registries (iana.org/assignments/iana-ipv4-special-registry and -ipv6-, read
2026-11). They stand here because `ipaddress` knows them only in its newest releases. FETCH_ALLOW_NETWORKS names private networks
and hosts that may be fetched all the same.
"""

import functools
import ipaddress
import re
from dataclasses import dataclass

import config
import errors

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

NOT_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        # within the one block of public IPv6 addresses: protocols and tunnels, documentation, 6to4
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
PUBLIC_6 = ipaddress.IPv6Network("2000::/3")

HOST = re.compile(r"(?=.*[a-z])[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?", re.ASCII)

#: IPv4 within IPv6: NAT64 of a network without IPv4. Its last 32 bits are the address that is reached.
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

#: Metadata and credentials of cloud machines: AWS, GCP, Azure and others; ECS and EKS; Azure's host; Alibaba. Never fetched.
METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        *("169.254.169.254", "169.254.170.2", "169.254.170.23", "168.63.129.16", "100.100.100.200", "192.0.0.192"),
        *("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"),
    )
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What FETCH_ALLOW_NETWORKS names."""

    networks: tuple[Network, ...] = ()
    hosts: frozenset[str] = frozenset()


def allowed() -> Allowed:
    """FETCH_ALLOW_NETWORKS, read. Raises ConfigError that names the entry that is none."""
    return _read(config.settings().fetch_allow_networks or "")


@functools.lru_cache(maxsize=16)
def _read(text: str) -> Allowed:
    networks: list[Network] = []
    hosts = set()
    for entry in filter(None, (part.strip().lower() for part in text.split(","))):
        try:
            networks.append(ipaddress.ip_network(entry, strict=False))
        except ValueError:
            if HOST.fullmatch(entry) is None:
                raise errors.ConfigError(
                    f"FETCH_ALLOW_NETWORKS: {entry!r} is no network, address or host name. Write 10.1.0.0/16, wiki.corp.example"
                ) from None
            hosts.add(entry.rstrip("."))
    return Allowed(tuple(networks), frozenset(hosts))


def may_fetch(text: str, host: str = "") -> bool:
    """Whether pages may be fetched from this IP address; `host` is the name that led to it."""
    return is_public(text) or _is_allowed(text, host, config.settings().fetch_allow_networks or "")


def is_metadata(text: str) -> bool:
    """Whether this address gives away a cloud machine's credentials. No setting allows it."""
    address = _parsed(text)
    return address is not None and (address in METADATA or _reached(address) in METADATA)


@functools.lru_cache(maxsize=1024)
def _is_allowed(text: str, host: str, entries: str) -> bool:
    address, named = _parsed(text), _read(entries)
    if address is None or is_metadata(text):
        return False
    return host in named.hosts or any(_reached(address) in network or address in network for network in named.networks)


@functools.lru_cache(maxsize=8192)
def is_public(text: str) -> bool:
    """Whether this is the address of one machine in the public internet.

    >>> is_public("93.184.216.34"), is_public("127.0.0.1"), is_public("::ffff:10.0.0.1"), is_public("64:ff9b::808:808")
    (True, False, False, True)
    """
    address = _parsed(text)
    if address is None or address in METADATA:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address in NAT64:
            return is_public(str(_reached(address)))
        if address not in PUBLIC_6:  # IPv4-mapped addresses too: nothing public is reached by them alone
            return False
    return not any(address in network for network in NOT_PUBLIC) and _reached(address) not in METADATA


def _parsed(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _reached(address: Address) -> Address:
    """The address that a packet to `address` reaches in the end."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
