"""Which pages of a site a crawl fetches by the newer options; kept pages that are young enough; forms of a page."""

from typing import Any

import pytest

import clock
import errors
from jobs import scrape
from tests.topics.scraping.conftest import QUICK
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Answer, Site, page, sends_to
from topics.scraping import config as configs
from topics.scraping import crawl, finished, progress, scope, single, stored

pytestmark = pytest.mark.usefixtures("polite")


def paths(site: Site, work_off: Work, start: str = "/", **options: Any) -> set[str]:
    """The pages that a crawl of the site fetched."""
    made = crawl.submit_crawl(scrape.crawl_site, site.url + start, QUICK | {"expected_pages": 100} | options)
    work_off()
    return {record["url"].removeprefix(site.url) for record in stored.records(made.job_id) if record["outcome"] == "done"}


@pytest.fixture
def tree(site: Site) -> Site:
    site.pages["/"] = page("Home", "/docs/", "/blog/2026/a", "/blog/old", "/a?x=1", "/a?x=2")
    site.pages |= {"/docs/": page("Docs", "/docs/a", "/"), "/docs/a": page("Docs A"), "/blog/2026/a": page("Blog A")}
    site.pages |= {"/blog/old": page("Old"), "/a?x=1": page("One"), "/a?x=2": page("Two"), "/a": page("A")}
    return site


def test_regular_expressions_include_and_exclude_by_path_or_address(tree: Site, work_off: Work) -> None:
    assert paths(tree, work_off, include_regex=["^/blog/[0-9]{4}/"]) == {"/", "/blog/2026/a"}
    assert paths(tree, work_off, exclude_regex=["^/blog/", "^/a$"]) == {"/", "/docs/", "/docs/a"}
    assert paths(tree, work_off, include_regex=[r"x=1$"], regex_on_url=True) == {"/", "/a?x=1"}


def test_a_crawl_may_keep_below_its_start_and_to_a_depth_of_path(tree: Site, work_off: Work) -> None:
    assert paths(tree, work_off, "/docs/", below_start=True) == {"/docs/", "/docs/a"}
    assert paths(tree, work_off, max_path_depth=1) == {"/", "/docs/", "/a?x=1", "/a?x=2"}


def test_a_query_may_be_ignored_so_each_page_is_fetched_once_without_it(tree: Site, work_off: Work) -> None:
    assert {"/a"} == {one for one in paths(tree, work_off, ignore_query=True) if one.startswith("/a")}


def test_similar_addresses_may_be_one_page_and_none_is_lost_that_redirects(site: Site, work_off: Work) -> None:
    site.pages["/"] = page("Home", "/index.html", "/a", "/a/", "/a/index.php", "/b", "/c", "/A", "/d?x=1", "/d/?x=1", "/e")
    site.pages |= {
        "/a": page("One"),
        "/a/": page("One"),
        "/index.html": page("Home"),
        "/A": page("Large"),
        "/d?x=1": page("Asked"),
    }
    site.pages |= {
        "/b": sends_to("/b/"),
        "/b/": page("Moved"),
        "/c": sends_to("/c/"),
        "/c/": sends_to("/a/"),
        "/e": sends_to("/b/"),
    }
    assert paths(site, work_off, similar_once=True) == {"/", "/a", "/b/", "/A", "/d?x=1"}
    assert site.times("/b/") == 1 and site.times("/a/") == 0
    assert {"/", "/index.html", "/a", "/a/"} < paths(site, work_off)


def test_links_to_other_sites_are_followed_where_asked() -> None:
    here = "https://a.example/"
    assert scope.Scope(here, configs.of({})).offer("https://b.example/x", 1) is None
    found = scope.Scope(here, configs.of({"other_sites": True})).offer("https://b.example/x", 1)
    assert found is not None and found.host == "b.example"


def test_a_kept_page_that_is_young_enough_is_read_without_a_request(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.pages["/"] = page("Home")
    first = single.scrape(f"{site.url}/", configs.of({"max_age": 60}), "j1")
    again = single.scrape(f"{site.url}/", configs.of({"max_age": 60}), "j2")
    assert "kept_for_s" not in first and again["kept_for_s"] >= 0 and again["markdown"] == first["markdown"]
    assert site.times("/") == 1
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now.replace(year=now.year + 1))
    single.scrape(f"{site.url}/", configs.of({"max_age": 60}), "j3")
    assert site.times("/") == 2


def test_a_page_fetched_with_headers_of_its_own_stands_for_nobody_else(site: Site) -> None:
    site.pages["/"] = Answer(page("Home"), headers={"ETag": '"1"'})
    single.scrape(f"{site.url}/", configs.of({"max_age": 60, "headers": {"Cookie": "a=b"}}), "j1")
    assert "kept_for_s" not in single.scrape(f"{site.url}/", configs.of({"max_age": 60}), "j2")


def test_what_is_not_asked_for_is_not_kept(site: Site) -> None:
    site.pages["/"] = page("Home")
    record = single.scrape(f"{site.url}/", configs.of({"extract_content": False, "extract_links": True}), "j1")
    assert "markdown" not in record and "html" not in record and record["links"] == []


@pytest.mark.parametrize("options", [{"screenshot": "page"}, {"actions": [{"type": "wait"}]}, {"mobile": True}])
def test_what_only_a_browser_can_do_asks_for_it(options: dict[str, Any]) -> None:
    with pytest.raises(errors.ArgumentError, match="render"):
        configs.of(options)


def test_finished_pages_keep_their_order_while_they_are_packed(site: Site, work_off: Work) -> None:
    site.pages |= {f"/{number}": page(f"Page {number}") for number in range(30)}
    made = crawl.submit_batch(scrape.scrape_batch, [f"{site.url}/{number}" for number in range(30)], QUICK)
    work_off(15)
    before = [record["n"] for record in finished.done(made.job_id, 0, 100)[0]]
    stored.pack_records(made.job_id)
    assert [record["n"] for record in finished.done(made.job_id, 0, 100)[0]][: len(before)] == before
    work_off()
    after, count = finished.done(made.job_id, 0, 100)
    assert [record["n"] for record in after][: len(before)] == before and count == 30 == progress.of(made.job_id).counts["done"]


def test_a_crawl_reads_kept_pages_that_are_young_enough(site: Site, work_off: Work) -> None:
    site.pages |= {"/": page("Home", "/a"), "/a": Answer(page("A"), headers={"ETag": '"1"'})}
    for _ in range(2):
        assert paths(site, work_off, max_age=3600) == {"/", "/a"}
    assert site.times("/") == site.times("/a") == 1
    assert paths(site, work_off) == {"/", "/a"} and site.times("/a") == 2
