"""A crawl of one site of some thousand pages: ours, two bare loops and Scrapy, one after the other, on this machine.

    python benchmarks/crawl.py [--pages 5000] [--at-once 32] [--rounds 3] [--scrapy PYTHON] [--hosts 50] [--delay 0.2]

Ours runs with all it has: jobs in worker processes, a ledger, politeness with a delay of 0, results kept in Redis and objects.
The others keep nothing. CPU is that of the crawler with all its processes, and of Redis; the site is served by another process.
Our workers have crawled a small site before, as they run for weeks; the others' CPU holds their start, some 0.2 s.
All read the links of a page: parse, make absolute, canonical, each once. Only ours decodes a page, tells walls from pages,
compares texts and obeys `nofollow`; the others ask for more addresses, because their rules are simpler.
Pages are read for their links and titles; they are not kept, and their content is not taken out.
The pages are small (`crawl_site.py`), so what a page costs beside its size counts much.
`--scrapy` names a Python that has Scrapy, where ours has not.

Then a batch of pages of many hosts, with a delay between two requests to a host: how much of the allowed rate is used, by all
hosts and by the slowest and fastest one, and what the waiting costs Redis.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import clock
import config
from benchmarks import crawl_hosts, servers, stage
from jobs import scrape
from state.store import connection
from topics.scraping import crawl, progress

SEED = 11
PROCESSES = 2
CONTENDERS = {"threads": "crawl_threads", "aiohttp": "crawl_coroutines", "scrapy": "crawl_scrapy"}


@dataclass(frozen=True)
class Figures:
    """What one crawl cost. Times in ms a page found; `trips`: how often Redis read a socket a page."""

    name: str
    seconds: float
    cpu_ms: float
    redis_ms: float
    memory_mb: float
    found: int
    of: int
    requests: int
    trips: float = 0.0


@contextmanager
def site(pages: int) -> Iterator[str]:
    """The site, served by a process of its own; its origin."""
    port = servers.free_port()
    with _served(f"from benchmarks import crawl_site; crawl_site.serve({port}, {pages}, {SEED}, 0)"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _served(code: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout and process.stdout.readline().startswith("ready")
        yield
    finally:
        process.terminate()
        process.wait()


def score(origin: str) -> dict[str, Any]:
    """What the site saw."""
    with urlopen(f"{origin}/-score") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


class Watch:
    """Memory of a process with its children, at its highest."""

    def __init__(self, crew: stage.Crew) -> None:
        self.most_mb, self._crew, self._over = 0.0, crew, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(0.25):
            self.most_mb = max(self.most_mb, self._crew.memory_mb()[1])

    def end(self) -> float:
        """The highest that was seen."""
        self._over.set()
        self._thread.join()
        return self.most_mb


def contender(name: str, pages: int, count: int, python: str) -> Figures:
    """One of the others, in a new process."""
    with site(pages) as origin:
        begun = clock.monotonic()
        crew = _Crew([python, "-c", f"from benchmarks import {CONTENDERS[name]} as c; c.crawl({origin!r}, {count})"])
        watch = Watch(crew)
        cpu_s = crew.wait()
        seconds, memory_mb, seen = clock.monotonic() - begun, watch.end(), score(origin)
    found = seen["found"]
    return Figures(name, seconds, 1000 * cpu_s / found, 0.0, memory_mb, found, seen["of"], seen["requests"])


class _Crew(stage.Crew):
    """A contender with its children."""

    def __init__(self, command: list[str]) -> None:
        self.started = [subprocess.Popen(command, cwd=ROOT, text=True)]

    def wait(self) -> float:
        """Wait for its end; its CPU time with all children (s)."""
        _, status, used = os.wait4(self.started[0].pid, 0)
        self.started[0].returncode = status
        if status:
            sys.exit(f"{self.started[0].args!r} failed")
        return used.ru_utime + used.ru_stime


@contextmanager
def _workers(count: int) -> Iterator[stage.Crew]:
    """Trawl's worker processes on a server of their own; loopback may be fetched."""
    with servers.throw_away() as url, tempfile.TemporaryDirectory() as folder:
        os.environ |= {"FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "DATA_DIR": folder, "HOST_CONCURRENCY": str(count)}
        config.reload()
        crew = stage.Crew("engine", PROCESSES, count // PROCESSES, 1, url=url)
        try:
            servers.until(lambda: servers.worker_count() == PROCESSES)
            yield crew
        finally:
            crew.end()


def ours(pages: int, count: int) -> Figures:
    """Trawl's crawl of the site."""
    with site(pages) as origin, _workers(count) as crew:
        with site(200) as small:
            _crawl(small, 200, count)
        watch, cpu_s, redis_s, reads, begun = Watch(crew), crew.cpu_s(), stage.redis_cpu_s(), _reads(), clock.monotonic()
        looks = _crawl(origin, pages, count)
        seconds, cpu_s, redis_s = clock.monotonic() - begun, crew.cpu_s() - cpu_s, stage.redis_cpu_s() - redis_s
        reads, memory_mb, seen = _reads() - reads - looks, watch.end(), score(origin)
    found = seen["found"]
    of_redis = 1000 * redis_s / found
    return Figures(
        "ours", seconds, 1000 * cpu_s / found, of_redis, memory_mb, found, seen["of"], seen["requests"], reads / seen["requests"]
    )


def delayed(hosts: int, pages: int, delay_s: float, count: int) -> None:
    """A batch of pages of many hosts, shuffled; prints what of the allowed rate was used."""
    port = servers.free_port()
    with _served(f"from benchmarks import crawl_hosts; crawl_hosts.serve({port}, {hosts})"), _workers(count) as crew:
        urls = [f"http://{host}:{port}/{number}" for host in crawl_hosts.addresses(hosts) for number in range(pages)]
        random.Random(SEED).shuffle(urls)
        options = {"delay_between_requests": delay_s, "concurrency": count, "extract_content": False, "keep_page": False}
        cpu_s, redis_s, reads = crew.cpu_s(), stage.redis_cpu_s(), _reads()
        made = crawl.submit_batch(scrape.scrape_batch, urls, options)
        looks = _until_over(made.job_id)
        cpu_s, redis_s, reads = crew.cpu_s() - cpu_s, stage.redis_cpu_s() - redis_s, _reads() - reads - looks
        with urlopen(f"http://127.0.1.1:{port}/-times") as answer:
            times = json.load(answer)
    used, each = crawl_hosts.used(times, delay_s), 1000 / len(urls)
    print(f"\n{hosts} hosts, {delay_s} s between two requests to each: {used.requests:,} pages in {used.seconds:.1f} s")
    print(f"rate: {used.rate:.2f} of what is allowed ({hosts / delay_s:.0f} a second);", end=" ")
    print(
        f"of a single host {used.slowest:.2f} to {used.fastest:.2f}; the least gap, as the server noticed, {used.least_gap:.3f} s"
    )
    print(f"fairness: the hosts had answered half of their pages within ± {crawl_hosts.spread(times):.2f} s of each other")
    print(f"CPU {cpu_s * each:.2f} ms a page, Redis {redis_s * each:.2f} ms, {reads / len(urls):.2f} round trips")


def _crawl(origin: str, pages: int, count: int) -> int:
    """One crawl to its end; how often we looked."""
    options: dict[str, Any] = {
        "expected_pages": 2 * pages,
        "delay_between_requests": 0,
        "concurrency": count,
        "extract_content": False,
    }
    options |= {"keep_page": False, "max_retries": 1, "retry_delay": 0.2, "timeout": 10, "reuse": False}
    return _until_over(crawl.submit_crawl(scrape.crawl_site, f"{origin}/", options).job_id)


def _until_over(ledger_id: str) -> int:
    looks = 0
    while progress.of(ledger_id).state in ("opening", "running"):
        clock.wait(0.25)
        looks += 1
    return looks


def _reads() -> int:
    return int(connection.client().info("stats")["total_reads_processed"])


def median(rounds: list[Figures]) -> Figures:
    """The round in the middle, by CPU."""
    return sorted(rounds, key=lambda one: one.cpu_ms + one.redis_ms)[len(rounds) // 2]


def main() -> None:
    """Run all rounds and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--at-once", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scrapy", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--pages-a-host", type=int, default=40)
    parser.add_argument("--delay", type=float, default=0.2, metavar="SECONDS")
    given = parser.parse_args()
    names = ["threads", "aiohttp"]
    if has_scrapy(given.scrapy):
        names.append("scrapy")
    rounds: dict[str, list[Figures]] = {name: [] for name in ("ours", *names)}
    for _ in range(given.rounds):
        rounds["ours"].append(ours(given.pages, given.at_once))
        for name in names:
            python = given.scrapy if name == "scrapy" else sys.executable
            rounds[name].append(contender(name, given.pages, given.at_once, python))
    show({name: median(found) for name, found in rounds.items() if found}, rounds)
    if given.hosts:
        delayed(given.hosts, given.pages_a_host, given.delay, given.at_once)


def has_scrapy(python: str) -> bool:
    """Whether that Python has Scrapy."""
    try:
        return subprocess.run([python, "-c", "import scrapy"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def show(figures: dict[str, Figures], rounds: dict[str, list[Figures]]) -> None:
    """A table, and the ratios that are promised."""
    print(f"{'':10}{'found':>14}{'requests':>10}{'seconds':>9}{'CPU ms/page':>13}{'+ Redis':>9}{'MB':>6}{'trips/request':>15}")
    for one in figures.values():
        row = f"{one.name:10}{one.found:>7,} of {one.of:<6,}{one.requests:>8,}{one.seconds:>9.1f}{one.cpu_ms:>13.2f}"
        print(f"{row}{one.redis_ms:>9.2f}{one.memory_mb:>6.0f}{one.trips:>15.2f}")
    if not figures:
        return
    mine = figures["ours"].cpu_ms + figures["ours"].redis_ms
    for name, one in figures.items():
        if name != "ours":
            each = [theirs.cpu_ms / (us.cpu_ms + us.redis_ms) for us, theirs in zip(rounds["ours"], rounds[name], strict=True)]
            print(f"{name}: {one.cpu_ms / mine:.2f} × our CPU a page (rounds: {', '.join(f'{ratio:.2f}' for ratio in each)})")
    spread = statistics.pstdev([one.cpu_ms for one in rounds["ours"]])
    print(f"ours varied by {spread:.2f} ms from round to round")


if __name__ == "__main__":
    main()
