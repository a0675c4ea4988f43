"""Worker programs of the fault tests: the real command with the test jobs registered, and a place where it kills itself.

TRAWL_TEST_FUSE    a file; TRAWL_TEST_STEP names a step. The first process that comes to that step removes the file and dies
                   there by kill -9; the others find no file and go on.
TRAWL_TEST_SIGNAL  another signal it sends itself there
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rq
import rq.serializers

import manage
import queues
from state.engine import leases
from state.store import connection
from tests.faults import copies as copies  # its jobs
from tests.faults import hostile as hostile
from tests.faults import schedule, webhook_steps, work
from tests.faults import talk as talk
from worker import execution as executions
from worker import pool, supervisor

#: Where a worker of ours can be killed, in the order of a job's life.
STEPS = ("after_lease", "before_start", "in_work", "after_work", "before_commit", "after_commit")


def burn() -> None:
    """Kill this process, or ask it to stop, if the fuse is still there."""
    fuse = os.environ.get("TRAWL_TEST_FUSE")
    if fuse:
        try:
            Path(fuse).unlink()
        except FileNotFoundError:
            return
        os.kill(os.getpid(), int(os.environ.get("TRAWL_TEST_SIGNAL", signal.SIGKILL)))


def arm(step: str) -> None:
    """Put the fuse in place."""
    exchange, submit, run, nap = leases.exchange, pool.Pool.submit, executions.Execution.run, work.clock.wait

    def exchanging(worker: str, settled: Any, wanted: Any) -> leases.ExchangeResult:
        if step == "before_commit" and settled:
            burn()
        done = exchange(worker, settled, wanted)
        if (step == "after_commit" and settled) or (step == "after_lease" and done.taken):
            burn()
        return done

    def submitting(self: pool.Pool, task: executions.Execution) -> None:
        burn()
        submit(self, task)

    def running(self: executions.Execution) -> None:
        run(self)
        burn()

    def waiting(seconds: float) -> None:
        nap(seconds)
        if queues.current_run.get() is not None:
            burn()

    if step in ("before_commit", "after_commit", "after_lease"):
        leases.exchange = exchanging
    elif step == "before_start":
        pool.Pool.submit = submitting  # type: ignore[method-assign]
    elif step == "after_work":
        executions.Execution.run = running  # type: ignore[method-assign]
    elif step == "in_work":
        work.clock.wait = waiting


def main() -> None:
    """`manage.py`, with the jobs of these tests."""
    schedule.install()
    step = os.environ.get("TRAWL_TEST_STEP")
    if step in STEPS:
        arm(step)
    elif step in webhook_steps.STEPS:
        webhook_steps.arm(step, burn)
    elif step and step not in schedule.STEPS:
        raise ValueError(step)
    if kept_s := os.environ.get("TRAWL_TEST_RESULT_TTL_S"):  # the audit at the end of a long test reads every result
        executions.RESULT_TTL_S = int(kept_s)
    if os.environ.get("TRAWL_TEST_SHORT_WEBHOOKS"):
        webhook_steps.shorten()
    if os.environ.get("TRAWL_TEST_NO_BACKOFF"):  # the test ends workers faster than any accident would
        supervisor.BACKOFF_CAP_S = 0.0
    manage.cli()


# --- RQ's own worker, to show that these tests see it fail ---


class Stock(rq.Worker):
    """RQ's worker with JSON and with the registered functions."""

    job_class = queues.Job


def stock(names: list[str]) -> None:
    """Run RQ's worker on these queues."""
    redis = connection.client()
    json = rq.serializers.JSONSerializer
    dequeue = rq.Queue.dequeue_any.__func__  # type: ignore[attr-defined]

    def dequeuing(cls: Any, *args: Any, **options: Any) -> Any:
        taken = dequeue(cls, *args, **options)
        if taken:
            burn()
        return taken

    change: Callable[..., Any] = classmethod(dequeuing)  # type: ignore[assignment]
    rq.Queue.dequeue_any = change  # type: ignore[method-assign, assignment]
    served = [rq.Queue(name, connection=redis, serializer=json, job_class=queues.Job) for name in names]
    Stock(served, connection=redis, serializer=json, job_class=queues.Job).work()


if __name__ == "__main__":
    if sys.argv[1] == "stock":
        stock(sys.argv[2:])
    elif sys.argv[1] == "stock-scheduler":
        schedule.stock()
    else:
        main()
