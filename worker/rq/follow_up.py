"""RQ's slower machinery, by RQ's own handlers: dependents, repeats and rate limits, and callbacks that are registered jobs.

It runs after the fenced settlement, which notes in `trawl:after` what is to be followed up: if this process dies in between,
another one finds it there. Following up twice is following up once. Callbacks run at most once. Webhooks: see webhooks.py.
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

#: Seconds after which what a settlement noted was not followed up by the process that settled.
LATE_S = 30


def follow_up(job: leases.Leased) -> None:
    """Start what waited for this job, repeat it if it repeats, let the next of its rate limit go."""
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
    """Follow up what processes that died left; says how many there were."""
    late = connection.now().timestamp() * 1000 - LATE_S * 1000
    names: list[bytes] = connection.client().zrangebyscore(keys.FOLLOWUPS, "-inf", late, start=0, num=100)
    for name in names:
        lease, _, queue = name.decode().rpartition("=")
        job_id, _, execution = lease.rpartition(":")
        connection.client().zadd(keys.FOLLOWUPS, {name: late + 2 * LATE_S * 1000}, xx=True)  # one that breaks comes again later
        try:
            follow_up(leases.Leased(job_id, execution, queue, {}))
        except redis.exceptions.RedisError:
            raise
        except Exception:  # a record somebody broke: not again and again
            log.exception("RQ's machinery cannot follow up a job", extra={"job": job_id})
            connection.client().zrem(keys.FOLLOWUPS, name)
    return len(names)


def has_callback(settlement: leases.Settlement) -> bool:
    """Whether a callback waits for this outcome."""
    return bool(settlement.job.fields.get(CALLBACKS.get(settlement.outcome, b"")))


def call_back(settlement: leases.Settlement) -> None:
    """Call the callback of a job with the arguments RQ gives it. Raises what it raises."""
    name = settlement.job.fields[CALLBACKS[settlement.outcome]].decode()
    job, given = _fetch(settlement.job.id), []
    if settlement.outcome == "finished":
        given = [json.loads(base64.b64decode(settlement.result)) if settlement.result else None]
    elif settlement.outcome == "failed":
        error = errors.SystemFault(json.loads(settlement.fields)["error_message"])
        given = [type(error), error, None]
    queues.function(name)(job, connection.client(), *given)


def _fetch(job_id: str) -> rq.job.Job:
    """The job; one whose result is not kept is gone by now, and finished."""
    try:
        return queues.Job.fetch(job_id, connection=connection.client())
    except rq.exceptions.NoSuchJobError:
        job = queues.Job(job_id, connection=connection.client())
        job._status = rq.job.JobStatus.FINISHED
        return job


def _repeat(queue: registration.Queue, job: leases.Leased) -> None:
    """Queue the next repeat, once: only as long as this execution is the last one and its job is finished."""
    key = keys.job(job.id)
    with connection.client().pipeline() as pipe:
        try:
            pipe.watch(key)
            settled, status = pipe.hmget(key, "settled", "status")
            if (settled, status) != (job.execution.encode(), b"finished"):
                return
            again: Any = _fetch(job.id)
            pipe.multi()
            pipe.persist(key)
            pipe.zrem(f"{keys.RQ}finished:{job.queue}", job.id)
            rq.repeat.Repeat.schedule(again, queue, pipeline=pipe)
            pipe.execute()
        except redis.exceptions.WatchError:  # somebody else did it
            return
