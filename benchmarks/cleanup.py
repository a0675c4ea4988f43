"""How long others wait for Redis while jobs that ended are cleaned up, beside two ways of other programs.

    python benchmarks/cleanup.py [--jobs 100000] [--only trawl keys]

Each way gets the same finished jobs on a throw-away server: records, results, entries of RQ's registry; ours their history, too.
"longest command" is the longest single step of the server, by its own slow log: all other clients wait so long; "p99" is of its
steps of 0.1 ms and more. "others waited" is what a second process saw that sent a PING each millisecond: the longest, and the
99.9th percentile. "idle" is the same while nothing is cleaned up: where other programs take the processor, they add waits to
both, also to the time of a single HGET. Compare with that.

The others: `rq`: FinishedJobRegistry.get_job_ids, then Job.delete of each. `keys`: KEYS, then DEL of 1,000 keys at a time.
"""

import argparse
import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import redis
import rq
from rq.registry import FinishedJobRegistry
from rq.serializers import JSONSerializer

import clock
from benchmarks import servers
from state.engine import history
from state.store import connection, keys, script_text, scripts
from topics.upkeep import cleaning

#: Commands below this (µs) are not looked at, and how many are.
LEAST_US, MOST_KEPT = 100, 100_000

#: When the jobs ended (s since 1970), in 2025.
ENDED_S, ENDED = 1_750_000_000, "2025-06-15T15:06:40.000000Z"

PORTION = 2000


def main() -> None:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=100_000, help="finished jobs")
    parser.add_argument("--only", choices=WAYS, nargs="+", help="these ways alone")
    args = parser.parse_args()
    print(f"{args.jobs:,} finished jobs")
    print(f"{'':<8}{'seconds':>9}{'jobs/s':>9}{'longest command':>17}{'p99':>9}{'others waited':>15}{'p99.9':>8}   which")
    for name in args.only or WAYS:
        with servers.throw_away() as url:
            fill(args.jobs, with_history=name == "trawl")
            measured(name, url, WAYS[name], args.jobs)


def fill(jobs: int, *, with_history: bool) -> None:
    """Finished jobs as the engine leaves them that are kept for ever, and the events of their ends."""
    client, number = connection.client(), 0
    fields = {"created_at": ENDED, "enqueued_at": ENDED, "started_at": ENDED, "ended_at": ENDED, "last_heartbeat": ENDED}
    fields |= {"data": '["jobs.scrape.scrape_page",null,["https://example.com/a/page"],{}]', "origin": "default"}
    fields |= {"description": "jobs.scrape.scrape_page('https://example.com/a/page')", "status": "finished", "timeout": "180"}
    while number < jobs:
        names = [f"{number + more:032x}" for more in range(min(PORTION, jobs - number))]
        with client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.hset(keys.job(name), mapping=fields)
                pipe.xadd(keys.results(name), {"type": "1", "return_value": "x" * 400})
            pipe.zadd(keys.RQ_FINISHED + "default", dict.fromkeys(names, ENDED_S + 10**9))
            if with_history:
                rows = "\n".join(f"scrape|finished||7\t90\t{name}\t1\texample.com" for name in names)
                pipe.xadd(keys.EVENTS, {"t": ENDED_S * 1000, "r": rows})
            pipe.execute()
        number += len(names)
        if with_history:
            history.pack(-60)


def measured(name: str, url: str, work: Callable[[int], object], jobs: int) -> None:
    """Clean up one way, and print its line."""
    client: Any = connection.client()
    client.config_set("slowlog-max-len", MOST_KEPT)
    client.config_set("slowlog-log-slower-than", LEAST_US)
    if name == "trawl":
        worst, high = probed(url, lambda: clock.wait(3))
        print(f"{'idle':<8}{'':>44}{worst:>12.1f} ms{high:>8.1f}")
    client.slowlog_reset()
    begun = clock.monotonic()
    worst, high = probed(url, lambda: work(jobs))
    seconds = clock.monotonic() - begun
    steps = sorted(client.slowlog_get(MOST_KEPT), key=lambda entry: entry["duration"])
    left = client.zcard(keys.RQ_FINISHED + "default")
    assert not left and not client.exists(keys.job(f"{0:032x}"), keys.results(f"{jobs - 1:032x}")), "something is left"
    slow, most = (steps[int(len(steps) * share)]["duration"] / 1000 for share in (0.99, 0.9999999))
    line = f"{name:<8}{seconds:>9.1f}{jobs / seconds:>9,.0f}{most:>14.2f} ms{slow:>6.2f} ms{worst:>12.1f} ms{high:>8.1f}"
    print(f"{line}   {called(steps[-1]['command'])}", flush=True)


def called(command: bytes) -> str:
    """The command, and its script where it runs one."""
    first, _, rest = command.decode(errors="replace").partition(" ")
    names = {scripts.sha(name): name for name in script_text.names()}
    return f"{first} {names.get(rest.partition(' ')[0], rest[:30])}"


def probed(url: str, work: Callable[[], object]) -> tuple[float, float]:
    """The longest wait of another process for a PING meanwhile, and the 99.9th percentile, in ms."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=ping, args=(url, theirs), daemon=True)
    process.start()
    theirs.close()  # so that we hear of its death
    ours.recv()
    work()
    ours.send("enough")
    worst, high = ours.recv()
    process.join()
    return float(worst), float(high)


def ping(url: str, told: Connection) -> None:
    """Send a PING each millisecond until somebody says that it is enough."""
    client, waits = redis.Redis.from_url(url, socket_timeout=None), list[float]()
    client.ping()
    told.send("ready")
    while not told.poll():
        begun = clock.monotonic()
        client.ping()
        waits.append(1000 * (clock.monotonic() - begun))
        clock.wait(0.001)
    waits.sort()
    told.send((waits[-1], waits[int(len(waits) * 0.999)]))


def patient() -> Any:
    """A connection that waits for a reply for as long as it takes."""
    path = connection.client().connection_pool.connection_kwargs["path"]
    return redis.Redis(unix_socket_path=path, socket_timeout=None)


def ours(jobs: int) -> None:
    """As `maintenance cleanup --older-than-days 90`."""
    report = cleaning.clean_up(90)
    assert report.facts["jobs"] == {"completed": jobs}, report


def rqs(jobs: int) -> None:
    """RQ's own objects, as its documentation shows them."""
    client = patient()
    queue = rq.Queue("default", connection=client, serializer=JSONSerializer)
    registry = FinishedJobRegistry(queue=queue)
    for job_id in registry.get_job_ids(cleanup=False):
        rq.job.Job.fetch(job_id, connection=client, serializer=JSONSerializer).delete()


def by_keys(jobs: int) -> None:
    """KEYS and DEL, as many a script does."""
    client = patient()
    for pattern in (keys.RQ_JOB, keys.RQ_RESULTS):
        found = client.keys(f"{pattern}*")
        for at in range(0, len(found), 1000):
            client.delete(*found[at : at + 1000])
    client.delete(keys.RQ_FINISHED + "default")


WAYS: dict[str, Callable[[int], object]] = {"trawl": ours, "rq": rqs, "keys": by_keys}

if __name__ == "__main__":
    main()
