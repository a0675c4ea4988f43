"""Workers killed in the middle of a crawl and of a batch: every page comes out once, nothing is lost, the sums are right.

Requests are counted by the site itself, outside Redis.
"""

import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import clock
import config
import models
from jobs import scrape
from state.scraping import keys as own_keys
from state.store import connection, keys
from tests.faults import harness
from tests.local.real import until
from tests.topics.scraping import site as sites
from topics.scraping import crawl, progress, stored

pytestmark = pytest.mark.real_redis

PAGES, KILLS = 150, 4
NAMES = [f"/p/{number}" for number in range(PAGES)]
CONFIG = {
    "delay_between_requests": 0,
    "retry_delay": 0,
    "expected_pages": 1000,
    "concurrency": 6,
    "keep_page": False,
    "max_depth": 100,
}

ENVIRONMENT = {"FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "TRAWL_TEST_NO_BACKOFF": "1"}


@pytest.fixture
def site() -> Iterator[sites.Site]:
    """A site of 151 pages, each of which takes a moment; ten of them are linked from everywhere."""
    with sites.served() as served:
        served.pages["/"] = sites.page("Home", *NAMES[:10])
        for number, name in enumerate(NAMES):
            following = NAMES[number + 1 : number + 12]
            served.pages[name] = sites.page(
                f"Page {number}", *following, *NAMES[:10], text=f"{spelled(number)} {sites.WORDS * 4}"
            )
        served.before = lambda path: clock.wait(0.02)
        yield served


def spelled(number: int) -> str:
    """A number in letters: pages that differ in digits alone are the same to a crawl."""
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


@pytest.fixture
def allowed(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Loopback may be fetched, by us and by the workers; they share a folder for objects."""
    with config.overridden(fetch_allow_networks="127.0.0.0/8", data_dir=tmp_path / "data"):
        stored.store.cache_clear()
        yield ENVIRONMENT | {"DATA_DIR": str(tmp_path / "data"), "HOST_CONCURRENCY": "100"}
    stored.store.cache_clear()


def killed_again_and_again(scene: harness.Env, program: harness.Program, id_: str, dice: random.Random) -> None:
    """Kill a worker process each time that some more pages are done."""
    for number in range(1, KILLS + 1):
        until(lambda n=number: _done(id_) >= n * PAGES // (KILLS + 2))
        workers = program.workers()
        program.send(signal.SIGKILL, [dice.choice(workers)])


def _done(id_: str) -> int:
    return int(connection.client().hget(own_keys.ledger(id_), "done") or 0)


def is_over(id_: str) -> bool:
    """Whether the ledger is over, and no job of it is left."""
    return progress.of(id_).state in ("complete", "partial", "failed") and not connection.client().zcard(keys.LEASES)


def check(id_: str, site: sites.Site, urls: set[str]) -> None:
    """Each page is done once, by the ledger and by its records; the sums add up; nothing was asked for without need."""
    seen = progress.of(id_)
    counts: dict[str, Any] = seen.counts
    parts = counts["done"] + sum(counts["skipped"].values()) + sum(counts["failed"].values()) + counts["pending"]
    assert (counts["found"], counts["pending"], counts["in_flight"]) == (parts, 0, 0)
    failed = [record for record in stored.records(id_) if record["outcome"] == "failed"]
    assert seen.state == "complete" and not failed, (failed, seen)
    times = Counter(record["url"] for record in stored.records(id_) if record["outcome"] == "done")
    assert set(times) == urls and set(times.values()) == {1}
    assert counts["done"] == len(urls)
    extra = sum(site.asked.values()) - len(urls)
    print(f"{extra} requests more than pages, after {KILLS} kills")
    assert extra <= KILLS * 6 + 10, "each kill costs the pages that were in flight, and no others"


def test_a_crawl_survives_kills(scene: harness.Env, site: sites.Site, allowed: dict[str, str], dice: random.Random) -> None:
    program = scene.worker(2, 6, **allowed)
    made: models.Submission = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", CONFIG)
    killed_again_and_again(scene, program, made.job_id, dice)
    until(lambda: is_over(made.job_id))
    check(made.job_id, site, {f"{site.url}/", *(site.url + name for name in NAMES)})


def test_a_batch_survives_kills(scene: harness.Env, site: sites.Site, allowed: dict[str, str], dice: random.Random) -> None:
    program = scene.worker(2, 6, **allowed)
    urls = [site.url + name for name in NAMES]
    made = crawl.submit_batch(scrape.scrape_batch, urls, CONFIG)
    killed_again_and_again(scene, program, made.job_id, dice)
    until(lambda: is_over(made.job_id))
    check(made.job_id, site, set(urls))


def test_a_crawl_whose_workers_all_died_goes_on_with_the_next_ones(
    scene: harness.Env, site: sites.Site, allowed: dict[str, str]
) -> None:
    program = scene.worker(2, 6, **allowed)
    made = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", CONFIG)
    until(lambda: _done(made.job_id) >= PAGES // 3)
    program.close()
    before = _done(made.job_id)
    assert progress.of(made.job_id).state == "running" and before < PAGES
    scene.worker(2, 6, **allowed)
    until(lambda: is_over(made.job_id))
    check(made.job_id, site, {f"{site.url}/", *(site.url + name for name in NAMES)})
