"""The pages of a site that tell who runs it: named by its own navigation, in whatever language it speaks.

The words are in `site_pages.tsv`; those of pages with open positions and news in `signal_pages.tsv`. A link counts where its
text or the last part of its path is such a name, and it stays on the site.
"""

from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser

from parsing import hrefs, links, names, tree, web_urls

#: The tables of words.
TELLING, SIGNALS = "site_pages.tsv", "signal_pages.tsv"

#: Most pages of one kind that a navigation may name.
MOST_OF_A_KIND = 2

MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class SitePage:
    """A page by its kind (about, contact, terms, services; jobs, news), its address, and the words that named it."""

    kind: str
    url: str
    named: str


def of(html: str, *, url: str, words: str = TELLING) -> list[SitePage]:
    """The pages that the links of a page name, at most two of each kind, in page order. Raises DataError as parsing.tree does.

    >>> of('<a href="/team-2">Das Team</a><a href="/kontakt/">→</a>', url="https://example.de/")[1]
    SitePage(kind='contact', url='https://example.de/kontakt/', named='kontakt')
    """
    parsed = tree.parse(html)
    site = web_urls.site_of(web_urls.parse(url).host)
    found: dict[str, SitePage] = {}
    counts: dict[str, int] = {}
    for link in _links(parsed, url):
        page = _named(link, site, words)
        if page and page.url not in found and counts.get(page.kind, 0) < MOST_OF_A_KIND:
            found[page.url] = page
            counts[page.kind] = counts.get(page.kind, 0) + 1
    return list(found.values())


def kind_of(url: str, words: str = TELLING) -> str | None:
    """The kind of a page by its address: `home`, or what the last part of its path is called; None where that says nothing.

    >>> kind_of("https://example.com/"), kind_of("https://example.de/ueber-uns.html"), kind_of("https://example.com/x")
    ('home', 'about', None)
    """
    path = web_urls.parse(url).path.split("?")[0]
    return _kinds(words).get(_last_part(path)) if path.strip("/") else "home"


def _links(parsed: LexborHTMLParser, url: str) -> list[links.Link]:
    return links.of(parsed, hrefs.base_of(parsed, url))


def _named(link: links.Link, site: str, table: str) -> SitePage | None:
    address = web_urls.parse(link.url)
    if address.host is None or web_urls.site_of(address.host) != site:
        return None
    for words in (names.folded(link.text[:100]), _last_part(address.path)):
        if words and len(words.split()) <= MOST_WORDS and (kind := _kinds(table).get(words)):
            return SitePage(kind, link.url.partition("#")[0], words)
    return None


def _last_part(path: str) -> str:
    last = unquote(path.split("?")[0].rstrip("/").rpartition("/")[2])
    stem, dot, ending = last.rpartition(".")
    return names.folded((stem if dot and len(ending) <= 5 else last)[:100])


@cache
def _kinds(table: str) -> dict[str, str]:
    rows = names.table(table)
    return {names.folded(word): key.partition(".")[0] for key, words in reversed(rows) for word in words}
