"""The time of `manage.py doctor` on a large store, whole and damaged, beside RQ reading the same jobs.

    python benchmarks/doctor.py [--jobs 100000] [--keywords 20000]

All runs use one throw-away server. "server busy" is the longest single step of the server: all other clients wait so long. RQ's
figure is `Job.fetch_many` over the ids of the queue. That call sees no leases, no claims, and no jobs outside the queue.
"""

import argparse
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import clock
import queues
from benchmarks import engine_jobs, servers
from doctor import examination
from state.store import connection, keys
from topics.tracking import projects

SLOW_MS = 1


def main() -> None:
    """Fill the store, examine it, damage it, examine it, repair it, and print a line for each step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=100_000, help="jobs in the queue")
    parser.add_argument("--keywords", type=int, default=20_000, help="tracked keywords")
    args = parser.parse_args()
    with servers.throw_away():
        ids = fill(args.jobs, args.keywords)
        print(f"{args.jobs:,} jobs in a queue, {args.keywords:,} keywords")
        print(f"{'':<44}{'seconds':>9}{'x':>7}{'server busy ms':>16}{'found':>9}")
        base = timed("RQ's Job.fetch_many of the queue", lambda: fetch(ids), None)
        timed("doctor", look(False), base)
        for damage, title in DAMAGES.items():
            damage(ids)
            timed(f"doctor, {title}", look(False), base)
            timed(f"doctor --fix, {title}", look(True), base)


def fill(jobs: int, keywords: int) -> list[str]:
    """Make a queue and a project. Returns the ids of the jobs."""
    projects.add("example.com")
    projects.add_keywords("example.com", [f"keyword {number}" for number in range(keywords)])
    ids: list[str] = []
    for at in range(0, jobs, 10_000):
        done = queues.submit_many((engine_jobs.noop, number) for number in range(at, min(jobs, at + 10_000)))
        ids += [submission.job_id for submission in done]
    return ids


def fetch(ids: list[str]) -> int:
    """RQ's own way, a thousand at a time."""
    for at in range(0, len(ids), 1000):
        queues.Job.fetch_many(ids[at : at + 1000], connection=connection.client())
    return 0


def look(repair: bool) -> Callable[[], int]:
    """Examine the store once. Returns the number of faults."""
    return lambda: sum(tally.count for tally in examination.Examination(repair).run().values())


def timed(title: str, work: Callable[[], int], base: float | None) -> float:
    """Run the function once and print its line. Returns the seconds it took."""
    redis: Any = connection.client()
    redis.config_set("slowlog-log-slower-than", SLOW_MS * 1000)
    redis.slowlog_reset()
    begun = clock.monotonic()
    found = work()
    seconds = clock.monotonic() - begun
    busy_ms = max((entry["duration"] / 1000 for entry in redis.slowlog_get(128)), default=SLOW_MS)
    print(f"{title:<44}{seconds:>9.2f}{seconds / (base or seconds):>7.2f}{busy_ms:>16.0f}{found:>9,}")
    return seconds


def cut_ten(ids: list[str]) -> None:
    """Remove ten entries from the middle of the queue."""
    for job in random.Random(4).sample(ids, 10):
        connection.client().lrem(keys.queue(queues.DEFAULT), 1, job)


def drop_list(ids: list[str]) -> None:
    """Remove the list of the queue. All jobs stay."""
    connection.client().delete(keys.queue(queues.DEFAULT))


def drop_hashes(ids: list[str]) -> None:
    """Remove every second job. Its entry stays."""
    for at in range(0, len(ids), 1000):
        connection.client().delete(*(keys.job(job) for job in ids[at : at + 1000 : 2]))


DAMAGES = {
    cut_ten: "10 jobs cut out of the queue",
    drop_list: "the whole queue lost",
    drop_hashes: "half of the jobs lost",
}

if __name__ == "__main__":
    main()
