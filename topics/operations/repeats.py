"""A submit that comes again is answered with the job of the first one.

Two kinds of keys say that it does: one that a caller made up for a request, good for a day; and one that names work, good while
that work goes on. Both are the caller's own: another owner's keys are others.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace

import config
import errors
import models
from models import Submission
from state.engine import idempotency
from state.engine.idempotency import Entry
from state.store import connection
from topics.operations import job_records, jobs, states

#: How long a caller's key stands for its request (s).
KEPT_S = 24 * 3600

#: Submits the work under this id, or under one of its own where that is None. Safe to call twice with one id.
Submit = Callable[[str | None], Submission]

#: Looks at who does the work that a key names, before somebody else's is taken for an answer.
TURNS = 5


def once(owner: str, key: str, request: str, submit: Submit) -> Submission:
    """Submit, or answer with the job that this key stands for since less than a day.

    `request` tells requests apart, e.g. their hash. There is one job, whoever is killed in between, and however many send
    the same at once. Raises Conflict where the key stands for another request, and what `submit` raises.
    """
    with connection.errors_translated():
        entry = idempotency.begin(owner, f"request:{key}", request, secrets.token_hex(16), keep_s=KEPT_S)
        if entry.state == "other":
            says = f"The Idempotency-Key {key!r:.80} stands for another request, which began the job {entry.job_id}."
            raise errors.Conflict(f"{says} Send that request again, or take another key.")
        if found := _submitted_before(entry):
            return found
        made = submit(entry.job_id)
        idempotency.done(owner, f"request:{key}", entry.job_id, made.job_id, made.queue)
    return made if entry.state == "new" else replace(made, duplicate_of=made.job_id)


def while_it_goes_on(owner: str, name: str, work: str, submit: Submit, job_id: str | None = None) -> Submission:
    """Submit, or answer with the job that does the work of this name and is not over.

    `work` tells work apart. Raises Conflict where a live job of that name does other work, and what `submit` raises.
    """
    mine, ended, keep_s = job_id or secrets.token_hex(16), "", config.settings().result_days * 86400
    with connection.errors_translated():
        for _ in range(TURNS):
            entry = idempotency.begin(owner, f"work:{name}", work, mine, keep_s=keep_s, ended=ended)
            if entry.state in ("new", "begun") and not (entry.state == "begun" and jobs.find(entry.job_id)):
                break
            holder = jobs.find(entry.job_id)
            if holder and holder.status not in states.ENDED:
                return _held(entry, name, holder)
            ended = entry.job_id
        made = submit(entry.job_id)
        idempotency.done(owner, f"work:{name}", entry.job_id, made.job_id, made.queue)
    return made if entry.job_id == mine else replace(made, duplicate_of=made.job_id)


def _held(entry: Entry, name: str, holder: job_records.Job) -> Submission:
    if entry.state == "other":
        says = f"The key {name!r:.80} is held by job {holder.id} for other work"
        raise errors.Conflict(f"{says}: wait until that job ended, or use another key.")
    return models.Submission(holder.id, entry.queue or holder.queue, holder.id)


def _submitted_before(entry: Entry) -> Submission | None:
    if entry.state == "done":
        return models.Submission(entry.job_id, entry.queue, entry.job_id)
    found = jobs.find(entry.job_id) if entry.state == "begun" else None
    return models.Submission(found.id, found.queue, found.id) if found else None
