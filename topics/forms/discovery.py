"""A discovery: a network is crawled, each form is kept once, and what changed is said. By rules only: no model is asked.

Where the network is rendered, its pages are read as their scripts left them, with what stands in shadow roots.
"""

import json
from dataclasses import replace
from typing import Any

import clock
import queues
from state.engine import dedup
from state.forms import networks as stored
from state.forms import pages
from state.forms.networks import Network
from state.forms.pages import Page
from state.store import connection
from topics.forms import changes, crawling, logins, networks, reading, refining
from topics.forms.crawling import Crawled
from topics.forms.reading import Read
from topics.forms.sessions import Session
from topics.scraping.config import ScrapingConfig

#: What a task says of itself while it runs, and how much it says is done when the second half begins (of 2).
LOOKING, ANALYZING = "Looking for form pages...", "Analyzing forms..."

#: A job that speaks again sooner (s) is not heard: whoever polls is to see that the second half began.
HEARD_S = 0.3

#: Changes, and pages that could not be read, which are named; the numbers count all.
NAMED = 200

Seen = dict[str, tuple[Read, str]]


def run(network_id: int) -> dict[str, int]:
    """Look for the forms of a network now; `pages_found` with forms, and `forms_found`, each form counted once.

    A login that is not taken fails the whole, since forms behind it would seem gone. Raises NotFound, and as the first page.
    """
    network = networks.named(network_id)
    session = Session(queues.current_job_id() or dedup.direct_owner(), ScrapingConfig(render=bool(network.render)))
    login = networks.login_of(network)
    queues.progress(0, 2, LOOKING)
    start = logins.log_in(session, network, login) if login else network.url
    crawled, seen = Crawled(), Seen()
    for read, within in crawling.pages(session, network, start, crawled, _say):
        if read.forms:
            seen[read.url] = (read, within)
    clock.wait(HEARD_S)
    queues.progress(1, 2, ANALYZING)
    with connection.errors_translated():
        return _keep(network, crawled, seen)


def _say(done: int, known: int) -> None:
    """The crawl is the first half."""
    queues.progress(done, 2 * max(known, done, 1), LOOKING)


def _keep(network: Network, crawled: Crawled, seen: Seen) -> dict[str, int]:
    """Keep what was found, and what of it is news."""
    now_ms = round(clock.now().timestamp() * 1000)
    before = {page.url: page for page in pages.of(network.id)}
    owned = _owned(seen, before)
    news: list[dict[str, Any]] = []
    for number, url in enumerate(owned):
        queues.progress(len(owned) + number, 2 * len(owned), ANALYZING)
        old = before.get(url) or Page(stored.next_number("page"), network.id, url, first_ms=now_ms)
        read, within = seen[url]
        news += changes.between(() if old.gone_ms else old.forms, owned[url], url)
        kept = tuple(refining.carried(form, old.forms) for form in owned[url])
        pages.put(replace(old, title=read.title, within=within, forms=kept, last_ms=now_ms, gone_ms=0))
    for url, page in before.items():
        if url not in owned and not page.gone_ms and url in crawled.visited | crawled.missing:
            news += changes.between(page.forms, (), url)
            pages.put(replace(page, gone_ms=now_ms))
    found = {"pages_found": len(owned), "forms_found": sum(map(len, owned.values()))}
    stored.write(network.id, last=json.dumps({**found, **_report(crawled, news), "at_ms": now_ms}))
    return found


def _owned(seen: Seen, before: dict[str, Page]) -> dict[str, list[dict[str, Any]]]:
    """Each form at one page: where it is kept already and still stands, else where it was seen first."""
    sightings: dict[str, list[str]] = {}
    for url, (read, _) in seen.items():
        for form in read.forms:
            sightings.setdefault(form.signature, []).append(url)
    homes = {form["signature"]: page.url for page in before.values() if not page.gone_ms for form in page.forms}
    owned: dict[str, list[dict[str, Any]]] = {}
    done: set[str] = set()
    for url, (read, _) in seen.items():
        for form in read.forms:
            where = sightings[form.signature]
            home = homes.get(form.signature, "")
            if (home if home in where else where[0]) == url and form.signature not in done:
                done.add(form.signature)
                owned.setdefault(url, []).append({**reading.facts(form), "pages": len(set(where))})
    return owned


def _report(crawled: Crawled, news: list[dict[str, Any]]) -> dict[str, Any]:
    """What a person wants to know of a discovery, in bounded size."""
    counts = {what: sum(one["what"] == what for one in news) for what in ("new", "gone", "changed")}
    unread = [{"url": url, "why": why} for url, why in list(crawled.unread.items())[:NAMED]]
    return {
        "pages_read": len(crawled.visited),
        "pages_unread": len(crawled.unread),
        "unread": unread,
        "is_cut": crawled.is_cut,
        "changes": counts,
        "changed": news[:NAMED],
    }
