"""Many processes and one host: is its delay ever broken, is its limit, and how much of what is allowed is used?

    python benchmarks/politeness.py [--processes 50] [--seconds 20]

The host is a server on loopback that notes when each request arrives. `arrived` and `sent` are the
shortest time between two requests, `early` counts those that are less than the delay apart, less a tolerance; `most` is how many
were there at a time. For the sending the tolerance is 2 ms: scripts count whole ones. For the arrival it is 5 ms, which is too
little where more processes run than cores: there a request may be on its way for longer than the next.

- callers: processes that wait for their turn themselves.
- jobs: the same pages as jobs of real workers. A job that must wait is parked, and holds no thread.
- trips: round trips to Redis a page, all of them: also those of jobs that were parked, and of workers that look for jobs.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import clock
import queues
from benchmarks import polite_jobs, servers
from state.store import connection, keys

#: How much earlier than allowed a request may arrive, and be sent (s).
TOLERANCE_S, ROUNDING_S = 0.005, 0.002


class Case(NamedTuple):
    """A host and its manners: delay, requests at a time, and how long the host takes (ms)."""

    delay_s: float
    concurrency: int
    takes_ms: int

    @property
    def allowed(self) -> float:
        """Requests a second that the host may get."""
        return min(1 / self.delay_s if self.delay_s else 1e9, self.concurrency / (self.takes_ms / 1000))


CASES = (Case(0.2, 1, 20), Case(0.2, 4, 300), Case(1.0, 1, 300), Case(0.2, 1, 300), Case(0.0, 3, 100))


class Seen(NamedTuple):
    """What came of it."""

    pages: int
    rate: float  # a second, from the first page to the last
    closest: float  # of two requests, as they arrived (s)
    closest_sent: float  # as they were sent
    early: int  # pairs that arrived too soon
    early_sent: int  # that were sent too soon
    most: int  # requests at a time
    trips: float  # a page


COLUMNS = ("", "delay", "limit", "takes", "pages", "used", "arrived", "early", "sent", "early", "most", "trips")
WIDTHS = (8, 7, 5, 6, 6, 5, 9, 5, 9, 5, 4, 6)


def main() -> None:
    """Run the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=50, help="callers")
    parser.add_argument("--workers", type=int, default=4, help="worker processes")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each line")
    given = parser.parse_args()
    line(COLUMNS)
    for case in CASES:
        for name, run in (("callers", callers), ("jobs", jobs)):
            seen = run(given, case)
            host = (f"{case.delay_s:g} s", case.concurrency, f"{case.takes_ms} ms")
            closest = [f"{gap * 1000:.1f} ms" for gap in (seen.closest, seen.closest_sent)]
            used = f"{seen.rate / case.allowed:.2f}"
            line(
                (
                    name,
                    *host,
                    seen.pages,
                    used,
                    closest[0],
                    seen.early,
                    closest[1],
                    seen.early_sent,
                    seen.most,
                    f"{seen.trips:.1f}",
                )
            )


def line(cells: tuple[object, ...]) -> None:
    """One line of the table."""
    print(" ".join(str(cell).rjust(width) for cell, width in zip(cells, WIDTHS, strict=True)), flush=True)


@contextmanager
def site(case: Case) -> Iterator[int]:
    """The host; yields its port."""
    port = servers.free_port()
    command = [sys.executable, "-c", f"from benchmarks import polite_jobs; polite_jobs.site({port}, {case.takes_ms})"]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        servers.wait_for(port)
        yield port
    finally:
        process.kill()
        process.wait()


def seen_by(port: int, case: Case, reads: int) -> Seen:
    """What the host saw."""
    arrived, most = json.loads(polite_jobs.get(port, "/seen")[0])
    at, sent = [gaps_of(times) for times in zip(*arrived, strict=True)]
    early = [sum(gap < case.delay_s - tolerance for gap in gaps) for gaps, tolerance in ((at, TOLERANCE_S), (sent, ROUNDING_S))]
    return Seen(len(arrived), len(at) / sum(at), min(at), min(sent), early[0], early[1], most, reads / len(arrived))


def gaps_of(times: tuple[float, ...]) -> list[float]:
    """How far apart they are (s)."""
    return [later - earlier for earlier, later in pairwise(sorted(times))]


def reads() -> int:
    """How often Redis has read a socket."""
    return int(connection.client().info("stats")["total_reads_processed"])


def callers(given: argparse.Namespace, case: Case) -> Seen:
    """Processes that wait themselves."""
    with servers.throw_away() as url, site(case) as port:
        call = f"{port}, {case.delay_s}, {case.concurrency}, {given.seconds})"
        running = [
            subprocess.Popen(
                [sys.executable, "-c", f"from benchmarks import polite_jobs; polite_jobs.caller({number}, {call}"],
                cwd=ROOT,
                env={**os.environ, "REDIS_URL": url},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for number in range(given.processes)
        ]
        for process in running:
            assert process.stdout
            process.stdout.readline()
        before = reads()
        for process in running:
            assert process.stdin
            process.stdin.write(b"go\n")
            process.stdin.flush()
        for process in running:
            process.wait()
        return seen_by(port, case, reads() - before)


def jobs(given: argparse.Namespace, case: Case) -> Seen:
    """Jobs of real workers."""
    count = max(20, int(case.allowed * given.seconds))
    with servers.throw_away() as url, site(case) as port:
        command = [sys.executable, "-c", f"from benchmarks import polite_jobs; polite_jobs.engine({given.workers})"]
        crew = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "REDIS_URL": url, "LOG_LEVEL": "ERROR"})
        try:
            servers.until(lambda: servers.worker_count() == given.workers)
            clock.wait(1)
            before, looks = reads(), 0
            calls = [(polite_jobs.fetch_politely, n, port, case.delay_s, case.concurrency) for n in range(count)]
            queues.submit_many(calls)
            deadline = clock.monotonic() + 5 * given.seconds
            while connection.client().zcard(f"{keys.RQ}finished:{queues.DEFAULT}") < count and clock.monotonic() < deadline:
                looks += 1
                clock.wait(0.2)
            return seen_by(port, case, reads() - before - looks)
        finally:
            crew.terminate()
            crew.wait()


if __name__ == "__main__":
    main()
