"""Runs jobs in this process, one after the other, with the engine's own scripts and outcomes. For tests, and on fakeredis."""

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
from worker import attempt_notes, follow_ups, job_lines, job_log, outcomes, refusals, settling
from worker import execution as executions
from worker.execution import Execution
from worker.shares import Shares


def run_until_idle() -> int:
    """Run every job that waits now, delayed jobs that are due, and what these jobs submit. Returns how many ran.

    Nothing here waits, forks or starts a thread: isolated jobs run in place. Jobs that a concurrency limit blocks stay queued.
    """
    limits.announce(queues.kinds())
    job_lines.install()
    shares = Shares(len(queues.QUEUES))
    ran, number, worker = 0, 0, f"inline-{leases.token()}"
    while True:
        jobs.promote(*queues.QUEUES)
        rescues.rescue()
        number += 1
        request = leases.LeaseRequest(number, queues.QUEUES, threads=1, shares=shares.of(1, 0))
        done = leases.exchange(worker, [], request)
        if not done.taken and not done.unfinished:
            return ran
        shares.took(len(done.taken))
        for job in done.taken:
            _run(job, worker)
            ran += 1


def _run(job: leases.Leased, worker: str) -> None:
    try:
        call = executions.read(job)
    except (DataError, ArgumentError) as exc:
        settlement = refusals.settled(job, exc)
        refusals.quarantine(job, exc)
    else:
        execution = _executed(job, call)
        settlement = attempt_notes.added(outcomes.of(execution), execution)
    settlement, became = settling.settle_one(worker, settlement)
    if became is not leases.Settled.LOST:
        follow_ups.follow_now(settlement, became is leases.Settled.FOLLOW_UP, worker)


def _executed(job: leases.Leased, call: executions.Call) -> Execution:
    execution = Execution(job, call)
    log_from_s = job_log.threshold_s()
    if not log_from_s:
        job_log.received(execution)
    if call.is_coroutine:
        contextvars.Context().run(asyncio.run, execution.run_coroutine())
    else:
        with _time_limit(call.timeout_s):
            execution.run()
    execution.ended = clock.monotonic()
    if execution.error is None and execution.ended - execution.began >= log_from_s:
        job_log.completed(execution)
    return execution


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise JobTimeout after so many seconds. Only a main thread can take the signal; elsewhere there is no limit."""
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
