"""One page, scraped by one job."""

from collections.abc import Mapping
from typing import Any

import errors
import models
import queues
from clients import fetch
from parsing import web_urls
from state.engine import dedup
from state.scraping import scrape_jobs
from state.store import connection
from topics.scraping import config as configs
from topics.scraping import outcomes, reading, refining, stored, visits
from topics.scraping.config import ScrapingConfig

#: The job that scrapes a page.
SCRAPE_URL = "jobs.scrape.scrape_url"

#: What a job's own result says of a page; the whole record is kept apart.
SUMMARY = ("url", "final_url", "status", "title", "unchanged", "words")


def submit(
    func: Any, url: str, config: Mapping[str, Any] | ScrapingConfig | None = None, queue: str | None = None
) -> models.Submission:
    """Have a page scraped by the job `func`. Address and configuration are checked before Redis is touched.

    Raises DataError, ArgumentError and ConfigError, each with its remedy.
    """
    return queues.submit_many([call(func, url, config, queue)])[0]


def call(func: Any, url: str, config: Mapping[str, Any] | ScrapingConfig | None = None, queue: str | None = None) -> models.Call:
    """The checked call that scrapes a page, to be submitted; Redis is not touched. Raises as `submit` does."""
    checked = configs.of(config)
    url = web_urls.typed(url)
    host = fetch.check_url(url).host
    options = checked.model_dump(mode="json", exclude_defaults=True)
    return models.Call(func, (url, options), queue=queue, meta={"host": host}, labels={"host": host})


def submit_scraping_job(
    url: str, config: Mapping[str, Any] | ScrapingConfig | None = None, priority: str | int | None = None
) -> models.Submission:
    """Have a page scraped; `priority` is a word, or a number from 1 (high) to 9. The answer has the `id` of the job.

    Its `warnings` say what keeps the job from starting, e.g. that no worker runs. Raises DataError, ArgumentError, ConfigError.
    """
    return submit(queues.function(SCRAPE_URL), url, config, configs.queue_of(priority))


def run(url: str, config: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Scrape a page now; its whole result is kept under the id of the job, and a summary is returned.

    Raises NotNow where it must wait, BlockedError with its class where another page came, NetworkError, DataError.
    """
    checked = configs.of(config)
    url = web_urls.typed(url)
    fetch.check_url(url)
    job_id = queues.current_job_id() or dedup.direct_owner()
    record = scrape(url, checked, job_id)
    with connection.errors_translated():
        stored.put_result(job_id, record)
        queues.pages_fetched(job_id)
    return {"result": job_id, **{name: record.get(name) for name in SUMMARY}}


def scrape(url: str, config: ScrapingConfig, holder: str) -> dict[str, Any]:
    """The record of a page. Raises as `run` does; an error is tried again as often as `max_retries` allows."""
    with connection.errors_translated():
        visit = visits.go(url, config, holder)
    try:
        read = _read(visit, config)
    except errors.TrawlError as exc:
        _limit_retries(exc, config, holder)
        raise
    finally:
        with connection.errors_translated():
            visits.end(visit)
    return read if isinstance(read, dict) else refining.record(read, config)


def _read(visit: visits.Visit, config: ScrapingConfig) -> dict[str, Any] | reading.Read:
    reply = visit.reply
    if reply and not visit.error and not outcomes.is_html(visit):
        return outcomes.read_file(visit, config)
    return outcomes.read(visit, config)


def _limit_retries(error: errors.TrawlError, config: ScrapingConfig, job_id: str) -> None:
    """The engine tries a job of this kind again three times; a configuration may ask for less."""
    if error.retryable and config.max_retries < queues.MAX_RETRIES and scrape_jobs.attempts_of(job_id) >= config.max_retries:
        error.retryable = False
