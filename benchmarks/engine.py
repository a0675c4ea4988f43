"""The engine beside stock RQ, and beside no queue at all, in one run.

    python benchmarks/engine.py [--full] [--largest 100000] [--only NAME]

In each table the contenders take turns on one throw-away server; compare only figures of one run. `x` is the ratio to the line
with 1.00. Workers are warm, and are stopped (SIGSTOP) while jobs are submitted. "round trips" counts how often Redis read a
socket. "calls" counts the scripts that Redis ran. Needs Linux (/proc), and aiohttp for the async job (requirements-dev.txt).

What bounds the figures:

- no-op: Redis, which uses one core. Inside the scripts a job costs 8 commands of its own (hash, lease, result stream, expiries)
  and a share of common ones. Half of the time is commands; the rest is Lua and the calls between Lua and Redis. The workers
  spend about half as much. Stock RQ is bound by 20 round trips a job, and a fork.
- GET and parse: the processor. Most of it is requests and lxml, under one interpreter lock a process. The queue costs its own
  CPU time. About ten jobs share an exchange. Some jobs are prefetched, so that no thread idles until the next exchange.
- the same as `async def`: the event loop, one core a process. Another job begins in the step in which one ended. The queue costs
  its own CPU time here too.
- pick-up: submit, a wake-up that brings the job, hand-over to a thread. Each waits until the system runs another process or
  thread.
- memory: an interpreter with RQ and redis-py, shared by all threads. A queued job is a hash and an entry of a list.
- long queues: nothing. Leases and settlements touch the ends of lists and the depth of sorted sets.
"""

import argparse
import importlib.util
import os
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import rq

import clock
import queues
from benchmarks import engine_jobs, servers, stage
from state.store import connection, keys

DELAY_MS = 100


def main() -> None:
    """Run the tables."""
    tables: dict[str, Callable[[str, argparse.Namespace], None]] = {
        "noop": noop,
        "threads": threads,
        "async": coroutines,
        "latency": latency,
        "memory": memory,
        "depth": depth,
    }
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="five times the work, and --largest 1000000")
    parser.add_argument("--largest", type=int, help="jobs of the longer queue (default 100,000); the other holds a tenth")
    parser.add_argument("--only", choices=tables, help="one table")
    args = parser.parse_args()
    args.scale = 5 if args.full else 1
    args.largest = args.largest or (1_000_000 if args.full else 100_000)
    with servers.throw_away() as url:
        print(f"Redis {connection.client().info('server')['redis_version']}, {os.cpu_count()} cores")
        for name, table in tables.items():
            if args.only in (None, name):
                table(url, args)


def noop(url: str, args: argparse.Namespace) -> None:
    """Jobs that do nothing. Results and records are kept."""
    rows: dict[str, stage.Cost] = {}
    sizes: dict[stage.Kind, int] = {stage.FORKING: 100, stage.SIMPLE: 1000, stage.ours(1, 10): 20_000, stage.ours(2, 50): 20_000}
    for kind, count in sizes.items():
        with stage.at_work(kind, url) as crew:
            rounds = 3 if kind.lay is stage.lay_ours else 1
            costs = [stage.drain(crew, kind, engine_jobs.noop, range(count * args.scale)) for _ in range(rounds)]
            rows[kind.name] = stage.median(costs)
    rows["no queue, 2 x 50 threads"] = stage.median(bare("bare_threads", 50, 20_000 * args.scale, 3, "noop", 0))
    show("No-op jobs", rows, "RQ Worker (forks)")


def threads(url: str, args: argparse.Namespace) -> None:
    """A GET of a page that takes 100 ms, parsed with lxml, on threads."""
    kind = stage.ours(2, 50)
    versus(url, args, kind, engine_jobs.fetch, 50, stock=True)


def coroutines(url: str, args: argparse.Namespace) -> None:
    """The same as coroutines."""
    if importlib.util.find_spec("aiohttp") is None:
        print("\nasync def: left out, aiohttp is missing. Fix: pip install -r requirements-dev.txt")
        return
    versus(url, args, stage.ours(2, 4, 100), engine_jobs.fetch_async, 100, stock=False)


def versus(url: str, args: argparse.Namespace, kind: stage.Kind, func: Callable[..., object], width: int, stock: bool) -> None:
    """Rounds of bare loops and of the engine, in turn, so that a busy machine slows both alike."""
    port = servers.free_port()
    web = stage.Crew("slow_page", port, DELAY_MS)
    servers.wait_for(port)
    count, rows = 3200 * args.scale, {}
    name = f"no queue, 2 x {width} {'threads' if stock else 'coroutines'}"
    with stage.at_work(kind, url) as crew:
        role, work = ("bare_threads", ("fetch",)) if stock else ("bare_loop", ())
        loops = stage.Crew(role, width, count // 2, *work, port, count=2, url=url)
        loops.hear("ready")
        stage.drain(crew, kind, func, [port] * width * 4)  # warm: connections to the page
        pairs = [(loops.round(count), stage.drain(crew, kind, func, [port] * count)) for _ in range(3)]
        loops.end()
        rows[name], rows[kind.name] = (stage.median([pair[side] for pair in pairs]) for side in (0, 1))
    if stock:
        for other in (stage.FORKING, stage.SIMPLE):
            with stage.at_work(other, url) as crew:
                rows[other.name] = stage.drain(crew, other, func, [port] * 20 * args.scale)
    web.end()
    show(f"GET a page of {DELAY_MS} ms and parse it, {'async def' if not stock else 'threads'}", rows, name)


def bare(role: str, width: int, count: int, rounds: int, *work: str | int) -> list[stage.Cost]:
    """Rounds of two processes without any queue."""
    loops = stage.Crew(role, width, count // 2, *work, count=2)
    loops.hear("ready")
    costs = [loops.round(count) for _ in range(rounds)]
    loops.end()
    return costs


def latency(url: str, args: argparse.Namespace) -> None:
    """The time from submit to the job's first line with idle workers, and the commands of an idle process."""
    print(f"\n{'An idle worker':<28} {'median ms':>10} {'p99 ms':>8} {'trips/s':>8} {'commands/s':>11}   (a process)")
    for kind in (stage.FORKING, stage.SIMPLE, stage.ours(2, 50)):
        with stage.at_work(kind, url):
            times, trips, commands = picked_up(kind, 40 * args.scale), 0.0, 0.0
            trips, commands = at_rest(5.0 * args.scale)
        p99 = times[int(len(times) * 0.99)]
        print(
            f"{kind.name:<28} {statistics.median(times):>10.2f} {p99:>8.2f} "
            f"{trips / kind.workers:>8.1f} {commands / kind.workers:>11.1f}"
        )


def picked_up(kind: stage.Kind, count: int) -> list[float]:
    """Milliseconds from submit to start, one job at a time, sorted."""
    redis, submitted, ids = connection.client(), [], []
    stock = rq.Queue(engine_jobs.STOCK, connection=redis)
    for number in range(count):
        clock.wait(0.03 + number * 61 % 97 / 1000)
        submitted.append(clock.monotonic())
        if kind.lay is stage.lay_ours:
            ids.append(queues.submit(engine_jobs.started, number).job_id)
        else:
            ids.append(stock.enqueue(engine_jobs.started, number).id)
        servers.until(lambda: redis.hget(keys.job(ids[-1]), "status") == b"finished")
    job_class = queues.Job if kind.lay is stage.lay_ours else rq.job.Job
    values = [float(job_class.fetch(job_id, connection=redis).return_value() or 0) for job_id in ids]
    return sorted((begun - asked) * 1000 for begun, asked in zip(values, submitted, strict=True))


def at_rest(seconds: float) -> tuple[float, float]:
    """Round trips and commands a second (also inside scripts) without work."""
    redis = connection.client()
    clock.wait(1)
    redis.config_resetstat()
    clock.wait(seconds)
    stats = redis.info("stats")
    return (stats["total_reads_processed"] - 1) / seconds, (stats["total_commands_processed"] - 1) / seconds


def memory(url: str, args: argparse.Namespace) -> None:
    """Memory of a running job in workers, and of a queued job in Redis."""
    print(f"\n{'Memory':<28} {'running':>8} {'RSS MB/job':>11} {'PSS MB/job':>11} {'Redis bytes/queued job':>23}")
    forking = stage.Kind("RQ Worker (forks), 4 x", "stock_forking", (), engine_jobs.STOCK, 4, stage.lay_stock, count=4)
    simple = stage.Kind("RQ SimpleWorker, 4 x", "stock_simple", (), engine_jobs.STOCK, 4, stage.lay_stock, count=4)
    for kind, running in ((forking, 4), (simple, 4), (stage.ours(2, 50), 100)):
        with stage.at_work(kind, url) as crew:
            kind.lay(engine_jobs.nap, [2.0] * running)
            servers.until(lambda kind=kind, n=running: connection.client().zcard(keys.RQ_STARTED + kind.queue) == n)  # type: ignore[misc]
            clock.wait(0.5)
            rss, pss = crew.memory_mb()
        connection.client().flushall()
        before = connection.client().info("memory")["used_memory"]
        kind.lay(engine_jobs.noop, range(10_000))
        held = (connection.client().info("memory")["used_memory"] - before) / 10_000
        print(f"{kind.name:<28} {running:>8} {rss / running:>11.2f} {pss / running:>11.2f} {held:>23,.0f}")


def depth(url: str, args: argparse.Namespace) -> None:
    """The first 10,000 or so jobs of a short and of a long queue."""
    kind, sizes = stage.ours(2, 50), (args.largest // 10, args.largest)
    first = min(sizes[0], 50_000) * 9 // 10
    costs: list[list[stage.Cost]] = [[], []]
    for _ in range(2):  # in turn; the faster round counts, because rounds are short
        for place, size in enumerate(sizes):
            with stage.at_work(kind, url) as crew:
                costs[place].append(stage.drain(crew, kind, engine_jobs.noop, range(size), enough=first))
    rows = {f"{size:,} jobs queued": stage.median(rounds) for size, rounds in zip(sizes, costs, strict=True)}
    show("Long queues: the first jobs of each", rows, f"{sizes[0]:,} jobs queued")


def show(title: str, rows: dict[str, stage.Cost], one: str) -> None:
    """A table of costs, as ratios to the row `one`."""
    columns: Sequence[str] = ("jobs/s", "x", "worker ms/job", "Redis ms/job", "trips/job", "calls/job")
    print(f"\n{title:<36}" + "".join(f"{column:>14}" for column in columns))
    for name, cost in rows.items():
        figures = (f"{cost.rate:,.0f}", f"{cost.rate / rows[one].rate:.2f}", f"{cost.worker_ms:.3f}", f"{cost.redis_ms:.3f}")
        print(f"{name:<36}" + "".join(f"{figure:>14}" for figure in (*figures, f"{cost.trips:.2f}", f"{cost.calls:.2f}")))


if __name__ == "__main__":
    main()
