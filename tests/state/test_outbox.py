"""The outbox: what is wanted stands there with the change itself, once; what nobody wants does not; broken keys stop no job."""

from typing import Any

import pytest

import queues
from state.engine import changes, keys, leases, outbox, settlements
from state.store import keys as store_keys


@queues.job(queue="low", kind="test", retries=1)
def work() -> str:
    """Ends."""
    return "done"


def taken(number: int) -> list[leases.Leased]:
    """Jobs under a lease."""
    for _ in range(number):
        queues.submit(work)
    return leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], number)).taken


def settle(*jobs: leases.Leased, outcome: str = "finished") -> list[leases.Settled]:
    ended = [settlements.Settlement(job, outcome, kind="test", ran_ms=3) for job in jobs]
    return leases.exchange("w1", ended, None).settled


def waiting() -> list[changes.Change]:
    return [change for entry in outbox.take() for change in entry.changes]


def test_only_what_is_wanted_is_kept(store: Any) -> None:
    first, second = taken(2)
    outbox.want(second.id, ["completed"], 60)
    settle(first, second)
    assert [(one.job_id, one.outcome) for one in waiting()] == [(second.id, "finished")]


def test_what_comes_again_is_not_wanted_before_its_end(store: Any) -> None:
    [job] = taken(1)
    outbox.want(job.id, ["completed"], 60)
    settle(job, outcome="retry")
    assert waiting() == []


def test_a_settlement_that_is_sent_again_is_kept_once(store: Any) -> None:
    [job] = taken(1)
    outbox.want_all(["completed"])
    settle(job)
    settle(job)
    assert len(waiting()) == 1


def test_a_late_workers_outcome_is_not_kept(store: Any) -> None:
    [job] = taken(1)
    outbox.want_all(["completed"])
    store.zrem(store_keys.LEASES, job.lease)
    assert settle(job) == [leases.Settled.LOST]
    assert waiting() == []


def test_jobs_of_the_webhooks_themselves_are_not_kept(store: Any) -> None:
    [job] = taken(1)
    outbox.want_all(["completed"])
    leases.exchange("w1", [settlements.Settlement(job, "finished", kind="webhooks", ran_ms=3)], None)
    assert waiting() == []


def test_starts_are_kept_where_somebody_wants_them(store: Any) -> None:
    jobs = [queues.submit(work).job_id for _ in range(3)]
    outbox.want(jobs[1], ["started"], 60)
    leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 3))
    assert [(one.job_id, one.outcome) for one in waiting()] == [(jobs[1], "started")]


def test_one_job_reads_the_outbox_however_many_changes_come_and_the_next_change_brings_another(store: Any) -> None:
    outbox.want_all(["completed"])
    for job in taken(5):
        settle(job)
    assert store.llen("rq:queue:high") == 1
    [first] = store.lrange("rq:queue:high", 0, -1)
    entries = outbox.take()
    outbox.done([entry.id for entry in entries])
    assert outbox.take() == []
    queues.submit(work)
    [job] = leases.exchange("w1", [], leases.LeaseRequest(2, ["low"], 1)).taken
    settle(job)
    assert store.llen("rq:queue:high") == 2 and store.lindex("rq:queue:high", 0) != first


@pytest.mark.parametrize("broken", [keys.OUTBOX, keys.WANTED, keys.ROUSED])
def test_a_broken_key_holds_up_no_job(store: Any, broken: str) -> None:
    outbox.want_all(["completed"])
    store.delete(broken)
    store.lpush(broken, "broken")
    store.expire(broken, 60)
    [job] = taken(1)
    assert settle(job) == [leases.Settled.SETTLED]
    assert store.hget(store_keys.job(job.id), "status") == b"finished"
