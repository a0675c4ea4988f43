"""The history of jobs at its full size: memory a job, and the time of a page by any filter.

    python benchmarks/history.py [--jobs 1000000] [--labels]

Jobs are written to the stream of events as the settle script writes them, ten to an entry, and packed as the sweep does it. Ids
are random, as ours are; one job in fifty failed. `--labels` gives each a host (of 3,000), a project and an owner. A page of 50 is
read until it is full or the history ends; the best of three counts. What is rare is there once, far back. Compare only figures of
one run.
"""

import argparse
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import clock
from benchmarks import servers
from state.engine import history
from state.engine.segments import Query
from state.store import connection, keys

PAGE, PER_ENTRY, EVERY_MS = 50, 10, 20

RARE_HOST, RARE_ID, RARE_OWNER = "rare.example.org", "f" * 32, "rarekey0"


def main() -> None:
    """Fill a throw-away server, and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--labels", action="store_true", help="each job has a host, a project and an owner")
    args = parser.parse_args()
    with servers.throw_away():
        before = used()
        packed_s = fill(args.jobs, args.labels)
        print(
            f"{args.jobs:,} jobs, {(used() - before) / args.jobs:.0f} bytes a job; packed at {args.jobs / packed_s:,.0f} jobs/s"
        )
        print(f"{'a page of 50':<28}{'found':>6}{'pages':>7}{'ms':>9}")
        for name, query in queries(args.jobs).items():
            found, pages, ms = min((page(query) for _ in range(3)), key=lambda row: row[2])
            print(f"{name:<28}{found:>6}{pages:>7}{ms:>9.1f}")


def queries(jobs: int) -> dict[str, Query]:
    """What is asked; an hour long ago is the first one."""
    begin = begin_ms(jobs)
    return {
        "any": Query(),
        "failed": Query(outcomes=frozenset({"failed"})),
        "a category": Query(category="blocked"),
        "a host": Query(host="shop7.example.com"),
        "a host that failed": Query(host="shop7.example.com", outcomes=frozenset({"failed"})),
        "a rare state": Query(outcomes=frozenset({"canceled"})),
        "a rare host": Query(host=RARE_HOST),
        "a host that is not there": Query(host="nobody.example"),
        "an owner": Query(owner="key00007"),
        "an owner that failed": Query(owner="key00007", outcomes=frozenset({"failed"})),
        "a rare owner": Query(owner=RARE_OWNER),
        "an owner that is not there": Query(owner="nobodys0"),
        "one job": Query(job_id=RARE_ID),
        "slower than 20 s": Query(least_ms=20_000),
        "an hour long ago": Query(since_ms=begin, until_ms=begin + 3_600_000),
    }


def fill(jobs: int, labels: bool) -> float:
    """Write the jobs; returns the seconds that packing took."""
    client, packed_s, lots = connection.client(), 0.0, random.Random(1)
    begin, pipe = begin_ms(jobs), client.pipeline(transaction=False)
    for entry, at in enumerate(range(0, jobs, PER_ENTRY), 1):
        at_ms = begin + at * EVERY_MS
        rows = "".join(row(number, jobs, labels, lots) for number in range(at, min(jobs, at + PER_ENTRY)))
        pipe.xadd(keys.EVENTS, {"t": at_ms, "r": rows}, id=f"{at_ms}-0")
        if entry % 5000 == 0:
            pipe.execute()
            packed_s += pack()
    pipe.execute()
    return packed_s + pack()


def row(number: int, jobs: int, labels: bool, lots: random.Random) -> str:
    """A job as a row; three of them are rare."""
    outcome = "failed" if lots.random() < 0.02 else "canceled" if number == jobs // 5 else "finished"
    category = lots.choice(("network", "blocked", "data")) if outcome == "failed" else ""
    ms, job_id = int(lots.lognormvariate(6, 1)), RARE_ID if number == jobs // 7 else f"{lots.getrandbits(128):032x}"
    host = RARE_HOST if number == jobs // 3 else f"shop{lots.randrange(3000)}.example.com"
    owner = RARE_OWNER if number == jobs // 4 else f"key{number % 50:05d}"
    rest = f"\t\t{host}\t\tp{number % 50}\t{owner}" if labels or number in (jobs // 3, jobs // 4) else ""
    return f"scrape|{outcome}|{category}|{ms.bit_length()}\t{ms}\t{job_id}{rest}\n"


def page(query: Query) -> tuple[int, int, float]:
    """Jobs found for one page, replies that took, and ms."""
    begun, found, pages, cursor = clock.monotonic(), 0, 0, ""
    while True:
        got = history.page(query, PAGE, cursor)
        found, pages, cursor = found + len(got.jobs), pages + 1, got.cursor
        if found >= PAGE or not cursor:
            return found, pages, (clock.monotonic() - begun) * 1000


def pack() -> float:
    """Pack what is there; returns the seconds."""
    begun = clock.monotonic()
    history.pack(0)
    return clock.monotonic() - begun


def begin_ms(jobs: int) -> int:
    """When the first job ended: all of them end before now."""
    return int(clock.now().timestamp() * 1000) // 86_400_000 * 86_400_000 - jobs * EVERY_MS


def used() -> int:
    """Bytes that the server uses."""
    return int(connection.client().info("memory")["used_memory"])


if __name__ == "__main__":
    main()
