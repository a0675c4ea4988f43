"""What is found in the store is damage and nothing else: whatever an engine at work does, no repair finds anything to do."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import clock
import queues
import scheduler
from doctor import examination
from scheduling import loop
from state.engine import cancelling, dedup, jobs, leases, rescues
from state.repair import orphans, overdue, walk
from state.store import connection, keys
from tests.state import NOON, everything

picks = st.integers(0, 1000)
OUTCOMES = ("finished", "failed", "canceled", "stopped", "again", "retry")


@queues.job(retries=1)
def work(number: int) -> None:
    """A plain job."""


def take(worker: str, request: int, threads: int = 1) -> list[leases.Leased]:
    return leases.exchange(worker, [], leases.LeaseRequest(request, queues.QUEUES, threads)).taken


def settle(job: leases.Leased, outcome: str, worker: str) -> leases.Settled:
    return leases.exchange(worker, [leases.Settlement(job, outcome, ttl=500)], None).settled[0]


class Engine(RuleBasedStateMachine):
    """What users, workers, schedulers and crashes do, in any order; each step is one of the engine's own."""

    @initialize()
    def start(self) -> None:
        self.held = ExitStack()
        self.held.enter_context(clock.frozen(NOON))
        connection.client().flushall()
        self.jobs: list[str] = []
        self.taken: list[tuple[leases.Leased, str]] = []
        self.requests = 0

    def teardown(self) -> None:
        if hasattr(self, "held"):
            self.held.close()

    @rule(name=st.sampled_from(queues.QUEUES), delay_s=st.sampled_from([0, 0, 30]), claimed=st.booleans(), pick=st.integers(0, 3))
    def submit(self, name: str, delay_s: int, claimed: bool, pick: int) -> None:
        key = f"work:{pick}" if claimed else None
        self.jobs.append(queues.submit(work, pick, queue=name, delay_s=delay_s, dedup_key=key).job_id)

    @rule(worker=st.sampled_from(["w1", "w2"]), threads=st.integers(1, 3))
    def take(self, worker: str, threads: int) -> None:
        self.requests += 1
        self.taken += [(job, worker) for job in take(worker, self.requests, threads)]

    @rule(pick=picks, outcome=st.sampled_from(OUTCOMES))
    def settle(self, pick: int, outcome: str) -> None:
        if self.taken:
            job, worker = self.taken.pop(pick % len(self.taken))
            settle(job, outcome, worker)

    @rule(pick=picks)
    def cancel(self, pick: int) -> None:
        if self.jobs:
            cancelling.cancel(self.jobs[pick % len(self.jobs)])

    @rule(seconds=st.sampled_from([1, 20, 40]))
    def pass_time(self, seconds: int) -> None:
        """Somebody who lives looks every few seconds."""
        clock.advance(timedelta(seconds=seconds))
        jobs.promote(*queues.QUEUES)
        for lease, queue in rescues.rescue().poisoned:
            settle(leases.find(lease, queue), "failed", "rescuer")

    @rule(worker=st.sampled_from(["w1", "w2"]))
    def worker_dies(self, worker: str) -> None:
        for lease, queue in rescues.rescue(worker).poisoned:
            settle(leases.find(lease, queue), "failed", "rescuer")

    @invariant()
    def nothing_is_found_and_nothing_is_changed(self) -> None:
        if not hasattr(self, "jobs"):
            return
        before = everything()
        found = {name: tally.examples for name, tally in examination.Examination(repair=True).run().items() if tally.count}
        assert found == {}
        for repair in (orphans.requeue_queued, orphans.requeue_started, orphans.reschedule):  # not only those that look as if
            assert repair(self.jobs, True) == []
        assert everything() == before


Engine.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestEngine = Engine.TestCase


# --- what changed between the look and the repair ---


def lost(store: Any) -> str:
    job = queues.submit(work, 1).job_id
    store.delete(keys.queue("default"))
    return job


def stuck(store: Any) -> str:
    job = queues.submit(work, 1).job_id
    store.zrem(keys.LEASES, *(one.lease for one in take("w1", 1)))
    return job


def unmoved(store: Any) -> str:
    job = queues.submit(work, 1, delay_s=60).job_id
    store.delete(keys.RQ_SCHEDULED + "default")
    return job


Repair = Callable[[list[str], bool], list[str]]


@pytest.mark.parametrize(
    ("damage", "repair"), [(lost, orphans.requeue_queued), (stuck, orphans.requeue_started), (unmoved, orphans.reschedule)]
)
@pytest.mark.parametrize("change", ["mended by another", "mended and taken", "mended and done", "canceled", "deleted"])
def test_what_changed_since_it_was_seen_is_left_alone(
    damage: Callable[[Any], str], repair: Repair, change: str, store: Any
) -> None:
    with clock.frozen(NOON):
        job = damage(store)
        assert repair([job], False) == [job]
        if change.startswith("mended"):
            assert repair([job], True) == [job]
            jobs.promote("default")
        if change in ("mended and taken", "mended and done"):
            [taken] = take("w2", 1)
        if change == "mended and done":
            assert settle(taken, "finished", "w2") == "settled"
        if change == "canceled":
            store.hset(keys.job(job), "status", "canceled")
        if change == "deleted":
            store.delete(keys.job(job))
        before = everything()

        assert repair([job], True) == []

        assert everything() == before


def test_a_claim_that_another_job_took_meanwhile_is_not_freed(store: Any) -> None:
    store.delete(keys.job(queues.submit(work, 1, dedup_key="work:1").job_id))
    assert dedup.take_over("work", ["1"]) == ["1"]
    holder = queues.submit(work, 1, dedup_key="work:1").job_id

    assert dedup.take_over("work", ["1"], dedup.direct_owner()) == []

    assert store.hget(keys.claim_jobs("work"), "1") == holder.encode()


def test_a_claim_is_freed_by_the_one_who_adopted_it_and_nobody_else(store: Any) -> None:
    store.delete(keys.job(queues.submit(work, 1, dedup_key="work:1").job_id))
    first, second = dedup.direct_owner(), dedup.direct_owner()
    assert (dedup.take_over("work", ["1"], first), dedup.take_over("work", ["1"], second)) == (["1"], [])
    assert not dedup.release("work", "1", second) and dedup.release("work", "1", first)


@pytest.mark.parametrize("count", [3, 40])
def test_few_lost_jobs_and_many_are_found_beside_those_that_stand_in_the_queue(count: int, store: Any) -> None:
    ids = [queues.submit(work, number).job_id for number in range(2 * count)]
    for job in ids[::2]:
        store.lrem(keys.queue("default"), 1, job)

    assert sorted(orphans.requeue_queued(ids, True)) == sorted(ids[::2])
    assert sorted(store.lrange(keys.queue("default"), 0, -1)) == sorted(job.encode() for job in ids)


def test_entries_without_a_job_are_removed_from_every_stretch_of_a_queue(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "CHUNK", 10)
    ids = [queues.submit(work, number).job_id for number in range(95)]
    gone = [job for number, job in enumerate(ids) if number % 3 == 0 or 30 <= number < 60]
    store.delete(*(keys.job(job) for job in gone))

    assert sorted(job for page in orphans.drop_dead_entries("default", False) for job in page) == sorted(gone)
    assert sorted(job for page in orphans.drop_dead_entries("default", True) for job in page) == sorted(gone)

    assert store.lrange(keys.queue("default"), 0, -1) == [job.encode() for job in ids if job not in gone]


def test_no_more_waiting_jobs_are_held_than_the_limit_says(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "AT_ONCE", 10)
    monkeypatch.setattr(walk, "CHUNK", 5)
    held = []
    sift = orphans.sift
    monkeypatch.setattr(orphans, "sift", lambda waiting, names: held.append(len(waiting)) or sift(waiting, names))
    ids = [queues.submit(work, number).job_id for number in range(60)]
    for job in ids[::2]:
        store.lrem(keys.queue("default"), 1, job)

    found = examination.Examination(repair=True).run()

    assert found["waiting jobs"].count == 30 and store.llen(keys.queue("default")) == 60
    assert len(held) > 2 and max(held) < 60


@pytest.mark.parametrize(("damage", "repair"), [(lost, orphans.requeue_queued), (stuck, orphans.requeue_started)])
def test_an_idle_worker_is_woken_for_what_was_put_back(damage: Callable[[Any], str], repair: Repair, store: Any) -> None:
    job = damage(store)
    store.delete(keys.WAKE)
    repair([job], False)
    assert not store.exists(keys.WAKE)
    repair([job], True)
    assert store.llen(keys.WAKE) == 1 and store.sismember(keys.RQ_QUEUES, keys.queue("default"))


def test_a_job_that_runs_is_no_candidate_and_one_without_a_lease_is() -> None:
    job = stuck(connection.client())
    running = queues.submit(work, 2).job_id
    assert [one.id for one in take("w2", 1)] == [running]
    assert orphans.triage([job, running], queues.QUEUES).started == [job]


def test_a_revived_job_leaves_no_record_of_its_old_run(store: Any) -> None:
    job = stuck(store)
    assert orphans.requeue_started([job], True) == [job]
    assert not list(store.scan_iter("rq:execution*")) and not store.exists(keys.RQ_STARTED + "default")
    assert not store.exists(f"{keys.RQ_WORKER}w1:executions")


def test_an_entry_of_the_schedule_is_no_delayed_job_also_while_it_is_switched_off(store: Any) -> None:
    process = loop.Scheduler()
    process.register(scheduler.table())
    entry = store.zrange(keys.RQ_SCHEDULER_JOBS, 0, -1)[0].decode()
    for part in ("on", "off"):
        assert orphans.triage([entry], queues.QUEUES).delayed == orphans.reschedule([entry], True) == [], part
        store.zrem(keys.RQ_SCHEDULER_JOBS, entry)
    store.zadd(keys.RQ_SCHEDULER_JOBS, {entry: 1})
    store.hdel(keys.job(entry), "result_ttl")  # as another program of rq-scheduler's may write it
    assert orphans.triage([entry], queues.QUEUES).delayed == orphans.reschedule([entry], True) == []


@pytest.mark.parametrize(("late_s", "found"), [(50, 0), (70, 1)])
def test_what_is_late_counts_after_a_minute(late_s: int, found: int, store: Any) -> None:
    with clock.frozen(NOON):
        queues.submit(work, 1, delay_s=10)
        queues.submit(work, 2)
        [taken] = take("w1", 1)
        store.zadd(keys.LEASES, {taken.lease: (NOON + timedelta(seconds=10)).timestamp() * 1000})
        clock.advance(timedelta(seconds=10 + late_s))
        assert (overdue.jobs("default").count, overdue.leases().count) == (found, found)


@pytest.mark.parametrize(("late_s", "found"), [(170, 0), (190, 1)])
def test_a_follow_up_is_late_after_three_minutes(late_s: int, found: int, store: Any) -> None:
    with clock.frozen(NOON):
        store.zadd(keys.FOLLOWUPS, {"job:run=default": NOON.timestamp() * 1000})
        clock.advance(timedelta(seconds=late_s))
        assert overdue.follow_ups().count == found
