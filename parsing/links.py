"""The links of a page: `<a>`, `<area>`, `<frame>`; absolute, each address once, in page order.

What the head says about the page's own address and about robots is in `parsing/head_links.py`, callable from here too.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsing import head_links, hrefs

Head = head_links.Head
canonical = head_links.canonical
robots_meta = head_links.robots_meta
alternates = head_links.alternates
refresh = head_links.refresh
related = head_links.related
next_page = head_links.next_page
previous_page = head_links.previous_page

MAX_LINKS = 20_000  # a page of 10 MB has no more that a person would follow
MAX_TEXT_CHARS = 300
ALL = "a[href], area[href], frame[src]"
WITH_REL = "a[rel], area[rel], frame[rel]"
NOT_VOUCHED = frozenset({"nofollow", "ugc", "sponsored"})
SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Link:
    """One link. `nofollow`: the page does not vouch for the target (rel nofollow, ugc or sponsored)."""

    url: str  # absolute, by the URL standard, with its fragment
    text: str  # what a reader sees: the text, else an image's alt, a title or a label
    rel: tuple[str, ...]
    nofollow: bool


def of(tree: LexborHTMLParser, base: str) -> list[Link]:
    """The links of a page at address `base`, at most `MAX_LINKS`. Links within the page and to no web page are left out.

    Where an address is linked twice, the first link with a text is kept.

    >>> of(LexborHTMLParser("<a href=/b rel='ugc me'>More <b>here</b></a><a href=#top>Up</a>"), "https://example.com/a")
    [Link(url='https://example.com/b', text='More here', rel=('me', 'ugc'), nofollow=True)]
    """
    found: dict[str, Link] = {}
    for node, url in itertools.islice(_links(tree, base), MAX_LINKS):
        if (known := found.get(url)) is None or not known.text:
            rel = tuple(sorted(set((node.attrs.get("rel") or "").lower().split()[:20])))
            found[url] = Link(url, _text(node), rel, not NOT_VOUCHED.isdisjoint(rel))
    return list(found.values())


def urls(tree: LexborHTMLParser, base: str, *, follow: bool = False, start: str = "") -> list[str]:
    """Only the addresses, without fragments, in page order. The quick way for crawls.

    `follow` leaves out the links that the page does not vouch for. `start`: what its links are relative to, where that is known.
    """
    read = hrefs.resolver(start or hrefs.base_of(tree, base))
    seen: set[str] = set()
    found: dict[str, None] = {}
    follow = follow and tree.css_first(WITH_REL) is not None  # asked once: most pages vouch for all their links
    for node in tree.css(ALL):
        attrs = node.attrs
        href = attrs.get("href") or attrs.get("src")
        if not href or href in seen or href[0] == "#":
            continue
        if follow and (rel := attrs.get("rel")) and not NOT_VOUCHED.isdisjoint(rel.lower().split()):
            continue
        seen.add(href)
        if url := read(href):
            found[url.partition("#")[0] if "#" in url else url] = None
            if len(found) >= MAX_LINKS:
                break
    return list(found)


def _links(tree: LexborHTMLParser, base: str) -> Iterator[tuple[LexborNode, str]]:
    read = hrefs.resolver(hrefs.base_of(tree, base))
    for node in tree.css(ALL):
        href = (node.attrs.get("href") or node.attrs.get("src") or "").strip()
        if href.startswith("#"):
            continue
        if url := read(href):
            yield node, url


def _text(node: LexborNode) -> str:
    """The words of a link. A link without words takes those of its image, its title or its label."""
    text = _squeezed(node.text(deep=True, separator=" "))
    if text:
        return text
    image = node.css_first("img[alt], svg title")
    named = (image.attrs.get("alt") or image.text()) if image is not None else None
    return _squeezed(named or node.attrs.get("title") or node.attrs.get("aria-label") or node.attrs.get("alt") or "")


def _squeezed(text: str) -> str:
    return SPACE.sub(" ", text[: 8 * MAX_TEXT_CHARS]).strip()[:MAX_TEXT_CHARS].rstrip()
