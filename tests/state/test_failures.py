"""Failures by fingerprint: counted once each in the step that settles them, bounded, and gone after their time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import clock
import errors
import queues
from state.engine import failures, leases
from state.store import connection, keys
from topics.operations import fingerprints, job_records
from worker import inline, outcomes

NOON = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@queues.job(queue="low", kind="test", retries=1)
def fail(says: str, error: str = "DataError") -> None:
    """Fails as it is told."""
    raise getattr(errors, error)(says)


def failed(*messages: str, error: str = "DataError", **labels: str) -> list[str]:
    ids = [queues.submit(fail, says, error, labels=labels).job_id for says in messages]
    inline.run_until_idle()
    return ids


def test_each_job_that_failed_for_good_is_counted_by_its_fingerprint() -> None:
    ids = failed("page 1 is empty", "page 2 is empty", host="a.com")
    [one] = failures.every()
    assert (one.kind, one.category, one.host, one.shape, one.times) == ("test", "data", "a.com", "page <n> is empty", 2)
    assert one.job in ids and one.message in ("page 1 is empty", "page 2 is empty") and one.first <= one.last
    [found] = job_records.find_many(ids[:1])
    assert found and fingerprints.of_job(found).id == one.id


@pytest.mark.parametrize("labels", [{}, {"host": "b.com"}])
def test_another_message_category_or_host_is_another(labels: dict[str, str]) -> None:
    failed("it is empty", host="a.com")
    failed("it is empty", **labels)
    failed("it is full", host="a.com")
    failed("it is empty", error="ConfigError", host="a.com")
    assert sorted(one.times for one in failures.every()) == [1, 1, 1, 1]


def test_another_attempt_is_no_failure_yet() -> None:
    queues.submit(fail, "no answer", "NetworkError")
    inline.run_until_idle()
    assert failures.every() == []


def test_who_lost_the_lease_counts_nothing_and_a_second_sending_neither() -> None:
    job_id = queues.submit(fail, "it is empty").job_id
    [job] = leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 1)).taken
    ended = outcomes.of_error(job, f"{__name__}.fail", errors.DataError("it is empty"))
    late = ended._replace(job=job._replace(execution="w9-1-1"))
    for settlement in (late, ended, ended):
        leases.exchange("w1", [settlement], None)
    [one] = failures.every()
    assert (one.times, one.job) == (1, job_id)


def test_beside_others_who_lost_the_lease_counts_nothing() -> None:
    ids = [queues.submit(fail, "it is empty").job_id for _ in range(2)]
    first, second = leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 2)).taken
    late = first._replace(execution="w9-1-1")
    sent = [outcomes.of_error(job, f"{__name__}.fail", errors.DataError("it is empty")) for job in (late, second)]
    leases.exchange("w1", sent, None)
    assert [(one.times, one.job) for one in failures.every()] == [(1, ids[1])]


def test_a_cancelled_or_finished_job_beside_it_is_not_counted() -> None:
    ids = [queues.submit(fail, "it is empty").job_id for _ in range(3)]
    taken = leases.exchange("w1", [], leases.LeaseRequest(1, ["low"], 3)).taken
    connection.client().delete(keys.job(ids[2]))
    sent = [outcomes.of_error(job, f"{__name__}.fail", errors.DataError("it is empty")) for job in taken]
    sent[1] = outcomes.of_error(taken[1], f"{__name__}.fail", errors.JobCancelled())
    leases.exchange("w1", sent, None)
    [one] = failures.every()
    assert one.times <= 2 and one.job != ids[1]


def test_hours_are_counted_one_by_one_for_seven_days() -> None:
    with clock.frozen(NOON):
        failed("it is empty")
        clock.advance(timedelta(hours=1))
        failed("it is empty", "it is empty")
        [one] = failures.every()
        [hours] = failures.hours([one.id], connection.now())
        assert hours[-2:] == [1, 2] and sum(hours) == 3 and len(hours) == 168
        clock.advance(timedelta(hours=167))
        assert failures.hours([one.id], connection.now())[0] == [2, *[0] * 167]
        failed("it is empty")  # takes the place of the hour that is over
        assert failures.hours([one.id], connection.now())[0] == [2, *[0] * 166, 1]
        clock.advance(timedelta(hours=1))
        assert sum(failures.hours([one.id], connection.now())[0]) == 1
        assert failures.every()[0].times == 4


def test_with_too_many_the_one_that_failed_longest_ago_goes(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with clock.frozen(NOON):
        for number in range(502):
            name = f"{number:016x}"
            store.hset(f"trawl:failures:{name}", mapping={"count": 1, "first": 1, "last": number + 1})
            store.expire(f"trawl:failures:{name}", 60)
            store.zadd("trawl:failures", {name: number + 1})
        store.expire("trawl:failures", 60)
        failed("it is empty")
    found = failures.every()
    assert len(found) == 500 and found[0].shape == "it is empty" and found[-1].id == f"{3:016x}"
    assert not store.exists(f"trawl:failures:{2:016x}") and 2_500_000 < store.ttl("trawl:failures") <= 2_592_000


@pytest.mark.parametrize("says", ["\t\n\r\x00", "x" * 5000, "\ud800 half", "a\tb\nc", "\U0001f600" * 400, ""])
def test_whatever_a_message_holds_it_is_counted(says: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{__name__}.SAYS", says, raising=False)
        queues.submit(fail_so)
        inline.run_until_idle()
    [one] = failures.every()
    assert one.times == 1 and len(one.shape) <= 160 and len(one.message) <= 200


@queues.job(queue="low", kind="test", retries=0)
def fail_so() -> None:
    """Fails with what SAYS says."""
    raise errors.DataError(globals()["SAYS"])


@pytest.mark.parametrize("key", ["trawl:failures", "trawl:failures:{}"])
def test_a_key_of_another_type_keeps_no_job_from_its_end(store: Any, key: str) -> None:
    failed("it is empty")
    [one] = failures.every()
    name = key.format(one.id)
    store.delete(name)
    store.set(name, "x", ex=60)
    [job_id] = failed("it is empty")
    assert store.hget(keys.job(job_id), "status") == b"failed" and store.zscore(keys.RQ_FAILED + "low", job_id)
    assert failures.every() == [] and failures.hours([one.id], connection.now()) is not None
