"""Jobs that are cleaned up take their results along: in Redis, in objects, and whole crawls; nothing that still runs."""

from typing import Any

import pytest

from jobs import scrape
from state.scraping import ledger_looks, ledgers
from state.store import keys
from tests.topics.scraping.conftest import QUICK
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Site, page
from topics.operations import job_cleaning
from topics.scraping import crawl, single, stored

pytestmark = pytest.mark.usefixtures("polite")


def objects(folder: str) -> list[str]:
    return list(stored.store().keys(f"{folder}/"))


def test_results_and_their_objects_go_with_the_jobs(
    site: Site, work_off: Work, monkeypatch: pytest.MonkeyPatch, store: Any
) -> None:
    monkeypatch.setattr(stored, "SMALL_BYTES", 2000)
    site.pages |= {"/": page("Small"), "/long": page("Long", *(f"/{n:064}" for n in range(500)))}
    made = [single.submit(scrape.scrape_url, site.url + path, QUICK | {"extract_links": True}).job_id for path in ("/", "/long")]
    work_off()
    assert len(objects("results")) == 1 and all(map(stored.result, made))
    for hook in job_cleaning._hooks:  # as `cleanup_old_jobs` calls them
        hook(made)
    assert objects("results") == [] and not any(map(stored.result, made))
    assert len(objects("pages")) == 2  # others may name them; they go when they are old
    assert not store.keys("trawl:result:*")


def test_a_crawl_that_is_over_goes_whole(site: Site, work_off: Work, store: Any) -> None:
    site.pages |= {"/": page("Home", "/a"), "/a": page("A")}
    made = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", QUICK)
    work_off()
    assert ledger_looks.over([made.job_id, "other"]) == [made.job_id] and objects("records")
    stored.forget([made.job_id])
    assert objects("records") == [] and not store.keys(f"trawl:ledger:{made.job_id}*")
    stored.forget([made.job_id])


def test_a_crawl_that_runs_or_was_stopped_stays(site: Site, store: Any) -> None:
    site.pages["/"] = page("Home")
    made = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", QUICK)
    scrape.crawl_site(made.job_id)
    stored.forget([made.job_id])
    assert ledgers.read(made.job_id)
    crawl.stop(made.job_id)
    stored.forget([made.job_id])
    assert ledgers.read(made.job_id)


def test_scrapes_and_crawls_are_labelled_with_their_host(site: Site, store: Any) -> None:
    one = single.submit(scrape.scrape_url, f"{site.url}/", QUICK).job_id
    all_ = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", QUICK).job_id
    assert {store.hget(keys.job(job_id), "host") for job_id in (one, all_)} == {b"127.0.0.1"}
