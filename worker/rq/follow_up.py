"""RQ's own follow-up of a job, by RQ's handlers: dependents, repeats, rate limits, and callbacks that are registered jobs.

It runs after the settlement. The settlement notes in `trawl:after` that a follow-up is due. If this process dies before it is
done, another process finds the note. A follow-up may run twice, with the effect of one. A callback runs at most once.
"""

import base64
import json
import logging
from typing import Any

import redis.exceptions
import rq.exceptions
import rq.job
import rq.repeat
import rq.serializers
from rq.rate_limit import RateLimitRegistry

import errors
import queues
from state.engine import leases
from state.store import connection, keys
from worker.rq import registration

log = logging.getLogger("trawl.outcome")

CALLBACKS = {"finished": b"success_callback_name", "failed": b"failure_callback_name", "stopped": b"stopped_callback_name"}

#: A follow-up that is not done after so long (s) is done by another process.
LATE_S = 30


def follow_up(job: leases.Leased) -> None:
    """Enqueue the job's dependents, repeat the job if it repeats, and let the next job of its rate limit start."""
    store = connection.client()
    queue = registration.Queue(job.queue, connection=store, serializer=rq.serializers.JSONSerializer)
    parent = _fetch(job.id)
    queue.enqueue_dependents(parent)
    if parent.repeats_left:
        _repeat(queue, job)
    limit = store.hget(keys.job(job.id), "rate_limit_key") or job.fields.get(b"rate_limit_key")
    if limit:
        RateLimitRegistry(limit.decode(), store).release_stale_and_enqueue(job.id)
    store.zrem(keys.FOLLOWUPS, f"{job.lease}={job.queue}")


def catch_up() -> int:
    """Do the follow-ups that dead processes left; returns how many there were."""
    late = connection.now().timestamp() * 1000 - LATE_S * 1000
    names: list[bytes] = connection.client().zrangebyscore(keys.FOLLOWUPS, "-inf", late, start=0, num=100)
    for name in names:
        lease, _, queue = name.decode().rpartition("=")
        job_id, _, execution = lease.rpartition(":")
        connection.client().zadd(keys.FOLLOWUPS, {name: late + 2 * LATE_S * 1000}, xx=True)  # one that fails is tried again later
        try:
            follow_up(leases.Leased(job_id, execution, queue, {}))
        except redis.exceptions.RedisError:
            raise
        except Exception:  # a broken record: it is not tried again
            log.exception("RQ's follow-up of a job failed", extra={"job": job_id})
            connection.client().zrem(keys.FOLLOWUPS, name)
    return len(names)


def has_callback(settlement: leases.Settlement) -> bool:
    """Whether the job has a callback for this outcome."""
    name = CALLBACKS.get(settlement.outcome)
    return name is not None and bool(settlement.job.fields.get(name))


def call_back(settlement: leases.Settlement) -> None:
    """Call the callback of a job with RQ's arguments. Raises what the callback raises."""
    name = settlement.job.fields[CALLBACKS[settlement.outcome]].decode()
    job, args = _fetch(settlement.job.id), []
    if settlement.outcome == "finished":
        args = [json.loads(base64.b64decode(settlement.result)) if settlement.result else None]
    elif settlement.outcome == "failed":
        error = errors.SystemFault(json.loads(settlement.fields)["error_message"])
        args = [type(error), error, None]
    queues.function(name)(job, connection.client(), *args)


def _fetch(job_id: str) -> rq.job.Job:
    """The job. If its record is gone, the job has finished and its result is not kept."""
    try:
        return queues.Job.fetch(job_id, connection=connection.client())
    except rq.exceptions.NoSuchJobError:
        job = queues.Job(job_id, connection=connection.client())
        job._status = rq.job.JobStatus.FINISHED
        return job


def _repeat(queue: registration.Queue, job: leases.Leased) -> None:
    """Enqueue the next repeat once: only while the job is finished and this is its last execution."""
    key = keys.job(job.id)
    with connection.client().pipeline() as pipe:
        try:
            pipe.watch(key)
            settled, status = pipe.hmget(key, "settled", "status")
            if (settled, status) != (job.execution.encode(), b"finished"):
                return
            repeated: Any = _fetch(job.id)
            pipe.multi()
            pipe.persist(key)
            pipe.zrem(f"{keys.RQ}finished:{job.queue}", job.id)
            rq.repeat.Repeat.schedule(repeated, queue, pipeline=pipe)
            pipe.execute()
        except redis.exceptions.WatchError:  # another process did it
            return
