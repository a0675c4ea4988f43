"""Jobs moved between queues: whatever they wait for, they stand in one queue, and claims, limits and counts stay right."""

from typing import Any

import pytest

import queues
from models import JobStatus
from state.engine import dedup, jobs, leases, limits, moving, pauses
from state.store import connection, keys
from tests.topics.operations.test_jobs import job_in, work
from topics.operations import jobs as by_id
from topics.operations import listing
from worker import inline


def ids_in(key: str) -> list[str]:
    return [name.decode() for name in connection.client().lrange(key, 0, -1)]


def test_a_waiting_job_stands_behind_those_of_its_new_queue_and_runs_once() -> None:
    there, moved = queues.submit(work, queue="high").job_id, queues.submit(work).job_id
    assert moving.move([moved], "high") == ["moved"] and moving.move([moved], "high") == ["there"]
    assert ids_in(keys.queue("high")) == [there, moved] and ids_in(keys.queue("low")) == []
    assert jobs.depths(queues.QUEUES) == {"high": 2, "default": 0, "low": 0}
    leased = leases.exchange("w1", [], leases.LeaseRequest(1, ["high"], 5)).taken
    assert [job.id for job in leased] == [there, moved]


@pytest.mark.parametrize("state", [JobStatus.SCHEDULED, JobStatus.RETRY, JobStatus.PARKED])
def test_a_delayed_job_waits_for_the_same_moment(store: Any, state: JobStatus) -> None:
    job_id = job_in(state)
    due = store.zscore(keys.RQ_SCHEDULED + "low", job_id)
    assert moving.move([job_id], "high") == ["moved"]
    assert store.zscore(keys.RQ_SCHEDULED + "high", job_id) == due and not store.exists(keys.RQ_SCHEDULED + "low")
    found = by_id.get_job_status(job_id)
    assert (found.status, found.queue) == (state, "high")
    by_id.update_job_status(job_id, "pending")
    assert ids_in(keys.queue("high")) == [job_id]


def test_a_job_that_waits_for_another_is_moved_too(store: Any) -> None:
    job_id = queues.submit(work).job_id
    store.lrem(keys.queue("low"), 0, job_id)
    store.hset(keys.job(job_id), "status", "deferred")
    store.zadd(keys.RQ_DEFERRED + "low", {job_id: 5})
    assert moving.move([job_id], "default") == ["moved"]
    assert store.zscore(keys.RQ_DEFERRED + "default", job_id) == 5 and not store.exists(keys.RQ_DEFERRED + "low")


def test_a_blocked_job_stays_blocked_and_starts_when_there_is_room() -> None:
    limits.announce({work.__module__ + ".work": "test"})
    limits.put("test", 1)
    first, second, third = (queues.submit(work).job_id for _ in range(3))
    [one] = leases.exchange("w1", [], leases.LeaseRequest(1, ["high", "low"], 5)).taken
    assert one.id == first and ids_in(keys.blocked("low", "test")) == [second, third]
    assert moving.move([third], "high") == ["moved"]
    assert ids_in(keys.blocked("high", "test")) == [third] and ids_in(keys.blocked("low", "test")) == [second]
    assert by_id.get_job_status(third).queue == "high"
    assert {one.kind: one.blocked for one in limits.every(queues.QUEUES)} == {"test": 2}
    assert leases.exchange("w1", [], leases.LeaseRequest(2, ["high", "low"], 5)).taken == []
    limits.put("test", 2)
    assert [job.id for job in leases.exchange("w1", [], leases.LeaseRequest(3, ["high", "low"], 5)).taken] == [third]
    limits.remove("test")
    assert [job.id for job in leases.exchange("w1", [], leases.LeaseRequest(4, ["high", "low"], 5)).taken] == [second]


def test_out_of_a_paused_queue_it_starts() -> None:
    job_id = queues.submit(work).job_id
    pauses.put("queue:low", "no", "me")
    assert leases.exchange("w1", [], leases.LeaseRequest(1, ["high", "low"], 5)).taken == []
    moving.move([job_id], "high")
    assert [job.id for job in leases.exchange("w1", [], leases.LeaseRequest(2, ["high", "low"], 5)).taken] == [job_id]


def test_its_claim_stays_with_it() -> None:
    made = queues.submit(work, dedup_key="test:x")
    moving.move([made.job_id], "high")
    assert queues.submit(work, dedup_key="test:x").duplicate_of == made.job_id
    inline.run_until_idle()
    assert list(dedup.members("test")) == [] and queues.submit(work, dedup_key="test:x").duplicate_of is None


def test_a_check_of_a_batch_gives_up_its_turn(store: Any) -> None:
    job_id = queues.submit(work).job_id
    store.hset(keys.job(job_id), "turn", "17")
    moving.move([job_id], "high")
    assert not store.hexists(keys.job(job_id), "turn")


@pytest.mark.parametrize(
    ("state", "became"),
    [(JobStatus.RUNNING, "running"), (JobStatus.COMPLETED, "ended"), (JobStatus.FAILED, "ended"), (JobStatus.CANCELLED, "ended")],
)
def test_a_job_that_does_not_wait_is_left_as_it_is(state: JobStatus, became: str) -> None:
    job_id = job_in(state)
    assert moving.move([job_id, "nobody"], "high") == [became, "gone"]
    assert by_id.get_job_status(job_id).queue == "low" and by_id.get_job_status(job_id).status is state


def test_a_prefetched_job_is_its_workers() -> None:
    job_id = queues.submit(work).job_id
    leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1, ahead=(1, 0)))
    assert moving.move([job_id], "high") == ["running"]


def test_a_job_that_stands_nowhere_is_left_to_whoever_has_it(store: Any) -> None:
    job_id = queues.submit(work).job_id
    store.lrem(keys.queue("low"), 0, job_id)
    assert moving.move([job_id], "high") == ["away"] and by_id.get_job_status(job_id).queue == "low"


def test_a_queue_whose_key_is_broken_loses_nothing(store: Any) -> None:
    job_id = queues.submit(work).job_id
    store.set(keys.queue("high"), "x", ex=60)
    with pytest.raises(connection.ResponseError):
        moving.move([job_id], "high")
    assert ids_in(keys.queue("low")) == [job_id] and by_id.get_job_status(job_id).queue == "low"
    assert listing.status_counts()[JobStatus.PENDING] == 1
