"""The first pages of a crawl: the start page, and what the site's sitemaps name."""

import itertools
import logging
from collections import deque
from collections.abc import Iterator

import clock
import errors
from parsing import robots, sitemaps, web_urls
from topics.scraping import robots_rules, visits
from topics.scraping.config import ScrapingConfig

log = logging.getLogger("trawl.scraping")

#: Sitemaps of one site that are read: an index may name 50,000.
MOST_SITEMAPS = 500

#: Addresses taken from one sitemap (sitemaps.org allows 50,000).
MOST_OF_ONE = 50_000

#: Sitemaps are read for so long (s); then the crawl goes on with what they named.
LONGEST_S = 600.0

#: Where sitemaps lie that robots.txt does not name: by the protocol, then as common programs write them. The first one counts.
USUAL = ("/sitemap.xml", "/sitemap_index.xml", "/sitemap-index.xml")

NONE = sitemaps.Sitemap("", [], [], truncated=False)
UNREAD = NONE._replace(kind="unread")


def of(url: str, config: ScrapingConfig, holder: str, most: int) -> Iterator[str]:
    """The start page, then at most `most` addresses of sitemaps, each as it stands there. Raises NotNow.

    A sitemap that cannot be read is left out: a site is found by its links, too.
    """
    yield url
    if config.use_sitemaps:
        yield from from_sitemaps(url, config, holder, most)


def from_sitemaps(url: str, config: ScrapingConfig, holder: str, most: int) -> Iterator[str]:
    """At most `most` addresses that the sitemaps of a site name: those in its robots.txt, else the first of the usual ones."""
    start = web_urls.parse(url)
    named = _named(start, config, holder)
    usual = iter(() if named else [start.origin + path for path in USUAL])
    todo, read, found = deque(named or [next(usual)]), set[str](), 0
    until = clock.monotonic() + LONGEST_S
    while todo and len(read) < MOST_SITEMAPS and found < most and clock.monotonic() < until:
        address = todo.popleft()
        if address in read:
            continue
        read.add(address)
        sitemap = _read(address, config, holder)
        if not sitemap.kind:
            todo.extend(itertools.islice(usual, 1))
            continue
        usual = iter(())
        todo.extend(one.loc for one in sitemap.sitemaps if not one.foreign)
        for page in (*sitemap.pages, *sitemap.alternates):
            if page.foreign:
                continue
            found += 1
            yield page.loc
            if found >= most:
                return


def _named(start: web_urls.Url, config: ScrapingConfig, holder: str) -> list[str]:
    try:
        rules = robots_rules.rules_for(start, visits.manners_of(config), holder, visits.robots_fetch(config))
    except errors.NetworkError:  # the first page will say so
        return []
    return rules.sitemaps if isinstance(rules, robots.Rules) else []


def _read(address: str, config: ScrapingConfig, holder: str) -> sitemaps.Sitemap:
    """A sitemap; NONE where there is none, UNREAD where it could not be had now."""
    try:
        visit = visits.fetched(address, config, holder)
        if visit.error:
            raise visit.error
        return sitemaps.read(visit.reply.body, visit.reply.final_url, MOST_OF_ONE) if visit.reply else NONE
    except (errors.DataError, errors.NetworkError) as exc:
        log.info("A sitemap was left out", extra={"url": address[:200], "reason": str(exc)[:200]})
        return UNREAD if isinstance(exc, errors.NetworkError) else NONE
