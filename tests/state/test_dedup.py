"""Dedup claims: one holder at a time, freed by their owner only, found when their job is gone."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

import clock
import queues
from jobs import serp
from state.engine import dedup
from state.store import connection, keys
from tests import patience
from tests.state import NOON
from topics.tracking import claims


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def live_job(job_id: str, status: str = "queued") -> str:
    connection.client().hset(keys.job(job_id), mapping={"status": status, "origin": "default"})
    return job_id


def test_one_of_two_gets_the_claim_and_the_other_learns_who_has_it() -> None:
    live_job("one"), live_job("two")
    assert dedup.take("serp", "word", "one") is None
    assert dedup.take("serp", "word", "two") == "one"
    assert dedup.take("serp", "word", "one") is None, "safe to repeat"
    assert [claim.job_id for claim in dedup.held("serp")] == ["one"]


def test_only_the_owner_frees_a_claim() -> None:
    live_job("one")
    dedup.take("serp", "word", "one")
    assert not dedup.release("serp", "word", "two") and dedup.count() == 1
    assert dedup.release("serp", "word", "one") and dedup.count() == 0
    assert not dedup.release("serp", "word", "one")


@pytest.mark.parametrize("status", ["finished", "failed", "canceled", "stopped", None])
def test_a_claim_whose_job_is_over_or_gone_can_be_taken_over(status: str | None) -> None:
    live_job("one", status or "queued")
    dedup.take("serp", "word", "one")
    if status is None:
        connection.client().delete(keys.job("one"))
    assert [claim.member for claim in dedup.orphans("serp")] == ["word"]
    assert dedup.take("serp", "word", live_job("two")) is None
    assert [claim.job_id for claim in dedup.held("serp")] == ["two"]
    assert not dedup.release("serp", "word", "one"), "the former owner frees nothing"


@pytest.mark.parametrize("status", ["queued", "started", "deferred", "scheduled", "created"])
def test_a_claim_whose_job_lives_is_no_orphan(status: str) -> None:
    dedup.take("serp", "word", live_job("one", status))
    clock.advance(timedelta(days=30))
    assert dedup.orphans("serp") == [] and dedup.take("serp", "word", "two") == "one"


def test_a_direct_call_keeps_its_claim_for_a_minute_after_it_renewed_it() -> None:
    owner = dedup.direct_owner()
    dedup.take("serp", "word", owner)
    clock.advance(timedelta(seconds=59))
    assert dedup.renew("serp", "word", owner)
    clock.advance(timedelta(minutes=1) - timedelta(milliseconds=1))
    assert dedup.orphans("serp") == [] and dedup.take("serp", "word", "other") == owner
    clock.advance(timedelta(milliseconds=1))
    assert [claim.job_id for claim in dedup.orphans("serp")] == [owner]


def test_a_claim_that_another_one_took_is_not_renewed() -> None:
    owner = dedup.direct_owner()
    dedup.take("serp", "word", owner)
    clock.advance(timedelta(minutes=1))
    dedup.take("serp", "word", live_job("job"))
    assert not dedup.renew("serp", "word", owner) and next(dedup.held()).job_id == "job"
    dedup.release("serp", "word", "job")
    assert not dedup.renew("serp", "word", owner) and dedup.count() == 0, "a renewal makes no claim"


def test_a_living_direct_call_renews_its_claim_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedup, "RENEWED_EVERY_S", 0.001)
    renewed, renew = threading.Event(), dedup.renew

    def told(*which: str) -> bool:
        held = renew(*which)
        renewed.set()
        return held

    monkeypatch.setattr(dedup, "renew", told)
    owner = dedup.direct_owner()
    dedup.take("serp", "word", owner)
    with dedup.kept("serp", "word", owner):
        assert renewed.wait(patience.HANG_S)
    assert not [thread for thread in threading.enumerate() if thread.name == "claim-word"]
    dedup.release("serp", "word", owner)


def test_the_claim_of_a_job_needs_no_renewal() -> None:
    before = threading.active_count()
    with dedup.kept("serp", "word", "serp-word-1"):
        assert threading.active_count() == before


def test_the_claims_held_are_told_oldest_first_and_by_age() -> None:
    for number in range(3):
        dedup.take("serp", f"word{number}", live_job(f"job{number}"))
        clock.advance(timedelta(minutes=40))
    assert [(claim.member, claim.job_id) for claim in dedup.held()] == [(f"word{n}", f"job{n}") for n in range(3)]
    assert [claim.member for claim in dedup.held(older_than_s=3600)] == ["word0", "word1"]
    assert next(dedup.held()).since == NOON


def test_namespaces_do_not_meet() -> None:
    dedup.take("serp", "x", live_job("one"))
    dedup.take("tick", "x", live_job("two"))
    assert dedup.namespaces() == ["serp", "tick"]
    assert (dedup.count("serp"), dedup.count("tick"), dedup.count("jobs")) == (1, 1, 0)


@pytest.mark.parametrize(
    ("dedup_key", "parts"),
    [
        ("serp:abc", ("serp", "abc")),
        ("abc", ("jobs", "abc")),
        (":abc", ("jobs", ":abc")),
        ("a:", ("jobs", "a:")),
        ("a:b:c", ("a", "b:c")),
    ],
)
def test_a_dedup_key_is_a_namespace_and_a_member(dedup_key: str, parts: tuple[str, str]) -> None:
    assert dedup.split(dedup_key) == parts


def test_orphans_of_every_namespace_are_freed_by_a_tick() -> None:
    dedup.take("tick", "serp", "gone")
    dedup.take("jobs", "mine", "gone-too")
    dedup.take("jobs", "kept", live_job("alive"))
    assert claims.free_orphans() == 2
    assert dedup.count("tick") == 0 and [claim.member for claim in dedup.held("jobs")] == ["kept"]


def test_looking_for_orphans_changes_nothing(store: object) -> None:
    redis = connection.client()
    dedup.take("serp", "word", "gone")
    before = {key: redis.dump(key) for key in redis.scan_iter()}
    assert dedup.orphans("serp") and list(dedup.held()) and dedup.count()
    assert {key: redis.dump(key) for key in redis.scan_iter()} == before


def test_the_claim_of_a_submitted_job_is_kept_beside_the_job() -> None:
    submission = queues.submit(serp.track_keyword, "abc")
    assert connection.client().hget(keys.job(submission.job_id), "claim") == b"serp:abc"
