"""Every page with little and with much stored: time, round trips to Redis, and the bytes of a first visit.

    python benchmarks/pages.py [--few 1000] [--jobs 1000000] [--keywords 100000] [--rounds 5] [--only /jobs,/projects]

Two throw-away servers: one with `--few` jobs and keywords, one with `--jobs` and `--keywords`. Jobs ended, as
benchmarks/history.py writes them; one in fifty waits. Keywords have 30 days of ranks, and what is counted of projects was
counted. Pages are found in the table of addresses. Both servers are asked in turn, a few times in each round, and the best
counts; `ratio` is much beside little. The look at the system's health, which all pages share once a second, is not in the round
trips. A first visit is the page with what it loads, as it is sent. Compare only figures of one run.
"""

import argparse
import importlib
import importlib.util
import random
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from flask import Flask
from flask.testing import FlaskClient

import clock
import models
import queues
from benchmarks import history as jobs_history
from benchmarks import servers
from jobs import scrape
from state.engine import history as ended
from state.engine.segments import Query
from state.store import connection, keys
from state.tracking import history, keywords
from tests.counting import asked
from topics.tracking import overview, projects
from web import looks
from web.app import create_app

DAYS, CHUNK, PROJECT = 30, 1000, "example.com"

#: How often each page is asked for in a round.
TURNS = 4

#: What is counted of a project by a job; a room that is not there is left out.
COUNTED = ("landing_pages", "competitors")

BROWSER = {"Accept": "text/html", "Accept-Encoding": "gzip"}


@dataclass
class Measured:
    """A page: the best ms, round trips and bytes by store."""

    ms: dict[str, float] = field(default_factory=dict)
    trips: dict[str, int] = field(default_factory=dict)
    sent: int = 0
    status: int = 0


def main() -> None:
    """Fill two servers, and print a line a page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("few", 1000), ("jobs", 1_000_000), ("keywords", 100_000), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--only", default="", help="addresses that begin so, with commas between them")
    args = parser.parse_args()
    with ExitStack() as stack:
        stores: dict[str, tuple[Any, dict[str, str]]] = {}
        for name, jobs, words in (("few", args.few, args.few), ("many", args.jobs, args.keywords)):
            stack.enter_context(servers.throw_away())
            stores[name] = (connection.client(), fill(jobs, words))
        show(measure(create_app(), stores, args.rounds, tuple(args.only.split(","))), args)
        for client, _ in stores.values():
            client.close()


def show(found: Mapping[str, Measured], args: argparse.Namespace) -> None:
    """A line a page, the worst of all at the end."""
    print(f"few: {args.few:,} jobs and keywords; many: {args.jobs:,} jobs, {args.keywords:,} keywords")
    print(f"{'page':<46}{'few ms':>9}{'many ms':>9}{'ratio':>7}{'trips':>7}{'KB':>7}")
    for path, one in sorted(found.items()):
        ratio, trips = one.ms["many"] / one.ms["few"], max(one.trips.values())
        marks = "".join(
            mark for mark, is_so in (("  slower", ratio > 1.5), ("  trips", trips > 10), ("  large", one.sent > 150_000)) if is_so
        )
        note = f"  {one.status}" if one.status != 200 else ""
        print(f"{path:<46}{one.ms['few']:>9.1f}{one.ms['many']:>9.1f}{ratio:>7.2f}{trips:>7}{one.sent / 1000:>7.0f}{marks}{note}")
    worst = max(one.ms["many"] / one.ms["few"] for one in found.values())
    trips, sent = max(max(one.trips.values()) for one in found.values()), max(one.sent for one in found.values())
    print(f"worst ratio {worst:.2f}, most round trips {trips}, largest first visit {sent / 1000:.0f} KB")


def measure(
    app: Flask, stores: Mapping[str, tuple[Any, dict[str, str]]], rounds: int, only: tuple[str, ...]
) -> dict[str, Measured]:
    """Ask for every page, both stores in turn."""
    found: dict[str, Measured] = {}
    client = app.test_client()
    for number in range(rounds):
        for name, (store, values) in stores.items():
            connection.use(store)
            clock.wait(1.1)  # what was read of the other store a moment ago is old by now
            with mock.patch.object(looks, "latest", _same(looks.take())):
                for endpoint, path in addresses(app, values):
                    for turn in range(TURNS if path.startswith(only) else 0):
                        _ask(client, path, found.setdefault(endpoint, Measured()), name, is_first=not number and not turn)
    return found


def _same(look: looks.Look) -> Any:
    return lambda *_: look


def _ask(client: FlaskClient, path: str, one: Measured, name: str, *, is_first: bool) -> None:
    """One page; the first round warms up and counts what is sent."""
    begun = clock.monotonic()
    with asked() as count:
        reply = client.get(path, headers=BROWSER)
        page = reply.get_data()
    ms = (clock.monotonic() - begun) * 1000
    one.status, one.trips[name] = reply.status_code, count.trips
    if is_first:
        one.sent = max(one.sent, len(page) + loaded(client, page.decode(errors="replace")))
    one.ms[name] = min(ms, one.ms.get(name, ms))


def loaded(client: FlaskClient, page: str) -> int:
    """Bytes of what a page loads; uPlot where it has a chart."""
    wanted = set(re.findall(r'(?:src|href)="([^"]*/static/[^"]+|/docs\.css)"', page))
    if "data-chart" in page:
        wanted |= set(re.findall(r'data-plot-\w+="([^"]+)"', page))
    return sum(len(client.get(one, headers=BROWSER).get_data()) for one in wanted)


def addresses(app: Flask, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(rule, address) of every page whose arguments we have."""
    for rule in app.url_map.iter_rules():
        is_page = "_page" in rule.endpoint and "." not in rule.endpoint and "GET" in (rule.methods or ())
        if is_page and all(name in values for name in rule.arguments):
            yield rule.rule, re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], rule.rule)


def fill(jobs: int, words: int) -> dict[str, str]:
    """Write jobs and keywords to the server in use; returns what stands for the arguments of addresses."""
    jobs_history.fill(jobs, labels=True)
    for at in range(0, jobs // 50, CHUNK):
        calls = [models.Call(scrape.scrape_url, (f"https://shop.example/{n}",)) for n in range(at, min(at + CHUNK, jobs // 50))]
        queues.submit_many(calls)
    projects.add(PROJECT, projects.Options(id=PROJECT))
    for at in range(0, words, CHUNK):
        projects.add_keywords(PROJECT, [f"keyword number {n}" for n in range(at, min(words, at + CHUNK))])
    ids = list(keywords.ids_of(PROJECT))
    rank_all(ids)
    overview.make(PROJECT)
    for name in COUNTED:
        if importlib.util.find_spec(f"topics.tracking.{name}"):
            importlib.import_module(f"topics.tracking.{name}").make(PROJECT)
    job = next(iter(ended.page(Query(), 1, "").jobs)).job_id
    day = (clock.now().date() - timedelta(1)).isoformat()
    return {"project_id": PROJECT, "keyword_id": ids[0], "job_id": job, "host": "shop7.example.com", "day": day, "kind": "scrape"}


def rank_all(ids: list[str]) -> None:
    """30 days of ranks of each keyword, one day in ten unknown."""
    lots, today, client = random.Random(1), clock.now().date(), connection.client()
    made = [b"".join(_record(lots, today - timedelta(ago)) for ago in range(DAYS - 1, -1, -1)) for _ in range(500)]
    for at in range(0, len(ids), CHUNK):
        with client.pipeline(transaction=False) as pipe:
            for number, one in enumerate(ids[at : at + CHUNK], at):
                pipe.set(keys.ranks(one), made[number % len(made)])
                pipe.rpush(keys.pages(one), f"https://example.com/page-{number % 2000}\tA title")
            pipe.execute()


def _record(lots: random.Random, day: Any) -> bytes:
    if lots.random() < 0.1:
        return history.pack(models.Rank(day, models.RankState.UNKNOWN, reason="network"))
    rank = models.Rank(day, models.RankState.RANKED, 20, rank=lots.randrange(1, 20), url="x", title="y")
    return history.pack(rank)[:-1] + b"\0"


if __name__ == "__main__":
    main()
