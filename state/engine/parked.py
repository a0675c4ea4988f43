"""Parked jobs: each waits until a moment, for a reason, because it raised NotNow. Nothing of it is spent.

A parked job stands in RQ's registry of scheduled jobs. So `promote` queues it when its time has come, and `cancel` ends it at
once. Its record says `parked` (the reason) and `parked_until`; `parked_since` stays until the job ends or fails.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import chunks
import clock
from state.store import connection, keys, scripts

#: A job that has been parked for so long (s), and may still not run, fails. Longer than a month: budgets turn by the month.
LONGEST_S = 35 * 86400

#: Jobs looked at in one round trip.
CHUNK = 500

#: Jobs that a look at some reads in one round trip, and its round trips at most.
MANY, ROUNDS = 2000, 3


def until_s(wanted_s: float, now_s: float, since_s: bytes) -> float | None:
    """Until when (s since 1970) a job is parked that wants to be until `wanted_s`; None where it may be parked no more.

    `since_s`: the `parked_since` of its record; what is no number counts as not there. The job runs once more when the longest
    time is over.
    """
    last_s = (int(since_s) if since_s.isdigit() and len(since_s) < 12 else now_s) + LONGEST_S
    return min(wanted_s, last_s) if now_s < last_s else None


def counts() -> Counter[str]:
    """How many jobs are parked, by reason. Reads only; cost grows with the number of parked jobs."""
    return Counter(reason for _, reason, is_parked in _entries() if is_parked)


class Some(NamedTuple):
    """How many jobs are parked, by reason; `is_all` False: more are parked than were looked at."""

    counts: Counter[str]
    is_all: bool


def count_some() -> Some:
    """The same as `counts` of some thousand parked jobs: bounded work, also for a page. Reads only."""
    client, cursor, found = connection.client(), 0, Counter[str]()
    for _ in range(ROUNDS):
        cursor, pairs = client.hscan(keys.PARKED, cursor, count=MANY)
        found.update(reason.decode(errors="replace") for reason in pairs.values())
        if not cursor:
            return Some(found, True)
    return Some(found, False)


def release(reason: str) -> int:
    """Let all jobs that are parked for this reason be due now; says how many. `jobs.promote` queues them. Safe to repeat."""
    found = connection.client().hscan_iter(keys.PARKED, count=CHUNK)
    waiting = (name.decode() for name, why in found if why == reason.encode())
    return sum(
        _release(parked=keys.PARKED, wakeups=keys.WAKE, now_ms=clock.script_now_ms(), reason=reason, rq=keys.RQ, jobs=chunk)
        for chunk in chunks.of(waiting, CHUNK)
    )


@scripts.script("engine/release_parked")
def _release(*, parked: str, wakeups: str, now_ms: str, reason: str, rq: str, jobs: Sequence[str]) -> int:
    raise scripts.InLua


def forget_gone() -> int:
    """Drop entries of jobs that are not parked any more: RQ's own tools cancelled, deleted or queued them. Says how many."""
    gone = [job_id for job_id, _, is_parked in _entries() if not is_parked]
    return int(connection.client().hdel(keys.PARKED, *gone)) if gone else 0


def _entries() -> Iterator[tuple[str, str, bool]]:
    """Job, reason, and whether the job still waits for it."""
    client = connection.client()
    found = [(name.decode(), reason.decode(errors="replace")) for name, reason in client.hscan_iter(keys.PARKED, count=CHUNK)]
    for start in range(0, len(found), CHUNK):
        page = found[start : start + CHUNK]
        with client.pipeline(transaction=False) as pipe:
            for job_id, _ in page:
                pipe.hmget(keys.job(job_id), "status", "parked")
            for (job_id, reason), (status, now_for) in zip(page, pipe.execute(), strict=True):
                yield job_id, reason, status == b"scheduled" and now_for is not None
