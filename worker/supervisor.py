"""`manage.py worker`: keeps worker processes running, logs how each ended, and stops them politely."""

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
from topics.leads import model_file
from worker import consumer, follow_ups, memory, preload, process, rescue
from worker.rq import registration
from worker.watchdog import Watchdog

log = logging.getLogger("trawl.supervisor")

CHECK_S = 0.1

#: Longest wait before a process that keeps dying is started again.
BACKOFF_CAP_S = 30.0

#: Seconds beyond the grace of a worker until the worker is killed.
PATIENCE_S = 10.0

#: Seconds that hooks get at the end at least, even after a worker was killed at the end of its grace.
MIN_FINISH_S = 2.0


@dataclass(slots=True)
class Worker:
    """A worker process."""

    name: str
    child: children.Child
    watchdog: Watchdog


@dataclass(slots=True)
class WorkerSlot:
    """One of the worker processes to keep running: the current one, and when the next one may start."""

    number: int
    worker: Worker | None = None
    deaths: int = 0  # in a row
    unused: int = 0  # processes in a row that had to be replaced before they ran a job
    start_at: float = 0.0
    done: bool = False


class Supervisor:
    """The parent of the workers. `run` blocks until SIGTERM, SIGINT or SIGHUP, or with `burst` until all workers are done.

    A process that announces its exit moves to `outgoing`, where it ends after its jobs. Its successor starts at once. At most as
    many processes are outgoing as there are slots; while there are so many, the others stay and take jobs beyond their number.

    After SIGUSR1 the workers take no more jobs, and none is replaced. `run` goes on until it is asked to end: whoever keeps this
    program running must not start it again.
    """

    def __init__(self, count: int, options: process.Options) -> None:
        self.options = options
        self.slots = [WorkerSlot(number + 1) for number in range(count)]
        self.outgoing: list[Worker] = []
        self.stopping = False
        self.draining = False

    def run(self) -> int:
        """Keep the workers running until the end; returns the exit code."""
        forks.stop_on_signal(self._stop)
        forks.handle(process.DRAIN_SIGNAL, self._drain)
        has_asked = False
        while not self._is_over():
            now = clock.monotonic()
            if self.draining and not has_asked:
                has_asked = True
                self._ask_to_drain()
            for slot in self.slots:
                self._check(slot, now)
            for worker in list(self.outgoing):
                self._check_outgoing(worker)
            _drop_ended()
            children.reap_orphans()
            clock.wait(CHECK_S)
        stopped_at = clock.monotonic()
        running = [*(slot.worker for slot in self.slots if slot.worker), *self.outgoing]
        children.stop([worker.child for worker in running], self.options.grace_s + PATIENCE_S)
        for worker in running:
            if worker.child.returncode not in (0, process.RECYCLED):
                _rescue_in_process(worker)
        await_followers(max(MIN_FINISH_S, consumer.FINISH_S - (clock.monotonic() - stopped_at)))
        return 0

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _drain(self, signum: int, frame: FrameType | None) -> None:
        self.draining = True

    def _is_over(self) -> bool:
        if self.stopping or (self.draining and not self.options.burst):
            return self.stopping
        return all(slot.done for slot in self.slots) and not self.outgoing

    def _ask_to_drain(self) -> None:
        log.warning("Asked to take no more jobs: running ones go on to their end. SIGTERM ends this program")
        for worker in [*(slot.worker for slot in self.slots if slot.worker), *self.outgoing]:
            worker.child.send(process.DRAIN_SIGNAL)

    def _check(self, slot: WorkerSlot, now: float) -> None:
        worker = slot.worker
        if worker is None:
            if not slot.done and not self.draining and now >= slot.start_at:
                self._start(slot, now)
        elif worker.child.poll() is not None:
            slot.worker = None
            self._ended(slot, worker, now)
        elif worker.watchdog.is_exiting and len(self.outgoing) < len(self.slots):
            slot.worker = None
            self.outgoing.append(worker)
            self._replace(slot, worker, now)
        else:
            worker.watchdog.ask_to_stay(len(self.outgoing) >= len(self.slots))
            _kill_if_stuck(worker)

    def _check_outgoing(self, worker: Worker) -> None:
        if worker.child.poll() is None:
            _kill_if_stuck(worker)
            return
        self.outgoing.remove(worker)
        if worker.child.returncode == process.RECYCLED:
            log.info("A recycled worker has ended", extra={"worker": worker.name})
        else:
            log.warning("A recycled worker %s", worker.child.ending, extra={"worker": worker.name})
            _rescue_in_process(worker)

    def _start(self, slot: WorkerSlot, now: float) -> None:
        name, options = worker_name(), self.options
        signal.pthread_sigmask(signal.SIG_BLOCK, process.SIGNALS)  # the child must not run this process's handler
        try:
            watchdog = Watchdog()
            watchdog.ask_to_stay(len(self.outgoing) >= len(self.slots))
            child = children.fork(lambda: process.run(options, name, watchdog), name=f"worker {slot.number}", own_group=True)
            slot.worker = Worker(name, child, watchdog)
        except OSError as exc:  # no memory, too many processes or files
            wait_s = self._back_off(slot, now)
            log.error("Cannot start a worker process (%s): trying again in %.0f s", exc, wait_s)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, process.SIGNALS)

    def _ended(self, slot: WorkerSlot, worker: Worker, now: float) -> None:
        if worker.child.returncode == 0 and self.options.burst:
            slot.done = True
        elif worker.child.returncode == process.RECYCLED:
            self._replace(slot, worker, now)
        else:
            _rescue_in_process(worker)
            slot.deaths = 0 if now - worker.child.started_at > 60 else slot.deaths
            wait_s = self._back_off(slot, now)
            extra = {"worker": worker.name}
            log.warning("A worker %s; it is started again in %.0f s", worker.child.ending, wait_s, extra=extra)

    def _replace(self, slot: WorkerSlot, worker: Worker, now: float) -> None:
        """Let the next process start at once, or later if the last ones ended before they ran a job."""
        log.info("A worker was recycled", extra={"worker": worker.name})
        slot.deaths = 0
        slot.unused = slot.unused + 1 if worker.watchdog.exits_unused else 0
        slot.start_at = now
        if slot.unused > 1:
            slot.start_at += min(BACKOFF_CAP_S, 2.0 ** (slot.unused - 2))
            log.warning(
                "%d worker processes in a row had to be replaced before they ran a job: raise --max-rss-mb (WORKER_MAX_RSS_MB)",
                slot.unused,
            )

    def _back_off(self, slot: WorkerSlot, now: float) -> float:
        slot.deaths += 1
        wait_s = 0.0 if slot.deaths == 1 else min(BACKOFF_CAP_S, 2.0 ** (slot.deaths - 2))
        slot.start_at = now + wait_s
        return wait_s


def _kill_if_stuck(worker: Worker) -> None:
    if worker.watchdog.is_stuck():
        log.error("No thread of a worker runs any more: the worker is killed", extra={"worker": worker.name})
        worker.child.kill()


def _rescue_in_process(worker: Worker) -> None:
    """Rescue the jobs of a dead worker in another process: this may take long, and the other workers need the supervisor."""

    def work() -> int:
        for signum in process.SIGNALS:  # it ends with the supervisor, or before
            forks.handle(signum, _ignore)
        _followers.clear()
        connection.use(None)
        rescue_jobs(worker.name, stood_still=worker.watchdog.was_stuck)
        await_followers(math.inf)
        return 0

    _fork(work, "rescue")


def _ignore(signum: int, frame: FrameType | None) -> None:
    pass


def rescue_jobs(worker: str, *, stood_still: bool = False) -> None:
    """Rescue the jobs of a dead worker at once, and drop its record. While Redis is away, its leases run out instead."""
    try:
        with connection.errors_translated():
            if count := rescue.rescue_lost("supervisor", _follow, dead_worker=worker, stood_still=stood_still):
                jobs.wake_others(count)  # the supervisor runs none of them
            rescue.pass_wakeup_on()
            registration.drop_record(worker)
    except (TrawlError, connection.ResponseError) as exc:
        log.warning("%s", exc)


def _follow(settlement: leases.Settlement, for_rq: bool) -> None:
    """Do what follows an outcome in another process: hooks may hang in a thread, and a process with threads must not fork."""

    def work() -> int:
        connection.use(None)
        follow_ups.follow_now(settlement, for_rq, "supervisor")
        return 0

    _fork(work, "hooks")


def _fork(work: Callable[[], int], name: str) -> None:
    _drop_ended()
    try:
        _followers.append(children.fork(work, name=name))
    except OSError as exc:
        log.error("Cannot start a process (%s): jobs of a dead worker return when their leases run out", exc)


def _drop_ended() -> None:
    _followers[:] = [child for child in _followers if child.poll() is None]


def await_followers(within_s: float) -> None:
    """Wait until hooks have ended: they would be killed with this process. A hook that hangs does not hold it for ever."""
    until = clock.monotonic() + within_s
    while any(child.poll() is None for child in _followers) and clock.monotonic() < until:
        children.rest()


_followers: list[children.Child] = []


def worker_name() -> str:
    """A unique name for a worker, with the host it runs on."""
    host = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:40] or "host"
    return f"{host}-{secrets.token_hex(4)}"


def refuse_small_limit(max_rss_mb: int) -> None:
    """Raise ConfigError if a worker process would exceed its memory limit before its first job."""
    size = math.ceil(memory.rss_mb())
    if max_rss_mb <= size:
        raise ConfigError(
            f"--max-rss-mb (WORKER_MAX_RSS_MB) is {max_rss_mb}, but a worker process takes {size} MB before its first job: "
            f"set {max(256, 4 * size)} or more, or 0 for no limit."
        )


def run(count: int, options: process.Options) -> int:
    """Run `count` worker processes; returns the exit code. Raises errors that make a start senseless."""
    streams.forgive()
    logs.setup()
    with connection.errors_translated():
        for line in connection.refuse_unsafe(sentinel.START_S):
            log.warning("%s", line)
    connection.close()  # each worker opens its own; the supervisor opens another one when a worker dies
    queues.load_jobs()
    preload.everything()
    model_file.current()  # what is wrong with the points model is said while somebody looks
    if options.max_rss_mb:
        refuse_small_limit(options.max_rss_mb)
    log.info("Starting workers", extra={"processes": count, "threads": options.threads, "queues": ",".join(options.queues)})
    return Supervisor(count, options).run()
