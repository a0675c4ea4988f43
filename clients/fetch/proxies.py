"""The proxy of a request. It looks up the names itself, so the addresses behind them are its matter.

Names and literal addresses of targets are checked all the same. A proxy that a request names is checked as a page is: else it
would be a way into the private network. FETCH_PROXY is the owner's own, and may stand anywhere.
"""

import functools
from dataclasses import dataclass, field
from urllib.parse import unquote

import config
import errors
from clients.fetch import lookup, targets
from parsing import web_urls


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy. `login` is `user:password`, decoded."""

    host: str
    port: int
    login: str = field(default="", repr=False)
    is_trusted: bool = False

    @property
    def address(self) -> str:
        """`http://host:port`, without the login."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"


def of(text: str | None) -> Proxy | None:
    """The proxy that a request names, else FETCH_PROXY. Raises BadUrl, or ConfigError for the setting. Needs no network."""
    if text:
        proxy = _parse(text)
        if proxy is None:
            raise errors.BadUrl("proxy: write http://[user:password@]host:port. Other kinds of proxies are not spoken")
        targets.check(proxy.address)
        return proxy
    own = config.settings().fetch_proxy
    if not own:
        return None
    proxy = _parse(own, is_trusted=True)
    if proxy is None:
        raise errors.ConfigError("FETCH_PROXY: write http://[user:password@]host:port")
    return proxy


@functools.lru_cache(maxsize=256)
def _parse(text: str, is_trusted: bool = False) -> Proxy | None:
    try:
        url = web_urls.parse(text)
    except errors.DataError:
        return None
    if url.scheme != "http" or url.target != "/":
        return None
    return Proxy(url.host.rstrip("."), url.port, unquote(url.userinfo), is_trusted)


def resolve(proxy: Proxy, ends_at: float) -> tuple[str, ...]:
    """The addresses of the proxy, checked unless it is the owner's. Raises as `targets.resolve` does."""
    if proxy.is_trusted:
        return (proxy.host,) if targets.is_address(proxy.host) else lookup.addresses(proxy.host, ends_at)
    return targets.resolve(targets.check(proxy.address), ends_at)
