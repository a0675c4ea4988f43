"""Crawls: every page of a site once, a ledger whose sums are right, and what is no page left out for a reason."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest

import errors
import queues
from jobs import scrape
from state.scraping import ledger_looks
from state.store import connection
from tests.topics.scraping.conftest import QUICK
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Answer, Site, page, sends_to
from topics.scraping import crawl, progress, robots_rules, stored, visits

pytestmark = pytest.mark.usefixtures("polite")


def crawled(site: Site, work_off: Work, **options: Any) -> progress.Progress:
    """Crawl the site from its first page on, to the end."""
    made = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", QUICK | {"expected_pages": 1000} | options)
    problems = [one for one in work_off() if isinstance(one, Exception) and not isinstance(one, errors.NotNow)]
    assert not problems, problems
    return added_up(progress.of(made.job_id))


def added_up(seen: progress.Progress) -> progress.Progress:
    """The sums of a ledger are right, and its records say the same."""
    counts = seen.counts
    parts = counts["done"] + sum(counts["skipped"].values()) + sum(counts["failed"].values()) + counts["pending"]
    assert counts["found"] == parts, counts
    records = list(stored.records(seen.id))
    assert len({record["n"] for record in records}) == len(records)
    assert Counter(record["outcome"] for record in records)["done"] == counts["done"]
    return seen


def test_every_page_is_fetched_once_by_whatever_links_it_is_found(site: Site, work_off: Work) -> None:
    names = [f"/p/{number}" for number in range(30)]
    site.pages["/"] = page("Home", *names[:10], "/#top", "?utm_source=mail")
    for number, name in enumerate(names):
        site.pages[name] = page(f"Page {number}", *names[number : number + 12], f"{name}#a", f"{name}?utm_campaign=x", "/")
    seen = crawled(site, work_off)
    assert (seen.state, seen.counts["done"], seen.reasons) == ("complete", 31, ())
    assert {path: site.times(path) for path in ["/", *names]} == dict.fromkeys(["/", *names], 1)
    assert {record["url"].removeprefix(site.url) for record in stored.records(seen.id)} == {"/", *names}


def test_pages_that_only_the_sitemap_names_are_found(site: Site, work_off: Work) -> None:
    site.pages |= {"/": page("Home"), "/alone": page("Alone")}
    xml = f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>{site.url}/alone</loc></url></urlset>"
    site.pages["/robots.txt"] = Answer("User-agent: *\nSitemap: /map.xml\n", kind="text/plain")
    maps = "".join(f"<sitemap><loc>{site.url}/{name}.xml</loc></sitemap>" for name in ("map", "part"))
    index = f"<sitemapindex>{maps}</sitemapindex>"
    site.pages |= {"/map.xml": Answer(index, kind="text/xml"), "/part.xml": Answer(xml, kind="text/xml")}
    seen = crawled(site, work_off)
    assert seen.counts["done"] == 2 and site.times("/map.xml") == 1
    assert crawled(site, work_off, use_sitemaps=False).counts["done"] == 1


def test_a_crawl_that_reaches_its_bound_is_partial_and_goes_on_with_a_higher_one(site: Site, work_off: Work) -> None:
    site.pages["/"] = page("Home", *(f"/p/{number}" for number in range(20)))
    site.pages |= {f"/p/{number}": page(f"Page {number}") for number in range(20)}
    seen = crawled(site, work_off, expected_pages=8, concurrency=1)
    assert (seen.state, seen.counts["done"], seen.counts["pending"]) == ("partial", 8, 13)
    assert "bound of pages" in seen.reasons[0]
    crawl.go_on(seen.id, 1000)
    work_off()
    after = added_up(progress.of(seen.id))
    assert (after.state, after.counts["done"]) == ("complete", 21)
    assert max(site.asked.values()) == 1


def test_a_crawl_that_is_cut_by_its_depth_is_partial(site: Site, work_off: Work) -> None:
    site.pages |= {"/": page("Home", "/a"), "/a": page("A", "/b"), "/b": page("B", "/c"), "/c": page("C")}
    seen = crawled(site, work_off, max_depth=2)
    assert (seen.state, seen.counts["done"], seen.counts["skipped"]) == ("partial", 3, {"depth": 1})
    assert crawled(site, work_off, max_depth=3).state == "complete"


def test_pages_that_fail_are_told_by_category_and_a_crawl_with_one_that_may_pass_is_partial(site: Site, work_off: Work) -> None:
    site.pages |= {"/": page("Home", "/gone", "/broken", "/good"), "/broken": Answer("no", 500), "/good": page("Good")}
    seen = crawled(site, work_off, max_retries=2)
    assert (seen.state, seen.counts["failed"]) == ("partial", {"data": 1, "network": 1})
    assert (site.times("/gone"), site.times("/broken"), seen.counts["retries"]) == (1, 3, 2)


def test_a_wall_is_no_page(site: Site, work_off: Work) -> None:
    wall = "<title>Just a moment...</title><script>window._cf_chl_opt={}</script>"
    site.pages |= {"/": page("Home", "/wall"), "/wall": Answer(wall, 403)}
    seen = crawled(site, work_off, max_retries=0)
    assert seen.counts["failed"] == {"blocked": 1}
    [record] = [one for one in stored.records(seen.id) if one["outcome"] == "failed"]
    assert record["page_class"] == "challenge"


def test_robots_include_and_exclude_are_obeyed(site: Site, work_off: Work) -> None:
    site.pages["/robots.txt"] = Answer("User-agent: *\nDisallow: /private/\n", kind="text/plain")
    site.pages |= {"/": page("Home", "/private/a", "/blog/a", "/shop/a", "/f.pdf"), "/blog/a": page("A"), "/shop/a": page("S")}
    seen = crawled(site, work_off, exclude=["/shop/"])
    assert seen.counts["skipped"] == {"excluded": 1, "file": 1, "robots": 1}
    assert not site.times("/private/a") and not site.times("/shop/a")
    assert crawled(site, work_off, include=["/blog/*"]).counts["skipped"] == {"file": 1, "not included": 2}


def test_a_redirect_is_a_link_so_its_target_is_fetched_once(site: Site, work_off: Work) -> None:
    site.pages["/"] = page("Home", *(f"/go/{number}" for number in range(5)), "/loop", "/away", "/target")
    site.pages |= {f"/go/{number}": sends_to("/target") for number in range(5)}
    site.pages |= {"/target": page("Target"), "/loop": sends_to("/loop2"), "/loop2": sends_to("/loop")}
    site.pages["/away"] = sends_to("http://other.invalid/")
    seen = crawled(site, work_off)
    assert (seen.state, seen.counts["done"], site.times("/target")) == ("complete", 2, 1)
    assert seen.counts["skipped"] == {"other site": 1, "redirect": 7}


def test_a_crawl_does_not_wait_for_the_breaker_of_a_host_when_only_pages_are_left_that_failed(site: Site, work_off: Work) -> None:
    names = [f"/late/{number}" for number in range(5)]  # with what came before them, enough to open it
    site.pages |= {"/": page("Home", *names)} | {name: Answer("late", status=503) for name in names}
    seen = crawled(site, work_off, retry_delay=1, max_retries=2)
    assert seen.state == "partial" and seen.counts["failed"] == {"network": 5}
    assert [site.times(name) for name in names] == [1] * 5, "nobody asked while it was open"
    said = [record["error"] for record in stored.records(seen.id) if record["outcome"] == "failed"]
    assert all("the breaker of host" in one and "failed before" in one for one in said)


def wants_cookie(name: str, to: str) -> Callable[[Mapping[str, str]], Answer]:
    """A page that sends who has no cookie to another one."""
    return lambda headers: Answer(page(name)) if "seen=1" in headers.get("Cookie", "") else sends_to(to)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_page_that_wants_the_cookie_of_where_it_redirects_is_not_lost(site: Site, work_off: Work, length: int) -> None:
    """/wall sends on to /1, /2 …, the first of which sets a cookie, and the last of which sends back to /wall."""
    site.pages["/"] = page("Home", "/wall", "/other")
    site.pages |= {"/wall": wants_cookie("Wall", "/1"), "/other": page("Other")}
    site.pages |= {f"/{number}": sends_to(f"/{number + 1}") for number in range(1, length)}
    site.pages[f"/{length}"] = sends_to("/wall")
    site.pages["/1"] = Answer(status=302, headers={**site.pages["/1"].headers, "Set-Cookie": "seen=1; Path=/"})  # type: ignore[union-attr]
    seen = crawled(site, work_off)
    assert seen.state == "complete" and seen.counts["done"] == 3
    assert [one["title"] for one in stored.records(seen.id) if one.get("final_url") == f"{site.url}/wall"] == ["Wall"]


def test_two_pages_that_send_to_each_other_are_asked_a_few_times_only(site: Site, work_off: Work) -> None:
    site.pages |= {"/": page("Home", "/a"), "/a": sends_to("/b"), "/b": sends_to("/a")}
    seen = crawled(site, work_off)
    assert seen.state == "complete" and seen.counts["skipped"] == {"redirect": 2} and site.requests <= 6


def test_canonical_and_noindex_and_nofollow(site: Site, work_off: Work) -> None:
    site.pages |= {
        "/": page("Home", "/a?sort=up", "/hidden", "/end"),
        "/a?sort=up": page("A", "/never", head='<link rel="canonical" href="/a">'),
        "/a": page("A"),
        "/hidden": page("Hidden", "/behind", head='<meta name="robots" content="noindex">'),
        "/behind": page("Behind"),
        "/end": page("End", "/unfollowed", head='<meta name="robots" content="nofollow">'),
    }
    seen = crawled(site, work_off)
    assert seen.counts["skipped"] == {"canonical": 1, "noindex": 1}
    assert {record["title"] for record in stored.records(seen.id) if record["outcome"] == "done"} == {
        "Home",
        "A",
        "Behind",
        "End",
    }
    assert not site.times("/never") and not site.times("/unfollowed")


def test_an_endless_calendar_ends(site: Site, work_off: Work) -> None:
    def day(number: int) -> Answer:
        return Answer(page(f"Day {number}", f"/when?day={number + 1}", text=f"Nothing happens on day {number}. " * 20))

    for number in range(500):
        site.pages[f"/when?day={number}"] = day(number)
    site.pages["/"] = page("Home", "/when?day=0")
    seen = crawled(site, work_off)
    assert seen.state == "complete" and site.requests < 20


def test_pages_that_differ_in_figures_alone_are_skipped_in_the_end_and_the_crawl_is_partial(site: Site, work_off: Work) -> None:
    pages = {f"/item/{number}": page(f"Item {number}", text=f"This is number {number} of many. " * 20) for number in range(60)}
    site.pages |= pages | {"/": page("Home", *pages)}
    seen = crawled(site, work_off, expected_pages=100)
    assert seen.state == "partial" and "figures alone" in seen.reasons[0]
    assert seen.counts["skipped"]["alike"] >= 20 and added_up(seen)


def test_facets_that_name_another_page_as_their_own_are_learnt(site: Site, work_off: Work) -> None:
    colours, names = [f"c{letter}" for letter in "abcdefghij"], [f"/list/{letter}" for letter in "abcdefghij"]
    site.pages["/"] = page("Home", *names)
    for name in names:
        facets = [f"{name}?colour={colour}" for colour in colours]
        site.pages[name] = page(name, *facets)
        site.pages |= {facet: page(facet, *facets, head=f'<link rel="canonical" href="{name}">') for facet in facets}
    seen = crawled(site, work_off, concurrency=1)
    assert seen.counts["done"] == 11 and seen.state == "complete"
    assert seen.counts["skipped"]["canonical"] <= 25 and seen.counts["skipped"]["trap"] >= 75


def test_a_crawl_that_was_stopped_goes_on_where_it_was(site: Site, work_off: Work) -> None:
    site.pages["/"] = page("Home", *(f"/p/{number}" for number in range(20)))
    site.pages |= {f"/p/{number}": page(f"Page {number}") for number in range(20)}
    made = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", QUICK | {"expected_pages": 100})
    site.before = lambda path: crawl.stop(made.job_id) if path == "/p/3" else None
    work_off()
    seen = added_up(progress.of(made.job_id))
    assert seen.state == "stopped" and seen.reasons == ("stopped by hand",) and seen.counts["pending"]
    assert not work_off()
    site.before = None
    crawl.go_on(made.job_id)
    work_off()
    assert added_up(progress.of(made.job_id)).state == "complete"
    assert max(site.asked.values()) == 1


def test_a_lane_whose_worker_died_takes_its_page_again(site: Site, work_off: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    site.pages |= {"/": page("Home", "/a", "/b"), "/a": page("A"), "/b": page("B")}

    class Killed(BaseException):
        """As if the process were gone."""

    made = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", QUICK)
    from topics.scraping import outcomes

    read, deaths = outcomes.read, iter([True, True])

    def dies(visit: Any, options: Any) -> Any:
        if visit.url.endswith("/a") and next(deaths, False):
            raise Killed
        return read(visit, options)

    monkeypatch.setattr(outcomes, "read", dies)
    monkeypatch.setattr(ledger_looks, "QUIET_S", -1)
    for _ in range(2):
        with pytest.raises(Killed):
            work_off()
        assert crawl.tend() == 0  # its job still counts as running
        _fail_started()
        assert crawl.tend() == 1
    work_off()
    seen = added_up(progress.of(made.job_id))
    assert (seen.state, seen.counts["done"], site.times("/a")) == ("complete", 3, 3)


def _fail_started() -> None:
    """The jobs of dead workers were given up."""
    from state.store import connection

    client = connection.client()
    for key in client.scan_iter("rq:job:*"):
        if client.hget(key, "status") == b"started":
            client.hset(key, "status", "failed")


def test_a_site_that_names_its_first_page_on_all_pages_is_read_all_the_same(site: Site, work_off: Work) -> None:
    names = [f"/{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    site.pages["/"] = page("Home", *names)
    site.pages |= {name: page(f"Page {name}", head='<link rel="canonical" href="/">') for name in names}
    seen = crawled(site, work_off, concurrency=1)
    assert seen.counts["done"] >= 20 and seen.counts["skipped"]["canonical"] <= 5


def test_an_outage_of_redis_fails_no_page(site: Site, work_off: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    from redis.exceptions import ConnectionError as Lost

    from state.scraping import gates

    site.pages |= {"/": page("Home", "/a"), "/a": page("A")}
    entered, failures = gates.entered, iter([False, True])

    def fails(*args: Any) -> Any:
        if next(failures, False):
            raise Lost("gone")
        return entered(*args)

    monkeypatch.setattr(gates, "entered", fails)
    monkeypatch.setattr(ledger_looks, "QUIET_S", -1)
    made = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", QUICK | {"use_sitemaps": False})
    ended = work_off()
    assert any(isinstance(one, errors.StoreUnreachable) for one in ended)
    for _ in range(3):  # the engine tries the job again
        crawl.tend()
        work_off()
    assert added_up(progress.of(made.job_id)).counts["failed"] == {}


def test_a_crawl_that_reads_no_page_failed_and_says_why(site: Site, work_off: Work) -> None:
    site.pages["/"] = sends_to("https://example.org/")
    seen = crawled(site, work_off)
    assert (seen.state, seen.reasons) == ("failed", ("its first page sends on to another site: crawl that one",))
    robots_rules.kept.clear()
    for key in connection.client().scan_iter("trawl:robots:*"):
        connection.client().delete(key)
    site.pages |= {"/": page("Home"), "/robots.txt": Answer("User-agent: *\nDisallow: /", kind="text/plain")}
    seen = crawled(site, work_off)
    assert (seen.state, seen.reasons) == ("failed", ("robots.txt forbids its first page",))
    assert crawled(site, work_off, obey_robots=False).state == "complete"


def test_a_bound_of_pages_holds_with_many_lanes(site: Site, work_off: Work) -> None:
    site.pages["/"] = page("Home", *(f"/p/{number}" for number in range(60)))
    site.pages |= {f"/p/{number}": page(f"Page {number}") for number in range(60)}
    seen = crawled(site, work_off, expected_pages=7, concurrency=10)
    assert seen.counts["done"] == 7 == site.requests


def test_a_page_that_kills_its_worker_again_and_again_fails_alone(
    site: Site, work_off: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    from topics.scraping import outcomes

    class Killed(BaseException):
        """As if the process were gone."""

    site.pages |= {"/": page("Home", "/bad", "/good"), "/bad": page("Bad"), "/good": page("Good")}
    read = outcomes.read

    def dies(visit: Any, options: Any) -> Any:
        if visit.url.endswith("/bad"):
            raise Killed
        return read(visit, options)

    monkeypatch.setattr(outcomes, "read", dies)
    monkeypatch.setattr(ledger_looks, "QUIET_S", -1)
    made = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", QUICK)
    for _ in range(12):
        try:
            work_off()
        except Killed:
            _fail_started()
        crawl.tend()
    seen = added_up(progress.of(made.job_id))
    assert (seen.counts["done"], seen.counts["failed"]) == (2, {"system": 1})
    [record] = [one for one in stored.records(made.job_id) if one["outcome"] == "failed"]
    assert record["url"].endswith("/bad") and site.times("/bad") == 3


def test_no_link_of_a_page_with_thousands_is_lost_and_a_large_record_is_an_object(site: Site, work_off: Work) -> None:
    names = [f"/p/{number}" for number in range(1800)]
    site.pages["/"] = page("Home", *names)
    made = crawled(site, work_off, expected_pages=1, extract_links=True)
    assert made.counts["found"] == 1801 and made.counts["pending"] == 1800
    import random

    dice = random.Random(7)
    site.pages["/"] = page("Home", text=" ".join(str(dice.random()) for _ in range(20_000)))
    seen = crawled(site, work_off)
    [record] = stored.records(seen.id)
    assert len(record["text"]) > 300_000 and list(stored.store().keys("results/"))


def test_a_page_that_sets_a_cookie_and_sends_to_itself_is_read(site: Site, work_off: Work) -> None:
    def greets(headers: Mapping[str, str]) -> Answer:
        if "seen=1" in headers.get("Cookie", ""):
            return Answer(page("Home", "/a"))
        return Answer(status=302, headers={"Location": "/", "Set-Cookie": "seen=1; Path=/"})

    site.pages |= {"/": greets, "/a": page("A"), "/endless": sends_to("/endless")}
    seen = crawled(site, work_off)
    assert (seen.state, seen.counts["done"]) == ("complete", 2)
    made = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/endless", QUICK)
    work_off()
    assert progress.of(made.job_id).counts["failed"] == {"data": 1}


def test_a_page_that_only_refreshes_to_another_leads_there(site: Site, work_off: Work) -> None:
    site.pages |= {"/": '<meta http-equiv="refresh" content="0; url=/en/">', "/en/": page("Home", "/en/a"), "/en/a": page("A")}
    seen = crawled(site, work_off)
    assert (seen.counts["done"], seen.counts["skipped"]) == (2, {"redirect": 1})


def test_a_file_that_its_server_calls_a_page_is_a_file(site: Site, work_off: Work) -> None:
    site.pages |= {"/": page("Home", "/report"), "/report": Answer(b"%PDF-1.7 \xe2\xe3\xcf\xd3" + b"x" * 500)}
    assert crawled(site, work_off).counts["skipped"] == {"file": 1}


def test_a_crawl_of_a_host_that_is_gone_ends(site: Site, work_off: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(url: str) -> robots_rules.Answer:
        raise errors.NoSuchHost("it has no address")

    monkeypatch.setattr(visits, "fetch_robots", gone)
    made = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", QUICK)
    work_off()
    seen = progress.of(made.job_id)
    assert (seen.state, seen.counts["failed"]) == ("failed", {"network": 1})


def test_sitemaps_are_read_once_however_long_the_host_lets_us_wait(site: Site, work_off: Work) -> None:
    names = [f"/map-{number}.xml" for number in range(3)]
    index = "".join(f"<sitemap><loc>{site.url}{name}</loc></sitemap>" for name in names)
    site.pages |= {"/": page("Home"), "/sitemap.xml": Answer(f"<sitemapindex>{index}</sitemapindex>", kind="text/xml")}
    for number, name in enumerate(names):
        site.pages[name] = Answer(f"<urlset><url><loc>{site.url}/p/{number}</loc></url></urlset>", kind="text/xml")
        site.pages[f"/p/{number}"] = page(f"Page {'abc'[number]}")
    seen = crawled(site, work_off, delay_between_requests=0.6)
    assert (seen.counts["done"], seen.state) == (4, "complete")
    assert [site.times(name) for name in ("/sitemap.xml", *names)] == [1, 1, 1, 1]
    mapped = queues.submit(scrape.map_site, f"{site.url}/", QUICK | {"delay_between_requests": 0.6})
    [result] = work_off()
    assert result["count"] == 4 and mapped.job_id == result["result"]
