"""A job again with changed arguments, for the route and the page.

Tasks that may be submitted from outside (web/api/submits.py) are checked by the same models, and their callers need no more than
for a submit. What other jobs are given is checked by nobody but themselves: names of lanes, ids, and folders that our own code
made up. So only admins may change that, who may do everything anyway.
"""

import json
from typing import Any

from pydantic import ValidationError

import models
from models import Submission
from topics.operations import again
from topics.operations.job_records import Job
from topics.scraping import crawl
from web import access, errors
from web.access import Role
from web.api import submits
from web.errors import Field, Problem

#: A batch is a list of addresses in a ledger, and no argument of a job.
BATCH = "jobs.scrape.scrape_batch"

#: Characters of the arguments that a form takes.
MOST_CHARS = 200_000


def may(found: Job) -> bool:
    """Whether the caller may run this job again with changed arguments, by what its description names."""
    path = found.description.partition("(")[0]
    if access.caller().role < Role.OPERATOR or not again.can_be(found) or path == BATCH:
        return False
    return access.caller().role is Role.ADMIN or _task(path) is not None


def submit(found: Job, given: Any, job_id: str | None = None) -> Submission:
    """Submit a job again with these arguments. Raises Problem, and what a submit raises."""
    path = again.function_of(found)
    if path == BATCH:
        raise Problem(422, f"{found.id} is a batch: POST /api/v1/scrapes/{found.id}/replay tries its failed pages again.")
    task, who = _task(path), access.caller()
    if task is None and who.role is not Role.ADMIN:
        says = "is no task that may be submitted from outside: only an admin may run it again with other arguments."
        raise Problem(403, f"{path} {says} It can be run again as it was.", code="forbidden")
    is_own = bool(who.key_id) and who.key_id == found.owner
    new = again.changed(found, given, may_keep_secrets=is_own or who.role is Role.ADMIN)
    if task is None:
        return again.submit(found, again.call(new), job_id)
    made = _made(task, new.arguments, found.queue)
    if isinstance(made, crawl.Plan):
        return crawl.submit(made, job_id)
    return again.submit(found, made, job_id)


def read(text: str) -> Any:
    """The arguments of a form. Raises Problem where they are no JSON."""
    try:
        if len(text) > MOST_CHARS:
            raise ValueError(f"more than {MOST_CHARS:,} characters")
        return json.loads(text)
    except (ValueError, RecursionError) as exc:
        says = f"must be a JSON object: {str(exc)[:200]}"
        raise Problem(422, f"The arguments are no JSON ({str(exc)[:200]}).", fields=[Field("arguments", says)]) from None


def _task(path: str) -> submits.Task | None:
    """The task of that function; None where it is none that may be submitted from outside."""
    return next((task for name, task in submits.TASKS.items() if path == f"jobs.scrape.{name}"), None)


def _made(task: submits.Task, given: dict[str, Any], queue: str) -> models.Call | crawl.Plan:
    try:
        model = task.arguments.model_validate(given)
    except ValidationError as exc:
        errors.refuse_fields(exc, below="arguments")
    return task.made(task.func, model, queue or None)
