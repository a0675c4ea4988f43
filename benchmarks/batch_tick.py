"""The time of a batch tick among few and many keywords, and the Redis memory of a keyword.

    python benchmarks/batch_tick.py [--largest 1000000]

Prints the median time of a tick of 500 for each size and number of projects, as a ratio to the smallest. Then prints the bytes of
Redis memory for a tracked keyword (hash, due time, its share of the claims) and for a day of rank history.

What bounds the figures: the server runs about ten commands a keyword, inside one script call for 250 keywords. Only the depth of
the sorted sets depends on the number of keywords. Memory: each key costs the server about 100 bytes before its content.
"""

import argparse
import statistics
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import clock
import models
from benchmarks import servers
from parsing import marks
from state.store import connection, keys
from state.tracking import batches, history, keywords, outcomes, projects

BATCH = 500
TICKS = 25
SIZES = (1_000, 100_000, 1_000_000)
PROJECTS = (1, 100, 10_000)
FIRST_DAY = date(2026, 1, 1)
WORK = batches.Work("jobs.serp.track_keyword", 900)


def main() -> None:
    """Run all sizes and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--largest", type=int, default=1_000_000, help="keywords of the largest size (default: a million)")
    largest = parser.parse_args().largest
    stocks = [(size, count) for size in SIZES if size <= largest for count in PROJECTS if count <= size]
    with servers.throw_away() as url:
        places = [connection.connect(url.replace("db=0", f"db={number}")) for number in range(len(stocks))]
        for place, (size, count) in zip(places, stocks, strict=True):
            connection.use(place)
            fill(size, count)
        times = measure(places)
        version = places[0].info("server")["redis_version"]
        print(f"A tick of {BATCH}: median of {TICKS}, all stocks in turn on one server (Redis {version})\n")
        print(f"{'keywords':>10} {'projects':>9} {'ms':>7} {'ratio':>6}")
        for (size, count), ms in zip(stocks, times, strict=True):
            print(f"{size:>10,} {count:>9,} {ms:>7.2f} {ms / times[0]:>6.2f}")
    with servers.throw_away():
        print()
        memory(min(100_000, largest))


def measure(places: list[Any]) -> list[float]:
    """Median ms of a tick in each store. The stores take turns, so that a busy machine slows all alike."""
    times: list[list[float]] = [[] for _ in places]
    for _ in range(TICKS):
        for place, taken in zip(places, times, strict=True):
            connection.use(place)
            started = clock.monotonic()
            batch = batches.take(BATCH, WORK, max_depth=10**9)
            taken.append((clock.monotonic() - started) * 1000)
            if batch.total != BATCH:
                sys.exit(f"a tick took {batch.total} of {BATCH}")
            put_back()
    return [statistics.median(taken) for taken in times]


def fill(size: int, project_count: int) -> None:
    """`size` never-scraped keywords in equal projects, in an empty store."""
    each = size // project_count
    for number in range(project_count):
        name = f"project-{number}.example.com"
        projects.add(models.Project(id=name, domain=name, name=name, folder=name))
        keywords.add_many(name, [f"keyword number {n} of many" for n in range(each)])
        progress(f"{(number + 1) * each:,} of {size:,} keywords")
    progress("")


def put_back() -> None:
    """Make the taken keywords due again, as if they were checked and time had passed. So each tick finds the same store."""
    redis = connection.client()
    holders = redis.hgetall(keys.claim_jobs("serp"))
    with redis.pipeline(transaction=False) as pipe:
        for member, job in holders.items():
            pipe.delete(keys.job(job.decode()))
            pipe.hget(keys.keyword(member.decode()), "p")
        owners = pipe.execute()[1::2]
        for (member, _), owner in zip(holders.items(), owners, strict=True):
            pipe.zadd(keys.due(owner.decode()), {member: 0})
        pipe.delete(keys.claims("serp"), keys.claim_jobs("serp"), keys.queue("high"), keys.queue("default"))
        pipe.execute()


def memory(size: int) -> None:
    """Bytes of used memory per keyword and per rank-day, by difference on the server."""
    steps: dict[str, Callable[[list[str]], object]] = {
        "never checked: hash and due time": lambda ids: None,
        "checked: with the times of its last check": write_times,
        "its first day of history": lambda ids: write_history(ids, 1),
        "the page its ranks speak of": write_page,
        "while being processed: claim index": write_claims,
    }
    fill(0, 1)
    print(f"Redis memory, {size:,} keywords of 25 characters    bytes   in all")
    start = before = used()
    keywords.add_many("project-0.example.com", [f"keyword number {n} of many" for n in range(size)])
    ids = list(keywords.ids_of("project-0.example.com"))
    for name, step in steps.items():
        step(ids)
        now = used()
        print(f"  {name:<45} {(now - before) / size:>6.0f} {(now - start) / size:>8.0f}")
        before = now
    sample = ids[: size // 10]
    write_history(sample, 366)
    print(f"  {'each further rank-day, over a year':<45} {(used() - before) / len(sample) / 365:>6.1f}")
    changing = ids[-max(1, size // 1000) :]
    record_daily(changing, 1)
    before = used()
    record_daily(changing, 366)
    print(f"  {'the same, another title and mark each day':<45} {(used() - before) / len(changing) / 365:>6.1f}")


def write(ids: list[str], command: Callable[[Any, str], object]) -> None:
    """Send one command a keyword, 1,000 a round trip."""
    for at in range(0, len(ids), 1000):
        with connection.client().pipeline(transaction=False) as pipe:
            for keyword_id in ids[at : at + 1000]:
                command(pipe, keyword_id)
            pipe.execute()


def write_times(ids: list[str]) -> None:
    """The fields of the hash after a successful check."""
    write(ids, lambda pipe, keyword: pipe.hset(keys.keyword(keyword), mapping={"d": 1_767_300_000, "s": 1_767_213_600}))


def write_history(ids: list[str], days: int) -> None:
    """`days` of history, as checks write it."""
    ranks = [models.Rank(FIRST_DAY + timedelta(days=n), models.RankState.RANKED, 10, rank=n % 9 + 1) for n in range(days)]
    packed = b"".join(history.pack(rank) for rank in ranks)
    write(ids, lambda pipe, keyword: pipe.set(keys.ranks(keyword), packed))


def record_daily(ids: list[str], days: int) -> None:
    """`days` of checks of one page. Its title holds the date, and its address has a new impression mark each day."""
    for keyword_id in ids:
        for n in range(days):
            url = marks.without(f"https://www.example.com/some/page?srsltid=Af{n:05d}")
            rank = models.Rank(FIRST_DAY + timedelta(days=n), models.RankState.RANKED, 10, rank=3, url=url, title=f"Day {n}")
            outcomes.finish(keywords.get(keyword_id), None, timedelta(days=1), outcomes.CheckOutcome("reparsed", rank))


def write_page(ids: list[str]) -> None:
    """A URL and title of usual length."""
    page = "https://www.example.com/some/page\tA title of usual length"
    write(ids, lambda pipe, keyword: pipe.rpush(keys.pages(keyword), page))


def write_claims(ids: list[str]) -> None:
    """Claims as a tick takes them."""
    write(ids, lambda pipe, keyword: pipe.zadd(keys.claims("serp"), {keyword: 1_767_213_600_000}))
    write(ids, lambda pipe, keyword: pipe.hset(keys.claim_jobs("serp"), keyword, f"serp-{keyword}-01234567"))


def used() -> int:
    """Bytes the server's data take."""
    return int(connection.client().info("memory")["used_memory_dataset"])


def progress(text: str) -> None:
    """Show the progress of a long preparation, in a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
