"""A site on loopback, jobs that run beside the request that waits for them, and batches of as many documents as a test wants."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import clock
from jobs import scrape
from state.scraping import frontier, ledgers
from state.scraping.frontier import Lane, Page, Told
from state.store import scripts
from tests.topics.scraping import inline_work
from tests.topics.scraping.conftest import polite, site  # noqa: F401 (fixtures)
from topics.scraping import crawl, lanes, stored
from web import hub

Batch = Callable[..., str]


@pytest.fixture
def beside(polite: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # noqa: F811
    """Jobs run in a thread, as soon as they are submitted."""
    monkeypatch.setattr(hub, "RECHECK_S", 0.02)  # jobs that run so write no events
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            if not inline_work.off(1):
                clock.wait(0.01)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.fixture
def batch(polite: None) -> Batch:  # noqa: F811
    """Makes a batch of so many pages, of which some are done; returns its id."""
    return make


def make(pages: int, done: int | None = None, *, packed: bool = False, **record: Any) -> str:
    """A batch that runs, or where all pages are done is over."""
    urls = [f"https://a.example/p{number}" for number in range(pages)]
    made = crawl.submit_batch(scrape.scrape_batch, urls, {"concurrency": 1})
    ledgers.run(made.job_id, lanes.WORK, first=True)
    told, held = frontier.NOTHING, ""
    for _ in range(pages if done is None else done):
        page = step(made.job_id, told, held)
        assert isinstance(page, Page)
        told, held = Told("done", stored.pack_record(record_of(page, record), made.job_id)), page.token
    step(made.job_id, told, held)
    while packed and stored.pack_records(made.job_id):
        pass
    return made.job_id


def record_of(page: Page, more: dict[str, Any]) -> dict[str, Any]:
    facts = {"n": page.n, "url": page.url, "final_url": page.url, "outcome": "done", "status": 200, "title": f"Page {page.n}"}
    return {**facts, "fetched_at": "2026-11-29T02:00:00+00:00", "markdown": f"# Page {page.n}", **more}


def step(ledger_id: str, told: Told = frontier.NOTHING, held: str = "") -> Any:
    """One step of its only lane."""
    call = frontier.step_call(Lane(ledger_id, 1, 1), lanes.WORK, told, held)
    return frontier.answer_of(call, scripts.run_together([call])[0])
