"""Addresses in pages: made absolute, freed of Google's wrappers, reduced to a host. Nothing here raises."""

import functools
import re
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, unquote_plus, urljoin, urlsplit

import idna

from parsing import proxies

GOOGLE = "https://www.google.com/"
MAX_WRAPPERS = 3  # a wrapper inside a wrapper was seen, never a deeper one
MAX_HOST_CHARS = 253

GOOGLE_HOST = re.compile(r"(?:[a-z0-9-]+\.)*google(?:\.com?)?\.[a-z]{2,3}", re.ASCII)
LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"  # at most 63 characters
HOST = re.compile(rf"{LABEL}(?:\.{LABEL})*", re.ASCII)
REAL_END = re.compile(r"\.[a-z][a-z0-9-]*[a-z0-9]\Z", re.ASCII)  # of a name, not of a number
# An absolute address that joining to a base would not change.
SAFE = r"[!$%&'()*+,./:=@\w~?-]"
PLAIN = re.compile(rf"(https?)://([A-Za-z0-9.-]+)(/{SAFE.replace('?', '')}*)(?:\?({SAFE}+))?(?:#{SAFE}+)?", re.ASCII)
# A path of one part with a query, and the part of a base that it is joined to.
ROOTED, ORIGIN = re.compile(rf"/\w+\?{SAFE}+", re.ASCII), re.compile(r"https?://[A-Za-z0-9.-]+(?=/)", re.ASCII)
IPV6 = re.compile(r"[0-9a-f:.]+", re.ASCII)
BARE_HOST = re.compile(r"(?:https?://)?([^\s/:?#@\u203a>|]+\.[^\s/:?#@\u203a>|]+)", re.IGNORECASE)
# Wrapper path → its parameters that hold the address, in the order tried (`/url` 2010-2026, `/interstitial` 2018-2026).
FIRST_FIELD = re.compile(r"(\w+)=(https?(?:://|%3[Aa]%2[Ff]%2[Ff])[^&]+)", re.ASCII)
WRAPPERS = {"/url": ("q", "url", "adurl"), "/interstitial": ("url",)}
# Google's own links: searches, ads, and places of its maps, hotels and shops. Without a query `/maps` or
# `/advanced_search` is a page that can rank, and so are `/travel/hotels` and `/shopping`.
OWN_PATHS = frozenset({"/search", "/imgres", "/aclk", "/pagead/aclk", "/searchbyimage", "/travel/search"})
ASKED_PATHS = frozenset({
    "/images", "/preferences", "/advanced_search", "/setprefs", "/maps", "/maps/", "/webhp", "/", "/m", "/custom", "/cse",
    "/shopping", "/travel/hotels",
})  # fmt: skip
ASKED = re.compile(r"(?:^|&)(?:q|cid|ftid|daddr)=")
PLACE_PATHS = (
    "/shopping/product/", "/travel/hotels/entity/",
    "/maps/search/", "/maps/place/", "/maps/dir/", "/maps/reviews/", "/maps/contrib/", "/maps/@",
)  # fmt: skip
OWN_HOST = re.compile(r"(?:(?:www|images|maps|encrypted|shopping|ipv4|ipv6)\.)?google(?:\.com?)?\.[a-z]{2,3}", re.ASCII)
AD_HOSTS = re.compile(r"(?:[a-z0-9-]+\.)*(?:googleadservices\.com|doubleclick\.net|googlesyndication\.com)", re.ASCII)


class Link(NamedTuple):
    """The target of a link: `url`, absolute and unwrapped, or only `goto_url` if the page hides it. Both None: no target."""

    url: str | None
    goto_url: str | None


def unwrap(href: str | None, base: str = GOOGLE) -> Link:
    """The target of a link on a result page. Only http(s): script, mail and in-page links give two Nones.

    >>> unwrap("/url?q=https://example.com/a%3Fb%3D1&sa=U&ved=x").url
    'https://example.com/a?b=1'
    >>> unwrap("https://www.google.com/amp/s/example.com/a?b=1").url
    'https://example.com/a?b=1'
    >>> unwrap("https://www-example-de.translate.goog/a?_x_tr_sl=de&_x_tr_tl=en").url
    'https://www.example.de/a'
    >>> unwrap("/goto?url=CAESabc")
    Link(url=None, goto_url='https://www.google.com/goto?url=CAESabc')
    >>> unwrap("javascript:void(0)")
    Link(url=None, goto_url=None)
    """
    return _opened(absolute(href, base))


def _opened(url: str | None) -> Link:
    for _ in range(MAX_WRAPPERS):
        parts = _split(url)
        if url is None or parts is None or not _may_wrap(parts.hostname):
            break
        if parts.path == "/goto" and is_google(host_of(url)):  # opaque since mid-2026: only Google can open it
            return Link(None, url)
        if parts.path in WRAPPERS and is_google(host_of(url)):
            url = _wrapped(parts.query, WRAPPERS[parts.path])
        elif opened := proxies.publisher(url):
            url = absolute(opened)
        else:
            break
    return Link(url, None)


def absolute(href: str | None, base: str = GOOGLE) -> str | None:
    """`href` as an absolute http(s) address; None for another text.

    >>> absolute("../b?c#d", "https://example.com/x/y/")
    'https://example.com/x/b?c#d'
    >>> absolute("mailto:a@example.com"), absolute("http://"), absolute(None)
    (None, None, None)
    """
    if not href or href.startswith("#"):
        return None
    if PLAIN.fullmatch(href) is not None:
        return href
    if ROOTED.fullmatch(href) is not None and (origin := ORIGIN.match(base)) is not None:
        return origin[0] + href
    try:
        url = urljoin(base, href.strip())
    except ValueError:
        return None
    return url if (parts := _split(url)) is not None and parts.scheme in ("http", "https") and parts.netloc else None


def host_of(url: str | None) -> str | None:
    """The host of an absolute address: lower case, punycode, no port, no trailing dot; None if there is no host.

    >>> host_of("https://user@WWW.M\u00dcnchen.de.:8080/x")
    'www.xn--mnchen-3ya.de'
    >>> host_of("http://192.0.2.7/"), host_of("http://[2001:DB8::1]:80/"), host_of("/path")
    ('192.0.2.7', '2001:db8::1', None)
    """
    parts = _split(url)
    if parts is None or not parts.netloc:
        return None
    bracketed = "[" in parts.netloc
    try:
        host = parts.hostname or ""
    except ValueError:
        return None
    if bracketed:
        return host if IPV6.fullmatch(host) else None
    return normal_host(host)


def normal_host(host: str) -> str | None:
    """A host name, normalised (lower case punycode, no trailing dot); None for another text.

    >>> normal_host("B\u00fccher.Example."), normal_host("a..b"), normal_host("a b")
    ('xn--bcher-kva.example', None, None)
    """
    host = host.lower().removesuffix(".")
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii").removesuffix(".")
        except (idna.IDNAError, UnicodeError, ValueError, IndexError):
            return _lenient_punycode(host)
    return host if _is_host(host) else None


def displayed_host(cite: str | None) -> str | None:
    """The host at the start of a displayed address; None if Google shows something else there (2026: "30K+ likes").

    A host of Google's translation is replaced by the publisher's host.

    >>> displayed_host("https://www.Example.com \u203a blog \u203a post"), displayed_host("Example.co.uk/path")
    ('www.example.com', 'example.co.uk')
    >>> displayed_host("www-example-com.translate.goog \u203a blog")
    'www.example.com'
    >>> displayed_host("30.9K+ likes \u00b7 9 months ago") is None
    True
    """
    match = BARE_HOST.match((cite or "").strip())
    if match is None:
        return None
    host = normal_host(match[1].rstrip("."))
    if host and (original := proxies.original_host(host)):
        host = normal_host(original)
    return host if host and REAL_END.search(host) else None


def is_google(host: str | None) -> bool:
    """Whether a host is one of Google's search hosts (`google.<tld>` or below).

    >>> is_google("www.google.co.uk"), is_google("notgoogle.com"), is_google("google.com.example.org")
    (True, False, False)
    """
    return host is not None and GOOGLE_HOST.fullmatch(host) is not None


def is_own(url: str | None) -> bool:
    """Whether an address is never a result: a search, an image or map place of Google's own, or an ad.

    >>> is_own("https://www.google.com/search?q=a"), is_own("https://www.google.com/maps/place/Oak")
    (True, True)
    >>> is_own("https://www.google.com/maps"), is_own("https://developers.google.com/search")
    (False, False)
    """
    parts = _split(url)
    if parts is None or parts.hostname is None or not _may_wrap(parts.hostname):
        return False
    if AD_HOSTS.fullmatch(parts.hostname):
        return True
    if not OWN_HOST.fullmatch(parts.hostname):
        return False
    is_asked = parts.path in ASKED_PATHS and ASKED.search(parts.query) is not None
    return parts.path in OWN_PATHS or parts.path.startswith(PLACE_PATHS) or is_asked


def result_of(href: str | None, base: str = GOOGLE) -> Link | None:
    """The target of a link that can be a result; None for no address, for Google's own pages and for ads.

    >>> result_of("/url?q=https://example.com/")
    Link(url='https://example.com/', goto_url=None)
    >>> result_of("/search?q=oak"), result_of("/aclk?adurl=https://example.com/"), result_of("#top")
    (None, None, None)
    """
    plain = PLAIN.fullmatch(href or "")
    if plain is not None and not _may_wrap(plain[2].lower()):
        return Link(plain[0], None)
    url = absolute(href, base)
    if is_own(url):
        return None
    target = _opened(url)
    return None if target == (None, None) or is_own(target.url) else target


class _Parts(NamedTuple):
    scheme: str
    netloc: str
    path: str
    query: str
    hostname: str | None


@functools.lru_cache(maxsize=16)  # a link is looked at from several sides, one after the other
def _split(url: str | None) -> _Parts | None:
    if url is not None and (plain := PLAIN.fullmatch(url)) is not None:
        scheme, host, path, query = plain.groups()
        return _Parts(scheme, host, path, query or "", host.lower())
    try:
        parts = urlsplit(url or "")
        _ = parts.port
        return _Parts(parts.scheme, parts.netloc, parts.path, parts.query, parts.hostname)
    except ValueError:  # broken brackets, a bad port, or a host that changes under NFKC
        return None


def _may_wrap(host: str | None) -> bool:
    """Whether a host may be Google's. A cheap test that every link takes first."""
    return host is not None and ("goog" in host or "amp" in host or host.endswith("doubleclick.net"))


def _wrapped(query: str, names: tuple[str, ...]) -> str | None:
    first = FIRST_FIELD.match(query)
    if first is not None and first[1] == names[0] and (url := absolute(unquote_plus(first[2]))):
        return url
    try:
        fields = parse_qs(query, max_num_fields=200)
    except ValueError:
        return None
    values = (_written(fields[name][0]) for name in names if name in fields)
    return next((url for url in map(absolute, filter(_is_web, values)) if url), None)


def _written(value: str) -> str:
    """An address in a wrapper that was encoded twice, or has no scheme of its own."""
    if value[:7].lower() in ("http%3a", "https%3"):
        value = unquote(value)
    return f"https:{value}" if value.startswith("//") else value


def _is_web(value: str) -> bool:
    """A wrapper around `/search?…` leads back to Google and is no result."""
    return value.lower().startswith(("http://", "https://"))


def _lenient_punycode(host: str) -> str | None:
    """Punycode without IDNA's checks: there are registered hosts with emoji."""
    try:
        labels = [label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii") for label in host.split(".")]
    except UnicodeError:
        return None
    name = ".".join(labels)
    return name if _is_host(name) else None


def _is_host(host: str) -> bool:
    return len(host) <= MAX_HOST_CHARS and HOST.fullmatch(host) is not None
