"""Pages of a crawl that name another page as their own address. They give way to it, unless it proves to be no page.

Many sites name an address that is gone, that sends back, or that names the first page in turn. The page is read itself then.
"""

from parsing import web_urls
from state.scraping import claims, frontier
from topics.scraping.scope import Scope, fingerprint

#: How a page is over that is none.
NO_PAGE = ("failed:", "skipped:redirect", "skipped:canonical", "skipped:robots", "skipped:file", "skipped:other site")
SENDS_ON = ("skipped:redirect", "skipped:canonical")


def gives_way(ledger_id: str, url: str, named: str) -> bool:
    """Whether the page at `url` gives way to the one that it names."""
    return claims.claim(ledger_id, _mark(named), _mark(url), url)


def settled(scope: Scope, ledger_id: str, page: frontier.Page, told: frontier.Told) -> frontier.Told:
    """What a ledger is told of a page; where that proved to be none, the page that gave way to it is offered once more."""
    if not told.outcome.startswith(NO_PAGE):
        return told
    mark = _mark(page.url)
    to = _mark(told.offers[0].url) if told.outcome in SENDS_ON and told.offers else ""
    given_way = claims.waiting(ledger_id, mark, to)
    if not given_way or to not in ("", _mark(given_way)):
        return told  # or it sends on to a third page, which stands for both
    claims.end(ledger_id, mark, to, given_way)
    offer = scope.offer(given_way, page.depth)
    if offer is None or offer.reason:
        return told
    return told._replace(offers=[*told.offers, offer._replace(fingerprint=fingerprint(f"{offer.url}#own"))])


def _mark(url: str) -> str:
    return fingerprint(web_urls.canonical(url)).hex()
