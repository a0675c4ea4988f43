"""What a page and its headers say about addresses and robots: canonical, hreflang, next and previous, refresh, robots.

Headers are a mapping with names in lower case; a header that came several times is joined by commas.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsing import hrefs

MAX_ALTERNATES = 500
MAX_DIRECTIVES = 50
MAX_HEADER_CHARS = 20_000
HEAD_TAGS = "base[href], link[rel][href], meta[content], a[rel], area[rel], frame[rel]"
NO_HEADERS: Mapping[str, str] = {}
LINK_VALUE = re.compile(r"<([^<>]{0,8000})>((?:\s*;\s*[\w*-]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s\",;]+))?)*)")
PARAMETER = re.compile(r";\s*([\w*-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s\",;]+))")
REFRESH = re.compile(r"\s*(\d{1,9})?(?:\.[\d.]*)?\s*(?:[;,]|\s)\s*(?:url\s*=\s*)?(?:(['\"])(.*?)(?:\2.*|$)|(.*))", re.IGNORECASE)
# Directives whose value follows a colon, so that the word before it names no robot.
VALUED = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
MEANING = {"none": ("noindex", "nofollow"), "all": ()}


@dataclass(frozen=True, slots=True)
class Alternate:
    """The same page for other readers. `language` is as written, in lower case (`en-gb`, `x-default`)."""

    language: str
    url: str


@dataclass(frozen=True, slots=True)
class Refresh:
    """Where a page sends its reader, and after how many seconds. `url` None: the page only loads itself again."""

    delay_s: int
    url: str | None


class Head:
    """What the `<base>`, `<link>` and `<meta>` tags of a page say. They are found in one walk: each costs a fifth of parsing it.

    `base`: what its links are relative to. `says_rel`: some of its links say how the page stands to their target.
    """

    def __init__(self, tree: LexborHTMLParser, url: str, headers: Mapping[str, str] = NO_HEADERS) -> None:
        self.base, self._url, self._headers = url, url, headers
        self._links: list[LexborNode] = []
        self._metas: list[LexborNode] = []
        bases: list[LexborNode] = []
        self.says_rel = False
        of_tag = {"base": bases, "link": self._links, "meta": self._metas}
        for node in tree.css(HEAD_TAGS):
            if (found := of_tag.get(node.tag or "")) is not None:
                found.append(node)
            else:
                self.says_rel = True
        if bases:
            self.base = hrefs.absolute(bases[0].attrs.get("href"), url) or url

    def canonical(self) -> str | None:
        """See `canonical`."""
        nodes = [node for node in self._links if "canonical" in (node.attrs.get("rel") or "").lower().split()]
        written = [node.attrs.get("href") for node in nodes if _is_inside(node, "head")][:20]
        named = {hrefs.without_fragment(url) for href in written if href and (url := hrefs.absolute(href.strip(), self.base))}
        if not named:
            in_header = (href for href, rel, _ in _header_links(self._headers) if "canonical" in rel)
            named = {hrefs.without_fragment(url) for href in in_header if (url := hrefs.absolute(href, self._url))}
        return named.pop() if len(named) == 1 else None

    def robots(self, agent: str = "") -> frozenset[str]:
        """See `robots_meta`."""
        told = {"robots", agent.lower()}
        words = set(_header_directives(self._headers.get("x-robots-tag", ""), agent.lower()))
        for node in self._metas:
            if (node.attrs.get("name") or "").strip().lower() in told:
                words.update(_directives(node.attrs.get("content") or ""))
        return frozenset(sorted(words)[:MAX_DIRECTIVES])

    def refresh(self) -> Refresh | None:
        """See `refresh`."""
        nodes = [node for node in self._metas if (node.attrs.get("http-equiv") or "").lower() == "refresh"]
        for node in nodes[:20]:
            if not _is_inside(node, "noscript") and (found := _refresh(node.attrs.get("content") or "", self.base)):
                return found
        return _refresh(self._headers.get("refresh", ""), self._url)

    def related(self) -> list[str]:
        """See `related`."""
        found: dict[str, None] = {}
        for node in self._links[: 2 * MAX_ALTERNATES]:
            words = (node.attrs.get("rel") or "").lower().split()
            is_page = "next" in words or "prev" in words or ("alternate" in words and "hreflang" in node.attrs)
            if is_page and (url := hrefs.absolute((node.attrs.get("href") or "").strip(), self.base)):
                found[hrefs.without_fragment(url)] = None
        return list(found)


def canonical(tree: LexborHTMLParser, base: str, headers: Mapping[str, str] = NO_HEADERS) -> str | None:
    """The address that a page calls its own, by `<link rel=canonical>` in the head or the header `Link`; None if it names none.

    It may be on another host: the caller decides whether to believe that. Pages that name several different ones name none,
    as search engines read it (developers.google.com/search/docs/crawling-indexing/canonicalization-troubleshooting, 2026-11).

    >>> tree = LexborHTMLParser("<link rel=canonical href=/a#b>")
    >>> canonical(tree, "https://example.com/x")
    'https://example.com/a'
    """
    return Head(tree, base, headers).canonical()


def alternates(tree: LexborHTMLParser, base: str, headers: Mapping[str, str] = NO_HEADERS) -> list[Alternate]:
    """The page in other languages (hreflang), from the head and the header `Link`; each language and address once."""
    start = hrefs.base_of(tree, base)
    nodes = tree.css("link[rel~='alternate' i][hreflang][href]")[:MAX_ALTERNATES]
    written = [(node.attrs.get("hreflang") or "", node.attrs.get("href") or "") for node in nodes]
    written += [
        (options["hreflang"], href)
        for href, rel, options in _header_links(headers)
        if "alternate" in rel and "hreflang" in options
    ]
    found = {
        Alternate(language.strip().lower()[:35], url)
        if (url := hrefs.absolute(href.strip(), start)) and language.strip()
        else None: None
        for language, href in written
    }
    return [alternate for alternate in found if alternate is not None][:MAX_ALTERNATES]


def related(tree: LexborHTMLParser, base: str) -> list[str]:
    """The pages that the head names: the next and previous one of a series, and the same page in other languages.

    >>> page = "<link rel=next href=/2><link rel=alternate hreflang=de href=/de><link rel=icon href=/i>"
    >>> related(LexborHTMLParser(page), "https://e.test/")
    ['https://e.test/2', 'https://e.test/de']
    """
    return Head(tree, base).related()


def robots_meta(tree: LexborHTMLParser, headers: Mapping[str, str] = NO_HEADERS, agent: str = "") -> frozenset[str]:
    """What robots are asked by `<meta name=robots>` and the header `X-Robots-Tag`: noindex, nofollow, noarchive …

    What is said to all robots and to `agent` (its product name, e.g. `trawlbot`) adds up. `none` gives noindex and nofollow,
    `all` gives nothing. A directive with a value keeps it: `max-snippet:50`.

    >>> sorted(robots_meta(LexborHTMLParser("<meta name=ROBOTS content='none'>"), {"x-robots-tag": "otherbot: noarchive"}))
    ['nofollow', 'noindex']
    """
    return Head(tree, "", headers).robots(agent)


def refresh(tree: LexborHTMLParser, base: str, headers: Mapping[str, str] = NO_HEADERS) -> Refresh | None:
    """Where `<meta http-equiv=refresh>` or the header `Refresh` sends the reader; None where neither does.

    A refresh inside `<noscript>` is for readers without scripts and leads to a page that says so; it does not count.

    >>> refresh(LexborHTMLParser("<meta http-equiv=Refresh content=\\"0; URL='/b'\\">"), "https://example.com/a")
    Refresh(delay_s=0, url='https://example.com/b')
    """
    return Head(tree, base, headers).refresh()


def next_page(tree: LexborHTMLParser, base: str) -> str | None:
    """The next page of a series (rel=next), from a `<link>` or an `<a>`."""
    return _related(tree, base, ("next",))


def previous_page(tree: LexborHTMLParser, base: str) -> str | None:
    """The page before in a series (rel=prev)."""
    return _related(tree, base, ("prev", "previous"))


def _related(tree: LexborHTMLParser, base: str, words: tuple[str, ...]) -> str | None:
    for selector in (f"{tag}[rel~='{word}' i][href]" for tag in ("link", "a") for word in words):
        node = tree.css_first(selector)
        if node is not None:
            return hrefs.absolute((node.attrs.get("href") or "").strip(), hrefs.base_of(tree, base))
    return None


def _header_links(headers: Mapping[str, str]) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    """The values of the header `Link` (RFC 8288): address, words of rel, parameters."""
    for match in LINK_VALUE.finditer(headers.get("link", "")[:MAX_HEADER_CHARS]):
        options = {name.lower(): quoted or plain for name, quoted, plain in PARAMETER.findall(match[2])}
        yield match[1].strip(), options.get("rel", "").lower().split(), options


def _directives(content: str) -> Iterator[str]:
    for part in content[:MAX_HEADER_CHARS].lower().split(",")[:MAX_DIRECTIVES]:
        name, colon, value = part.strip().partition(":")
        name = name.strip()
        if name:
            yield from MEANING.get(name, (f"{name}:{value.strip()}" if colon else name,))


def _header_directives(header: str, agent: str) -> Iterator[str]:
    """`googlebot: noindex, nofollow, otherbot: noarchive`: the name of a robot holds until the next name."""
    told = ""
    for part in header[:MAX_HEADER_CHARS].lower().split(","):
        name, colon, rest = part.strip().partition(":")
        if colon and name.strip() not in VALUED:
            told, part = name.strip(), rest
        if told in ("", "robots", "*", agent):
            yield from _directives(part)


def _refresh(content: str, base: str) -> Refresh | None:
    content = " ".join(content[: hrefs.MAX_CHARS].split())
    if content.isascii() and content.isdigit():
        return Refresh(int(content[:9]), None)
    match = REFRESH.fullmatch(content)
    if match is None:
        return None
    url = hrefs.absolute((match[3] or match[4] or "").strip(), base)
    return Refresh(int(match[1] or 0), url) if url else None


def _is_inside(node: LexborNode, tag: str) -> bool:
    """Whether a tag above it, at most ten up, is this one."""
    above = node.parent
    for _ in range(10):
        if above is None or above.tag == tag:
            return above is not None
        above = above.parent
    return False
