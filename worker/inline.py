"""Runs jobs in this process, one after the other: for tests and on fakeredis, with the engine's own scripts and outcomes."""

import asyncio
import contextvars
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import clock
import queues
from errors import ArgumentError, DataError, JobTimeout
from processes import forks
from state.engine import jobs, leases, limits, rescues
from worker import execution as executions
from worker import follow_ups, in_flight, job_log, outcomes, settling
from worker.shares import Shares


def run_until_idle() -> int:
    """Run every job that waits now, and those they submit; delayed ones that are due included. Says how many ran.

    Nothing here waits, forks or starts a thread: isolated jobs run in place, and what has no place (state/limits.py) is left.
    """
    limits.announce(queues.kinds())
    shared = Shares(len(queues.QUEUES))
    ran, request, worker = 0, 0, f"inline-{leases.token()}"
    while True:
        jobs.promote(*queues.QUEUES)
        rescues.rescue()
        request += 1
        wanted = leases.LeaseRequest(request, queues.QUEUES, threads=1, shares=shared.of(1, 0))
        done = leases.exchange(worker, [], wanted)
        if not done.taken and not done.unfinished:
            return ran
        shared.took(len(done.taken))
        for job in done.taken:
            _run(job, worker)
            ran += 1


def _run(job: leases.Leased, worker: str) -> None:
    try:
        call = executions.read(job)
    except (DataError, ArgumentError) as exc:
        in_flight.quarantine(job, str(exc))
        settlement = outcomes.of_error(job, "refused", exc)
    else:
        task = executions.Task(job, call)
        logged_s = job_log.wanted()
        if not logged_s:
            job_log.received(task)
        if call.is_coroutine:
            contextvars.Context().run(asyncio.run, task.run_coroutine())
        else:
            with _time_limit(call.timeout_s):
                task.run()
        task.ended = clock.monotonic()
        if task.error is None and task.ended - task.began >= logged_s:
            job_log.completed(task)
        settlement = outcomes.of(task)
    settlement, became = settling.settle_one(worker, settlement)
    if became is not leases.Settled.LOST:
        follow_ups.follow_now(settlement, became is leases.Settled.FOLLOW_UP, worker)


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """JobTimeout after so many seconds, where this thread can take a signal; elsewhere there is no limit."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(signum: int, frame: FrameType | None) -> None:
        raise JobTimeout(f"did not end within {seconds:g} s")

    before = signal.getsignal(signal.SIGALRM)
    forks.handle(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
