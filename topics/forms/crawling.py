"""The pages of a network, one after the other: bounded, of one site, with the frames in them. Nothing is submitted."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import errors
from parsing import web_urls
from state.forms.networks import Network
from topics.forms import logins, reading
from topics.forms.reading import Read
from topics.forms.sessions import Session, is_html
from topics.scraping.config import ScrapingConfig
from topics.scraping.scope import Scope
from topics.scraping.visits import Redirected

#: What a page does to us that leaves the others to go on.
OF_A_PAGE = (errors.NetworkError, errors.BlockedError, errors.DataError, errors.NotNow)


class Next(NamedTuple):
    """A page to come. `within`: the page whose frame it is."""

    url: str
    depth: int
    within: str = ""


@dataclass(slots=True)
class Crawled:
    """What a crawl saw: how many pages, those that are not there any more, and those that could not be read with the reason."""

    visited: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    unread: dict[str, str] = field(default_factory=dict)
    is_cut: bool = False  # there were more pages than it may read


def pages(
    session: Session, network: Network, start: str, crawled: Crawled, said: Callable[[int, int], None]
) -> Iterator[tuple[Read, str]]:
    """Each page that was read, with the page whose frame it is. `crawled` notes what is seen; `said(done, known)` hears of each.

    `start`: another first page, e.g. the one behind a login.

    Raises the error of the first page. Another page that fails is noted, and the rest go on.
    """
    scope = Scope(network.url, ScrapingConfig(max_depth=network.max_depth))
    waiting, known = deque([Next(network.url, 0)]), {web_urls.canonical(network.url)}
    _add(waiting, known, [Next(start, 0)], scope)
    done = 0
    while waiting:
        if done >= network.max_pages:
            crawled.is_cut = True
            break
        said(done, min(network.max_pages, done + len(waiting)))
        page, done = waiting.popleft(), done + 1
        read = _read(session, page, scope, crawled, is_first=done == 1)
        if read is None:
            continue
        if isinstance(read, str):
            _add(waiting, known, [Next(read, page.depth, page.within)], scope)
            continue
        known.add(web_urls.canonical(read.url))
        yield read, page.within
        _add(waiting, known, [Next(one, page.depth, page.within or read.url) for one in read.frames], scope)
        if scope.owns(web_urls.parse(read.url).host):
            _add(waiting, known, [Next(one, page.depth + 1) for one in read.links], scope)


def _read(session: Session, page: Next, scope: Scope, crawled: Crawled, *, is_first: bool) -> Read | str | None:
    """The page; the address it sends on to; None where it has no forms to see, or could not be read."""
    try:
        reply = session.page(page.url, lambda target: _may_follow(target, page, scope))
    except Redirected as exc:
        crawled.visited.add(page.url)
        return None if reading.is_risky(exc.target, "") else exc.target
    except OF_A_PAGE as exc:
        if is_first:
            raise
        crawled.unread[page.url] = f"{type(exc).__name__}: {exc}"[:300]
        if " answered 404" in str(exc) or " answered 410" in str(exc):
            crawled.missing.add(page.url)
        return None
    read = reading.read(reply) if is_html(reply) else None
    if read and reply.redirects and logins.login_form(read.forms):  # nobody knows what stands behind it now
        crawled.unread[page.url] = "it leads to a login"
    else:
        crawled.visited.add(page.url)
    crawled.visited.add(reply.final_url.partition("#")[0])
    return read


def _may_follow(target: str, page: Next, scope: Scope) -> bool:
    """A redirect is followed within the site; that of a frame wherever its site has it."""
    if reading.is_risky(target, ""):
        return False
    return bool(page.within) or scope.owns(web_urls.parse(target).host)


def _add(waiting: deque[Next], known: set[str], found: list[Next], scope: Scope) -> None:
    """Put the new ones in line. A frame may be of another site; a link leads to pages of this one only."""
    for one in found:
        try:
            name = web_urls.canonical(one.url)
        except errors.DataError:
            continue
        if name in known:
            continue
        offer = scope.offer(one.url, one.depth)
        if (offer is None and not one.within) or (offer and offer.reason):
            continue
        known.add(name)
        waiting.append(one)
