"""Why a batch or crawl waits is told by its own id: its state, what its lanes wait for, what is missing when it is over."""

import pytest

import clock
from errors import BlockedError
from jobs import scrape
from state.scraping import lane_looks
from state.store import connection, keys
from tests.topics.scraping.conftest import QUICK
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Answer, Site, page
from topics.operations import jobs, pauses, why
from topics.scraping import crawl, single

pytestmark = pytest.mark.usefixtures("polite")


def crawled(site: Site, **options: object) -> str:
    return crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", QUICK | {"use_sitemaps": False} | options).job_id


def test_before_it_begins_its_job_says_why(site: Site) -> None:
    found = why.of(crawled(site))
    assert (found.what, found.state) == ("crawl", "opening")
    assert found.job and "No worker" in " ".join(stop.says for stop in found.job.reasons)


def test_the_lanes_of_one_that_runs_say_what_they_wait_for(site: Site, work_off: Work) -> None:
    site.pages["/"] = page("Home", "/a", "/b")
    id_ = crawled(site)
    work_off(1)
    found = why.of(id_)
    assert found.state == "running" and found.facts["pending"] == 1
    told = " ".join(stop.says for stop in found.reasons)
    assert "1 lane at work: 1 queued." in told and "No worker" in told
    pauses.put("kind:scrape", "the site asked for it", "ada")
    assert "the site asked for it" in " ".join(stop.says for stop in why.of(id_).reasons)
    lane = next(iter(lane_looks.of(id_).jobs))
    connection.client().delete(keys.job(lane))
    assert "The job of 1 lane is gone." in " ".join(stop.says for stop in why.of(id_).reasons)


def test_a_parked_lane_names_its_host(site: Site, work_off: Work) -> None:
    site.pages["/"] = page("Home")
    id_ = crawled(site)
    work_off(1)
    lane = next(iter(lane_looks.of(id_).jobs))
    fields = {"status": "scheduled", "parked": "the breaker of host shop.example is open"}
    connection.client().hset(keys.job(lane), mapping=fields)
    connection.client().zadd("rq:scheduled:default", {lane: clock.now().timestamp() + 60})
    told = " ".join(stop.says for stop in why.of(id_).reasons)
    assert "the breaker of host shop.example is open" in told and "The host shop.example" in told


def test_one_that_is_stopped_or_over_says_what_is_missing_and_how_to_go_on(site: Site, work_off: Work) -> None:
    wall = Answer("<title>Just a moment...</title><script>window._cf_chl_opt={}</script>", 403)
    site.pages |= {"/": page("Home", "/a"), "/a": wall}
    id_ = crawled(site, max_retries=0)
    work_off(1)
    crawl.stop(id_, "lunch")
    [stopped] = why.of(id_).reasons
    assert "lunch" in stopped.says and "scrape continue" in stopped.fix
    crawl.go_on(id_)
    work_off()
    found = why.of(id_)
    assert found.state == "partial" and found.facts["failed"] == {BlockedError.category: 1}
    assert "scrape replay" in " ".join(stop.fix for stop in found.reasons)


def test_a_scrape_job_tells_its_host_and_where_its_result_lies(site: Site, work_off: Work) -> None:
    site.pages["/"] = page("Home")
    made = single.submit(scrape.scrape_url, f"{site.url}/", QUICK)
    assert jobs.get_job_status(made.job_id).host == "127.0.0.1"
    assert jobs.get_job_status(made.job_id).result_place is None
    work_off()
    assert jobs.get_job_status(made.job_id).result_place == f"Redis; `python manage.py scrape result {made.job_id}` writes it"
    id_ = crawled(site)
    work_off()
    assert jobs.get_job_status(id_).host == "127.0.0.1"
    assert str(jobs.get_job_status(id_).result_place).startswith("object storage, 1 segment;")


def test_a_crawl_is_one_job_to_people_until_the_whole_of_it_is_over(site: Site, work_off: Work) -> None:
    site.pages |= {"/": page("Home", "/a", "/b"), "/a": page("Apples")}
    id_ = crawled(site)
    assert jobs.get_job_status(id_).status == "pending"
    work_off(1)
    found = jobs.get_job_progress(id_)
    assert (found.status, found.state, found.step, found.total) == ("running", "PROGRESS", 0, 1)
    work_off()
    over = jobs.get_job_progress(id_)
    assert (over.status, over.progress_percentage, over.step, over.total) == ("completed", 100.0, 3, 3)
    assert over.details["failed"] == {"data": 1} and over.message.startswith("complete")


def test_a_crawl_that_was_cut_says_so_and_one_that_is_cancelled_stops(site: Site, work_off: Work) -> None:
    site.pages |= {"/": page("Home", "/a", "/b"), "/a": page("Apples"), "/b": page("Books")}
    cut = crawled(site, expected_pages=1)
    work_off()
    assert jobs.get_job_progress(cut).message.startswith("partial")
    id_ = crawled(site)
    work_off(1)
    assert jobs.cancel_job(id_) and not jobs.cancel_job(id_)
    assert jobs.get_job_status(id_).status == "cancelled"
    work_off()
    assert site.times("/a") == 0
    other = crawled(site)
    work_off(1)
    assert jobs.update_job_status(other, "REVOKED").status == "cancelled"
    assert jobs.update_job_status(other, "pending").status == "running"
    connection.client().delete(keys.job(other))
    assert jobs.get_job_status(other).status == "running", "nobody remembers its first job"


def test_a_crawl_that_has_not_begun_is_cancelled_with_its_job(site: Site, work_off: Work) -> None:
    site.pages["/"] = page("Home")
    id_ = crawled(site)
    jobs.cancel_job(id_)
    assert jobs.get_job_status(id_).status == "cancelled"
    assert work_off() == [] and site.times("/") == 0
