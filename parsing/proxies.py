"""Google's copies of a page: translated, cached, made light, shown as a document, or as AMP.

The publisher's address is read from the address of the copy. `translate.goog` is read by Google's rules
(developers.google.com/search/docs/appearance/ad-network-and-translation, 2025-12-10), AMP by the rules of the caches (amp.dev,
2026-11). The other forms are those of result pages: the text cache until 2024, light pages until 2022. Nothing here raises.
"""

import re
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

TRANSLATE_SUFFIX = ".translate.goog"
TRANSLATE_MARK = "_x_tr_"  # prefix of every parameter that Google adds
LONE_HYPHEN = re.compile(r"\b-\b", re.ASCII)
TRANSLATE_HOSTS = re.compile(r"translate\.google(?:\.com?)?\.[a-z]{2,3}|translate\.googleusercontent\.com", re.ASCII)
TRANSLATE_PATHS = frozenset({"/translate", "/translate_c", "/translate_p", "/website"})  # 2010-2021, until 2020, 2021-2026
CACHE_HOST = "webcache.googleusercontent.com"
CACHE_ID = re.compile(r"[\w-]{12}:", re.ASCII)  # `cache:<12 characters>:<address>`, or `cache:<address>`
GOOGLE_AMP = re.compile(r"(?:www\.)?google(?:\.com?)?\.[a-z]{2,3}", re.ASCII)
AMP_CACHES = (".cdn.ampproject.org", ".bing-amp.com", ".amp.cloudflare.com")  # itself, or below it the publisher's host
# `/amp/s/<host>/<path>` for https, without `s/` for http; a cache has `c` (page), `v` (in a viewer), `wp` (signed).
AMP_PATH = re.compile(r"/(?:amp|c|v|wp(?=/))/(?:(s)/)?(?=[^/])")
ENCODED = re.compile(r"%3f([^?#]*)", re.IGNORECASE)  # the page's own query within the viewer's path
AMP_MARKS = frozenset({"amp_js_v", "amp_gsa", "amp_ct", "amp_tf", "amp_lite", "usqp"})  # what the viewer adds, 2018-2026
# Pages for slow lines (`?u=` or `?lite_url=` until 2022, `/gwt/` until about 2016) and the viewer of documents.
LIGHT_HOST = "googleweblight.com"
GWT_PATH = re.compile(r"/gwt/[nx]")
VIEWER_HOSTS, VIEWER_PATHS = ("docs.google.com", "drive.google.com"), ("/viewer", "/gview", "/viewerng/viewer")
# What is in every address of a copy; most addresses are told by this alone.
COPIED = re.compile(
    r"translate|googleusercontent|(?:docs|drive)\.google|weblight|ampproject|-amp\.|amp\.cloudflare|/gwt/|/amp/", re.IGNORECASE
)
HOST = re.compile(r"[^/?#:@\s]+\.[^/?#:@\s]+")


def publisher(url: str) -> str | None:
    """The publisher's address in the address of a copy, as it is written there; None if `url` is no copy.

    >>> publisher("https://my--shop-example-de.translate.goog/a?b=1&_x_tr_sl=de&_x_tr_tl=en#c")
    'https://my-shop.example.de/a?b=1#c'
    >>> publisher("https://translate.google.com/translate?sl=de&u=example.de/page")
    'http://example.de/page'
    >>> publisher("https://www-example-com.cdn.ampproject.org/c/s/www.example.com/a")
    'https://www.example.com/a'
    >>> publisher("https://webcache.googleusercontent.com/search?q=cache:Abc_123-xyzW:example.com/a+oak&hl=en")
    'http://example.com/a'
    >>> publisher("https://example.com/amp/s/other.example/") is None
    True
    """
    if COPIED.search(url) is None:
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removesuffix(".")
    except ValueError:
        return None
    if host.endswith(TRANSLATE_SUFFIX):
        return _translated(parts, host)
    if TRANSLATE_HOSTS.fullmatch(host):
        return _web(_field(parts, "u")) if parts.path in TRANSLATE_PATHS else None
    if host == CACHE_HOST:
        return _cached(_field(parts, "q"))
    if host in VIEWER_HOSTS or host.removeprefix("www.") == LIGHT_HOST:
        return _shown(parts)
    if GOOGLE_AMP.fullmatch(host):
        if GWT_PATH.match(parts.path):
            return _web(_field(parts, "u"))
        return _amp(parts) if parts.path.startswith("/amp/") else None
    return _amp(parts) if f".{host}".endswith(AMP_CACHES) and not parts.path.startswith("/amp/") else None


def original_host(host: str, query: str = "") -> str | None:
    """The publisher's host in a host below `translate.goog`, by Google's nine steps; None for another host.

    >>> original_host("1-en--us-example-com.translate.goog", "_x_tr_enc=1")
    'en-us.example.com'
    >>> original_host("0-57hw060o-com.translate.goog", "_x_tr_enc=0"), original_host("translate.goog.example")
    ('xn--57hw060o.com', None)
    """
    host = host.lower().removesuffix(".")
    if not host.endswith(TRANSLATE_SUFFIX):
        return None
    fields = _fields(query)
    name = fields.get(TRANSLATE_MARK + "hp", "") + host.removesuffix(TRANSLATE_SUFFIX)
    encodings = fields.get(TRANSLATE_MARK + "enc", "").split(",")
    if "1" in encodings:
        name = name.removeprefix("1-")
    is_idn = "0" in encodings and name.startswith("0-")
    if is_idn:
        name = name.removeprefix("0-")
    name = LONE_HYPHEN.sub(".", name).replace("--", "-")
    return ("xn--" + name if is_idn else name) or None


def _translated(parts: SplitResult, host: str) -> str | None:
    name = original_host(host, parts.query)
    if name is None or HOST.fullmatch(name) is None:
        return None
    scheme = "http" if _fields(parts.query).get(TRANSLATE_MARK + "sch") == "http" else "https"
    kept = "&".join(pair for pair in parts.query.split("&") if not pair.startswith(TRANSLATE_MARK))
    return parts._replace(scheme=scheme, netloc=name, query=kept).geturl()


def _cached(query: str) -> str | None:
    """Read `cache:`, with or without an id of twelve characters. Search words may follow after a blank."""
    if not query.startswith("cache:"):
        return None
    address = (query.removeprefix("cache:").split() or [""])[0]
    return _web(CACHE_ID.sub("", address, count=1))


def _amp(parts: SplitResult) -> str | None:
    match = AMP_PATH.match(parts.path)
    if match is None:
        return None
    kept = "&".join(pair for pair in parts.query.split("&") if pair.partition("=")[0] not in AMP_MARKS)
    path = parts.path[match.end() :]
    if encoded := ENCODED.search(path):
        path = path[: encoded.start()]
        own = re.sub("%26", "&", re.sub("%3d", "=", encoded[1], flags=re.IGNORECASE)).split("&")
        kept = "&".join(pair for pair in (*own, kept) if pair and pair.partition("=")[0] not in AMP_MARKS)
    rest = path + (f"?{kept}" if kept else "") + (f"#{parts.fragment}" if parts.fragment else "")
    return _web(rest, scheme="https" if match[1] else "http")


def _shown(parts: SplitResult) -> str | None:
    """The address that a light page or the viewer of documents shows."""
    if (parts.hostname or "") not in VIEWER_HOSTS:
        return _web(_field(parts, "u") or _field(parts, "lite_url"))
    return _web(_field(parts, "url")) if parts.path in VIEWER_PATHS else None


def _web(address: str, scheme: str = "http") -> str | None:
    """An address with its scheme; None for another text. An address that is encoded twice is decoded once more."""
    if re.match(r"https?%3a", address, re.IGNORECASE):
        address = unquote(address)
    if re.match(r"https?://", address, re.IGNORECASE):
        return address
    return f"{scheme}://{address}" if HOST.match(address) and ":/" not in address.partition("/")[0] + "/" else None


def _field(parts: SplitResult, name: str) -> str:
    return _fields(parts.query).get(name, "")


def _fields(query: str) -> dict[str, str]:
    try:
        return {name: values[0] for name, values in parse_qs(query, max_num_fields=200).items()}
    except ValueError:
        return {}
