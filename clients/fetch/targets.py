"""What may be fetched: checked first without the network, then by the addresses that a name has.

The parser that is asked here writes the address that is connected to. So an odd spelling cannot mean one host to the check and
another to the connection.
"""

import functools
import ipaddress
import re

import config
import errors
from clients.fetch import addresses, lookup
from environment import redis_url
from parsing import web_urls
from parsing.web_urls import Url

MAX_HOST, MAX_LABEL = 253, 63

#: Ports that are no web server's: those that browsers refuse (fetch.spec.whatwg.org, 2026-11), and stores that answer to HTTP.
REFUSED_PORTS = frozenset(
    (
        *(1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111),
        *(113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548),
        *(554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566),
        *(6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080, 0),
        *(2375, 2379, 3306, 5432, 6379, 6380, 9200, 10250, 11211, 16379, 26379, 27017),
    )
)

#: Names that no public name server knows (RFC 6761, 6762, 8375; ICANN 2024).
PRIVATE_NAMES = re.compile(r"(?:.*\.)?(?:localhost|local|internal|intranet|lan|home|corp|home\.arpa|test|invalid|onion)")

REMEDY = "To scrape your own network, name it in FETCH_ALLOW_NETWORKS"


def check(text: str, base: str | None = None) -> Url:
    """The address as it will be requested: no fragment, no last dot behind the host. Needs no network.

    Raises BadUrl for what is no address of a page, RefusedAddress for a private one.
    """
    if not isinstance(text, str):
        raise errors.BadUrl(f"an address is a text, not of type {type(text).__name__}")
    try:
        url = web_urls.parse(text, base)
    except errors.DataError as exc:
        raise errors.BadUrl(str(exc)) from None
    if url.userinfo:
        raise errors.BadUrl(f"the address of {url.host} holds a user or password: send them as the header Authorization")
    if url.host[-1:] == "." or "#" in url.href:
        host = url.host.rstrip(".")
        authority = url._replace(host=host).authority
        url = web_urls.parse(f"{url.scheme}://{authority}{url.target}")
    if url.port in REFUSED_PORTS or (url.host, url.port) in own_stores():
        raise errors.RefusedAddress(f"{url.host}:{url.port} is not a port of web pages: it is never fetched")
    _check_host(url.host)
    return url


def _check_host(host: str) -> None:
    if is_address(host):
        if not addresses.may_fetch(host):
            raise errors.RefusedAddress(f"{host} is not a public address. {_remedy(host)}")
        return
    labels = host.split(".")
    if len(host) > MAX_HOST or not all(0 < len(label) <= MAX_LABEL for label in labels):
        raise errors.BadUrl(f"{host[:100]!r} cannot be a host: a name has parts of 1 to {MAX_LABEL} characters")
    entries = addresses.allowed()
    is_private = len(labels) == 1 or PRIVATE_NAMES.fullmatch(host) is not None
    if is_private and not entries.networks and host not in entries.hosts:  # with networks, its addresses decide
        raise errors.RefusedAddress(f"{host} is not a public name. {REMEDY}")


def _remedy(address: str) -> str:
    return "It serves credentials of cloud machines, and is never fetched" if addresses.is_metadata(address) else REMEDY


def resolve(url: Url, ends_at: float) -> tuple[str, ...]:
    """The IP addresses of a host, all checked. Raises RefusedAddress if any is private, else as `lookup.addresses` does."""
    found = (url.host,) if is_address(url.host) else lookup.addresses(url.host, ends_at)
    for address in found:
        if not addresses.may_fetch(address, url.host):
            raise errors.RefusedAddress(f"{url.host} leads to {address}, which is not a public address. {_remedy(address)}")
        if _is_own_store(address, url.port):
            raise errors.RefusedAddress(f"{url.host}:{url.port} leads to the store of Trawl: it is never fetched")
    return found


def held_public(url: Url, found: tuple[str, ...], public_only: bool) -> bool:
    """Whether what follows this page must be public. Raises RefusedAddress if the page must be, and is not."""
    is_public = all(map(addresses.is_public, found))
    if public_only and not is_public:
        raise errors.RefusedAddress(
            f"a public page leads to {url.host} ({found[0]}) in a private network: it is not followed there"
        )
    return public_only or is_public


@functools.lru_cache(maxsize=8192)
def is_address(host: str) -> bool:
    """Whether a host is an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_own_store(address: str, port: int) -> bool:
    """The store's port on a private address is refused whatever the address: one machine has many."""
    names = [name for name, own_port in own_stores() if own_port == port]
    if not names:
        return False
    return not addresses.is_public(address) or any(address in _known(name) for name in names)


def _known(name: str) -> tuple[str, ...]:
    try:
        return (name,) if is_address(name) else lookup.addresses(name, float("inf"))
    except errors.NetworkError:
        return ()


def own_stores() -> frozenset[tuple[str, int]]:
    """Host and port of every Redis that the settings name."""
    return _stores(config.settings().configured_redis_url)


@functools.lru_cache(maxsize=16)
def _stores(url: str | None) -> frozenset[tuple[str, int]]:
    if not url or url.lower().startswith("unix:"):
        return frozenset()
    if url.lower().startswith(config.SENTINEL_SCHEMES):
        hosts = url.partition("://")[2].partition("?")[0].partition("/")[0].rpartition("@")[2]
        pairs = (host.strip().rpartition(":") for host in hosts.split(","))
        return frozenset((name.strip("[]").lower(), int(port)) for name, _, port in pairs if name and port.isdigit())
    store = redis_url.parse(url)
    return frozenset({(store.host.lower(), store.port)}) if store.host else frozenset()


def check_peer(url: Url, address: str) -> None:
    """Raises RefusedAddress if a connection stands to an address that may not be fetched."""
    if not addresses.may_fetch(address, url.host) or _is_own_store(address, url.port):
        raise errors.RefusedAddress(f"{url.host} is connected to {address}, which is not a public address. {_remedy(address)}")
