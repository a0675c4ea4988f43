"""One task of each module that S4 names, from its submit to its result: a new task's test may begin as a copy of one of these."""

import pytest

import queues
import scheduler
from jobs import analytics, lead_scores, leads, maintenance, scrape
from models import JobStatus
from scheduling import cron
from tests.topics.analytics import companies
from tests.topics.scraping import conftest as scraping
from tests.topics.scraping.site import Site, page
from topics.operations import library, results
from topics.scraping import views
from worker import inline

polite, site = scraping.polite, scraping.site


def done(job_id: str) -> dict[str, object]:
    """What the job returned, once all that waits has run."""
    inline.run_until_idle()
    found = library.get_job_status(job_id)
    assert found.status is JobStatus.COMPLETED, found.error_message
    told = results.summary(found)
    assert isinstance(told, dict)
    return told


@pytest.mark.usefixtures("polite")
def test_scraping_task(site: Site) -> None:
    site.pages["/"] = page("Shop", "/a", text='Blue shoes. <img src="/shoe.png" alt="A shoe">')
    config = {"wait_time": 5, "max_retries": 2, "extract_links": True, "extract_images": True}
    config |= {"custom_selectors": {"title": "h1"}, "delay_between_requests": 0}
    job = library.submit_scraping_job(f"{site.url}/", config, priority=1)
    assert job.queue == "high"
    assert done(job.id)
    read = views.look(job.id).result
    assert read is not None and (read["title"], read["selected"]) == ("Shop", {"title": "Shop"})
    assert [link["url"] for link in read["links"]] == [f"{site.url}/a"]
    assert [image["url"] for image in read["images"]] == [f"{site.url}/shoe.png"]


def test_data_processing_task() -> None:
    job = queues.submit(scrape.clean_data, {"price": " 12,50 €"}, {"fields": {"price": "number"}})
    assert done(job.id)["record"] == {"price": 12.5}


def test_scoring_task() -> None:
    [company] = companies.stored(companies.some(1))
    assert done(queues.submit(lead_scores.score_companies, [company]).job_id)["scored"] == 1


def test_analytics_task() -> None:
    ids = companies.stored(companies.some(5))
    job = queues.submit(analytics.make_report, "summary", ids[:3], {})
    assert job.queue == "default" and done(job.id)["companies"] == 3


def test_maintenance_task() -> None:
    job = queues.submit(maintenance.delete_old_jobs, 90)
    assert job.queue == "low" and done(job.id) == {"records": {}, "history": 0}


@pytest.mark.usefixtures("polite")
def test_a_task_that_fails_says_why(site: Site) -> None:
    job = library.submit_scraping_job(f"{site.url}/gone", {"delay_between_requests": 0})
    inline.run_until_idle()
    found = library.get_job_status(job.id)
    assert (found.status, found.error_category) == (JobStatus.FAILED, "data") and "404" in str(found.error_message)


#: What each module's tasks are queued as, and how often those of upkeep come (s).
QUEUES = {
    "high": (leads.scrape_company, leads.scrape_companies, leads.search_companies),
    "default": (leads.process_data, lead_scores.enrich_companies, lead_scores.score_companies, analytics.make_report),
    "low": (maintenance.clean_up, maintenance.record_statistics, maintenance.compact_store),
}
HOUR_S = 3600
OFTEN = {"clean-up-jobs": 24 * HOUR_S, "record-statistics": HOUR_S, "check-health": HOUR_S // 2, "compact-store": 168 * HOUR_S}


@pytest.mark.parametrize("queue", QUEUES)
def test_each_module_has_its_queue(queue: str) -> None:
    assert {queues.spec_of(func).queue for func in QUEUES[queue]} == {queue}


@pytest.mark.parametrize("name", OFTEN)
def test_upkeep_comes_daily_hourly_half_hourly_and_weekly(name: str) -> None:
    [entry] = [entry for entry in scheduler.table() if entry.name == name]
    calendar = cron.parse(entry.cron or "")
    first = calendar.after(0, 0)
    assert calendar.after(first, first) - first == OFTEN[name]
