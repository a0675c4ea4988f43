"""`manage.py worker`: keeps worker processes running, names what happened to each, and stops them politely."""

import logging
import re
import secrets
import signal
import socket
from dataclasses import dataclass, field
from types import FrameType

import clock
import logs
import processes
import queues
from errors import TrawlError
from state import connection, leases
from worker import afterwards, courier, member, process
from worker.pulse import Pulse

log = logging.getLogger("trawl.supervisor")

LOOK_S = 0.1

#: Longest wait before a process that keeps dying is started again.
BACKOFF_CAP_S = 30.0

#: Seconds beyond a worker's own grace until it is killed.
PATIENCE_S = 10.0


@dataclass(slots=True)
class Place:
    """One of the processes we keep running."""

    number: int
    child: processes.Child | None = None
    beats: Pulse = field(default_factory=Pulse)
    worker: str = ""
    deaths: int = 0
    start_at: float = 0.0
    done: bool = False


class Supervisor:
    """The parent of the workers. `run` blocks until SIGTERM or SIGINT, or with `burst` until all workers are done."""

    def __init__(self, count: int, options: process.Options) -> None:
        self.options = options
        self.places = [Place(number + 1) for number in range(count)]
        self.stopping = False

    def run(self) -> int:
        """Returns the exit code."""
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._stop)
        while not self.stopping and not all(place.done for place in self.places):
            now = clock.monotonic()
            for place in self.places:
                if place.child is None and not place.done and now >= place.start_at:
                    self._start(place)
                elif place.child is not None and place.child.poll() is not None:
                    self._ended(place, place.child, now)
                elif place.child is not None and place.beats.is_stuck():
                    log.error("No thread of a worker runs any more: it is killed", extra={"worker": place.worker})
                    place.child.kill()
            clock.wait(LOOK_S)
        running = [place for place in self.places if place.child]
        processes.stop([place.child for place in running if place.child], self.options.grace_s + PATIENCE_S)
        for place in running:
            if place.child and place.child.returncode:
                take_back(place.worker)
        await_followers(process.FINISH_S)
        return 0

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _start(self, place: Place) -> None:
        place.worker = worker_name()
        place.beats = beats = Pulse()
        name, options = place.worker, self.options
        signal.pthread_sigmask(signal.SIG_BLOCK, process.STOP_SIGNALS)  # one that came now would meet our handler in the child
        place.child = processes.fork(lambda: process.run(options, name, beats), name=f"worker {place.number}", own_group=True)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, process.STOP_SIGNALS)

    def _ended(self, place: Place, child: processes.Child, now: float) -> None:
        place.child = None
        if child.returncode == 0 and self.options.burst:
            place.done = True
            return
        if child.returncode == process.RECYCLED:
            place.deaths, place.start_at = 0, now
            log.info("A worker was recycled", extra={"worker": place.worker})
            return
        take_back(place.worker)
        place.deaths = 1 if now - child.started_at > 60 else place.deaths + 1
        wait_s = 0.0 if place.deaths == 1 else min(BACKOFF_CAP_S, 2.0 ** (place.deaths - 2))
        place.start_at = now + wait_s
        log.warning("A worker %s; it is started again in %.0f s", child.ending, wait_s, extra={"worker": place.worker})


def take_back(worker: str) -> None:
    """Put back at once what a dead worker held, and forget it. With Redis away its leases run out instead."""
    try:
        with connection.errors_translated():
            courier.rescue_lost("supervisor", _follow, dead_worker=worker)
            member.forget(worker)
    except (TrawlError, connection.ResponseError) as exc:
        log.warning("%s", exc)


def _follow(settlement: leases.Settlement, for_rq: bool) -> None:
    """What follows an outcome is done in a process of its own: hooks may hang, and a process with threads must not fork."""

    def work() -> int:
        connection.use(None)
        afterwards.follow_now(settlement, for_rq, "supervisor")
        return 0

    _followers[:] = [child for child in _followers if child.poll() is None]
    _followers.append(processes.fork(work, name="hooks"))


def await_followers(within_s: float) -> None:
    """Let hooks that still run come to their end: they would be killed with us. One that hangs does not hold us for ever."""
    until = clock.monotonic() + within_s
    while any(child.poll() is None for child in _followers) and clock.monotonic() < until:
        processes.rest()


_followers: list[processes.Child] = []


def worker_name() -> str:
    """A name that says where a worker runs, unique for each start."""
    host = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:40] or "host"
    return f"{host}-{secrets.token_hex(4)}"


def run(count: int, options: process.Options) -> int:
    """Run `count` worker processes; returns the exit code. Raises what makes a start senseless."""
    logs.setup()
    with connection.errors_translated():
        for line in connection.refuse_unsafe():
            log.warning("%s", line)
    connection.close()  # the workers have connections of their own; ours is made again where one dies
    queues.load_jobs()
    log.info("Starting workers", extra={"processes": count, "threads": options.threads, "queues": ",".join(options.queues)})
    return Supervisor(count, options).run()
