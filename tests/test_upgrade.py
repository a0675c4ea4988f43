"""An upgrade in the middle of work: a store that the version before wrote, and today's code goes on with it.

`samples/store/2026-11-23.json` was written by the version of that day, in the second after a worker died. The worker held three
checks, ten more were queued, and a clean-up was delayed by an hour. Each key is [type, value, TTL in ms]. What is no ASCII text
is {"b": base64}.
"""

import base64
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import clock
import queues
import scheduler
from doctor.examination import Examination
from errors import LostClaim
from jobs import serp
from scheduling.loop import Scheduler
from state.engine import dedup, limits, schedule_records
from state.store import keys
from state.tracking import history, keywords, outcomes, projects
from tests import fakes
from tests.state import DAY, audit, due_in, queued
from topics.tracking import projects as tracked
from worker import inline

SAMPLE = json.loads((Path(__file__).parent / "samples" / "store" / "2026-11-23.json").read_text())

#: A keyword that nobody checks: its project is inactive. A direct call had it in hand.
IN_DIRECT_CALL = "xslv7esmeq2n"

ARCHIVED = "qh7brh3k2rmc"


def plain(value: Any) -> Any:
    """A value of the sample as Redis has it."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    return base64.b64decode(value["b"]) if isinstance(value, dict) else value


def load(store: Any) -> None:
    """Write the sample into an empty store, and the claim of a direct call as the version before took it."""
    for key, (kind, value, ttl_ms) in SAMPLE["keys"].items():
        value = plain(value)
        if kind == "string":
            store.set(key, value)
        elif kind == "hash":
            store.hset(key, mapping={name if isinstance(name, bytes) else str(name): text for name, text in value})
        elif kind == "list":
            store.rpush(key, *value)
        elif kind == "set":
            store.sadd(key, *value)
        elif kind == "zset":
            store.zadd(key, dict(value))
        else:
            for entry_id, fields in value:
                store.xadd(key, dict(fields), id=entry_id)
        if ttl_ms:
            store.pexpire(key, ttl_ms)
    store.zadd(keys.claims(dedup.SERP), {IN_DIRECT_CALL: written_at().timestamp() * 1000})
    store.hset(keys.claim_jobs(dedup.SERP), IN_DIRECT_CALL, "direct-123456789abc")


def written_at() -> datetime:
    """When the sample was written."""
    return datetime.fromisoformat(SAMPLE["written_at"])


def before(key: str) -> Any:
    """What the sample holds at a key."""
    return plain(SAMPLE["keys"][key][1])


def jobs_of_the_batch() -> dict[str, str]:
    """Keyword → the job of the batch that was queued last, or leased."""
    return {word: job for word, job in before(keys.claim_jobs(dedup.SERP)) if not job.startswith("direct-")}


@pytest.fixture
def provider(store: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[fakes.Provider]:
    """The outside world of the sample; the clock stands 20 s after it was written: the leases of the dead worker have ended."""
    load(store)
    made, _ = fakes.use(monkeypatch, fakes.serp([*fakes.others(3), "https://www.example.com/p", *fakes.others(6, start=3)]))
    with clock.frozen(written_at() + timedelta(seconds=20)):
        yield made


def test_what_was_leased_and_what_was_queued_is_checked_once(provider: fakes.Provider, store: Any) -> None:
    ran = inline.run_until_idle()

    known = {keywords.get(word).text for word in jobs_of_the_batch()}
    assert ran == 13 and Counter(text for text, start in provider.asked if start == 0) == Counter(known)
    for word, job in jobs_of_the_batch().items():
        assert store.xlen(keys.results(job)) == 1, "one outcome for each job"
        old = before(keys.ranks(word))
        new = store.get(keys.ranks(word))
        assert new.startswith(old) and len(new) == len(old) + history.WIDTH, "the history goes on where it was"
        assert [rank.day.isoformat() for rank in history.of(word)] == [f"2026-11-{day}" for day in (20, 21, 22, 23)]
    assert dedup.count() == 1 and not store.exists(keys.LEASES) and inline.run_until_idle() == 0


def test_a_worker_of_the_version_before_that_comes_back_has_its_outcome_refused(provider: fakes.Provider) -> None:
    inline.run_until_idle()
    for word, job in jobs_of_the_batch().items():
        with pytest.raises(LostClaim):
            outcomes.finish(keywords.get(word), job, DAY, outcomes.CheckOutcome("failed", error={}))
    assert not any(keywords.get(word).failures for word in jobs_of_the_batch())


def test_histories_pages_and_texts_read_as_they_were(provider: fakes.Provider) -> None:
    stored = {
        key.split(":")[2]: dict(before(key)) for key in SAMPLE["keys"] if key.startswith(keys.KEYWORD) and key.count(":") == 2
    }
    found = {word.id: word for name in projects.ids() for word in keywords.in_project(name, archived=None)}
    assert set(found) == set(stored)
    for keyword_id, fields in stored.items():
        text = fields["t"]
        assert found[keyword_id].text == (text.decode() if isinstance(text, bytes) else text)
        assert found[keyword_id].project_id == fields["p"]
    word = next(keyword for keyword in keywords.in_project("example.com") if keyword.text == "word 4")
    ranks = history.of(word.id)
    assert [(rank.rank, rank.url, rank.title) for rank in ranks] == [(4, "https://www.example.com/p", "Title 4")] * 3
    captcha = next(keyword for keyword in keywords.in_project("example.com") if keyword.text == "captcha word")
    assert [rank.reason for rank in history.of(captcha.id)] == ["captcha"] * 3 and captcha.failures == 3
    assert (keywords.last_error(captcha.id) or {})["category"] == "blocked"


def test_a_text_typed_again_keeps_its_history(provider: fakes.Provider) -> None:
    done = tracked.add_typed("shop.example.org", ["Fußball Trikot", "cat OR dog"])
    assert (done.added, done.known) == (0, 2) and len(done.respelled) == 2
    word = next(keyword for keyword in keywords.in_project("shop.example.org") if keyword.text == "Fußball Trikot")
    assert word.id == "ulacr5msi3ny" and len(history.of(word.id)) == 3


def test_the_next_ticks_take_nothing_twice_and_everything_again_a_day_later(provider: fakes.Provider) -> None:
    assert serp.enqueue_batch()["total"] == 0, "all of it is claimed"
    inline.run_until_idle()
    assert serp.enqueue_batch()["total"] == 0, "all of it is done for today"
    clock.advance(DAY)
    assert (
        serp.enqueue_batch() | {"ms": 0, "freed": 0}
        == {
            "outcome": "enqueued",
            "total": 13,
            "high": 1,
            "default": 12,
            "projects": 2,
            "freed": 0,
            "ms": 0,
        }
        or len(queued()) == 13
    )
    audit(projects.ids())


def test_what_is_archived_or_inactive_stays_so(provider: fakes.Provider) -> None:
    inline.run_until_idle()
    clock.advance(2 * DAY)
    serp.enqueue_batch()
    assert not {ARCHIVED, IN_DIRECT_CALL} & set(queued())
    assert keywords.get(ARCHIVED).archived and not projects.get("idle.example.net").active
    assert keywords.set_archived(ARCHIVED, False) and due_in("example.com")[ARCHIVED] == 0


def test_the_claim_of_a_direct_call_holds_for_a_minute_and_no_longer(provider: fakes.Provider) -> None:
    assert dedup.take(dedup.SERP, IN_DIRECT_CALL, "another") == "direct-123456789abc"
    clock.advance(timedelta(seconds=41))
    assert dedup.take(dedup.SERP, IN_DIRECT_CALL, "another") is None


def test_the_limit_holds_and_counts_no_dead_worker(provider: fakes.Provider) -> None:
    [limit] = limits.every(queues.QUEUES)
    assert (limit.kind, limit.most) == ("serp", 4)
    inline.run_until_idle()
    [limit] = limits.every(queues.QUEUES)
    assert (limit.running, limit.blocked) == (0, 0)


def test_a_delayed_job_runs_at_its_time_and_once(provider: fakes.Provider, store: Any) -> None:
    [(delayed, at)] = before(keys.RQ_SCHEDULED + "low")
    inline.run_until_idle()
    assert store.zrange(keys.RQ_SCHEDULED + "low", 0, -1, withscores=True) == [(delayed.encode(), at)]
    clock.advance(timedelta(hours=1))
    assert inline.run_until_idle() == 1 and inline.run_until_idle() == 0
    assert store.xlen(keys.results(delayed)) == 1


def test_the_schedule_goes_on_without_a_second_row_or_a_lost_time(provider: fakes.Provider, store: Any) -> None:
    rows = dict(before(keys.RQ_SCHEDULER_JOBS))
    process = Scheduler()
    process.register(scheduler.table())
    now = {entry.decode(): due for entry, due in store.zrange(keys.RQ_SCHEDULER_JOBS, 0, -1, withscores=True)}
    new = {"tend-crawls", "clean-up-pages", "tend-webhooks", "close-budget-months"}
    new |= {"rescore-companies", "tend-suspects", "look-for-alerts"}
    assert now | rows == now and now.keys() - rows.keys() == {f"schedule-{name}" for name in new}
    assert {record.id for record in schedule_records.records()} == set(now)
    process.enqueue_jobs()
    [month] = [record for record in schedule_records.records() if record.id == "schedule-begin-budget-month"]
    assert month.next_at and month.next_at.timestamp() == rows[month.id], "it is not due"
    ticks = [job for job in store.lrange(keys.queue("high"), 0, -1) if b"enqueue-keyword-scrapes" in job]
    assert len(ticks) == 1, "what was missed in three days is made up for once"


def test_the_doctor_finds_the_dead_worker_and_nothing_else(provider: fakes.Provider) -> None:
    clock.advance(timedelta(minutes=2))
    found = {name: tally.count for name, tally in Examination(repair=False).run().items() if tally.count}
    assert found == {"overdue leases": 3, "claims": 1}, "and the claim of a direct call that ended without a word"
