"""What may be changed at /rq: a job that failed or was cancelled is run again by our own function. The rest is refused.

Deleting, emptying and compacting by RQ's functions leave our claims behind, and lose jobs where a process dies half-way.
"""

from collections.abc import Iterator
from typing import Any, NoReturn

from flask import Response, jsonify

import clock
from errors import DataError, NotFound, WrongState
from state.engine import records
from topics.operations import jobs
from web.dashboard import lists
from web.errors import Problem

#: One request runs so many jobs again at most, and takes so long (s).
MOST, LONGEST_S = 500, 10.0

REFUSED = "Trawl refuses this here: RQ's own way loses jobs or leaves their claims behind. {}"
INSTEAD = "`python manage.py jobs cancel ID` ends one job; records of ended jobs go by themselves after a week."


def requeue(job_id: str) -> Response:
    """Run a job again, under a new id."""
    again = jobs.retry_job(job_id)
    says = f"Runs again as {again.job_id}; the record of the failure stays for a week."
    return jsonify(status="OK", job_id=again.job_id, says=says)


def requeue_all(queue_name: str) -> Response:
    """Run the failed jobs of a queue again, oldest first, that were not run again yet."""
    done, left, deadline = 0, False, clock.monotonic() + LONGEST_S
    for jobs_of_chunk in _failed(queue_name):
        for job_id in jobs_of_chunk:
            left = done >= MOST
            if left:
                break
            done += _again(job_id)
        left = left or clock.monotonic() > deadline
        if left:
            break
    says = f"{done:,} {'job runs' if done == 1 else 'jobs run'} again under new ids."
    return jsonify(status="OK", count=done, says=f"{says} There may be more: ask again." if left else says)


def _failed(queue: str) -> Iterator[list[str]]:
    """Ids of failed jobs that were not run again, chunk by chunk; a chunk without any is given, too."""
    [place] = lists.places_of(queue, "failed")
    at = 0
    while ids := records.ids_at(place, at, records.CHUNK):
        at += len(ids)
        again = records.existing([jobs.again_id(job_id) for job_id in ids])
        yield [job_id for job_id, is_there in zip(ids, again, strict=True) if not is_there]


def _again(job_id: str) -> bool:
    """Whether it runs again: one whose call is gone, or whose claim another job holds, does not, and holds up no other."""
    try:
        return jobs.retry_job(job_id).duplicate_of is None
    except (NotFound, WrongState, DataError):
        return False


def refuse(**_: Any) -> NoReturn:
    """Delete, empty and compact."""
    raise Problem(403, REFUSED.format(INSTEAD), code="refused")
