"""The cost of a fail-over: three real sentinels, a primary and two replicas on loopback. The primary is killed under load.

    python benchmarks/failover.py [--submits 300]

Four submitters submit one job after the other, and two worker processes run them. Twice the primary is only killed. Twice its
replicas are cut off a second before, as by a slow or broken network. "lost" counts jobs whose submit returned an id, but which
the promoted replica does not know. The sentinels here call the primary down after 0.8 s. A real setting is some seconds, and
"to promotion" grows by the difference.
"""

import argparse
import logging
import signal
import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import clock
import config
import queues
from benchmarks import engine_jobs, servers, stage
from errors import StoreUnreachable, Unconfirmed
from state.store import connection, keys
from tests.faults import sentinels

SUBMITTERS = 4


@dataclass
class Load:
    """The answers that the submitters got."""

    acked: list[str] = field(default_factory=list)
    unconfirmed: int = 0
    ended: bool = False

    def submit(self) -> None:
        """Submit one job after the other until there are enough. Each is submitted until it is acknowledged."""
        number = 0
        while not self.ended:
            number += 1
            key = f"load:{threading.get_ident()}-{number}"
            while not self.ended:
                try:
                    self.acked.append(queues.submit(engine_jobs.nap, 0.01, dedup_key=key).job_id)
                    break
                except Unconfirmed:
                    self.unconfirmed += 1
                except StoreUnreachable:
                    clock.wait(0.05)


def main() -> None:
    """Run all and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submits", type=int, default=200, help="submits of a round that measures WAIT")
    args = parser.parse_args()
    logging.getLogger("trawl").setLevel(logging.ERROR)
    print(f"{'':<54}{'to promotion s':>15}{'to work s':>11}{'acknowledged':>14}{'lost':>7}{'not confirmed':>15}")
    for cut in (False, True):
        for replicas in (0, 1):
            strike(cut, replicas)
    print(f"\n{'':<54}{'WAIT 0 ms':>15}{'WAIT 1 ms':>11}{'x':>14}")
    compare(args.submits)


def strike(cut: bool, replicas: int) -> None:
    """One fail-over under load, and its line."""
    group = sentinels.Group()
    with running(group), config.overridden(redis_url=group.url, submit_wait_replicas=replicas, submit_wait_timeout=0.3):
        crew = stage.Crew("engine", 2, 10, 1, url=group.url)
        servers.until(lambda: servers.worker_count() == 2)
        load = Load()
        threads = [threading.Thread(target=load.submit) for _ in range(SUBMITTERS)]
        for thread in threads:
            thread.start()
        try:
            clock.wait(2)
            old, killed = group.primary().port, clock.monotonic()
            if cut:
                group.cut_replicas_off()
                clock.wait(1)
                killed = clock.monotonic()
                promoted = group.lose_the_primary()
            else:
                group.primary().send(signal.SIGKILL)
                promoted = group.promoted(old)
            at = clock.now()
            clock.wait(4)
        finally:
            load.ended = True
            for thread in threads:
                thread.join()
        servers.until(lambda: all_over(known(load.acked)), 60)
        crew.end()
        kept = known(load.acked)
        worked = min(ended for ended in map(ended_at, kept) if ended > at) - at
        title = f"{'replicas cut off 1 s before' if cut else 'killed'}, SUBMIT_WAIT_REPLICAS={replicas}"
        row = f"{title:<54}{promoted - killed:>15.2f}{worked.total_seconds():>11.2f}{len(load.acked):>14,}"
        print(f"{row}{len(load.acked) - len(kept):>7,}{load.unconfirmed:>15,}", flush=True)


@contextmanager
def running(group: sentinels.Group) -> Iterator[None]:
    """The group, with the client of this process led by it."""
    try:
        group.start()
        connection.use(connection.connect(group.url))
        yield
    finally:
        connection.client().close()
        connection.use(None)
        group.close()


def known(ids: list[str]) -> list[str]:
    """The jobs that the present primary knows."""
    with connection.client().pipeline(transaction=False) as pipe:
        for job in ids:
            pipe.exists(keys.job(job))
        return [job for job, there in zip(ids, pipe.execute(), strict=True) if there]


def all_over(ids: list[str]) -> bool:
    """Whether each job has ended."""
    with connection.client().pipeline(transaction=False) as pipe:
        for job in ids:
            pipe.hget(keys.job(job), "status")
        return set(pipe.execute()) <= {b"finished"}


def ended_at(job: str) -> datetime:
    """When the job ended."""
    return datetime.fromisoformat(connection.client().hget(keys.job(job), "ended_at").decode())


def compare(submits: int) -> None:
    """The cost of WAIT for one submit and for 500 in one round trip, in turn on one group."""
    group = sentinels.Group()
    with running(group):
        for title, size, times in (("one submit", 1, submits), ("500 in one round trip", 500, max(3, submits // 30))):
            took: dict[int, list[float]] = {0: [], 1: []}
            for _ in range(5):
                for replicas, seconds in took.items():
                    seconds.append(timed(size, times, replicas))
            plain, waited = (statistics.median(seconds) * 1000 for seconds in took.values())
            print(f"{title:<54}{plain:>15.3f}{waited:>11.3f}{waited / plain:>14.2f}")


def timed(size: int, times: int, replicas: int) -> float:
    """Seconds a submit of so many jobs takes."""
    connection.client().flushall()
    with config.overridden(submit_wait_replicas=replicas, submit_wait_timeout=5.0):
        begun = clock.monotonic()
        for _ in range(times):
            if size == 1:
                queues.submit(engine_jobs.noop, 1)
            else:
                queues.submit_many([(engine_jobs.noop, number) for number in range(size)])
        return (clock.monotonic() - begun) / times


if __name__ == "__main__":
    main()
