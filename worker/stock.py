"""RQ's worker, as far as Trawl must differ from it.

- A job is moved, not popped: with several queues RQ uses BLPOP, and a worker killed right after it loses the job for ever.
- Arguments and results are JSON, and only registered functions run (queues.Job).
- An error says itself whether a retry can help; a dedup claim ends with its job.
- A work horse dies with its worker, so no job runs on beside its own second delivery.
"""

import logging
import os
import sys
from collections.abc import Iterable
from typing import Any

import rq
import rq.intermediate_queue
import rq.serializers
import rq.utils

import clock
import logs
import queues
from errors import TrawlError
from processes import leash
from state import claims, connection, jobs, keys

log = logging.getLogger("trawl.worker")

#: Seconds an idle worker waits on the first queue before it looks at the others again.
LOOK_AGAIN_S = 0.25

#: A busy worker says every so many seconds that it lives; RQ gives it 60 more until it counts as dead.
SIGN_OF_LIFE_S = 5

MAINTENANCE_S = 30


class Queue(rq.Queue):
    """RQ's queue with a dequeue that survives a kill, whatever the number of queues."""

    job_class = queues.Job

    @classmethod
    def dequeue_any(  # type: ignore[override]  # RQ's six parameters, the last three passed through
        cls, queues: Iterable[Any], timeout: int | None, connection: Any, **classes: Any
    ) -> Any:
        """The first job of the first queue that has one, moved to that queue's intermediate list. Waits up to `timeout` s."""
        names = [queue.key for queue in queues]
        deadline = clock.monotonic() + (timeout or 0)
        while True:
            found = _move_first(connection, names, timeout is not None)
            if found:
                fetched = cls._fetch_dequeued_job(connection, *found, **classes)
                if fetched:
                    return fetched
            elif timeout is None:
                return None
            elif clock.monotonic() >= deadline:
                raise rq.exceptions.DequeueTimeout(timeout, names)


def _move_first(redis: Any, names: list[str], wait: bool) -> tuple[str, str] | None:
    for name in names:
        job_id = redis.lmove(name, _intermediate(name), "LEFT", "RIGHT")
        if job_id:
            return name, job_id.decode()
    if not wait:
        return None
    job_id = redis.blmove(names[0], _intermediate(names[0]), LOOK_AGAIN_S, "LEFT", "RIGHT")
    return (names[0], job_id.decode()) if job_id else None


def _intermediate(name: str) -> str:
    return rq.intermediate_queue.IntermediateQueue.get_intermediate_queue_key(name)


class Worker(rq.Worker):
    """RQ's worker with the differences above; rq's tools and dashboards see and steer it as their own."""

    queue_class = Queue
    job_class = queues.Job

    def __init__(self, names: Iterable[str] = queues.QUEUES, **options: Any) -> None:
        redis = connection.client()
        serializer = rq.serializers.JSONSerializer
        served = [Queue(name, connection=redis, serializer=serializer) for name in names]
        super().__init__(
            served,
            connection=redis,
            serializer=serializer,
            job_monitoring_interval=SIGN_OF_LIFE_S,
            maintenance_interval=MAINTENANCE_S,
            worker_ttl=60,
            **options,
        )

    def prepare_job_execution(self, job: Any, remove_from_intermediate_queue: bool = False) -> None:
        """As RQ's; every job of ours comes through the intermediate list."""
        log.info("Job received: %s", job.func_name, extra={"job": job.id, "queue": job.origin})
        super().prepare_job_execution(job, True)

    def main_work_horse(self, job: Any, queue: Any) -> None:
        """As RQ's, in a process that the kernel ends with this worker."""
        leash.die_with_parent(os.getppid())
        with logs.bind(job=job.id):
            super().main_work_horse(job, queue)

    def handle_job_success(self, job: Any, *args: Any, **kwargs: Any) -> Any:
        """As RQ's; then the dedup claim ends."""
        outcome = super().handle_job_success(job, *args, **kwargs)
        _release_claim(job)
        log.info("Job completed: %s", job.func_name, extra={"job": job.id, "queue": job.origin})
        return outcome

    def handle_job_failure(self, job: Any, *args: Any, **kwargs: Any) -> None:
        """As RQ's, without a retry where the error says that it cannot help; then the dedup claim ends, unless it is retried."""
        error = sys.exception()
        if isinstance(error, TrawlError) and not error.retryable:
            job.retries_left = 0
        retried = job.should_retry
        super().handle_job_failure(job, *args, **kwargs)
        if not retried:
            _release_claim(job)
        log.warning("Job failed: %s", job.func_name, extra={"job": job.id, "queue": job.origin, "retried": retried})


def _release_claim(job: Any) -> None:
    claim = connection.client().hget(keys.job(job.id), "claim")
    if claim:
        claims.release(*claims.split(claim.decode()), job.id)


def run_one(burst: bool = False) -> int:
    """Work until told to stop (SIGTERM: after the job in hand), or with `burst` until the queues are empty. Returns 0."""
    logs.setup()
    logging.getLogger("rq.worker").setLevel(logging.WARNING)  # our own lines say the same with ids
    queues.load_jobs()
    Worker().work(burst=burst, with_scheduler=False, logging_level=None)
    return 0


def run_until_idle() -> int:
    """For tests: run every job that waits now, delayed ones that are due included, in this process; says how many ran."""
    ran = 0
    redis = connection.client()
    while True:
        for name in queues.QUEUES:
            jobs.promote(name)
        if not any(redis.llen(keys.queue(name)) for name in queues.QUEUES):
            return ran
        ran += sum(jobs.depths(queues.QUEUES).values())
        InProcessWorker().work(burst=True, logging_level=None)


class InProcessWorker(Worker, rq.SimpleWorker):
    """The same worker without a fork: for tests, on fakeredis too."""

    def execute_job(self, job: Any, queue: Any) -> None:
        """Run the job in this process."""
        rq.SimpleWorker.execute_job(self, job, queue)
