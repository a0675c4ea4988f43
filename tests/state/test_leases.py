"""Leases: who may take, renew and settle a job, and who gets it when a worker is gone."""

import json
import math
from datetime import timedelta
from typing import Any

import pytest
import rq
import rq.rate_limit
from rq.serializers import JSONSerializer

import clock
import queues
from state.engine import execution_records, jobs, leases, quarantined, registries, rescues
from state.store import connection, keys, scripts
from tests.state import NOON

LEASE = timedelta(milliseconds=leases.LEASE_MS)


@queues.job(dedup_key="lease:{number}", retries=1)
def work(number: int = 0) -> None:
    """A plain job."""


@queues.job(retries=0)
async def wait(number: int = 0) -> None:
    """A coroutine."""


def submitted(count: int = 1, queue: str = "default", func: Any = work) -> list[str]:
    start = connection.client().incrby("test:numbers", count)
    return [queues.submit(func, start + number, queue=queue).job_id for number in range(count)]


def take(worker: str = "w1", request: int = 1, threads: int = 10, coroutines: int = 0) -> leases.ExchangeResult:
    wanted = leases.LeaseRequest(request, queues.QUEUES, threads, coroutines, queues.coroutine_functions())
    return leases.exchange(worker, [], wanted)


def settle(job: leases.Leased, outcome: str = "finished", worker: str = "w1", **options: Any) -> leases.Settled:
    return leases.exchange(worker, [leases.Settlement(job, outcome, **options)], None).settled[0]


def field(job_id: str, name: str) -> str | None:
    value = connection.client().hget(keys.job(job_id), name)
    return value.decode() if value is not None else None


def snapshot(store: Any) -> dict[bytes, Any]:
    return {key: store.dump(key) for key in store.scan_iter("*")}


def places(store: Any, job_id: str) -> list[str]:
    """Every place of our and RQ's records that a job is in."""
    raw, found = job_id.encode(), []
    for name in queues.QUEUES:
        found += [f"queue {name}"] * store.lrange(keys.queue(name), 0, -1).count(raw)
        for registry in ("finished", "failed", "canceled", "scheduled", "deferred"):
            found += [registry] if store.zscore(f"rq:{registry}:{name}", job_id) is not None else []
    return found + ["leased"] * sum(member.startswith(raw + b":") for member in store.zrange(keys.LEASES, 0, -1))


# --- taking ---------------------------------------------------------------------------------------------------------


def test_jobs_are_taken_by_queue_and_then_by_age() -> None:
    low, default, high = submitted(2, "low"), submitted(2), submitted(2, "high")
    assert [job.id for job in take().taken] == [*high, *default, *low]


@pytest.mark.parametrize("threads", [0, 1, 3, 7, 100])
def test_no_more_jobs_are_taken_than_there_are_free_threads(threads: int) -> None:
    ids = submitted(7)
    done = take(threads=threads)
    assert [job.id for job in done.taken] == ids[:threads] and done.more == (threads < 7)


def test_coroutines_and_plain_jobs_have_places_of_their_own() -> None:
    plain, coroutines = submitted(3), submitted(3, func=wait)
    first = take(threads=2, coroutines=5).taken
    assert [job.id for job in first] == plain[:2], "a job that must wait holds back those behind it in its queue"
    assert [job.id for job in take(request=2, threads=1, coroutines=2).taken] == [plain[2], *coroutines[:2]]


def test_the_same_request_sent_again_gives_the_same_jobs_and_no_others() -> None:
    ids = submitted(5)
    first, again = take(threads=3), take(threads=3)
    assert [job.lease for job in first.taken] == [job.lease for job in again.taken] and len(first.taken) == 3
    assert [job.id for job in take(request=2, threads=3).taken] == ids[3:]


def test_a_request_sent_again_after_its_job_was_settled_gives_that_job_no_second_time() -> None:
    submitted(1)
    [job] = take().taken
    assert settle(job) == "settled"
    assert take().taken == []


def test_two_workers_never_get_the_same_job() -> None:
    ids = submitted(20)
    taken = [job.id for number in range(1, 11) for worker in ("w1", "w2") for job in take(worker, number, threads=1).taken]
    assert taken == ids


def test_where_the_leases_are_broken_nothing_is_taken_and_nothing_changes(store: Any) -> None:
    submitted(3)
    store.set(keys.LEASES, "text")
    before = snapshot(store)
    with pytest.raises(connection.ResponseError, match="WRONGTYPE"):
        take()
    assert snapshot(store) == before


@pytest.mark.real_redis
def test_a_worker_of_thousands_of_threads_is_served_in_one_look(store: Any) -> None:
    ids = [one.job_id for one in queues.submit_many([(work, number) for number in range(4_500)])]
    taken = take(threads=5_000).taken
    assert [job.id for job in taken] == ids and store.zcard(keys.LEASES) == 4_500
    assert store.zcard(keys.RQ_STARTED + "default") == store.scard("rq:worker:w1:executions") == 4_500


def test_a_job_that_was_deleted_is_passed_over() -> None:
    gone, there = submitted(2)
    connection.client().delete(keys.job(gone))
    assert [job.id for job in take(threads=1).taken] == [there]


@pytest.mark.parametrize("status", ["finished", "failed", "canceled", "stopped", "started", "scheduled", "deferred"])
def test_an_id_that_is_queued_and_must_not_run_is_passed_over(status: str, store: Any) -> None:
    other, there = submitted(2)
    store.hset(keys.job(other), "status", status)
    assert [job.id for job in take().taken] == [there] and not store.exists(keys.QUARANTINE)


def test_rq_suspend_keeps_workers_from_taking_and_rq_resume_lets_them(store: Any) -> None:
    ids = submitted(2)
    rq.suspension.suspend(store)
    assert take() == leases.ExchangeResult([], [])
    rq.suspension.resume(store)
    assert [job.id for job in take(request=2).taken] == ids


def test_a_taken_job_is_shown_to_rq_as_started(store: Any) -> None:
    [job_id] = submitted()
    [leased] = take().taken
    job = rq.job.Job.fetch(job_id, connection=store, serializer=JSONSerializer)
    assert job.get_status() == "started" and job.worker_name == "w1" and job.started_at is not None
    assert job.started_at.tzinfo is not None and leased.execution
    queue = rq.Queue("default", connection=store, serializer=JSONSerializer)
    assert queue.started_job_registry.get_job_ids(cleanup=False) == [job_id] and queue.job_ids == []


def test_a_job_that_runs_on_gets_rqs_record_of_its_execution_and_loses_it_with_its_lease(store: Any) -> None:
    [job_id], at = submitted(), math.floor(clock.now().timestamp()) - 1.75
    [leased] = take().taken
    job = rq.job.Job.fetch(job_id, connection=store, serializer=JSONSerializer)
    assert job.get_executions() == []
    assert execution_records.write_records("w1", {leased.lease: at, "gone:w1-1-1": at}) == 1
    [execution] = job.get_executions()
    assert (execution.id, execution.worker_name, execution.job_id) == (leased.execution, "w1", job_id)
    assert execution.created_at.timestamp() == at and not store.exists("rq:execution:gone:w1-1-1")
    settle(leased, "finished")
    assert job.get_executions() == [] and not list(store.scan_iter("rq:execution*"))


def test_a_key_that_somebody_broke_leaves_the_settlements_before_it_whole(store: Any) -> None:
    first, second, third = submitted(3)
    jobs_taken = take().taken
    store.sadd(f"{keys.job(second)}:dependents", "other")
    store.set(keys.FOLLOWUPS, "broken")
    with pytest.raises(connection.ResponseError, match="WRONGTYPE"):
        leases.exchange("w1", [leases.Settlement(job, "finished") for job in jobs_taken], None)
    assert places(store, first) == ["finished"] and places(store, third) == ["leased"]
    assert store.zcard(keys.RQ_STARTED + "default") == 1
    store.delete(keys.FOLLOWUPS)
    counted = leases.exchange("w1", [leases.Settlement(job, "finished") for job in jobs_taken], None).settled
    assert counted[0] == "settled" and counted[2] == "settled" and places(store, third) == ["finished"]


def test_what_rqs_tools_took_out_of_a_workers_hands_is_put_back_and_rescued_with_it(store: Any) -> None:
    """RQ's get_current_job drops from the worker's set whatever has no record yet."""
    submitted(2)
    first, second = take().taken
    in_hand = f"{keys.RQ_WORKER}w1:executions"
    store.delete(in_hand)
    execution_records.write_records("w1", {first.lease: clock.now().timestamp()})
    assert store.smembers(in_hand) == {first.lease.encode()}
    store.delete(in_hand)
    assert sorted(rescues.rescue("w1").put_back) == sorted([first.id, second.id]) and places(store, first.id) == ["queue default"]


def test_the_rescue_of_a_dead_worker_leaves_one_whose_name_begins_the_same() -> None:
    ids = submitted(4)
    for number, worker in enumerate(("w", "w-1", "w-1-2", "ww")):
        assert [job.id for job in take(worker, request=7, threads=1).taken] == [ids[number]]
    assert rescues.rescue("w").put_back == [ids[0]] and rescues.rescue("w-1").put_back == [ids[1]]
    assert rescues.rescue("7").put_back == rescues.rescue("1-2").put_back == []


def test_broken_claims_hold_up_no_outcome(store: Any) -> None:
    [job_id] = submitted()
    [job] = take().taken
    store.delete(keys.claim_jobs("lease"))
    store.set(keys.claim_jobs("lease"), "text")
    assert settle(job) == "settled" and places(store, job_id) == ["finished"] and store.ttl(keys.job(job_id)) > 0


@pytest.mark.parametrize("how", ["cancel", "delete"])
def test_a_running_job_keeps_its_place_under_a_rate_limit_of_rqs_whatever_rqs_tools_do(how: str, store: Any) -> None:
    queue = rq.Queue("default", connection=store, serializer=JSONSerializer)
    limit = rq.rate_limit.RateLimit("k", 1)
    running, waits = (queue.enqueue(work, number, rate_limit=limit) for number in range(2))
    assert [job.id for job in take().taken] == [running.id]
    getattr(rq.job.Job.fetch(running.id, connection=store, serializer=JSONSerializer), how)()
    assert take(request=2).taken == [] and field(waits.id, "status") != "started"


def test_a_rescued_job_loses_rqs_record_of_its_execution(store: Any) -> None:
    submitted()
    [leased] = take().taken
    execution_records.write_records("w1", {leased.lease: 1_700_000_000.0})
    assert rescues.rescue("w1").put_back == [leased.id]
    assert not list(store.scan_iter("rq:execution*")) and not store.zcard(keys.RQ_STARTED + "default")


# --- settling -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "place"),
    [
        ("finished", "finished"),
        ("failed", "failed"),
        ("stopped", "failed"),
        ("canceled", "canceled"),
        ("retry", "scheduled"),
        ("again", "queue default"),
    ],
)
def test_every_outcome_puts_the_job_in_exactly_one_place(outcome: str, place: str, store: Any) -> None:
    [job_id] = submitted()
    [job] = take().taken
    assert places(store, job_id) == ["leased"]
    assert settle(job, outcome, ttl=60) == "settled"
    assert places(store, job_id) == [place]
    assert store.zcard(f"{keys.RQ_STARTED}default") == 0 and not store.exists(f"rq:executions:{job_id}")


@pytest.mark.parametrize("outcome", ["finished", "failed", "stopped", "canceled", "retry", "again"])
def test_the_dedup_claim_is_freed_on_every_end_and_kept_while_the_job_goes_on(outcome: str, store: Any) -> None:
    [job_id] = submitted()
    [job] = take().taken
    settle(job, outcome, ttl=60)
    held = [value.decode() for value in store.hvals(keys.claim_jobs("lease"))]
    assert held == ([job_id] if outcome in ("retry", "again") else [])


@pytest.mark.parametrize("outcome", ["failed", "stopped", "canceled"])
def test_a_job_that_was_asked_to_stop_may_be_queued_again_after_its_end(outcome: str, store: Any) -> None:
    """RQ's tools bring back what failed: it must not stop once more."""
    [job_id] = submitted()
    [job] = take().taken
    store.hset(keys.job(job_id), "cancel", "1")
    settle(job, outcome, ttl=60)
    assert not store.hexists(keys.job(job_id), "cancel")


def test_the_claim_of_another_job_is_not_freed(store: Any) -> None:
    submitted()
    [job] = take().taken
    [member] = store.hkeys(keys.claim_jobs("lease"))
    store.hset(keys.claim_jobs("lease"), member, "another")
    assert settle(job) == "settled"
    assert store.hget(keys.claim_jobs("lease"), member) == b"another"


@pytest.mark.parametrize("outcome", ["finished", "failed", "canceled", "retry", "again"])
def test_without_the_lease_nothing_is_changed(outcome: str, store: Any) -> None:
    [job_id] = submitted()
    [mine] = take("w1").taken
    store.zrem(keys.LEASES, mine.lease)
    store.hset(keys.job(job_id), "status", "queued")
    store.lpush(keys.queue("default"), job_id)
    [theirs] = take("w2").taken
    before = snapshot(store)
    assert settle(mine, outcome, ttl=60, result="x", error="y", fields='{"attempt": 9}') == "lost"
    assert snapshot(store) == before
    assert settle(theirs, worker="w2") == "settled"


@pytest.mark.parametrize("outcome", ["finished", "failed", "canceled", "retry", "again"])
def test_settling_twice_is_settling_once(outcome: str, store: Any) -> None:
    [job_id] = submitted()
    [job] = take().taken
    assert settle(job, outcome, ttl=60) == "settled"
    before = snapshot(store)
    assert settle(job, outcome, ttl=60) == "settled"
    assert snapshot(store) == before and len(places(store, job_id)) == 1


def test_each_of_many_settlements_counts_for_itself(store: Any) -> None:
    submitted(3)
    first, second, third = take().taken
    store.zrem(keys.LEASES, second.lease)
    done = leases.exchange("w1", [leases.Settlement(job, "finished") for job in (first, second, third)], None)
    assert done.settled == ["settled", "lost", "settled"]


def test_a_job_deleted_while_it_ran_leaves_nothing_behind(store: Any) -> None:
    [job_id] = submitted()
    [job] = take().taken
    store.delete(keys.job(job_id))
    assert settle(job) == "settled"
    assert places(store, job_id) == [] and not store.exists(keys.job(job_id))


@pytest.mark.parametrize(("ttl", "kept"), [(0, False), (-1, True), (60, True)])
def test_a_result_is_kept_as_long_as_the_job_says(ttl: int, kept: bool, store: Any) -> None:
    [job_id] = submitted()
    [job] = take().taken
    settle(job, ttl=ttl, result="eA==")
    assert bool(store.exists(keys.job(job_id))) == bool(store.exists(f"rq:results:{job_id}")) == kept
    if kept:
        assert (store.ttl(keys.job(job_id)) == -1) == (ttl == -1)


def retried(job_id: str) -> None:
    """It failed once and is tried again at once."""
    [job] = take(request=1).taken
    settle(job, "retry", ttl=0, error="eA==")
    connection.client().zadd(keys.RQ_SCHEDULED + "default", {job_id: 1})
    jobs.promote(*queues.QUEUES)
    assert field(job_id, "status") == "queued"


def cancelled_while_it_ran(job_id: str) -> None:
    [job] = take(request=2).taken
    settle(job, "canceled", ttl=60)


def cancelled_by_rq(job_id: str) -> None:
    rq.job.Job.fetch(job_id, connection=connection.client(), serializer=JSONSerializer).cancel()
    with clock.frozen(NOON + timedelta(days=36500)):
        assert registries.forget_cancelled("default") == 1


@pytest.mark.parametrize("end", [queues.cancel, cancelled_while_it_ran, cancelled_by_rq])
def test_results_of_earlier_attempts_end_with_a_job_that_was_cancelled(end: Any, store: Any) -> None:
    [job_id] = submitted()
    retried(job_id)
    assert store.xlen(keys.results(job_id)) == 1 and store.ttl(keys.results(job_id)) == -1
    end(job_id)
    assert field(job_id, "status") == "canceled"
    assert 0 < store.ttl(keys.results(job_id)) == store.ttl(keys.job(job_id))


def test_a_job_cancelled_by_rq_while_it_ran_is_not_tried_again(store: Any) -> None:
    [job_id] = submitted()
    [job] = take().taken
    rq.job.Job.fetch(job_id, connection=store, serializer=JSONSerializer).cancel()
    assert settle(job, "retry", ttl=1000) == "settled"
    assert places(store, job_id) == ["canceled"] and field(job_id, "status") == "canceled"


def test_settle_and_take_are_one_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    submitted(2)
    [job] = take(threads=1).taken
    calls: list[int] = []
    real = scripts.run_together
    monkeypatch.setattr(scripts, "run_together", lambda given: calls.append(len(given)) or real(given))
    done = leases.exchange("w1", [leases.Settlement(job, "finished")], leases.LeaseRequest(2, queues.QUEUES, 1))
    assert calls == [2] and done.settled == ["settled"] and len(done.taken) == 1


def test_a_server_that_forgot_the_scripts_gets_them_again(store: Any) -> None:
    ids = submitted(1)
    store.script_flush()
    assert [job.id for job in take().taken] == ids


# --- renewing -------------------------------------------------------------------------------------------------------


def test_a_renewed_lease_does_not_run_out_and_another_does(store: Any) -> None:
    with clock.frozen(NOON):
        submitted(2)
        kept, left = take().taken
        clock.advance(LEASE - timedelta(seconds=1))
        renewal = leases.renew([kept.lease])
        assert renewal.lost == renewal.asked_to_stop == []
        clock.advance(timedelta(seconds=2))
        assert rescues.rescue().put_back == [left.id]
        assert settle(kept) == "settled" and settle(left) == "lost"


def test_renewing_tells_which_leases_are_lost_and_revives_none(store: Any) -> None:
    submitted(2)
    mine, lost = take().taken
    store.zrem(keys.LEASES, lost.lease)
    assert leases.renew([mine.lease, lost.lease, "no:such"]).lost == [lost.lease, "no:such"]
    assert store.zcard(keys.LEASES) == 1


def test_renewing_tells_who_was_asked_to_stop(store: Any) -> None:
    submitted(2)
    one, other = take().taken
    store.hset(keys.job(other.id), "cancel", 1)
    assert leases.renew([one.lease, other.lease]).asked_to_stop == [other.lease]


def test_progress_is_written_under_the_lease_only(store: Any) -> None:
    [job_id] = submitted()
    [job] = take().taken
    assert execution_records.write_progress(job, '{"step": 1}') == (True, False)
    store.hset(keys.job(job_id), "cancel", 1)
    assert execution_records.write_progress(job, '{"step": 2}') == (True, True)
    store.zrem(keys.LEASES, job.lease)
    assert execution_records.write_progress(job, '{"step": 3}')[0] is False
    assert field(job_id, "progress") == '{"step": 2}'


# --- rescuing -------------------------------------------------------------------------------------------------------


def test_a_lease_that_ran_out_puts_its_job_back_to_the_front_once(store: Any) -> None:
    with clock.frozen(NOON):
        first, second = submitted(2)
        take(threads=1)
        clock.advance(LEASE + timedelta(milliseconds=1))
        assert [rescues.rescue().put_back for _ in range(3)] == [[first], [], []]
        assert jobs.depths(["default"]) == {"default": 2} and field(first, "rescues") == "1"
        assert [job.id for job in take(request=2).taken] == [first, second]


def test_nothing_is_rescued_before_its_time() -> None:
    with clock.frozen(NOON):
        submitted(1)
        take()
        clock.advance(LEASE - timedelta(milliseconds=1))
        assert rescues.rescue() == rescues.Rescue([], [])


def test_what_a_dead_worker_held_is_taken_back_at_once_and_nothing_of_others() -> None:
    ids = submitted(4)
    take("dead", threads=2)
    take("alive", threads=2)
    assert sorted(rescues.rescue("dead").put_back) == sorted(ids[:2])
    assert rescues.rescue("dead").put_back == []


def test_a_lease_of_a_dead_worker_that_also_ran_out_puts_its_job_back_once() -> None:
    with clock.frozen(NOON):
        ids = submitted(2)
        take("dead")
        clock.advance(LEASE * 2)
        assert sorted(rescues.rescue("dead").put_back) == sorted(ids)
        assert jobs.depths(["default"]) == {"default": 2}


def test_a_rescue_spends_no_retry_and_keeps_the_claim(store: Any) -> None:
    [job_id] = submitted()
    take("dead")
    rescues.rescue("dead")
    assert field(job_id, "retries_left") == "1" and store.hvals(keys.claim_jobs("lease")) == [job_id.encode()]


def test_after_ten_rescues_a_job_is_handed_over_as_poisoned_and_not_queued(store: Any) -> None:
    [job_id] = submitted()
    for death in range(1, rescues.POISON_RESCUES):
        take(f"dead{death}")
        assert rescues.rescue(f"dead{death}").put_back == [job_id]
    [last] = take("dead").taken
    assert rescues.rescue("dead") == rescues.Rescue([], [(last.lease, "default")])
    assert jobs.depths(["default"]) == {"default": 0} and field(job_id, "rescues") == str(rescues.POISON_RESCUES) == "10"
    assert field(job_id, "deaths") is None
    found = leases.find(last.lease, "default")
    assert found.id == job_id and settle(found, "failed", worker="someone") == "settled"


def test_a_job_that_ended_in_another_way_is_not_put_back(store: Any) -> None:
    with clock.frozen(NOON):
        [job_id] = submitted()
        take()
        rq.job.Job.fetch(job_id, connection=store, serializer=JSONSerializer).cancel()
        clock.advance(LEASE * 2)
        assert rescues.rescue().put_back == [] and places(store, job_id) == ["canceled"]


def test_looking_at_a_worker_set_of_another_leaves_no_record_of_it(store: Any) -> None:
    """Whoever settles without being a worker of RQ's gets no counters there."""
    submitted()
    [job] = take("nobody").taken
    settle(job, worker="nobody")
    assert not store.keys("rq:worker:nobody*")


def test_a_quarantined_job_says_why() -> None:
    submitted()
    [job] = take().taken
    quarantined.put(job, "no good")
    told = json.loads(connection.client().hget(keys.QUARANTINE, job.id))
    assert (told["reason"], told["queue"]) == ("no good", "default") and told["at_ms"] > 0
