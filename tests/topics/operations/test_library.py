"""The queue and its monitor can be had from one module, by the names that other programs call."""

from typing import Any

import pytest

import errors
from models import JobStatus
from state.scraping import keys, pages
from tests.topics.scraping.conftest import QUICK
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Site, page
from topics.operations import library
from topics.scraping import stored


def test_every_name_is_there_and_says_what_it_does() -> None:
    assert library.get_job_queue() is library.get_job_monitor() is library
    assert all(getattr(library, name).__doc__ for name in library.__all__)


def test_a_page_is_submitted_with_a_priority_and_warned_of_what_stops_it(store: Any) -> None:
    job = library.submit_scraping_job("https://example.com/", {"wait_time": 5, "max_retries": 2}, 1)
    assert (job.id, job.queue) == (job.job_id, "high") and job.warnings, "no worker runs"
    found = library.get_job_status(job.id)
    assert (found.status, found.error_message, found.host) == (JobStatus.PENDING, None, "example.com")
    assert [one.id for one in library.get_active_jobs(5)] == [job.id]
    assert library.submit_scraping_job("https://example.com/").queue == "default"


def test_progress_and_history_are_read_by_names(store: Any) -> None:
    job = library.submit_scraping_job("https://example.com/")
    progress = library.get_job_monitor().get_job_progress(job.id)
    assert (progress.get("status"), progress["progress_percentage"], progress["estimated_completion"]) == ("pending", 0.0, None)
    [hour] = library.get_performance_history(hours=1)["history"]
    assert (hour["jobs_processed"], hour["success_rate"]) == (0, None) and hour["timestamp"]


@pytest.mark.parametrize(
    ("url", "config", "priority"),
    [("no address", None, None), ("https://example.com/", {"x": 1}, 1), ("https://a.example/", {}, 0)],
)
def test_what_is_wrong_is_refused_before_redis_is_touched(store: Any, url: str, config: Any, priority: Any) -> None:
    with pytest.raises((errors.DataError, errors.ArgumentError)):
        library.submit_scraping_job(url, config, priority)
    assert not library.get_active_jobs()


@pytest.mark.usefixtures("polite")
def test_a_clean_up_takes_results_and_their_objects_with_the_jobs(site: Site, work_off: Work, store: Any) -> None:
    site.pages["/"] = page("Home")
    small = library.submit_scraping_job(f"{site.url}/", QUICK).id
    large = library.submit_scraping_job(f"{site.url}/", QUICK).id
    work_off()
    stored.store().put("results/2026-01-01/x.json.gz", b"x", content_type="application/json")
    pages.put_result(large, stored.pack({"object": "results/2026-01-01/x.json.gz"}))
    assert stored.remove_results([small, large, "other"]) == 2
    assert not list(stored.store().keys("results/")) and not store.exists(keys.scrape_result(small), keys.scrape_result(large))
    assert list(stored.store().keys("pages/")), "a page as it was fetched may be of use to others: RESULT_DAYS"
