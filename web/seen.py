"""Jobs and webhooks that a caller may see, by their ids: what belongs to another is as unknown as what is not there."""

from state.webhooks.endpoints import Endpoint
from topics.operations import jobs
from topics.operations.job_records import Job
from topics.scraping.views import Look
from topics.webhooks import endpoints
from web import access
from web.access import Role


def job(job_id: str) -> Job:
    """A job, or the whole batch or crawl of that id. Raises NotFound where there is none, and where it is another caller's."""
    found = jobs.find(job_id)
    if found is None or not may(found):
        raise jobs.unknown(job_id)
    return found


def may(thing: Job | Look) -> bool:
    """Whether the caller may see this job, batch or crawl."""
    return access.may_see(thing.owner)


def owner() -> str | None:
    """Whose jobs a list is to show: None = everybody's."""
    return None if access.may_see("") else access.owner()


def webhook(webhook_id: str) -> Endpoint:
    """A webhook that the caller may see. Raises NotFound."""
    found = endpoints.find(webhook_id)
    if not access.may_see(found.owner):
        raise endpoints.unknown(webhook_id)
    return found


def webhooks(job_id: str = "") -> list[Endpoint]:
    """The webhooks that the caller may see: the standing ones, or those that came with a job."""
    found = endpoints.of_job(job_id) if job_id else endpoints.standing()
    return [one for one in found if access.may_see(one.owner)]


def owner_of_new_webhook() -> str:
    """Whose jobs a new webhook is told of: an admin's key, and people, see all."""
    return "" if access.caller().role is Role.ADMIN else access.owner()
