"""Submitting jobs, one at a time and in bulk, beside stock RQ's enqueue and pipelined enqueue_many.

    python benchmarks/enqueue.py [--jobs 3000] [--full]

Each line is the median of several rounds that take turns on one throw-away server. The CPU columns are more exact than the time:
on loopback one client and the server take turns, and a busy machine stretches each turn.

What bounds the figures:

- one at a time: the round trip, then redis-py's packing and parsing of a command. A dedup key adds two lookups and three writes.
- in bulk: the check that JSON keeps the arguments, the description for RQ's tools, and the packing. The server runs about 4
  commands a job.
- stock RQ: two round trips and one object a job, on redis-py's own connection. (Ours leaves timeouts to the kernel, see
  sockets.py in state/store.) In bulk it has no dedup key: `unique=True` with a job id is the nearest it has.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import time

import redis
import rq

import clock
import models
import queues
from benchmarks import engine_jobs, servers, stage
from state.store import connection

CHUNK = 1000


@dataclass(slots=True)
class Way:
    """One way to submit `count` jobs. Its rounds: seconds, CPU of this process, CPU of the server, round trips."""

    name: str
    bulk: bool
    submit: Callable[[int], object]
    rounds: list[tuple[float, float, float, float]] = field(default_factory=list)

    def measure(self, count: int) -> None:
        """One round on an empty server."""
        redis = connection.client()
        redis.flushall()
        self.submit(20)
        redis.flushall()
        redis.config_resetstat()
        theirs, cpu, begun = stage.redis_cpu_s(), time.process_time(), clock.monotonic()
        self.submit(count)
        seconds, used = clock.monotonic() - begun, time.process_time() - cpu
        trips = redis.info("stats")["total_reads_processed"] - 2
        self.rounds.append((seconds / count, used / count, (stage.redis_cpu_s() - theirs) / count, trips / count))

    def middle(self, column: int) -> float:
        """Median of a column of the rounds."""
        return sorted(row[column] for row in self.rounds)[len(self.rounds) // 2]


def main() -> None:
    """Run all ways in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=3000, help="jobs of a round one at a time; in bulk four times as many")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--full", action="store_true", help="five times the jobs")
    args = parser.parse_args()
    count = args.jobs * (5 if args.full else 1)
    with servers.throw_away() as url:
        ways = every_way(rq.Queue(engine_jobs.STOCK, connection=redis.Redis.from_url(url)))
        for _ in range(args.rounds):
            for way in ways:
                way.measure(count * 4 if way.bulk else count)
    print(f"{'':<38}{'jobs/s':>9}{'x':>7}{'client ms/job':>15}{'x':>7}{'Redis ms/job':>14}{'trips/job':>11}")
    for way in ways:
        base = next(other for other in ways if other.bulk == way.bulk and other.name.startswith("RQ"))
        print(
            f"{way.name:<38}{1 / way.middle(0):>9,.0f}{base.middle(0) / way.middle(0):>7.2f}{way.middle(1) * 1000:>15.4f}"
            f"{base.middle(1) / way.middle(1):>7.2f}{way.middle(2) * 1000:>14.4f}{way.middle(3):>11.3f}"
        )


def every_way(stock: rq.Queue) -> list[Way]:
    """All ways, the same no-op job."""
    noop = engine_jobs.noop

    def in_bulk(count: int) -> None:
        for at in range(0, count, CHUNK):
            with connection.client().pipeline() as pipe:
                stock.enqueue_many([rq.Queue.prepare_data(noop, (number,)) for number in range(at, at + CHUNK)], pipeline=pipe)
                pipe.execute()

    def ours_in_bulk(count: int, dedup: bool) -> None:
        for at in range(0, count, CHUNK):
            numbers = range(at, at + CHUNK)
            queues.submit_many([models.Call(noop, (number,), {}, f"bench:{number}" if dedup else None) for number in numbers])

    def each(one: Callable[[int], object]) -> Callable[[int], object]:
        return lambda count: [one(number) for number in range(count)]

    return [
        Way("RQ enqueue", False, each(lambda number: stock.enqueue(noop, number))),
        Way("RQ enqueue, unique job id", False, each(lambda n: stock.enqueue(noop, n, job_id=f"bench-{n}", unique=True))),
        Way("submit", False, each(lambda number: queues.submit(noop, number))),
        Way("submit, dedup key", False, each(lambda number: queues.submit(noop, number, dedup_key=f"bench:{number}"))),
        Way("RQ enqueue_many in a pipeline", True, in_bulk),
        Way("submit_many", True, lambda count: ours_in_bulk(count, dedup=False)),
        Way("submit_many, dedup keys", True, lambda count: ours_in_bulk(count, dedup=True)),
    ]


if __name__ == "__main__":
    main()
