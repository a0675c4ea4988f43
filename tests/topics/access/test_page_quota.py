"""Pages of a key in a month: taken before a job is queued, given back for what was not fetched, never overspent."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

import clock
import errors
import models
import queues
from jobs import scrape
from state.access import quotas as stored
from state.engine import records
from state.scraping import ledgers
from state.store import keys
from tests import counting
from topics.access import api_keys, quotas
from topics.access.quotas import Quota
from topics.operations import jobs
from topics.scraping import crawl, single
from worker import inline


@pytest.fixture
def key() -> api_keys.Key:
    """A key that may fetch five pages a month."""
    return api_keys.add("shop", "operator", pages_a_month=5)[0]


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception | None], None]:
    """Decides what comes of each page: it is read, or this error is raised."""
    outcome: list[Exception | None] = [None]

    def scraped(url: str, config: Any, holder: str) -> dict[str, Any]:
        if outcome[0]:
            raise outcome[0]
        return {"url": url, "title": "t"}

    monkeypatch.setattr(single, "scrape", scraped)
    return lambda error: outcome.__setitem__(0, error)


def submit(key: api_keys.Key, number: int = 0) -> str:
    with queues.owned_by(key.id):
        return queues.submit(scrape.scrape_url, f"https://example.com/{number}").job_id


def look(key: api_keys.Key, store: Any) -> Quota:
    """What the key used, with what jobs left that are over."""
    store.delete(f"trawl:access:counting:{key.id}")
    queues.settle_pages(key.id)
    return quotas.of(key.id)


def test_a_page_that_was_read_counts_once(key: api_keys.Key, pages: Any, store: Any) -> None:
    submit(key)
    assert (quotas.of(key.id).reserved, quotas.of(key.id).left) == (1, 4)
    inline.run_until_idle()
    assert (quotas.of(key.id).fetched, quotas.of(key.id).reserved, quotas.of(key.id).left) == (1, 0, 4)
    assert look(key, store).fetched == 1


@pytest.mark.parametrize("error", [errors.BlockedError("captcha"), errors.DataError("no"), errors.NetworkError("late")])
def test_a_page_that_was_blocked_or_failed_costs_nothing(key: api_keys.Key, pages: Any, store: Any, error: Exception) -> None:
    error.retryable = False  # type: ignore[attr-defined]
    pages(error)
    job_id = submit(key)
    inline.run_until_idle()
    assert jobs.get_job_status(job_id).status == "failed"
    assert look(key, store) == Quota(5, 0, 0, 5, quotas.of(key.id).since, quotas.of(key.id).until)


def test_a_page_that_waits_to_be_tried_again_stays_reserved(key: api_keys.Key, pages: Any, store: Any) -> None:
    pages(errors.NetworkError("late"))
    submit(key)
    inline.run_until_idle()
    assert look(key, store).reserved == 1


def test_more_than_the_quota_is_refused_with_the_remedy_and_nothing_is_queued(key: api_keys.Key, store: Any) -> None:
    for number in range(5):
        submit(key, number)
    with pytest.raises(errors.OutOfPages, match=r"up to 1 pages; .* has 0 left this month"):
        submit(key, 6)
    assert store.llen(keys.queue("default")) == 5


def test_what_jobs_left_that_are_over_is_found_when_too_few_are_left(key: api_keys.Key, store: Any) -> None:
    for number in range(4):
        jobs.cancel_job(submit(key, number))
    with queues.owned_by(key.id):
        assert queues.submit_many([(scrape.scrape_url, f"https://example.com/{n}") for n in range(5)])
    assert quotas.of(key.id).left == 0


def test_calls_submitted_together_are_taken_all_or_none(key: api_keys.Key, store: Any) -> None:
    with queues.owned_by(key.id), pytest.raises(errors.OutOfPages):
        queues.submit_many([(scrape.scrape_url, f"https://example.com/{number}") for number in range(6)])
    assert quotas.of(key.id).left == 5 and not store.exists(keys.queue("default"))


def test_a_call_that_is_refused_gives_back_nothing_of_a_job_that_was_queued_before(key: api_keys.Key) -> None:
    calls = [models.Call(scrape.scrape_url, (f"https://example.com/{number}",), job_id=f"{number:032}") for number in range(6)]
    with queues.owned_by(key.id):
        queues.submit_many(calls[:2])
        with pytest.raises(errors.OutOfPages):
            queues.submit_many(calls)
    assert quotas.of(key.id).reserved == 2


def test_pages_of_many_jobs_are_taken_in_one_round_trip(key: api_keys.Key) -> None:
    stored.reserve(key.id, [("0", 1)])  # the script is loaded now
    with counting.asked() as asked:
        assert stored.reserve(key.id, [(str(number), 1) for number in range(5)]) == (True, 0)
        assert stored.reserve(key.id, [("five", 1)]) == (False, 0)
    assert asked.trips == 2 and quotas.of(key.id).reserved == 5


def test_a_job_that_another_does_already_takes_nothing(key: api_keys.Key) -> None:
    with queues.owned_by(key.id):
        first = queues.submit(scrape.scrape_url, "https://example.com/", dedup_key="mine")
        again = queues.submit(scrape.scrape_url, "https://example.com/", dedup_key="mine")
    assert again.duplicate_of == first.job_id and quotas.of(key.id).reserved == 1


def test_the_same_job_submitted_twice_takes_its_pages_once(key: api_keys.Key) -> None:
    plan = crawl.plan_batch(scrape.scrape_batch, ["https://example.com/a", "https://example.com/b"])
    with queues.owned_by(key.id):
        plan = crawl.plan_batch(scrape.scrape_batch, ["https://example.com/a", "https://example.com/b"])
        crawl.submit(plan, "a" * 32)
        crawl.submit(plan, "a" * 32)
    assert quotas.of(key.id).reserved == 2


def test_a_batch_takes_its_pages_and_gives_back_what_it_did_not_fetch(key: api_keys.Key, store: Any) -> None:
    with queues.owned_by(key.id):
        batch = crawl.submit_batch(scrape.scrape_batch, [f"https://example.com/{n}" for n in range(4)]).job_id
        assert quotas.of(key.id).reserved == 4
        with pytest.raises(errors.OutOfPages):
            crawl.submit_batch(scrape.scrape_batch, ["https://example.com/x", "https://example.com/y"])
    crawl.begin_batch(batch)
    store.hset(f"trawl:ledger:{batch}", mapping={"done": 1})
    assert look(key, store).reserved == 4
    crawl.stop(batch)
    assert (look(key, store).fetched, look(key, store).left) == (1, 4)


def test_a_batch_that_goes_on_takes_what_is_left_of_it_again(key: api_keys.Key, store: Any) -> None:
    with queues.owned_by(key.id):
        batch = crawl.submit_batch(scrape.scrape_batch, [f"https://example.com/{n}" for n in range(4)]).job_id
    crawl.begin_batch(batch)
    crawl.stop(batch)
    assert look(key, store).left == 5
    store.hset(f"trawl:ledger:{batch}", mapping={"done": 1})
    assert crawl.go_on(batch) > 0
    assert quotas.of(key.id).reserved == 3
    store.hset(f"trawl:ledger:{batch}", mapping={"done": 3, "state": "over"})
    assert look(key, store).fetched == 2  # the first one was fetched before


def test_without_pages_left_a_stopped_batch_does_not_go_on(key: api_keys.Key, store: Any) -> None:
    with queues.owned_by(key.id):
        batch = crawl.submit_batch(scrape.scrape_batch, [f"https://example.com/{n}" for n in range(4)]).job_id
    crawl.begin_batch(batch)
    crawl.stop(batch)
    look(key, store)
    for number in range(3):
        submit(key, number)
    with pytest.raises(errors.OutOfPages):
        crawl.go_on(batch)
    ledger = ledgers.read(batch)
    assert ledger and ledger.state == "stopped"


def test_a_failed_page_that_is_run_again_takes_its_page_again(key: api_keys.Key, pages: Any, store: Any) -> None:
    error = errors.DataError("no")
    pages(error)
    failed = submit(key)
    inline.run_until_idle()
    pages(None)
    jobs.retry_job(failed)
    inline.run_until_idle()
    assert look(key, store).fetched == 1


def test_pages_taken_for_a_job_that_never_came_are_given_back_later(
    key: api_keys.Key, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored.reserve(key.id, [("killed-before-it-was-queued", 3)])
    assert look(key, store).reserved == 3
    later = datetime.fromtimestamp(clock.now().timestamp() + 700, UTC)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert look(key, store).reserved == 0


def test_a_job_whose_record_is_gone_is_known_by_the_history(key: api_keys.Key, pages: Any, store: Any) -> None:
    monkey = submit(key)
    stored.settle(key.id, monkey, 0)
    inline.run_until_idle()
    store.delete(keys.job(monkey))
    stored.reserve(key.id, [(monkey, 1)])
    assert records.read([monkey]) == [{}]
    assert look(key, store).fetched == 1


def test_each_month_begins_anew(key: api_keys.Key, pages: Any, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        submit(key, number)
    inline.run_until_idle()
    now = clock.now()
    following = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, 0, 5, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: following)
    submit(key, 7)
    assert (quotas.of(key.id).left, quotas.of(key.id).since.day) == (4, 1)


def test_a_key_without_a_quota_is_counted_too(pages: Any, store: Any) -> None:
    free = api_keys.add("free", "operator")[0]
    submit(free)
    inline.run_until_idle()
    assert quotas.of(free.id).fetched == 1 and quotas.of(free.id).left is None


def test_people_and_commands_have_no_quota(pages: Any, store: Any) -> None:
    queues.submit(scrape.scrape_url, "https://example.com/")
    inline.run_until_idle()
    assert not list(store.scan_iter("trawl:access:pages:*"))


def test_a_stopped_crawl_that_may_fetch_more_takes_more_at_once(store: Any) -> None:
    shop = api_keys.add("crawls", "operator", pages_a_month=20)[0]
    with queues.owned_by(shop.id):
        batch = crawl.submit_batch(scrape.scrape_batch, ["https://example.com/a", "https://example.com/b"]).job_id
    crawl.begin_batch(batch)
    crawl.stop(batch)
    store.hset(f"trawl:ledger:{batch}", mapping={"done": 1})
    with pytest.raises(errors.OutOfPages):
        crawl.go_on(batch, 1000)
    assert crawl.go_on(batch, 15) > 0
    assert (quotas.of(shop.id).fetched, quotas.of(shop.id).reserved) == (1, 14)
