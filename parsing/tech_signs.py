"""What a page and its reply show of the technology behind them, gathered once; and how each kind of sign is looked for in it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from selectolax.lexbor import LexborHTMLParser

from parsing import hrefs, names, web_urls

MOST_NODES, MOST_INLINE_CHARS = 2_000, 500_000

#: What a page loads. Links to other pages, and hints such as preconnect, are not loaded.
LOADED = "script[src], iframe[src], link[rel~='stylesheet' i][href]"

#: Scripts that run; data for other programs is none.
RUNS = frozenset({"", "text/javascript", "application/javascript", "module", "text/ecmascript"})

VERSION = re.compile(r"[.@_-]v?\d[\w.+-]*$|(?:[.-](?:min|slim|prod|production|umd|esm|bundle\.min))+$", re.IGNORECASE)


@dataclass(frozen=True)
class Seen:
    """What a page shows. `own`: paths of what it loads of its own site; `loaded`: hosts and addresses of all that it loads."""

    tree: LexborHTMLParser
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    metas: Mapping[str, tuple[str, ...]]
    hosts: frozenset[str]
    loaded: tuple[str, ...]
    own: tuple[str, ...]
    files: frozenset[str]
    inline: str


def see(tree: LexborHTMLParser, url: str, headers: Mapping[str, str]) -> Seen:
    """Gather what a page at `url` shows. `set-cookie` of the headers holds cookies by lines, with or without their values."""
    site, start = web_urls.site_of(web_urls.parse(url).host), hrefs.base_of(tree, url)
    hosts, loaded, own, files = set(), list[str](), list[str](), set()
    for node in tree.css(LOADED)[:MOST_NODES]:
        address = hrefs.absolute((node.attrs.get("src") or node.attrs.get("href") or "").strip(), start)
        if not address:
            continue
        parsed = web_urls.parse(address)
        hosts.add(parsed.host)
        loaded.append(address.partition("//")[2])
        path = parsed.target.partition("?")[0]
        files.add(stem_of(path))
        if web_urls.site_of(parsed.host) == site:
            own.append(path)
    cookies = tuple(line.partition("=")[0].strip() for line in headers.get("set-cookie", "").split("\n") if line.strip())
    return Seen(
        tree, headers, cookies, _metas(tree), frozenset(hosts), tuple(loaded), tuple(own), frozenset(files), _inline(tree)
    )


@cache
def is_selector(pattern: str) -> bool:
    """Whether a CSS selector can be read."""
    try:
        LexborHTMLParser("<p>").css_first(pattern)
    except Exception:  # selectolax raises errors of its own, and ValueError
        return False
    return True


def stem_of(path: str) -> str:
    """The name of a script without its version.

    >>> stem_of("/js/jquery-3.7.1.min.js"), stem_of("/a/1f0d3.js"), stem_of("/vue@3/vue.global.prod.js"), stem_of("/d3.v7.min.js")
    ('jquery', '1f0d3', 'vue.global', 'd3')
    """
    stem = path.rpartition("/")[2].rpartition(".")[0].lower()
    while (shorter := VERSION.sub("", stem)) != stem and shorter:
        stem = shorter
    return stem


def _metas(tree: LexborHTMLParser) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for node in tree.css("meta[name][content]")[:MOST_NODES]:
        name = (node.attrs.get("name") or "").strip().lower()
        found[name] = (*found.get(name, ()), (node.attrs.get("content") or "")[:500])
    return found


def _inline(tree: LexborHTMLParser) -> str:
    parts, room = [], MOST_INLINE_CHARS
    for node in tree.css("script:not([src])")[:MOST_NODES]:
        if (node.attrs.get("type") or "").strip().lower() in RUNS and room > 0:
            text = node.text()[:room]
            parts.append(text)
            room -= len(text)
    return "\n".join(parts)


def _has_words(text: str, words: str) -> bool:
    """Whether a text has these words whole: `Apache/2.4` has Apache, `Apache-Coyote/1.1` is another thing."""
    return re.search(rf"(?<![\w-]){re.escape(words)}(?![\w-])", text, re.IGNORECASE) is not None


def _header(pattern: str, seen: Seen) -> bool:
    name, equals, words = pattern.partition("=")
    value = seen.headers.get(name.lower())
    return value is not None and (not equals or _has_words(value, words))


def _cookie(pattern: str, seen: Seen) -> bool:
    if pattern.endswith("*"):
        return any(name.startswith(pattern[:-1]) for name in seen.cookies)
    return pattern in seen.cookies


def _generator(pattern: str, seen: Seen) -> bool:
    wanted = names.folded(pattern)
    return any(f"{names.folded(text)} ".startswith(f"{wanted} ") for text in seen.metas.get("generator", ()))


def _meta(pattern: str, seen: Seen) -> bool:
    name, equals, words = pattern.partition("=")
    return any(not equals or _has_words(text, words) for text in seen.metas.get(name.lower(), ()))


def _host(pattern: str, seen: Seen) -> bool:
    return any(host == pattern or host.endswith(f".{pattern}") for host in seen.hosts)


#: How each kind of sign is looked for.
CHECKS: dict[str, Callable[[str, Seen], bool]] = {
    "header": _header,
    "cookie": _cookie,
    "generator": _generator,
    "meta": _meta,
    "host": _host,
    "src": lambda pattern, seen: any(address.startswith(pattern) for address in seen.loaded),
    "path": lambda pattern, seen: any(pattern in path for path in seen.own),
    "file": lambda pattern, seen: pattern in seen.files,
    "inline": lambda pattern, seen: pattern in seen.inline,
    "css": lambda pattern, seen: seen.tree.css_first(pattern) is not None,
}
