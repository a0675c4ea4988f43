"""A crawl is submitted in one round trip: pages of its owner, its ledger, its job. Each step needs the one before it."""

from typing import Any

import pytest
from redis.exceptions import ConnectionError as Away
from redis.exceptions import ResponseError

import errors
import queues
from jobs import scrape
from models import Submission
from state.scraping import keys as scraping_keys
from state.scraping import ledgers
from state.store import keys, scripts, transport
from topics.access import api_keys, quotas
from topics.scraping import crawl

URL = "https://example.com/"


@pytest.fixture
def key() -> api_keys.Key:
    """A key that may fetch ten pages a month."""
    return api_keys.add("shop", "operator", pages_a_month=10)[0]


def submit(key: api_keys.Key, pages: int = 4) -> Submission:
    with queues.owned_by(key.id):
        return crawl.submit_crawl(scrape.crawl_site, URL, {"expected_pages": pages})


def written(store: Any) -> set[str]:
    """What is there of jobs, ledgers and queues."""
    return {name.decode() for name in store.keys("*") if name.startswith((b"rq:job:", b"trawl:ledger:", b"rq:queue:"))}


def whole(store: Any, key: api_keys.Key) -> None:
    """One crawl is there, once, with its pages."""
    [job_id] = (one.decode() for one in store.lrange(keys.queue("default"), 0, -1))
    assert store.hget(scraping_keys.ledger(job_id), "state") == b"opening" and store.exists(keys.job(job_id))
    assert (quotas.of(key.id).reserved, quotas.of(key.id).left) == (4, 6)


def test_all_is_there_after_one_round_trip(key: api_keys.Key, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    scripts.check()
    asked: list[Any] = []
    real = transport.ask
    monkeypatch.setattr(transport, "ask", lambda commands: asked.append(commands) or real(commands))
    assert submit(key).place == 1
    assert len(asked) == 1
    whole(store, key)


@pytest.mark.parametrize("lost", ["reply", "job", "ledger and job"])
def test_what_broke_off_half_way_is_done_once_when_it_is_sent_again(
    key: api_keys.Key, store: Any, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """redis-py sends all commands again when no reply came: perhaps the server had run some of them."""
    scripts.check()
    real, ran = transport.ask, {"reply": 3, "job": 2, "ledger and job": 1}[lost]

    def breaks_once(commands: Any) -> Any:
        monkeypatch.setattr(transport, "ask", real)
        real(commands[:ran])
        return real(commands)

    monkeypatch.setattr(transport, "ask", breaks_once)
    submit(key)
    whole(store, key)


def test_a_crawl_whose_reply_was_lost_and_that_a_worker_took_is_not_begun_again(
    key: api_keys.Key, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts.check()
    real = transport.ask

    def late(commands: Any) -> Any:
        monkeypatch.setattr(transport, "ask", real)
        real(commands)
        job_id = store.lpop(keys.queue("default")).decode()
        store.hset(scraping_keys.ledger(job_id), "state", "running")
        return real(commands)

    monkeypatch.setattr(transport, "ask", late)
    submit(key)
    assert store.llen(keys.queue("default")) == 0 and quotas.of(key.id).reserved == 4


def test_without_pages_nothing_is_written(key: api_keys.Key, store: Any) -> None:
    with pytest.raises(errors.OutOfPages):
        submit(key, 11)
    assert written(store) == set() and quotas.of(key.id).reserved == 0
    submit(key)  # what is left can be spent
    whole(store, key)


def test_many_at_once_never_take_more_than_there_is(key: api_keys.Key, store: Any) -> None:
    taken = 0
    for _ in range(5):
        try:
            submit(key)
            taken += 1
        except errors.OutOfPages:
            pass
    assert taken == 2 and store.llen(keys.queue("default")) == 2 and quotas.of(key.id).left == 2


@pytest.mark.parametrize("broken", ["pages", "ledger"])
def test_no_job_is_queued_where_a_step_before_it_failed(
    key: api_keys.Key, store: Any, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """E.g. a server without memory refuses to write, and has some again for the next command."""
    real = transport.ask
    at = {"pages": 0, "ledger": 1}[broken]

    def refuses(commands: Any) -> Any:
        if len(commands) < 3:
            return real(commands)
        replies = real(commands[:at])
        return [*replies, ResponseError("OOM command not allowed"), *real(commands[at + 1 :])]

    scripts.check()
    monkeypatch.setattr(transport, "ask", refuses)
    with pytest.raises((errors.TrawlError, ResponseError)):
        submit(key)
    assert written(store) == set()


def test_redis_away_is_said_and_nothing_was_changed(key: api_keys.Key, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(commands: Any) -> Any:
        raise Away("no")

    monkeypatch.setattr(transport, "ask", away)
    with pytest.raises(errors.StoreUnreachable):
        submit(key)
    assert written(store) == set()


def test_without_an_owner_it_is_the_same(store: Any) -> None:
    job_id = crawl.submit_crawl(scrape.crawl_site, URL).job_id
    found = ledgers.read(job_id)
    assert found is not None and found.state == "opening" and store.lrange(keys.queue("default"), 0, -1) == [job_id.encode()]
