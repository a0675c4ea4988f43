"""Parked jobs: each waits until a moment, for a reason, because it raised NotNow. Nothing of it is spent.

A parked job stands in RQ's registry of scheduled jobs. So `promote` queues it when its time has come, and `cancel` ends it at
once. Its record says `parked` (the reason) and `parked_until`; `parked_since` stays until the job ends or fails.
"""

from collections import Counter
from collections.abc import Iterator

from state.store import connection, keys

#: A job that has been parked for so long (s), and may still not run, fails. Longer than a month: budgets turn by the month.
LONGEST_S = 35 * 86400

#: Jobs looked at in one round trip.
CHUNK = 500


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
