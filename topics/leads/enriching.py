"""One company enriched: its site is looked at, its telling pages, those with open positions and news, and its mail servers.

The job fetches the first page, writes down what it is going to read, has the pages fetched as one batch, and parks until that is
over. A second run, after a kill or a parking, finds what the first one wrote down.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import clock
import errors
import queues
from clients import fetch
from lead_models import Company, Fact
from parsing import charsets, hrefs, site_pages, tree, web_urls
from state.engine import dedup
from state.leads import companies
from state.scraping import ledgers
from state.store import connection
from topics.business import facts as business_facts
from topics.business import scrape as business
from topics.leads import fields, keeping, llm_facts, mail, reading, scores, signals, views
from topics.leads.signals import Page
from topics.scraping import config as configs
from topics.scraping import crawl, progress, single, stored

#: Pages of one site at most, and how often a batch is asked for its state (s).
MOST_PAGES, EVERY_S = 20, 2.0

FEEDS = "link[rel~='alternate' i][type='application/rss+xml'], link[rel~='alternate' i][type='application/atom+xml']"

#: What is remembered of the first page while the others are fetched.
OF_HOME = (
    *("url", "final_url", "status", "title", "language", "description", "modified", "published", "fetched_at", "headers"),
    *("object", "sha256", "content_type"),
)

Record = dict[str, Any]


def run(company_id: str, *, ask_llm: bool = False, render: bool = False) -> dict[str, Any]:
    """Enrich a company now, and score it. `render`: its pages are built by scripts, and come from a browser.

    Raises NotNow while pages are fetched, and DataError where nothing could be read.
    """
    company = views.find(company_id)
    if not company.site:
        raise errors.DataError(
            f"{company.id} has no site: nothing can be read of it. `python manage.py lead add --site` gives it one."
        )
    if not company.domain:
        raise errors.DataError(
            f"{company.site} is a page or service that many share: what it says is not {company.id}'s. "
            "`python manage.py lead add --site` gives it one of its own."
        )
    job_id = queues.current_job_id() or dedup.direct_owner()
    batch_id = hashlib.sha256(f"enrich:{job_id}".encode()).hexdigest()[:32]
    plan = _kept(batch_id) or _planned(company, job_id, batch_id, render=render)
    records = _fetched(plan, batch_id, job_id)
    pages = list(_pages(plan, records))
    missed = [*plan["missed"], *(business.missed_of(one) for one in records if one["outcome"] != "done")]
    found, mail_problem = _of_site(company, pages, missed), ""
    try:
        found |= mail.facts(company.domain)
    except errors.NetworkError as exc:
        mail_problem = str(exc)
    told: dict[str, Any] = {"pages": len(pages), "missed": len(missed)} | ({"mx": mail_problem} if mail_problem else {})
    if ask_llm:
        asked = _answer(company, found, pages, job_id)
        found, told = asked.facts | found, told | {"llm": asked.note}
    if not found:
        raise errors.DataError(f"Nothing could be read of {company.site} ({_why(missed) or 'its pages say nothing'}).")
    told = {**_put(company, found), **told, "found": sorted(found)}
    with connection.errors_translated():
        stored.put_result(job_id, told)
    return told


def _answer(company: Company, found: Mapping[str, Fact], pages: Sequence[Page], job_id: str) -> llm_facts.Asked:
    """What the model says. It is kept before it is used: a run that is repeated after a kill does not pay again."""
    name = hashlib.sha256(f"llm:{job_id}".encode()).hexdigest()[:32]
    if kept := _kept(name):
        return llm_facts.Asked({field: Fact(**one) for field, one in kept["facts"].items()}, kept["note"])
    asked = llm_facts.of(company, found, pages)
    with connection.errors_translated():
        stored.put_result(name, {"facts": {field: asdict(one) for field, one in asked.facts.items()}, "note": asked.note})
    return asked


def _put(company: Company, found: Mapping[str, Fact]) -> dict[str, Any]:
    update = keeping.update(company.owner, found, id=company.id)
    with connection.errors_translated():
        [made] = companies.put([update])
    scores.score([made.id])
    return {"company": made.id, "changed": list(made.changed)}


def _kept(name: str) -> Record | None:
    with connection.errors_translated():
        return stored.result(name)


def _planned(company: Company, job_id: str, batch_id: str, *, render: bool) -> Record:
    """Look at the first page; what is going to be read is kept under the id of the batch."""
    config = configs.ScrapingConfig(
        extract_raw_html=True, extract_content=False, extract_metadata=True, extract_headers=True, render=render
    )
    plan: Record = {"home": None, "pages": {}, "missed": [], "render": render}
    try:
        first = single.scrape(company.site, config, job_id)
    except (errors.DataError, errors.BlockedError) as exc:
        plan["missed"] = [{"url": company.site, "outcome": "failed", "why": str(exc)}]
    else:
        plan["home"] = {name: first[name] for name in OF_HOME if name in first}
        plan["pages"] = _named(first.get("raw_html") or "", first.get("final_url") or company.site)
    with connection.errors_translated():
        stored.put_result(batch_id, plan)
    return plan


def _named(html: str, url: str) -> dict[str, str]:
    """The pages that are read besides the first, with their kinds: those that it names, and the usual ones."""
    found = dict.fromkeys(_feeds(html, url), "feed")
    found |= {page.url: page.kind for page in site_pages.of(html, url=url, words=site_pages.SIGNALS)}
    telling = {page.url: page.kind for page in site_pages.of(html, url=url)}
    telling |= {one: site_pages.kind_of(one) or "" for one in business.addresses(url, business.DEFAULT)}
    found |= {one: kind for one, kind in telling.items() if one not in found}
    found.pop(url.partition("#")[0], None)
    found.pop(web_urls.canonical(url), None)
    return dict([pair for pair in found.items() if _may_be_fetched(pair[0])][:MOST_PAGES])


def _may_be_fetched(url: str) -> bool:
    """Whether an address that a page names is one: a port of mail, or a private host, is none, and stops nothing else."""
    try:
        fetch.check_url(url)
    except errors.DataError:
        return False
    return True


def _feeds(html: str, url: str) -> Iterator[str]:
    """The feed of a site's own: the first that is not one of comments."""
    parsed, site = tree.parse(html), web_urls.site_of(web_urls.parse(url).host)
    base = hrefs.base_of(parsed, url)
    for node in parsed.css(FEEDS)[:10]:
        address = hrefs.absolute(node.attrs.get("href") or "", base)
        if address and "comment" not in address.lower() and web_urls.site_of(web_urls.parse(address).host) == site:
            yield address
            return


def _fetched(plan: Record, batch_id: str, job_id: str) -> list[Record]:
    """The records of the pages. Raises NotNow until all of them are over."""
    if not plan["pages"]:
        return []
    with connection.errors_translated():
        ledger = ledgers.read(batch_id)
    if ledger is None or ledger.state == "opening":
        render = plan.get("render", False)  # what was read without a browser is not what it shows
        age = 0.0 if render else business.JUST_READ_S
        options = configs.ScrapingConfig(max_age=age, extract_metadata=True, extract_headers=True, render=render)
        batch = crawl.plan_batch(queues.function(business.BATCH), plan["pages"], options, queues.DEFAULT)
        crawl.submit(batch, batch_id, job_id)
    seen = progress.of(batch_id)
    if seen.state in ("opening", "running"):
        queues.progress(int(seen.counts["done"]), int(seen.counts["found"]), "pages read")
        raise errors.NotNow(clock.now() + timedelta(seconds=EVERY_S), f"its pages are being fetched (batch {batch_id})")
    with connection.errors_translated():
        return sorted(stored.records(batch_id), key=lambda record: record["n"])


def _pages(plan: Record, records: Sequence[Record]) -> Iterator[Page]:
    """The pages that were read, the first page first, each once; feeds, too."""
    home = [{**plan["home"], "outcome": "done"}] if plan["home"] else []
    for record, html in business.pages_of([*home, *records]):
        kind = "home" if record is home[0] else plan["pages"].get(record["url"]) or site_pages.kind_of(record["url"]) or ""
        yield _page(record, kind, html)
    for record in records:
        if plan["pages"].get(record["url"]) == "feed" and record["outcome"] == "done" and "object" in record:
            body = stored.page(record["object"], record["sha256"])
            yield _page(record, "feed", charsets.decode(body or b"", record.get("content_type") or "text/xml")[0])


def _page(record: Record, kind: str, html: str) -> Page:
    url, fetched_at = record.get("final_url") or record["url"], datetime.fromisoformat(record["fetched_at"])
    return Page(url, kind, fetched_at, html, tree.parse("" if kind == "feed" else html), record)


def _of_site(company: Company, pages: Sequence[Page], missed: Sequence[Record]) -> dict[str, Fact]:
    telling = [page for page in pages if page.kind != "feed"]
    if not telling:
        return {}
    read = [business_facts.of_page(dict(page.record), page.html) for page in telling]
    site = business_facts.of_site(business.name_of(company.site), company.site, read, missed)
    found = reading.of_site(site) | signals.of_pages(pages)
    return {name: fact for name, fact in found.items() if name in fields.ALL}


def _why(missed: Sequence[Record]) -> str:
    return "; ".join(f"{one['url']}: {one['why']}" for one in missed[:3])
