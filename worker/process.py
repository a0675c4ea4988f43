"""One worker process: its zygote, threads and consumer, and its record for RQ's tools."""

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
from environment import collector
from processes import forks, streams
from state.store import connection
from worker import cancelled, job_lines, shares, watchdog, zygote
from worker.consumer import FINISH_S, Consumer, Policy
from worker.pool import Pool
from worker.rq import registration

log = logging.getLogger("trawl.worker")

#: Exit code of a process that ended by itself, to be replaced: after so many jobs, so much memory or a stuck thread.
RECYCLED = 75

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

#: Asks a process to take no more jobs, and to end after those it has, however long they take.
DRAIN_SIGNAL = signal.SIGUSR1

SIGNALS = (*STOP_SIGNALS, DRAIN_SIGNAL)


@dataclass(frozen=True, slots=True)
class Options:
    """How a worker process works. `grace_s`: what running jobs get at SIGTERM before they are requeued."""

    queues: Sequence[str] = queues.QUEUES
    threads: int = 25
    coroutines: int = 100
    max_jobs: int = 0
    max_rss_mb: int = 0
    prefetch: int | None = None
    weighted: bool = True  # False: a lower queue waits as long as a higher one holds any job
    burst: bool = False
    grace_s: float = 25.0


def options(
    *, threads: int | None, coroutines: int | None, names: str | None, weighted: bool, max_jobs: int | None, **others: Any
) -> Options:
    """Options of the command line; settings replace None. Raises ArgumentError for an unknown queue."""
    settings = config.settings()
    max_rss_mb = others["max_rss_mb"]
    return Options(
        queues=[queues.named(name.strip()) for name in names.split(",")] if names else queues.QUEUES,
        threads=threads or settings.worker_threads,
        coroutines=coroutines or settings.worker_coroutines,
        weighted=weighted,
        max_jobs=settings.worker_max_jobs if max_jobs is None else max_jobs,
        max_rss_mb=settings.worker_max_rss_mb if max_rss_mb is None else max_rss_mb,
        burst=others["burst"],
        prefetch=settings.worker_prefetch if others["prefetch"] is None else others["prefetch"],
        grace_s=settings.shutdown_timeout,
    )


def run(options: Options, name: str, watched_by: watchdog.Watchdog | None = None) -> int:
    """Work as `name` until SIGTERM, or with `burst` until the queues are empty. Returns the exit code."""
    _end_on_signal()
    _prepare()
    isolated = zygote.Zygote()  # forked before the first thread starts
    consumer, record = _consumer_of(options, name, isolated)
    if watched_by:
        consumer.in_flight.watchdog = watched_by
        watched_by.start(consumer.in_flight.first_deadline)
    _stop_on_signal(consumer)
    with connection.errors_translated():
        record.register()
    log.info("Ready to process jobs", extra={"worker": name, "threads": options.threads, "queues": ",".join(options.queues)})
    collector.end_loading()
    consumer.run()
    consumer.follow_ups.finish(FINISH_S)
    record.deregister()
    isolated.close()
    code = RECYCLED if consumer.recycling and not consumer.guard.stopping else 0
    if consumer.in_flight.stuck or consumer.in_flight.abandoned:
        streams.flush()
        os._exit(code)  # threads that never end must not hold the process
    return code


def _prepare() -> None:
    streams.leave_terminal()
    streams.forgive()
    logs.setup()
    job_lines.install()
    logs.hold()
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    queues.load_jobs()
    connection.use(None)  # this process's own connections


def _consumer_of(options: Options, name: str, isolated: zygote.Zygote) -> tuple[Consumer, registration.WorkerRecord]:
    """The consumer, and the record that shows it to RQ's tools. Each needs the other: the consumer for heartbeats, the record for
    RQ's stop command.
    """
    pool = Pool(options.threads, options.coroutines, isolated.run)
    policy = Policy(options.burst, options.max_jobs, options.max_rss_mb, options.prefetch, options.grace_s)
    stop_job = _Relay()
    record = registration.WorkerRecord(options.queues, name, stop_job)
    consumer = Consumer(name, lambda: options.queues, pool, policy, record.send_heartbeat, shares_of(options), _exit_now)
    stop_job.target, record.take_worked_s = consumer, consumer.in_flight.batching.take_worked_s
    places = {"threads": options.threads, "coroutines": options.coroutines}
    record.facts = lambda: {**places, "draining": "1" if consumer.is_draining else ""}
    return consumer, record


def _exit_now() -> None:
    streams.flush()
    os._exit(0)


def shares_of(options: Options) -> shares.Shares | None:
    """How this process shares its threads among its queues; None = strictly in order. Processes begin at different turns."""
    if not options.weighted or len(options.queues) == 1:
        return None
    return shares.Shares(len(options.queues), random.randrange(sum(shares.WEIGHTS)))


class _Relay:
    """Passes RQ's stop command on to the consumer, which is made after the record."""

    target: Consumer | None = None

    def __call__(self, job_id: str) -> None:
        if self.target:
            cancelled.stop(self.target.in_flight.running, job_id)


def _end_on_signal() -> None:
    """Let a signal simply end this process until it holds jobs. Signals were blocked since the fork: the parent's handler is not
    for this process.
    """
    for signum in SIGNALS:
        signal.signal(signum, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _stop_on_signal(consumer: Consumer) -> None:
    def stop(signum: int, frame: FrameType | None) -> None:
        consumer.guard.stop()
        consumer.pool.wake_up()

    def drain(signum: int, frame: FrameType | None) -> None:
        consumer.guard.draining = True
        consumer.pool.wake_up()

    for signum in STOP_SIGNALS:
        forks.handle(signum, stop)
    forks.handle(DRAIN_SIGNAL, drain)
