"""Periodic work: the table of what runs when, and the rq-scheduler process around it.

Entries live in rq-scheduler's own structures, so its tools see them. Each occurrence becomes a job of its own, named after the
entry and its due time: whoever enqueues it a second time changes nothing. Registering the table on every start changes only what
changed; an overdue run is kept.
"""

import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import rq.job
import rq_scheduler
from rq.exceptions import DeserializationError

import clock
import config
import logs
import models
import queues
from errors import TrawlError
from jobs import serp
from state import activity, connection, jobs

log = logging.getLogger("trawl.scheduler")

#: Seconds between two looks at what is due.
POLL_S = 1

#: Sign of life that `status` reads.
HEARTBEAT = "scheduler"

#: What reading an entry raises that somebody else wrote, or damaged.
BROKEN = (DeserializationError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError, connection.ResponseError)


@dataclass(frozen=True, slots=True)
class Entry:
    """One periodic job. `pass_due` gives the job its due time (seconds since 1970) as `due_s`."""

    name: str
    func: Callable[..., Any]
    every_s: int
    pass_due: bool = False
    kwargs: dict[str, Any] = field(default_factory=dict)


def table() -> list[Entry]:
    """SCHEDULE: what runs when, by the settings of this process."""
    return [Entry("enqueue-keyword-scrapes", serp.enqueue_batch, config.settings().serp_enqueue_interval, pass_due=True)]


class Scheduler(rq_scheduler.Scheduler):  # type: ignore[misc]  # rq-scheduler has no types
    """rq-scheduler with JSON jobs, one job an occurrence, and a loop that survives a bad entry and a Redis that is away."""

    job_class = queues.Job

    def __init__(self) -> None:
        super().__init__(connection=connection.client(), interval=POLL_S, queue_name=queues.HIGH)
        self.stopping = False

    def register(self, entries: list[Entry]) -> int:
        """Write what is new or changed, drop what is no longer in the table; says how many entries that touched."""
        touched = 0
        wanted = {f"schedule-{entry.name}": entry for entry in entries}
        for raw in self.connection.zrange(self.scheduled_jobs_key, 0, -1):
            job_id = raw.decode(errors="replace")
            if job_id.startswith("schedule-") and job_id not in wanted:
                self.cancel(job_id)
                self.connection.delete(self.job_class.key_for(job_id))
                touched += 1
        for job_id, entry in wanted.items():
            touched += self._register_one(job_id, entry)
        return touched

    def _register_one(self, job_id: str, entry: Entry) -> bool:
        meta = {"interval": entry.every_s, "pass_due": entry.pass_due}
        due = self.connection.zscore(self.scheduled_jobs_key, job_id)
        spec, stored = queues.spec_of(entry.func), self._stored(job_id)
        if due is not None and stored == (meta, entry.kwargs, spec.path):
            return False
        if stored is None:
            self.connection.delete(self.job_class.key_for(job_id))
        options = {"timeout": spec.timeout_s, "queue_name": spec.queue, "description": entry.name, "id": job_id}
        self._create_job(entry.func, kwargs=entry.kwargs, result_ttl=-1, meta=meta, **options)
        # not rq-scheduler's schedule(): it would set back what another scheduler armed meanwhile
        now = int(connection.now().timestamp())
        self.connection.zadd(self.scheduled_jobs_key, {job_id: now}, nx=True)
        self.connection.zadd(self.scheduled_jobs_key, {job_id: now + entry.every_s}, xx=True, lt=True)
        return True

    def _stored(self, job_id: str) -> tuple[dict[str, Any], dict[str, Any], str] | None:
        try:
            job = self.job_class.fetch(job_id, connection=self.connection)
            return job.meta, job.kwargs, job.func_name or ""
        except (rq_scheduler.scheduler.NoSuchJobError, *BROKEN):
            return None  # written anew

    def enqueue_job(self, job: rq.job.Job) -> None:
        """Submit this occurrence under its own id, then arm the next one: due times keep their grid, missed ones become one."""
        due = self.connection.zscore(self.scheduled_jobs_key, job.id)
        if due is None or due > connection.now().timestamp():  # cancelled, or another scheduler was here meanwhile
            return
        every_s = int(job.meta["interval"])
        kwargs = {**job.kwargs, **({"due_s": int(due)} if job.meta.get("pass_due") else {})}
        call = models.Call(job.func, (), kwargs, job_id=f"{job.id}-{int(due)}")
        submission = queues.submit_many([call])[0]
        late_s = connection.now().timestamp() - due
        following = due + every_s * (max(0, int(late_s // every_s)) + 1)
        self.connection.zadd(self.scheduled_jobs_key, {job.id: following}, xx=True, gt=True)  # never back, never a cancelled one
        details = {"entry": job.id, "job": submission.job_id, "late_s": round(late_s, 1), "duplicate_of": submission.duplicate_of}
        log.info("Occurrence %s", "still runs" if submission.duplicate_of else "queued", extra=details)

    def enqueue_jobs(self) -> None:
        """Everything that is due; one broken entry never stops the others."""
        until = connection.now().timestamp()
        for raw in self.connection.zrangebyscore(self.scheduled_jobs_key, "-inf", until):
            try:
                self.enqueue_job(self.job_class.fetch(raw.decode(), connection=self.connection))
            except rq_scheduler.scheduler.NoSuchJobError:
                self.register(table())  # its hash was deleted, e.g. by a dashboard: written anew
            except (TrawlError, *BROKEN) as exc:
                log.error("The entry %s is broken: %s", raw.decode(errors="replace"), exc)
        for name in queues.QUEUES:
            jobs.promote(name)

    def run_forever(self) -> int:
        """Look every second until SIGTERM or SIGINT; Redis being away ends nothing. Returns the exit code."""
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._stop)
        waited_s = POLL_S
        while not self.stopping:
            try:
                with connection.errors_translated():
                    self._look()
                waited_s = POLL_S
            except TrawlError as exc:
                waited_s = min(2 * waited_s, 5)
                log.warning("%s Trying again in %d s.", exc, waited_s)
            clock.wait(waited_s)
        self.remove_lock()
        return 0

    def _look(self) -> None:
        activity.beat(HEARTBEAT)
        if self.acquire_lock():
            try:
                self.enqueue_jobs()
            finally:
                self.remove_lock()

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True


def run() -> int:
    """The scheduler process; returns its exit code. Any number may run: a lock lets one of them work at a time."""
    logs.setup()
    logging.getLogger("rq_scheduler").setLevel(logging.WARNING)
    with connection.errors_translated():
        for line in connection.refuse_unsafe():
            log.warning("%s", line)
        scheduler = Scheduler()
        touched = scheduler.register(table())
    log.info("Scheduler is up", extra={"entries": len(table()), "changed": touched})
    return scheduler.run_forever()
