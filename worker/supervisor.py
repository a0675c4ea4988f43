"""`manage.py worker`: keeps worker processes running, names what happened to each, and stops them politely."""

import logging
import math
import re
import secrets
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

import clock
import logs
import queues
from errors import ConfigError, TrawlError
from processes import children, forks, streams
from state.engine import jobs, leases
from state.store import connection, sentinel
from worker import consumer, follow_ups, memory, preload, process
from worker.rq import registration
from worker.watchdog import Pulse

log = logging.getLogger("trawl.supervisor")

LOOK_S = 0.1

#: Longest wait before a process that keeps dying is started again.
BACKOFF_CAP_S = 30.0

#: Seconds beyond a worker's own grace until it is killed.
PATIENCE_S = 10.0

#: Seconds that hooks get at the end at least, also those of a worker that was killed at the end of its grace.
LEAST_FINISH_S = 2.0


@dataclass(slots=True)
class Worker:
    """A worker process."""

    name: str
    child: children.Child
    pulse: Pulse


@dataclass(slots=True)
class Place:
    """One of the worker processes that we keep running: the one there is, and when the next one may be started."""

    number: int
    worker: Worker | None = None
    deaths: int = 0  # in a row, and
    unused: int = 0  # processes in a row that had to be replaced before they ran a job
    start_at: float = 0.0
    done: bool = False


class Supervisor:
    """The parent of the workers. `run` blocks until SIGTERM, SIGINT or SIGHUP, or with `burst` until all workers are done.

    A process that is to be replaced is replaced first: it ends after the jobs it has, in `outgoing`, while the next one works in
    its place. At most as many go at a time as there are places; the others keep theirs until one has gone.
    """

    def __init__(self, count: int, options: process.Options) -> None:
        self.options = options
        self.places = [Place(number + 1) for number in range(count)]
        self.outgoing: list[Worker] = []
        self.stopping = False

    def run(self) -> int:
        """Returns the exit code."""
        forks.stop_on_signal(self._stop)
        while not self.stopping and not (all(place.done for place in self.places) and not self.outgoing):
            now = clock.monotonic()
            for place in self.places:
                self._look_at(place, now)
            for worker in list(self.outgoing):
                self._look_at_outgoing(worker)
            _forget_ended()
            children.reap_orphans()
            clock.wait(LOOK_S)
        asked_at = clock.monotonic()
        running = [*(place.worker for place in self.places if place.worker), *self.outgoing]
        children.stop([worker.child for worker in running], self.options.grace_s + PATIENCE_S)
        for worker in running:
            if worker.child.returncode not in (0, process.RECYCLED):
                _take_back_beside(worker)
        await_followers(max(LEAST_FINISH_S, consumer.FINISH_S - (clock.monotonic() - asked_at)))
        return 0

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _look_at(self, place: Place, now: float) -> None:
        worker = place.worker
        if worker is None:
            if not place.done and now >= place.start_at:
                self._start(place, now)
        elif worker.child.poll() is not None:
            place.worker = None
            self._ended(place, worker, now)
        elif worker.pulse.goes and len(self.outgoing) < len(self.places):
            place.worker = None
            self.outgoing.append(worker)
            self._replace(place, worker, now)
        else:
            _kill_if_stuck(worker)

    def _look_at_outgoing(self, worker: Worker) -> None:
        if worker.child.poll() is None:
            _kill_if_stuck(worker)
            return
        self.outgoing.remove(worker)
        if worker.child.returncode == process.RECYCLED:
            log.info("A recycled worker has ended", extra={"worker": worker.name})
        else:
            log.warning("A recycled worker %s", worker.child.ending, extra={"worker": worker.name})
            _take_back_beside(worker)

    def _start(self, place: Place, now: float) -> None:
        name, options = worker_name(), self.options
        signal.pthread_sigmask(signal.SIG_BLOCK, process.STOP_SIGNALS)  # one that came now would meet our handler in the child
        try:
            pulse = Pulse()
            child = children.fork(lambda: process.run(options, name, pulse), name=f"worker {place.number}", own_group=True)
            place.worker = Worker(name, child, pulse)
        except OSError as exc:  # no memory, too many processes or files
            wait_s = self._back_off(place, now)
            log.error("Cannot start a worker process (%s): trying again in %.0f s", exc, wait_s)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, process.STOP_SIGNALS)

    def _ended(self, place: Place, worker: Worker, now: float) -> None:
        if worker.child.returncode == 0 and self.options.burst:
            place.done = True
        elif worker.child.returncode == process.RECYCLED:
            self._replace(place, worker, now)
        else:
            _take_back_beside(worker)
            place.deaths = 0 if now - worker.child.started_at > 60 else place.deaths
            wait_s = self._back_off(place, now)
            extra = {"worker": worker.name}
            log.warning("A worker %s; it is started again in %.0f s", worker.child.ending, wait_s, extra=extra)

    def _replace(self, place: Place, worker: Worker, now: float) -> None:
        """Have the next process started at once, or later where the last ones came to nothing."""
        log.info("A worker was recycled", extra={"worker": worker.name})
        place.deaths = 0
        place.unused = place.unused + 1 if worker.pulse.goes_unused else 0
        place.start_at = now
        if place.unused > 1:
            place.start_at += min(BACKOFF_CAP_S, 2.0 ** (place.unused - 2))
            log.warning(
                "%d worker processes in a row had to be replaced before they ran a job: raise --max-rss-mb (WORKER_MAX_RSS_MB)",
                place.unused,
            )

    def _back_off(self, place: Place, now: float) -> float:
        place.deaths += 1
        wait_s = 0.0 if place.deaths == 1 else min(BACKOFF_CAP_S, 2.0 ** (place.deaths - 2))
        place.start_at = now + wait_s
        return wait_s


def _kill_if_stuck(worker: Worker) -> None:
    if worker.pulse.is_stuck():
        log.error("No thread of a worker runs any more: it is killed", extra={"worker": worker.name})
        worker.child.kill()


def _take_back_beside(worker: Worker) -> None:
    """Put back what a dead worker held, in a process of its own: with Redis away that takes long, and the others need us."""

    def work() -> int:
        for signum in process.STOP_SIGNALS:  # it ends with us, or before
            forks.handle(signum, _pass_by)
        _followers.clear()
        connection.use(None)
        take_back(worker.name, stood_still=worker.pulse.was_stuck)
        await_followers(math.inf)
        return 0

    _fork_beside(work, "take back")


def _pass_by(signum: int, frame: FrameType | None) -> None:
    pass


def take_back(worker: str, *, stood_still: bool = False) -> None:
    """Put back at once what a dead worker held, and forget it. With Redis away its leases run out instead."""
    try:
        with connection.errors_translated():
            if count := consumer.rescue_lost("supervisor", _follow, dead_worker=worker, stood_still=stood_still):
                jobs.wake_others(count)  # we run none of them
            consumer.hand_on()
            registration.forget(worker)
    except (TrawlError, connection.ResponseError) as exc:
        log.warning("%s", exc)


def _follow(settlement: leases.Settlement, for_rq: bool) -> None:
    """What follows an outcome is done in a process of its own: hooks may hang, and a process with threads must not fork."""

    def work() -> int:
        connection.use(None)
        follow_ups.follow_now(settlement, for_rq, "supervisor")
        return 0

    _fork_beside(work, "hooks")


def _fork_beside(work: Callable[[], int], name: str) -> None:
    _forget_ended()
    try:
        _followers.append(children.fork(work, name=name))
    except OSError as exc:
        log.error("Cannot start a process (%s): jobs of a dead worker come back when their leases run out", exc)


def _forget_ended() -> None:
    _followers[:] = [child for child in _followers if child.poll() is None]


def await_followers(within_s: float) -> None:
    """Let hooks that still run come to their end: they would be killed with us. One that hangs does not hold us for ever."""
    until = clock.monotonic() + within_s
    while any(child.poll() is None for child in _followers) and clock.monotonic() < until:
        children.rest()


_followers: list[children.Child] = []


def worker_name() -> str:
    """A name that says where a worker runs, unique for each start."""
    host = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:40] or "host"
    return f"{host}-{secrets.token_hex(4)}"


def refuse_small_limit(max_rss_mb: int) -> None:
    """Raise ConfigError where a worker process would be over its limit of memory before its first job."""
    size = math.ceil(memory.rss_mb())
    if max_rss_mb <= size:
        raise ConfigError(
            f"--max-rss-mb (WORKER_MAX_RSS_MB) is {max_rss_mb}, but a worker process takes {size} MB before its first job: "
            f"give it {max(256, 4 * size)} or more, or 0 for no limit."
        )


def run(count: int, options: process.Options) -> int:
    """Run `count` worker processes; returns the exit code. Raises what makes a start senseless."""
    streams.forgive()
    logs.setup()
    with connection.errors_translated():
        for line in connection.refuse_unsafe(sentinel.START_S):
            log.warning("%s", line)
    connection.close()  # the workers have connections of their own; ours is made again where one dies
    queues.load_jobs()
    preload.everything()
    if options.max_rss_mb:
        refuse_small_limit(options.max_rss_mb)
    log.info("Starting workers", extra={"processes": count, "threads": options.threads, "queues": ",".join(options.queues)})
    return Supervisor(count, options).run()
