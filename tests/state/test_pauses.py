"""Pauses: what is held starts nowhere, is never lost, keeps its order, and starts at once when the pause ends."""

import random
import zlib
from datetime import timedelta
from typing import Any

import pytest

import clock
import models
import queues
from errors import ArgumentError
from state.engine import jobs, leases, limits, pauses, rescues
from state.store import keys
from tests.state import NOON
from tests.state.test_limits import Worker, rqs, submitted


@queues.job(queue="default", kind="held")
def held(number: int) -> int:
    """A job of the kind that is paused."""
    return number


@queues.job(queue="default", kind="free")
def free(number: int) -> int:
    """A job of another kind."""
    return number


@pytest.fixture(autouse=True)
def kinds() -> None:
    limits.announce(queues.kinds())


def mixed(count: int, queue: str = "default") -> tuple[list[str], list[str]]:
    """Jobs of both kinds, in turn; ids by kind."""
    calls = [models.Call(func, (n,), queue=queue) for n in range(count) for func in (held, free)]
    ids = [one.job_id for one in queues.submit_many(calls)]
    return ids[::2], ids[1::2]


def pause(scope: str, ends_in_s: float | None = None) -> pauses.Pause:
    until = clock.now() + timedelta(seconds=ends_in_s) if ends_in_s is not None else None
    return pauses.put(scope, "provider in trouble", "ada", until)


def test_a_paused_queue_is_passed_over_and_the_others_are_served() -> None:
    low, high = submitted(3, held, "low"), submitted(3, held, "high")
    pause("queue:high")
    worker = Worker()
    assert worker.take() == low
    pauses.remove("queue:high")
    assert worker.take() == high


def test_jobs_of_a_paused_kind_hold_up_nobody_and_come_first_and_in_order_afterwards() -> None:
    theirs, others = mixed(5)
    pause("kind:held")
    worker = Worker()
    assert worker.take(100) == others
    later = submitted(2, free)
    assert worker.take(1) == later[:1]
    pauses.remove("kind:held")
    assert worker.take(100) == [*theirs, later[1]]


def test_nothing_is_left_of_a_pause_of_a_kind(store: Any) -> None:
    mixed(3)
    pause("kind:held")
    worker = Worker()
    worker.take(100)
    pauses.remove("kind:held")
    worker.take(100)
    worker.take(100)
    assert not store.exists(keys.LIMITS, keys.PAUSES, keys.PAUSE_ENDS)
    assert not [name for name in store.smembers(keys.RQ_QUEUES) if name.endswith(b".held")]


@pytest.mark.parametrize("scope", ["queue:default", "kind:held"])
def test_a_worker_that_sees_only_held_jobs_says_that_nothing_waits_for_it(scope: str) -> None:
    submitted(3, held)
    pause(scope)
    worker = Worker()
    assert worker.take() == []
    assert worker.last.backlog is leases.Backlog.EMPTY
    assert worker.take() == [] and worker.last.backlog is leases.Backlog.EMPTY


@pytest.mark.parametrize("scope", ["queue:default", "kind:held"])
def test_a_pause_whose_time_is_over_holds_nothing_whether_it_was_removed_or_not(scope: str) -> None:
    with clock.frozen(NOON):
        ids = submitted(3, held)
        pause(scope, 60)
        assert Worker().take() == []
        clock.advance(timedelta(seconds=59.9))
        assert Worker("w2").take() == []
        clock.advance(timedelta(seconds=0.2))
        assert Worker("w3").take() == ids
        assert pauses.every() == [] and pauses.why([scope]) is None


def test_a_limit_by_hand_and_a_pause_of_the_same_kind_do_not_disturb_each_other() -> None:
    ids = submitted(5, held)
    limits.put("held", 2)
    pause("kind:held")
    worker = Worker()
    assert worker.take() == []
    pauses.remove("kind:held")
    assert worker.take() == ids[:2]


def test_who_sends_a_lease_request_again_gets_its_jobs_although_all_is_paused_by_now() -> None:
    ids = submitted(2, held)
    worker = Worker()
    assert worker.take() == ids
    pause("queue:default")
    assert worker.take(again=True) == ids


def test_a_job_that_is_put_back_while_its_kind_is_paused_is_held_in_its_place() -> None:
    ids = submitted(4, held)
    worker = Worker()
    assert worker.take(2) == ids[:2]
    pause("kind:held")
    for job in reversed(worker.last.taken):
        worker.settle(job, "again")
    assert worker.take() == []
    pauses.remove("kind:held")
    assert worker.take() == ids


def test_a_job_whose_kind_cannot_be_read_is_resolved_before_it_may_start(store: Any) -> None:
    [job_id] = submitted(1, held)
    data = store.hget(keys.job(job_id), "data")
    store.hset(keys.job(job_id), "data", zlib.compress(data))
    pause("kind:held")
    worker = Worker()
    assert [worker.take(), worker.take(), worker.take()] == [[], [], []]
    pauses.remove("kind:held")
    assert worker.take() == [job_id]


def test_pausing_again_changes_reason_and_end_and_keeps_since_when() -> None:
    with clock.frozen(NOON):
        first = pause("queue:low", 60)
        clock.advance(timedelta(seconds=30))
        again = pauses.put("queue:low", "still", "bob")
        assert (again.since, again.until, again.reason, again.actor) == (first.since, None, "still", "bob")
        clock.advance(timedelta(hours=1))
        assert pauses.every() == [again], "its earlier end is forgotten"
        pause("queue:low", 60)
        clock.advance(timedelta(hours=1))
        new = pause("queue:low")
        assert new.since == clock.now(), "the pause before was over"


def test_a_pause_that_is_over_already_is_refused_and_nothing_is_written(store: Any) -> None:
    with clock.frozen(NOON), pytest.raises(ArgumentError, match="later time"):
        pause("queue:low", 0)
    assert not store.exists(keys.PAUSES)


def test_pauses_that_are_over_are_removed_by_who_polls_and_all_idle_workers_wake(store: Any) -> None:
    with clock.frozen(NOON):
        pause("queue:low", 60)
        pause("kind:held", 90)
        pause("host:example.com")
        store.delete(keys.WAKE)
        assert jobs.promote_due(*queues.QUEUES) == (0, 60.0)
        assert not store.exists(keys.WAKE)
        clock.advance(timedelta(seconds=60))
        assert jobs.promote_due(*queues.QUEUES) == (0, 30.0)
        assert store.llen(keys.WAKE) > 1
        assert set(store.hkeys(keys.PAUSES)) == {b"kind:held", b"host:example.com"}
        clock.advance(timedelta(seconds=60))
        pauses.end_over()
        assert store.hkeys(keys.PAUSES) == [b"host:example.com"] and not store.exists(keys.PAUSE_ENDS)


@pytest.mark.parametrize("broken", [b"", b"garbage", b"[]", b"null", b"5", b'{"until_ms": []}', b'{"reason": "x"}'])
def test_a_pause_that_nobody_can_read_breaks_nothing(store: Any, broken: bytes) -> None:
    ids = submitted(2, held)
    store.hset(keys.PAUSES, "host:example.com", broken)
    assert Worker().take() == ids
    assert pauses.every() == [] and pauses.why(["host:example.com"]) is None
    queues.submit(held, 9)


def test_a_key_of_another_type_in_place_of_the_pauses_stops_nobody(store: Any) -> None:
    ids = submitted(2, held)
    store.set(keys.PAUSES, "x")
    assert Worker().take() == ids
    queues.submit(held, 9)


def test_the_first_of_several_scopes_that_is_paused_is_told() -> None:
    pause("host:example.com")
    last = pause("project:p")
    assert pauses.why(["host:other.example", "project:p", "host:example.com"]) == last
    pauses.remove("project:p")
    found = pauses.why(["project:p", "host:example.com"])
    assert found and found.scope == "host:example.com"


# --- what other products' pauses let through (Bull #1087, #1093, #247, #447; BullMQ #322, #3971; seen November 2026) ---


@pytest.mark.parametrize("scope", ["queue:default", "kind:held"])
def test_a_delayed_job_whose_time_comes_in_the_pause_is_held_and_starts_afterwards(scope: str) -> None:
    with clock.frozen(NOON):
        job_id = queues.submit(held, 1, delay_s=60).job_id
        pause(scope)
        clock.advance(timedelta(minutes=2))
        jobs.promote(*queues.QUEUES)
        worker = Worker()
        assert worker.take() == []
        pauses.remove(scope)
        assert worker.take() == [job_id]


@pytest.mark.parametrize("scope", ["queue:default", "kind:held"])
def test_a_job_of_a_dead_worker_is_taken_back_in_the_pause_and_does_not_start(scope: str) -> None:
    with clock.frozen(NOON):
        [job_id] = submitted(1, held)
        assert Worker("dead").take() == [job_id]
        pause(scope)
        clock.advance(timedelta(minutes=1))
        rescues.rescue()
        worker = Worker()
        assert worker.take() == [] and worker.last.backlog is leases.Backlog.EMPTY
        pauses.remove(scope)
        assert worker.take() == [job_id]


@pytest.mark.parametrize("scope", ["queue:default", "kind:held"])
def test_a_retry_and_what_stock_rq_enqueues_are_held_too(store: Any, scope: str) -> None:
    with clock.frozen(NOON):
        [job_id] = submitted(1, held)
        worker = Worker()
        worker.take()
        pause(scope)
        worker.settle(worker.last.taken[0], "retry", ttl=1000)
        other = rqs(store).enqueue(f"{held.__module__}.held", 2).id
        clock.advance(timedelta(seconds=5))
        jobs.promote(*queues.QUEUES)
        assert worker.take() == []
        pauses.remove(scope)
        assert worker.take() == [other, job_id]


def test_pausing_and_resuming_twice_is_as_once() -> None:
    ids = submitted(2, held)
    pause("queue:default"), pause("queue:default")
    assert Worker().take() == []
    assert pauses.remove("queue:default") and pauses.remove("queue:default") is None
    assert Worker("w2").take() == ids


def test_a_held_job_can_be_cancelled_and_does_not_come_back(store: Any) -> None:
    ids = submitted(3, held)
    pause("kind:held")
    worker = Worker()
    worker.take()
    assert queues.cancel(ids[1]) == "queued"
    pauses.remove("kind:held")
    assert worker.take() == [ids[0], ids[2]]


def test_thousands_of_held_jobs_before_one_of_another_kind_are_passed_in_bounded_looks(store: Any) -> None:
    submitted(3000, held)
    [free_id] = submitted(1, free)
    pause("kind:held")
    worker = Worker()
    looks = 0
    while not worker.take(5):
        looks += 1
        assert worker.last.unfinished and looks <= 4
    assert [job.id for job in worker.last.taken] == [free_id]


@pytest.mark.parametrize("seed", range(25))
def test_whatever_is_paused_limited_and_resumed_in_any_order_no_held_job_starts_and_none_is_lost(seed: int) -> None:
    dice, worker, ids, done = random.Random(seed), Worker(), {}, []
    running: list[leases.Leased] = []
    scopes = ("kind:held", "kind:free", "queue:default", "queue:low")
    with clock.frozen(NOON):
        for _ in range(80):
            step = dice.randrange(7)
            if step == 0:
                func, queue = dice.choice([held, free]), dice.choice(["default", "low"])
                ids |= dict.fromkeys(submitted(dice.randrange(1, 5), func, queue), (func.__name__, queue))
            elif step == 1:
                pause(dice.choice(scopes), dice.choice([None, 5, 30]))
            elif step == 2:
                pauses.remove(dice.choice(scopes))
            elif step == 3 and running:
                job = running.pop(dice.randrange(len(running)))
                outcome = dice.choice(["finished", "finished", "again", "retry"])
                worker.settle(job, outcome, ttl=2000 if outcome == "retry" else 500)
                done += [job.id] if outcome == "finished" else []
            elif step == 4:
                limits.put(dice.choice(["held", "free"]), dice.randrange(3))
            elif step == 5:
                clock.advance(timedelta(seconds=dice.randrange(4)))
                jobs.promote(*queues.QUEUES)
            in_force = {one.scope for one in pauses.every()}
            worker.take(dice.randrange(1, 4))
            taken = [ids[job.id] for job in worker.last.taken]
            assert not [one for one in taken if in_force & {f"kind:{one[0]}", f"queue:{one[1]}"}]
            leases.renew([job.lease for job in running])
            running += worker.last.taken
        for scope in scopes:
            pauses.remove(scope)
        for kind in ("held", "free"):
            limits.put(kind, 1)
            limits.remove(kind)
        for _ in range(len(ids) + 20):
            for job in running:
                worker.settle(job)
                done.append(job.id)
            clock.advance(timedelta(seconds=3))
            jobs.promote(*queues.QUEUES)
            worker.take(50)
            running = list(worker.last.taken)
    assert sorted(done) == sorted(ids)
