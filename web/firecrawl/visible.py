"""Whose scrapes a caller sees: those of other keys are as unknown to it as those that never were."""

from typing import Any

from pydantic import Field

import queues
from errors import NotFound
from state.scraping import ledgers
from state.scraping.ledgers import Ledger
from state.store import connection
from topics.operations import jobs
from web import access
from web.errors import Problem
from web.firecrawl import errors
from web.models import Strict


class ScrapeId(Strict):
    """The id of a scrape, in a path."""

    job_id: str = Field(max_length=200)


def no_job() -> Problem:
    """What an unknown id is answered with."""
    return errors.refused("Job not found", "NOT_FOUND", status=404)


def ledger(ledger_id: str) -> Ledger:
    """A batch or crawl that the caller may see. Raises Problem 404."""
    with connection.errors_translated():
        found = ledgers.read(ledger_id) if queues.JOB_ID.fullmatch(ledger_id) else None
    if found is None or not access.may_see(owner_of(found)):
        raise no_job()
    return found


def owner_of(found: Ledger) -> str:
    """The key that submitted a batch or crawl."""
    return found.fields.get("owner", "")


def check_job(job_id: str) -> Any:
    """The job of that id. Raises Problem 404 where there is none that the caller may see."""
    try:
        found = jobs.get_job_status(job_id)
    except NotFound:
        raise no_job() from None
    if not access.may_see(getattr(found, "owner", "")):
        raise no_job()
    return found
