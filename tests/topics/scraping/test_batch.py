"""Batches: each address once, sums that add up, replay of what failed and nothing else, hosts interleaved, input checked."""

import dataclasses
from typing import Any

import pytest
from pydantic import SecretStr

import clock
import config
import errors
from clients import fetch
from jobs import scrape
from state.scraping import hosts, keys
from state.store import connection
from tests.topics.scraping.conftest import QUICK
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Answer, Site, page, sends_to, served
from tests.topics.scraping.test_crawl import added_up
from topics.scraping import crawl, progress, robots_rules, stored, views, visits

pytestmark = pytest.mark.usefixtures("polite")


def batch(urls: list[str], **options: Any) -> str:
    return crawl.submit_batch(scrape.scrape_batch, urls, QUICK | options).job_id


def test_every_address_is_fetched_once_and_duplicates_are_told(site: Site, work_off: Work) -> None:
    site.pages |= {f"/p/{number}": page(f"Page {number}") for number in range(10)}
    urls = [f"{site.url}/p/{number}" for number in range(10)]
    made = batch([*urls, urls[0], f"{urls[1]}?utm_source=x", urls[0]])
    work_off()
    seen = added_up(progress.of(made))
    assert (seen.state, seen.counts["found"], seen.counts["done"], seen.counts["skipped"]) == (
        "complete",
        13,
        10,
        {"duplicate": 3},
    )
    assert set(site.asked) == {"/robots.txt", *(f"/p/{number}" for number in range(10))} and max(site.asked.values()) == 1


def test_replay_fetches_what_failed_and_names_its_parent(site: Site, work_off: Work) -> None:
    site.pages |= {f"/p/{number}": page(f"Page {number}") for number in range(5)}
    site.pages["/p/3"] = Answer("broken", 503)
    made = batch([f"{site.url}/p/{number}" for number in range(6)], max_retries=0)
    work_off()
    seen = added_up(progress.of(made))
    assert seen.counts["failed"] == {"data": 1, "network": 1} and seen.state == "partial"
    site.pages["/p/3"] = page("Page 3")
    site.asked.clear()
    child = crawl.replay(scrape.scrape_batch, made, ["network"]).job_id
    work_off()
    again = added_up(progress.of(child))
    assert (again.state, again.counts["done"], again.counts["parent"]) == ("complete", 1, made)
    assert site.requests == 1
    with pytest.raises(errors.DataError, match="nothing to replay"):
        crawl.replay(scrape.scrape_batch, child)


def test_a_batch_follows_redirects_and_keeps_the_final_address(site: Site, work_off: Work) -> None:
    site.pages |= {"/old": sends_to("/new"), "/new": page("New")}
    made = batch([f"{site.url}/old"])
    work_off()
    [record] = stored.records(made)
    assert (record["url"], record["final_url"], record["title"]) == (f"{site.url}/old", f"{site.url}/new", "New")


@pytest.mark.parametrize(
    "wrong",
    ["ftp://example.com/", "http://user:secret@example.com/", "http://127.0.0.1.:9/", "no address", "", "http://10.0.0.1/"],
)
def test_an_address_that_cannot_be_fetched_refuses_the_batch_before_redis_is_touched(wrong: str, store: Any) -> None:
    with pytest.raises(errors.DataError, match="address 2"):
        batch(["https://example.com/", wrong])
    assert not list(store.scan_iter("*"))


def test_ten_thousand_addresses_are_taken_at_once_and_queue_a_few_jobs(store: Any) -> None:
    made = batch([f"https://host{number % 100}.example.com/{number}" for number in range(10_000)])
    scrape.scrape_batch(made)
    assert progress.of(made).counts["found"] == 10_000
    assert connection.client().llen("rq:queue:default") <= 1 + 3
    with pytest.raises(errors.ArgumentError, match="several batches"):
        batch(["https://example.com/"] * 100_001)


def test_a_job_that_starts_a_batch_twice_starts_it_once(site: Site, work_off: Work) -> None:
    site.pages["/"] = page("Home")
    made = batch([f"{site.url}/"])
    work_off()
    assert scrape.scrape_batch(made) == {"batch": made, "lanes": 0}
    assert not work_off() and site.times("/") == 1


def test_a_host_that_must_wait_keeps_no_other_host_waiting(work_off: Work) -> None:
    with served({f"/{number}": page(f"Slow {number}") for number in range(3)}) as slow, served() as quick:
        quick.pages |= {f"/{number}": page(f"Quick {number}") for number in range(6)}
        order: list[str] = []
        slow.before = lambda path: order.append("slow") if path != "/robots.txt" else None
        quick.before = lambda path: order.append("quick") if path != "/robots.txt" else None
        slow.pages["/robots.txt"] = Answer("User-agent: *\nCrawl-delay: 1", kind="text/plain")
        urls = [f"{slow.url}/{number}" for number in range(3)] + [f"{quick.url}/{number}" for number in range(6)]
        made = batch([url.replace("127.0.0.1", "localhost") if slow.url in url else url for url in urls], concurrency=1)
        work_off()
        assert added_up(progress.of(made)).counts["done"] == 9
        assert order.count("quick") == 6 and order[-1] == "slow"


def test_credits_are_summed_and_those_for_walls_are_told_apart(
    site: Site, work_off: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = fetch.get
    monkeypatch.setattr(fetch, "get", lambda *args, **named: dataclasses.replace(get(*args, **named), cost_credits=2.5))
    wall = Answer("<title>Just a moment...</title><script>window._cf_chl_opt={}</script>", 403)
    site.pages |= {"/a": page("A"), "/b": page("B"), "/wall": wall}
    urls = [f"{site.url}/{name}" for name in ("a", "b", "wall", "gone")]
    made = crawl.submit_batch(scrape.scrape_batch, urls, QUICK | {"max_retries": 1, "obey_robots": False})
    work_off()
    seen = progress.of(made.job_id)
    assert (seen.counts["done"], seen.counts["failed"]) == (2, {"blocked": 1, "data": 1})
    assert (seen.counts["credits"], seen.counts["credits_lost"]) == (12.5, 7.5), "a retry of a wall was paid, too"
    assert [record["cost_credits"] for record in views.records(made.job_id)] == [2.5, 2.5]


def test_walls_do_not_count_against_the_bound_of_pages(site: Site, work_off: Work) -> None:
    wall = Answer("<title>Just a moment...</title><script>window._cf_chl_opt={}</script>", 403)
    site.pages |= {"/": page("Home", "/w1", "/w2", "/a", "/b")} | dict.fromkeys(("/w1", "/w2"), wall)
    site.pages |= {"/a": page("Apples"), "/b": page("Books")}
    options = QUICK | {"max_retries": 0, "use_sitemaps": False, "expected_pages": 3}
    made = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", options)
    work_off()
    assert progress.of(made.job_id).counts["done"] == 3


def test_a_page_that_a_provider_sends_on_is_not_paid_for_ever_while_robots_is_unreachable(
    site: Site, work_off: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    get, paid = fetch.get, []

    def by_provider(request: fetch.Request, *, before: Any = None) -> fetch.Reply:
        if before is None:  # a robots.txt
            return get(request)
        paid.append(request.url)
        try:
            before(f"{site.url.replace('127.0.0.1', '127.0.0.2')}/there")
        except errors.TrawlError as exc:
            exc.cost_credits = 5.0
            raise
        raise AssertionError("its robots.txt is not known")

    site.pages["/robots.txt"] = Answer("", 503)
    monkeypatch.setattr(fetch, "get", by_provider)
    monkeypatch.setattr(fetch, "check", lambda request: None)
    monkeypatch.setattr(visits, "_request", lambda url, config, kept: fetch.Request(url))
    robots_rules.kept.put(site.url, "Trawl", robots_rules.FREE, 0)
    with config.overridden(scrapedo_token=SecretStr("t")):
        made = batch([f"{site.url}/a"], provider="scrapedo", max_retries=2)
        work_off(40)
    seen = progress.of(made)
    assert seen.counts["failed"] == {"network": 1} and len(paid) == 3
    assert (seen.counts["credits"], seen.counts["credits_lost"]) == (15.0, 15.0)


def test_files_that_somebody_named_are_read_as_a_single_scrape_reads_them(site: Site, work_off: Work) -> None:
    site.pages |= {"/feed": Answer('{"a": 1}', kind="application/json"), "/f": Answer(b"%PDF-1.4 x", kind="application/pdf")}
    made = batch([f"{site.url}/feed", f"{site.url}/f"])
    work_off()
    assert added_up(progress.of(made)).counts["done"] == 2
    feed, pdf = sorted(stored.records(made), key=lambda record: str(record["url"]), reverse=True)
    assert (feed["text"], pdf["content_type"], pdf["bytes"]) == ('{"a": 1}', "application/pdf", 10)


def test_a_host_is_not_blamed_for_another_to_which_it_sends_on(site: Site, work_off: Work) -> None:
    with served({"/broken": Answer("no", 503)}) as other:
        target = other.url.replace("127.0.0.1", "localhost")
        site.pages |= {f"/go/{number}": sends_to(f"{target}/broken") for number in range(3)}
        batch([f"{site.url}/go/{number}" for number in range(3)], max_retries=0)
        work_off()
    assert hosts.state("127.0.0.1").outcomes == {"client_error": 1, "ok": 3}  # the first was its robots.txt


def test_a_host_is_not_blamed_for_a_robots_txt_of_another(site: Site, work_off: Work) -> None:
    gone, in_an_hour_ms = "http://127.0.0.2:8099", round((clock.now().timestamp() + 3600) * 1000)
    known = {"kind": "unreachable", "failures": 9, "next": in_an_hour_ms, "since": in_an_hour_ms - 7_200_000}
    connection.client().hset(keys.ROBOTS + gone, mapping=known)
    connection.client().expire(keys.ROBOTS + gone, 600)
    site.pages["/go"] = sends_to(f"{gone}/there")
    made = batch([f"{site.url}/go"], max_retries=0)
    work_off()
    assert progress.of(made).counts["failed"] == {"network": 1}
    assert hosts.state("127.0.0.1").outcomes == {"client_error": 1, "ok": 1}
