"""One worker process: the zygote, the threads, the courier, and RQ's record of it."""

import gc
import logging
import os
import random
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

import config
import logs
import queues
from processes import forks, streams
from state.store import connection
from worker import consumer, pool, shares, watchdog, zygote
from worker.rq import registration

log = logging.getLogger("trawl.worker")

#: Exit code of a process that ended by itself to be replaced (after so many jobs, so much memory, a stuck thread).
RECYCLED = 75

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, slots=True)
class Options:
    """How a worker process works. `grace_s`: what a job in hand gets at SIGTERM before it is put back."""

    queues: Sequence[str] = queues.QUEUES
    threads: int = 25
    coroutines: int = 100
    max_jobs: int = 0
    max_rss_mb: int = 0
    prefetch: int | None = None
    weighted: bool = True  # else a lower queue waits as long as a higher one holds anything
    burst: bool = False
    grace_s: float = 25.0


def options(
    *, threads: int | None, tasks: int | None, names: str | None, weighted: bool, max_jobs: int | None, **others: Any
) -> Options:
    """Options of the command line; what is None comes from the settings. Raises ArgumentError for a queue there is none of."""
    settings = config.settings()
    max_rss_mb = others["max_rss_mb"]
    return Options(
        queues=[queues.named(name.strip()) for name in names.split(",")] if names else queues.QUEUES,
        threads=threads or settings.worker_threads,
        coroutines=tasks or settings.worker_tasks,
        weighted=weighted,
        max_jobs=settings.worker_max_jobs if max_jobs is None else max_jobs,
        max_rss_mb=settings.worker_max_rss_mb if max_rss_mb is None else max_rss_mb,
        burst=others["burst"],
        prefetch=settings.worker_prefetch if others["prefetch"] is None else others["prefetch"],
        grace_s=settings.shutdown_timeout,
    )


def run(options: Options, name: str, beats: watchdog.Pulse | None = None) -> int:
    """Work as `name` until SIGTERM (or with `burst` until the queues are empty); returns the exit code."""
    _end_on_signal()
    streams.leave_terminal()
    streams.forgive()
    logs.setup()
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    queues.load_jobs()
    connection.use(None)  # this process's own connections
    apart = zygote.Zygote()
    threads = pool.Pool(options.threads, options.coroutines, apart.run)
    limits = consumer.Limits(options.burst, options.max_jobs, options.max_rss_mb, options.prefetch, options.grace_s)
    stop_job = _Relay()
    me = registration.Member(options.queues, name, stop_job)
    at_work = consumer.Courier(me.name, lambda: options.queues, threads, limits, me.show, shares_of(options), _end_now)
    stop_job.target, me.take_worked_s = at_work, at_work.in_flight.pace.take_worked_s
    if beats:
        at_work.in_flight.pulse = beats
        beats.start(at_work.in_flight.first_deadline)
    _stop_on_signal(at_work)
    with connection.errors_translated():
        me.join()
    log.info("Ready to process jobs", extra={"worker": me.name, "threads": options.threads, "queues": ",".join(options.queues)})
    gc.collect()
    gc.freeze()  # what was loaded stays: no collection looks at it again
    at_work.run()
    at_work.lines.finish(consumer.FINISH_S)
    me.leave()
    apart.close()
    code = RECYCLED if at_work.leaving and not at_work.stopping else 0
    if at_work.in_flight.stuck or at_work.in_flight.abandoned:
        streams.flush()
        os._exit(code)  # threads that never end must not hold the process
    return code


def _end_now() -> None:
    streams.flush()
    os._exit(0)


def shares_of(options: Options) -> shares.Shares | None:
    """How this process shares its places among its queues; each begins elsewhere in the round. None: strictly in order."""
    if not options.weighted or len(options.queues) == 1:
        return None
    return shares.Shares(len(options.queues), random.randrange(sum(shares.WEIGHTS)))


class _Relay:
    """Passes RQ's stop command to the courier, which is made after the listener."""

    target: consumer.Courier | None = None

    def __call__(self, job_id: str) -> None:
        if self.target:
            self.target.in_flight.stop_job(job_id)


def _end_on_signal() -> None:
    """Until we hold jobs a signal simply ends us. It was held back from the fork to here: our parent's handler is not for us."""
    for signum in STOP_SIGNALS:
        signal.signal(signum, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def _stop_on_signal(at_work: consumer.Courier) -> None:
    def stop(signum: int, frame: FrameType | None) -> None:
        at_work.guard.stop()
        at_work.pool.strike()

    for signum in STOP_SIGNALS:
        forks.handle(signum, stop)
