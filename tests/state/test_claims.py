"""Dedup claims: one holder at a time, freed by their owner only, found when their job is gone."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

import clock
import queues
from jobs import serp
from state import claims, connection, keys
from tests import patience
from tests.state import NOON


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def live_job(job_id: str, status: str = "queued") -> str:
    connection.client().hset(keys.job(job_id), mapping={"status": status, "origin": "default"})
    return job_id


def test_one_of_two_gets_the_claim_and_the_other_learns_who_has_it() -> None:
    live_job("one"), live_job("two")
    assert claims.take("serp", "word", "one") is None
    assert claims.take("serp", "word", "two") == "one"
    assert claims.take("serp", "word", "one") is None, "safe to repeat"
    assert [claim.job_id for claim in claims.held("serp")] == ["one"]


def test_only_the_owner_frees_a_claim() -> None:
    live_job("one")
    claims.take("serp", "word", "one")
    assert not claims.release("serp", "word", "two") and claims.count() == 1
    assert claims.release("serp", "word", "one") and claims.count() == 0
    assert not claims.release("serp", "word", "one")


@pytest.mark.parametrize("status", ["finished", "failed", "canceled", "stopped", None])
def test_a_claim_whose_job_is_over_or_gone_can_be_taken_over(status: str | None) -> None:
    live_job("one", status or "queued")
    claims.take("serp", "word", "one")
    if status is None:
        connection.client().delete(keys.job("one"))
    assert [claim.member for claim in claims.orphans("serp")] == ["word"]
    assert claims.take("serp", "word", live_job("two")) is None
    assert [claim.job_id for claim in claims.held("serp")] == ["two"]
    assert not claims.release("serp", "word", "one"), "the former owner frees nothing"


@pytest.mark.parametrize("status", ["queued", "started", "deferred", "scheduled", "created"])
def test_a_claim_whose_job_lives_is_no_orphan(status: str) -> None:
    claims.take("serp", "word", live_job("one", status))
    clock.advance(timedelta(days=30))
    assert claims.orphans("serp") == [] and claims.take("serp", "word", "two") == "one"


def test_a_direct_call_keeps_its_claim_for_a_minute_after_it_renewed_it() -> None:
    owner = claims.direct_owner()
    claims.take("serp", "word", owner)
    clock.advance(timedelta(seconds=59))
    assert claims.renew("serp", "word", owner)
    clock.advance(timedelta(minutes=1) - timedelta(milliseconds=1))
    assert claims.orphans("serp") == [] and claims.take("serp", "word", "other") == owner
    clock.advance(timedelta(milliseconds=1))
    assert [claim.job_id for claim in claims.orphans("serp")] == [owner]


def test_a_claim_that_another_one_took_is_not_renewed() -> None:
    owner = claims.direct_owner()
    claims.take("serp", "word", owner)
    clock.advance(timedelta(minutes=1))
    claims.take("serp", "word", live_job("job"))
    assert not claims.renew("serp", "word", owner) and next(claims.held()).job_id == "job"
    claims.release("serp", "word", "job")
    assert not claims.renew("serp", "word", owner) and claims.count() == 0, "a renewal makes no claim"


def test_a_living_direct_call_renews_its_claim_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "RENEWED_EVERY_S", 0.001)
    renewed, renew = threading.Event(), claims.renew

    def told(*which: str) -> bool:
        held = renew(*which)
        renewed.set()
        return held

    monkeypatch.setattr(claims, "renew", told)
    owner = claims.direct_owner()
    claims.take("serp", "word", owner)
    with claims.kept("serp", "word", owner):
        assert renewed.wait(patience.HANG_S)
    assert not [thread for thread in threading.enumerate() if thread.name == "claim-word"]
    claims.release("serp", "word", owner)


def test_the_claim_of_a_job_needs_no_renewal() -> None:
    before = threading.active_count()
    with claims.kept("serp", "word", "serp-word-1"):
        assert threading.active_count() == before


def test_the_claims_held_are_told_oldest_first_and_by_age() -> None:
    for number in range(3):
        claims.take("serp", f"word{number}", live_job(f"job{number}"))
        clock.advance(timedelta(minutes=40))
    assert [(claim.member, claim.job_id) for claim in claims.held()] == [(f"word{n}", f"job{n}") for n in range(3)]
    assert [claim.member for claim in claims.held(older_than_s=3600)] == ["word0", "word1"]
    assert next(claims.held()).since == NOON


def test_namespaces_do_not_meet() -> None:
    claims.take("serp", "x", live_job("one"))
    claims.take("tick", "x", live_job("two"))
    assert claims.namespaces() == ["serp", "tick"]
    assert (claims.count("serp"), claims.count("tick"), claims.count("jobs")) == (1, 1, 0)


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
    assert claims.split(dedup_key) == parts


def test_orphans_of_every_namespace_are_freed_by_a_tick() -> None:
    claims.take("tick", "serp", "gone")
    claims.take("jobs", "mine", "gone-too")
    claims.take("jobs", "kept", live_job("alive"))
    assert serp.free_orphans() == 2
    assert claims.count("tick") == 0 and [claim.member for claim in claims.held("jobs")] == ["kept"]


def test_looking_for_orphans_changes_nothing(store: object) -> None:
    redis = connection.client()
    claims.take("serp", "word", "gone")
    before = {key: redis.dump(key) for key in redis.scan_iter()}
    assert claims.orphans("serp") and list(claims.held()) and claims.count()
    assert {key: redis.dump(key) for key in redis.scan_iter()} == before


def test_the_claim_of_a_submitted_job_is_kept_beside_the_job() -> None:
    submission = queues.submit(serp.track_keyword, "abc")
    assert connection.client().hget(keys.job(submission.job_id), "claim") == b"serp:abc"
