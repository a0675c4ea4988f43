"""Periodic work beside rq-scheduler's own loop: how late it is, what waiting costs, and how fast another takes over.

    python benchmarks/scheduler.py [--largest 100000] [--rounds 5]

Three tables:

- Lateness. The entries of each size are due once, at whole seconds within ten seconds (the largest size: a minute). Both loops
  look every second. Small sizes run three times, with loops begun a third of a second apart, because the phase of the loop
  matters. "never" counts entries that are not queued half a minute after the window.
- The cost of a second in which nothing is due. Commands inside scripts count.
- Taking over: the time from kill -9 in the middle of 200 entries due at once until a second scheduler has queued the rest.

What bounds the figures: our loop sleeps until something is due. Then it sends one script an occurrence, 200 in a round trip, and
checks and packs each job in Python. The server runs about fifteen commands for each. rq-scheduler makes about eight round trips
for each entry, and sleeps a second after each look. A scheduler of its kind that dies while it looks leaves a lock for 11 s.
"""

import argparse
import logging
import multiprocessing
import os
import signal
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import rq_scheduler

import clock
import queues
from benchmarks import servers, stage
from scheduling import loop
from scheduling.entries import Entry
from state.engine import jobs
from state.store import connection, keys

SIZES = (10, 1_000, 100_000)
GRACE_S = 30
IDLE_S = 10
HOUR_S = 3600
BATCH = 200
PHASES_S = (0.0, 0.33, 0.67)

fork = multiprocessing.get_context("fork")


@queues.job(queue="low", kind="bench")
def nothing() -> None:
    """Do nothing."""


class Stock(rq_scheduler.Scheduler):  # type: ignore[misc]  # rq-scheduler has no types
    """rq-scheduler's own loop, with JSON jobs."""

    job_class = queues.Job


def ours() -> None:
    """Our loop, without a table of its own."""
    loop.Scheduler().run_forever()


def stock() -> None:
    """Run rq-scheduler's own loop."""
    Stock(connection=connection.client(), interval=1).run()


LOOPS: dict[str, Callable[[], None]] = {"ours": ours, "rq-scheduler": stock}


def main() -> None:
    """Run all and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="entries of the largest size")
    parser.add_argument("--rounds", type=int, default=5, help="schedulers killed of each kind")
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    print(f"{'entries':>8} {'':<13} {'median ms':>10} {'p99 ms':>10} {'max ms':>10} {'never':>8}")
    for size in (size for size in SIZES if size <= args.largest):
        for name in LOOPS:
            print_lateness(size, name)
    print(f"\n{'a second in which nothing is due':<34} {'round trips':>11} {'commands':>9} {'CPU ms of Redis':>16}")
    for name in LOOPS:
        print_idle(name)
    print(f"\n{'killed in a batch, another by: rest':<34} {'median ms':>11} {'max ms':>9}")
    for name in LOOPS:
        print_takeover(name, args.rounds)


@contextmanager
def running(name: str, url: str) -> Iterator[Any]:
    """One process of that loop. It is killed at the end."""

    def start() -> None:
        connection.use(connection.connect(url))
        LOOPS[name]()

    process = fork.Process(target=start, daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def arm(dues: dict[str, float], every_s: int) -> None:
    """Write entries as our schedulers register them; both loops read them."""
    entries = [Entry(name, nothing, every_s, missed="all", overlap="allow") for name in dues]
    loop.Scheduler().register(entries)
    pairs = [(f"schedule-{name}", due) for name, due in dues.items()]
    for at in range(0, len(pairs), 1000):
        connection.client().zadd(keys.RQ_SCHEDULER_JOBS, dict(pairs[at : at + 1000]))


# --- lateness ---


def print_lateness(size: int, name: str) -> None:
    """One row."""
    late = sorted(one for shift in ((0.0,) if size > 10_000 else PHASES_S) for one in run_once(size, name, shift))
    total = size * (1 if size > 10_000 else len(PHASES_S))
    figures = [statistics.median(late), late[int(len(late) * 0.99)], late[-1]] if late else [float("nan")] * 3
    print(f"{size:>8,} {name:<13} {' '.join(f'{1000 * one:>10,.0f}' for one in figures)} {total - len(late):>8,}", flush=True)


def run_once(size: int, name: str, shift_s: float) -> list[float]:
    """Lateness (s) of all queued entries, with a loop that began so long after a whole second."""
    window_s = 60 if size > 10_000 else 10
    with servers.throw_away() as url:
        begin = int(connection.now().timestamp()) + 3 + size // 3_000
        dues = {f"n{number}": float(begin + number % window_s) for number in range(size)}
        arm(dues, HOUR_S)
        assert connection.now().timestamp() < begin - 1, "this machine is too slow for that size"
        until(lambda: False, begin - 1 + shift_s)
        with running(name, url):
            until(lambda: depth() >= size, begin + window_s + GRACE_S)
        return list(lateness(dues, name))


def lateness(dues: dict[str, float], name: str) -> Iterator[float]:
    """Seconds from due to queued of each entry that was queued, by the job's own record (one clock: one machine)."""
    names = list(dues)
    for at in range(0, len(names), 1000):
        with connection.client().pipeline(transaction=False) as pipe:
            for entry in names[at : at + 1000]:
                job = f"schedule-{entry}-{int(dues[entry])}" if name == "ours" else f"schedule-{entry}"
                pipe.hget(keys.job(job), "enqueued_at")
            for entry, value in zip(names[at : at + 1000], pipe.execute(), strict=True):
                if value:
                    yield moment(value.decode()) - dues[entry]


def moment(text: str) -> float:
    """A time as RQ writes it, in seconds."""
    return datetime.fromisoformat(text).timestamp()


def depth() -> int:
    """Jobs queued."""
    return jobs.depths(["low"])["low"]


def until(condition: Callable[[], bool], at_s: float) -> bool:
    """Wait for a condition until that time of the server. Returns whether it came true."""
    while (left_s := at_s - connection.now().timestamp()) > 0:
        if condition():
            return True
        clock.wait(min(0.05, left_s))
    return False


# --- waiting ---


def print_idle(name: str) -> None:
    """The cost of a second in which none of 1,000 entries is due."""
    with servers.throw_away() as url:
        now = connection.now().timestamp()
        arm({f"n{number}": now + HOUR_S for number in range(1_000)}, HOUR_S)
        with running(name, url):
            clock.wait(2)
            redis = connection.client()
            before, cpu = counters(redis), stage.redis_cpu_s()
            clock.wait(IDLE_S)
            after, used = counters(redis), stage.redis_cpu_s() - cpu
    trips, commands = ((late - early) / IDLE_S for early, late in zip(before, after, strict=True))
    trips -= 3 / IDLE_S  # our own commands
    print(f"{name:<34} {trips:>11.1f} {commands:>9.1f} {1000 * used / IDLE_S:>16.2f}")


def counters(redis: Any) -> tuple[int, int]:
    """Round trips and commands that clients sent so far, without those of this call."""
    stats = redis.info("commandstats")
    sent = sum(one["calls"] for name, one in stats.items() if not name.startswith("cmdstat_info"))
    return redis.info("stats")["total_reads_processed"], sent


# --- taking over ---


def print_takeover(name: str, rounds: int) -> None:
    """Kill one of two in the middle of a batch, again and again."""
    waits = [takeover(name) for _ in range(rounds)]
    print(f"{name:<34} {1000 * statistics.median(waits):>11,.0f} {1000 * max(waits):>9,.0f}")


def takeover(name: str) -> float:
    """Seconds from kill -9 in the middle of a batch until the other one has queued the rest."""
    with servers.throw_away() as url:
        due = int(connection.now().timestamp()) + 4
        arm(dict.fromkeys((f"n{number}" for number in range(BATCH)), float(due)), HOUR_S)
        with running(name, url) as first:
            clock.wait(2)
            with running(name, url) as second:
                clock.wait(0.5)
                return kill_in_the_middle(first, second)


def kill_in_the_middle(*both: Any) -> float:
    """Freeze the scheduler that works when its batch begins, and kill it. The other one waits, which tells them apart."""
    while not depth():
        pass
    for process in both:
        os.kill(process.pid, signal.SIGSTOP)
    working = both[0]
    if depth() >= BATCH:
        working.kill()
        return 0.0
    working.kill()
    begun = clock.monotonic()
    os.kill(both[1].pid, signal.SIGCONT)
    while depth() < BATCH and clock.monotonic() - begun < GRACE_S:
        clock.wait(0.001)
    return clock.monotonic() - begun


if __name__ == "__main__":
    main()
