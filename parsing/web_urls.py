"""Addresses of web pages, read as browsers read them (url.spec.whatwg.org, by ada-url).

The address that is checked is the address that is connected to: both come from `parse`. `canonical` is the identity of a page
and is never requested: a site may answer it with an error. `parsing/url_traps.py` names addresses that lead a crawl nowhere.
"""

import functools
import ipaddress
import re
from typing import Any, NamedTuple

import ada_url

import errors
from parsing import domains, marks

MAX_CHARS = 16_384  # no server in wide use takes more in a request line
MAX_REMEMBERED_CHARS = 500  # of an address whose parts are remembered
DEFAULT_PORTS = {"http": 80, "https": 443}
# What the standard's serialiser writes: nothing else can stand there.
PARTS = re.compile(
    r"(?P<scheme>https?)://(?:(?P<userinfo>[^/?#@]*)@)?(?P<host>\[[^\]]*\]|[^/?#:]*)(?::(?P<port>\d+))?"
    r"(?P<path>/[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.ASCII | re.DOTALL,
)
SCHEME = re.compile(r"[\x00-\x20]*([A-Za-z][A-Za-z0-9+.-]*):", re.ASCII)
ENCODED = re.compile(r"%([0-9A-Fa-f]{2})?")
# Characters that mean the same written plainly (RFC 3986, 6.2.2.2); the comma too, which no server in wide use tells apart.
PLAIN = {f"{ord(char):02X}": char for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~,"}
RAW = re.compile(r"[\[\]{}|\\^`]")  # browsers send these as they are in a query, libraries encode them
SLASHES = re.compile(r"/{2,}")
CAMPAIGN = ("utm_", "mtm_", "pk_", "hsa_", "matomo_", "piwik_", "at_campaign", "at_medium", "wt.mc_", "ga_")
# A name that holds a visitor's session in some applications and a page's number in others: the value decides.
SESSION_NAMES = frozenset((
    "sid", "s", "sess", "session", "sessid", "sessionid", "session_id", "oscsid", "xtcsid", "zenid", "cfid", "cftoken", "cfsid",
    "gsid", "bv_sessionid",
))  # fmt: skip
TOKEN = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.-]{16,}|[\w.-]{26,}", re.ASCII)
PATH_SESSION = re.compile(
    r";(?:jsessionid|phpsessid|sid|sessionid|cfid|cftoken)=[^/;]*|/\([AFSX]\([\w-]{10,}\)\)(?=[/;]|$)", re.IGNORECASE | re.ASCII
)


class Url(NamedTuple):
    """An http(s) address. Parts are as the standard writes them: lower case, punycode, percent-encoded."""

    href: str  # the whole address
    scheme: str
    host: str  # IPv6 without brackets
    port: int  # the default of the scheme where none is written
    path: str  # begins with a slash
    query: str  # without `?`
    fragment: str  # without `#`
    userinfo: str  # `user:password`; "" for an ordinary address

    @property
    def authority(self) -> str:
        """Host and port as the header `Host` has them: no default port, IPv6 in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"

    @property
    def target(self) -> str:
        """Path and query, as a request line has them."""
        return f"{self.path}?{self.query}" if self.query else self.path


def parse(text: str, base: str | None = None) -> Url:
    """The address in `text`, which may be relative to `base`.

    Raises DataError for what a browser cannot open, for other schemes than http(s), and beyond MAX_CHARS characters.

    >>> parse("HTTP://WWW.B\u00fccher.example:80/a/../b c?q=\u00e9#top").href
    'http://www.xn--bcher-kva.example/b%20c?q=%C3%A9#top'
    >>> parse("../x", "https://example.com/a/b/").target, parse("//[::1]:8080/", "http://a.example/").authority
    ('/a/x', '[::1]:8080')
    >>> parse("http://0x7f.1/").host
    '127.0.0.1'
    """
    if base is None and len(text) <= MAX_REMEMBERED_CHARS:
        return _remembered(text)
    return _parsed(text, base)


#: A host with a dot, as people type one, and what follows it; the ends of names of files.
BARE = re.compile(r"(?:[\w-]{1,63}\.)+[^\W\d_][\w-]{1,62}(?:[/?#]\S*)?")
FILES = re.compile(r"[^/?#]+\.(?:txt|csv|tsv|json|jsonl|html?|xml|php|pdf|xlsx?|log)", re.IGNORECASE)


def typed(text: Any) -> Any:
    """An address as it was meant: `example.com/a` is one on https. What has a scheme, a port or a blank stays, and a file's name.

    What is no text stays, too: whoever checks the address says so.

    >>> typed(" example.com/a "), typed("http://a.example"), typed("addresses.txt"), typed("localhost:3000"), typed("not a url")
    ('https://example.com/a', 'http://a.example', 'addresses.txt', 'localhost:3000', 'not a url')
    """
    plain = text.strip() if isinstance(text, str) else ""
    return f"https://{plain}" if BARE.fullmatch(plain) and not FILES.fullmatch(plain) else text


def _parsed(text: str, base: str | None) -> Url:
    if (href := resolve(text, base)) is None:
        raise errors.DataError(_refusal(text, base))
    return _split(href)


@functools.lru_cache(maxsize=4096)
def _remembered(text: str) -> Url:
    """A fetcher reads each address some five times: as a link, before its request, at its turn."""
    return _parsed(text, None)


def resolve(text: str, base: str | None = None) -> str | None:
    """The whole http(s) address as a browser writes it; None for another text. The quick way for the links of a page.

    >>> resolve(" /a\\n?b ", "https://example.com/x"), resolve("mailto:a@example.com"), resolve("a", None)
    ('https://example.com/a?b', None, None)
    """
    if len(text) > MAX_CHARS:
        return None
    try:
        href = ada_url.normalize_url(text) if base is None else ada_url.join_url(base, text)
    except UnicodeEncodeError:  # lone surrogates, which the standard replaces
        return resolve(_scalar(text), None if base is None else _scalar(base))
    except ValueError:
        return None
    return href if href.startswith(("https://", "http://")) else None


def canonical(url: str) -> str:
    """The identity of a page: all spellings of one address give the same text.

    No fragment, default port, session or tracking parameter; percent-encoding, empty segments and the host's last dot are made
    even. Parameters are sorted by name, because facets give the same page in any order. Parameters of one name keep their order,
    which can mean something; what was written twice counts once. Host, scheme and a last slash stay. Raises DataError as `parse`.

    >>> canonical("HTTP://Example.com.:80//a/%7eb/?b=2&utm_source=x&a=%c3%a9+1#top")
    'http://example.com/a/~b/?a=%C3%A9+1&b=2'
    >>> canonical("https://example.com/p;jsessionid=0A1B?sid=0f3a9c7d5e1b2a4c6d8e&sid=12")
    'https://example.com/p?sid=12'
    """
    parts = parse(url)
    path = _even(parts.path)
    if ";" in path or "/(" in path:  # what a session leaves behind is an address of its own: `/a/..;sid=…`
        path = _split(resolve(parts.origin + PATH_SESSION.sub("", path)) or parts.href).path
    path = SLASHES.sub("/", path) if "//" in path else path
    query = _query(parts.query) if parts.query else ""
    authority = _without_dot(parts).authority if parts.host.endswith(".") else parts.authority
    user = f"{parts.userinfo}@" if parts.userinfo else ""
    return f"{parts.scheme}://{user}{authority}{path}" + (f"?{query}" if query else "")


@functools.lru_cache(maxsize=4096)
def site_of(host: str) -> str:
    """The domain that one owner registered; the host itself for an IP address and for a name without one.

    >>> site_of("www.shop.example.co.uk"), site_of("foo.github.io"), site_of("127.0.0.1"), site_of("localhost")
    ('example.co.uk', 'foo.github.io', '127.0.0.1', 'localhost')
    """
    host = host.strip("[]").lower().rstrip(".")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return domains.registrable(host) or host


def is_session(name: str, value: str) -> bool:
    """Whether a parameter carries a visitor's session. `sid=12` is the number of a page.

    >>> is_session("sid", "0f3a9c7d5e1b2a4c6d8e"), is_session("sid", "12"), is_session("PHPSESSID", "1")
    (True, False, True)
    """
    low = name.lower()
    if low in SESSION_NAMES:
        return TOKEN.fullmatch(value) is not None
    return low in ("phpsessid", "jsessionid") or low.startswith("aspsessionid")


def _split(href: str) -> Url:
    match = PARTS.fullmatch(href)
    if match is None:
        raise errors.DataError(f"address {href[:200]!r} has no host: give http://host/path")
    scheme, userinfo, host, port, path, query, fragment = match.groups()
    if host.startswith("["):
        host = host[1:-1]
    return Url(
        href, scheme, host, int(port) if port else DEFAULT_PORTS[scheme], path, query or "", fragment or "", userinfo or ""
    )


def _without_dot(parts: Url) -> Url:
    """`example.com.` is `example.com`; a name that ends in a number would become an IP address, and stays."""
    host = parts.host.rstrip(".")
    return parts if host.rpartition(".")[2][:1] in tuple("0123456789") or not host else parts._replace(host=host)


def _scalar(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _refusal(text: str, base: str | None) -> str:
    shown = repr(text if len(text) <= 200 else text[:200] + "…")
    if len(text) > MAX_CHARS:
        return f"address {shown} has {len(text):,} characters: at most {MAX_CHARS:,} are read"
    scheme = SCHEME.match(text)
    if scheme is not None and scheme[1].lower() not in DEFAULT_PORTS:
        return f"address {shown} is not fetched: give one that begins with http:// or https://"
    if base is None and scheme is None:
        return f"address {shown} has no scheme: give http://host/path or https://host/path"
    return f"address {shown} cannot be opened by a browser: check its host and port"


def _query(query: str) -> str:
    kept = []
    for part in query.split("&"):
        part = _even(part, in_query=True)
        name, _, value = part.partition("=")
        low = name.lower()
        if low in marks.NAMES or low.startswith(CAMPAIGN) or is_session(low, value) or not (name or value):
            continue
        kept.append(part if value else name)
    if len(kept) > 1:
        kept = sorted(dict.fromkeys(kept), key=_name)
    return "&".join(kept)


def _name(part: str) -> str:
    return part.partition("=")[0]


def _even(text: str, in_query: bool = False) -> str:
    """One spelling for what servers read as the same."""
    if "%" in text:
        text = ENCODED.sub(_encoded, text)
        text = text.replace("%20", "+") if in_query else text
    return RAW.sub(lambda match: f"%{ord(match[0]):02X}", text)


def _encoded(match: re.Match[str]) -> str:
    digits = match[1]
    if digits is None:  # a lone `%`
        return "%25"
    digits = digits.upper()
    return PLAIN.get(digits, f"%{digits}")
