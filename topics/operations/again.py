"""A job again with other arguments: those it had, changed by hand. The new job has an id of its own and tells which it repeats.

Secrets in arguments are shown as ***. Who leaves that as it is keeps the secret; but only who may know it: otherwise an address
could be changed so that the secret goes there.
"""

import re
from typing import Any, NamedTuple

import models
import queues
from errors import ArgumentError, NotFound
from state.engine import jobs as stored_jobs
from state.engine import payload
from state.store import connection
from topics.operations import arguments, ledger_jobs
from topics.operations.arguments import HIDDEN
from topics.operations.job_records import Job

NEW_ID = re.compile(r"[0-9a-f]{32}")


class Changed(NamedTuple):
    """A job's function with the arguments that were given, their secrets in place."""

    path: str
    arguments: dict[str, Any]


def function_of(job: Job) -> str:
    """The dotted path of what a job calls. Raises NotFound where its record is gone."""
    with connection.errors_translated():
        data = stored_jobs.data_of(job.id)
    if not data:
        raise NotFound(f"No record of job {job.id!r:.80}: Redis keeps the call of a job as long as that. Submit it anew.")
    return payload.of_job(data)[0]


def changed(job: Job, given: Any, *, may_keep_secrets: bool) -> Changed:
    """The arguments of a job as they were changed. Raises NotFound, and ArgumentError for what is no JSON object.

    `may_keep_secrets`: *** stands for what the job was given; else it is refused.
    """
    if not isinstance(given, dict):
        raise ArgumentError('The arguments must be a JSON object, e.g. {"url": "https://example.com/"}.')
    path, had = function_of(job), arguments.raw(job)
    if had is None:
        raise NotFound(f"The arguments of job {job.id!r:.80} cannot be shown: they are gone, or larger than 32 KiB.")
    kept: list[str] = []
    found = {
        name: _with_secrets(value, arguments.shown(had).get(name), had.get(name), name, kept) for name, value in given.items()
    }
    if kept and not may_keep_secrets:
        raise ArgumentError(f"{kept[0]} is a secret that only its owner may send anew: write it in place of {HIDDEN}.")
    return Changed(path, found)


def call(new: Changed) -> models.Call:
    """The call with these arguments, held against the signature of its function. Raises ArgumentError."""
    func = queues.function(new.path)
    args, kwargs = payload.unbind(func, new.path, new.arguments)
    return models.Call(func, args, kwargs)


def submit(job: Job, made: models.Call, job_id: str | None = None) -> models.Submission:
    """Submit a call that repeats a job, in the queue of that and with its labels. With a `job_id` it is safe to repeat."""
    labels = {name: value for name in ("tag", "project") if (value := getattr(job, name))}
    made.labels = {**labels, **made.labels}
    made.queue, made.retry_of, made.job_id = made.queue or job.queue or None, job.id, job_id
    [submission] = queues.submit_many([made])
    return submission


def can_be(job: Job) -> bool:
    """Whether a job may be run again with other arguments: its call is there, and it is no part of a batch or crawl."""
    return job.kept and not ledger_jobs.part_of(job.id)


def _with_secrets(given: Any, shown: Any, had: Any, name: str, kept: list[str]) -> Any:
    """A value as it was given; what is hidden in it, and stands where it stood, as it was."""
    if isinstance(given, dict) and isinstance(shown, dict):
        return {key: _with_secrets(one, shown.get(key), had.get(key), f"{name}.{key}", kept) for key, one in given.items()}
    if isinstance(given, list) and isinstance(shown, list) and len(given) == len(shown):
        rows = zip(given, shown, had, strict=True)
        return [_with_secrets(*row, f"{name}[{number}]", kept) for number, row in enumerate(rows)]
    if given == shown and given != had:
        kept.append(name)
        return had
    return given
