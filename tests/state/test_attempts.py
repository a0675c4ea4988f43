"""Attempts of a job in Redis: kept by who holds the lease, once, so many, as long as the job's record."""

import itertools
import json
from typing import Any

import pytest

import queues
from state.engine import attempts, leases, old_jobs, rescues
from state.store import connection, constants, keys, scripts

numbers = itertools.count(1)


@queues.job(retries=3)
def nothing() -> None:
    """Do nothing."""


def take() -> leases.Leased:
    [job] = leases.exchange("w", [], leases.LeaseRequest(next(numbers), queues.QUEUES, 1)).taken
    return job


def leased() -> leases.Leased:
    queues.submit(nothing)
    return take()


def note(job: leases.Leased, **more: Any) -> str:
    return json.dumps({"execution": job.execution, **{"how": "failed", **more}}, separators=(",", ":"))


def settled(job: leases.Leased, outcome: str, ttl: int = 500, **more: Any) -> list[leases.Settled]:
    return leases.exchange("w", [leases.Settlement(job, outcome, ttl, note=note(job, **more))], None).settled


def kept(job: leases.Leased) -> list[dict[str, Any]]:
    return [json.loads(record) for record in attempts.read(job.id).records]


def test_an_attempt_is_kept_with_its_settlement_as_long_as_the_job() -> None:
    job = leased()
    assert settled(job, "failed", 777) == [leases.Settled.SETTLED]
    assert [one["how"] for one in kept(job)] == ["failed"]
    assert 700 < connection.client().ttl(keys.attempts(job.id)) <= 777


def test_a_job_whose_record_is_kept_for_ever_and_one_whose_record_is_not_kept() -> None:
    for_ever, gone = leased(), leased()
    settled(for_ever, "finished", -1)
    assert connection.client().ttl(keys.attempts(for_ever.id)) > 300 * 86_400
    settled(gone, "finished", 0)
    assert kept(gone) == [] and not connection.client().exists(keys.job(gone.id))


def test_a_job_that_is_not_over_is_told_that_it_has_attempts() -> None:
    job = leased()
    settled(job, "retry", 0)
    assert connection.client().hget(keys.job(job.id), "noted") == b"1"
    assert connection.client().ttl(keys.attempts(job.id)) > 86_400


def test_a_second_sending_and_a_lost_lease_keep_nothing() -> None:
    job = leased()
    call = attempts.call([leases.Settlement(job, "failed", note=note(job))])
    assert scripts.run_together([call, call]) == [1, 1] and len(kept(job)) == 1  # not settled yet: in place of the first
    settled(job, "failed")
    assert scripts.run_together([call]) == [0] and len(kept(job)) == 1


def test_a_deleted_job_stays_deleted() -> None:
    job = leased()
    connection.client().delete(keys.job(job.id))
    settled(job, "failed")
    assert kept(job) == [] and not connection.client().exists(keys.job(job.id))


def test_the_last_attempts_are_kept() -> None:
    job = leased()
    for number in range(30):
        one = job._replace(execution=f"w-{number}-1")
        connection.client().zadd(keys.LEASES, {one.lease: 9e15})
        scripts.run_together([attempts.call([leases.Settlement(one, "retry", note=note(one))])])
        connection.client().zrem(keys.LEASES, one.lease)
    assert len(kept(job)) == int(constants.MOST_ATTEMPTS) and kept(job)[-1]["execution"] == "w-29-1"


def test_attempts_that_were_parked_drive_out_no_failure() -> None:
    job = leased()
    for number, how in enumerate(["failed", *["parked"] * 30, "failed", "parked", "parked"]):
        one = job._replace(execution=f"w-{number}-1")
        connection.client().zadd(keys.LEASES, {one.lease: 9e15})
        scripts.run_together([attempts.call([leases.Settlement(one, "retry", note=note(one, how=how))])])
        connection.client().zrem(keys.LEASES, one.lease)
    assert [one["how"] for one in kept(job)] == ["failed", "parked", "failed", "parked"]
    assert kept(job)[1]["execution"] == "w-30-1"


def test_what_a_job_logs_is_kept_with_the_renewal_of_its_lease() -> None:
    job, other = leased(), leased()
    assert leases.renew([job.lease, other.lease], {job.lease: "[1]", "gone:w-9-9": "[2]"}).is_logged
    assert attempts.read(job.id).lines == b"[1]" and attempts.read(other.id).lines == attempts.read("gone").lines == b""
    assert connection.client().ttl(keys.lines(job.id)) > 0
    settled(job, "failed", log=[])
    assert attempts.read(job.id).lines == b""


def test_a_server_that_refuses_the_lines_renews_the_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    job = leased()
    monkeypatch.setattr(attempts, "lines_call", lambda logged: ("engine/keep_lines", [keys.LEASES], [job.lease]))
    renewal = leases.renew([job.lease], {job.lease: "[1]"})
    assert not renewal.is_logged and not renewal.lost


def test_a_rescued_job_has_an_attempt_that_crashed_with_what_was_logged() -> None:
    job = leased()
    leases.renew([job.lease], {job.lease: '[[1000,"info","a","ä \\"quoted\\""]]'})
    connection.client().zadd(keys.LEASES, {job.lease: 1})
    assert rescues.rescue().put_back == [job.id]
    [one] = kept(job)
    assert (one["execution"], one["how"], one["log"]) == (job.execution, "crashed", [[1000, "info", "a", 'ä "quoted"']])
    assert one["began"] and one["ended_ms"] > 0 and attempts.read(job.id).lines == b""
    assert take().fields[b"noted"] == b"1"


@pytest.mark.parametrize("key", [keys.attempts, keys.lines])
def test_a_key_of_another_type_holds_up_no_job(key: Any) -> None:
    job, lost = leased(), leased()
    for one in (job, lost):
        connection.client().hset(key(one.id), "x", "y")
        connection.client().expire(key(one.id), 60)
    assert settled(job, "failed") == [leases.Settled.SETTLED]
    connection.client().zadd(keys.LEASES, {lost.lease: 1})
    assert rescues.rescue().put_back == [lost.id]
    attempts.read(lost.id)
    assert len(kept(job)) == (key is keys.lines)


def test_a_job_that_is_deleted_takes_its_attempts_along() -> None:
    job = leased()
    settled(job, "failed")
    assert old_jobs.delete(keys.RQ_FAILED + "default", [job.id]) == 1
    assert not connection.client().exists(keys.attempts(job.id))
