"""`manage.py worker`: keeps N worker processes running, takes back what dead ones held, and stops them politely."""

import logging
import signal
from types import FrameType

import clock
import config
import logs
import processes
import queues
from errors import TrawlError
from state import connection, jobs
from worker import rescue, stock

log = logging.getLogger("trawl.supervisor")

RESCUE_S = 5
LOOK_S = 0.2

#: Longest wait before a process that keeps dying is started again.
BACKOFF_CAP_S = 30

#: Seconds a worker has to finish the job in hand before it is killed; its job is then put back.
GRACE_S = 25


class Supervisor:
    """The parent of N workers. `run` blocks until SIGTERM or SIGINT, or with `burst` until all workers are done."""

    def __init__(self, count: int, burst: bool) -> None:
        self.count, self.burst = count, burst
        self.stopping = False
        self.children: dict[int, processes.Child] = {}
        self.deaths: dict[int, int] = {}
        self.start_at: dict[int, float] = dict.fromkeys(range(count), 0.0)

    def run(self) -> int:
        """Returns the exit code."""
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._stop)
        next_rescue = 0.0
        while not self.stopping and (self.children or self.start_at):
            now = clock.monotonic()
            if now >= next_rescue:
                self._tidy()
                next_rescue = now + RESCUE_S
            self._start_due(now)
            self._look(now)
            clock.wait(LOOK_S)
        processes.stop(self.children.values(), GRACE_S)
        self._tidy()
        return 0

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _start_due(self, now: float) -> None:
        for number in [number for number, at in self.start_at.items() if at <= now]:
            del self.start_at[number]
            self.children[number] = processes.fork(lambda: stock.run_one(self.burst), name=f"worker {number + 1}")

    def _look(self, now: float) -> None:
        for number, child in list(self.children.items()):
            if child.poll() is None:
                continue
            del self.children[number]
            if self.burst and child.returncode == 0:
                continue
            self.deaths[number] = 0 if now - child.started_at > 60 else self.deaths.get(number, 0) + 1
            wait_s = min(BACKOFF_CAP_S, 2 ** min(self.deaths[number], 5) - 1)
            log.warning("A worker %s; it is started again in %d s", child.ending, wait_s, extra={"worker": number + 1})
            self.start_at[number] = now + wait_s

    def _tidy(self) -> None:
        """What must not depend on any single worker or scheduler; Redis being away for a while ends nothing."""
        try:
            with connection.errors_translated():
                rescue.rescue()
                for name in queues.QUEUES:
                    jobs.promote(name)
        except TrawlError as exc:
            log.warning("%s", exc)


def run(count: int | None = None, burst: bool = False) -> int:
    """Run `count` worker processes (default: WORKERS); returns the exit code. Raises what makes a start senseless."""
    logs.setup()
    with connection.errors_translated():
        for line in connection.refuse_unsafe():
            log.warning("%s", line)
    queues.load_jobs()
    number = count or config.settings().workers
    log.info("Ready to process jobs", extra={"workers": number, "queues": ",".join(queues.QUEUES)})
    return Supervisor(number, burst).run()
