"""Jobs that a worker takes ahead of a free thread: leased, not started, and never lost, doubled or counted as run."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import rq
from rq.registry import StartedJobRegistry

import clock
import queues
from state.engine import execution_records, jobs, leases, rescues
from state.repair import orphans
from state.store import connection, keys

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@queues.job()
def work(number: int = 0) -> None:
    """A plain job."""


@queues.job()
async def work_on_loop(number: int = 0) -> None:
    """The same on the loop."""


def taken(threads: int = 3, ahead: int = 2, request: int = 1, worker: str = "w1", coroutines: int = 0) -> list[leases.Leased]:
    wanted = leases.LeaseRequest(
        request, queues.QUEUES, threads, coroutines, queues.coroutine_functions(), ahead=(ahead, min(ahead, coroutines))
    )
    return leases.exchange(worker, [], wanted).taken


def prefetched() -> str:
    """A job that a worker has taken ahead."""
    job_id = queues.submit(work).job_id
    assert [job.prefetched for job in taken(1, 1)] == [True]
    return job_id


def status(job_id: str) -> str:
    return str(connection.client().hget(keys.job(job_id), "status").decode())


def started(store: Any) -> list[str]:
    queue = rq.Queue("default", connection=store)
    return StartedJobRegistry(queue=queue).get_job_ids(cleanup=False)


def test_only_as_many_jobs_as_places_are_free_look_started(store: Any) -> None:
    ids = [one.job_id for one in queues.submit_many([(work, number) for number in range(4)])]
    jobs_taken = taken(threads=3, ahead=2)
    assert [(job.id, job.prefetched) for job in jobs_taken] == [(ids[0], False), (ids[1], True), (ids[2], True)]
    assert [status(job_id) for job_id in ids] == ["started", "queued", "queued", "queued"]
    assert started(store) == [ids[0]] and store.zcard(keys.LEASES) == 3 and store.llen(keys.queue("default")) == 1


def test_threads_and_the_loop_are_counted_apart() -> None:
    queues.submit_many([(func, number) for number in range(3) for func in (work, work_on_loop)])
    assert [job.prefetched for job in taken(threads=2, ahead=1, coroutines=2)] == [False, False, True, True]


def test_the_same_request_sent_again_tells_which_were_prefetched() -> None:
    queues.submit_many([(work, number) for number in range(3)])
    first = taken()
    again = taken()
    assert [(job.lease, job.prefetched) for job in again] == [(job.lease, job.prefetched) for job in first]


def test_one_that_runs_on_starts_with_its_record(store: Any) -> None:
    job_id = prefetched()
    lease = store.zrange(keys.LEASES, 0, 0)[0].decode()
    began = NOON.timestamp()
    assert execution_records.write_records("w1", {lease: began}) == 1
    job = queues.Job.fetch(job_id, connection=store)
    assert job.get_status() == "started" and job.worker_name == "w1" and job.started_at == NOON and started(store) == [job_id]


@pytest.mark.parametrize("worker", ["", "w1"], ids=["its lease ran out", "its worker died"])
def test_a_rescue_puts_it_back_and_spends_nothing(worker: str, store: Any) -> None:
    with clock.frozen(NOON):
        job_id = prefetched()
        clock.advance(timedelta(seconds=60 if not worker else 1))
        assert rescues.rescue(worker).put_back == [job_id]
    assert store.lrange(keys.queue("default"), 0, -1) == [job_id.encode()]
    assert status(job_id) == "queued" and not store.hget(keys.job(job_id), "rescues") and not store.exists(keys.LEASES)
    assert [job.id for job in taken(request=2)] == [job_id]


def test_given_back_it_stands_in_its_queue_once(store: Any) -> None:
    job_id = prefetched()
    [job] = taken(1, 1)
    assert leases.exchange("w1", [leases.Settlement(job, "again")], None).settled == ["settled"]
    assert store.lrange(keys.queue("default"), 0, -1) == [job_id.encode()]


def test_cancelled_it_is_asked_to_stop_as_one_that_runs(store: Any) -> None:
    job_id = prefetched()
    assert queues.cancel(job_id) == "started"
    assert leases.renew([name.decode() for name in store.zrange(keys.LEASES, 0, -1)]).asked_to_stop


def test_back_in_its_queue_it_can_be_cancelled_at_once(store: Any) -> None:
    job_id = prefetched()
    rescues.rescue("w1")
    assert queues.cancel(job_id) == "queued" and status(job_id) == "canceled" and not store.llen(keys.queue("default"))


def test_the_doctor_takes_it_for_no_damage(store: Any) -> None:
    job_id = prefetched()
    assert orphans.triage([job_id], queues.QUEUES).queued == [] and orphans.requeue_queued([job_id], repair=True) == []
    store.delete(keys.LEASES)
    assert orphans.triage([job_id], queues.QUEUES).queued == [job_id]
    assert orphans.requeue_queued([job_id], repair=True) == [job_id]


def test_queued_a_second_time_by_other_tools_it_is_not_run_twice(store: Any) -> None:
    job_id = prefetched()
    store.rpush(keys.queue("default"), job_id)
    assert taken(request=2, worker="w2") == [] and store.zcard(keys.LEASES) == 1


def test_standing_in_its_queue_twice_it_is_taken_once_by_the_same_look(store: Any) -> None:
    job_id = queues.submit(work).job_id
    store.rpush(keys.queue("default"), job_id)
    assert [(job.id, job.prefetched) for job in taken(3, 3)] == [(job_id, True)] and store.zcard(keys.LEASES) == 1


def test_a_job_under_a_rate_limit_of_rqs_is_started_at_once(store: Any) -> None:
    job_id = queues.submit(work).job_id
    store.hset(keys.job(job_id), "rate_limit_key", "k")
    assert [job.prefetched for job in taken(1, 1)] == [False] and status(job_id) == "started"


def test_its_dedup_key_is_held() -> None:
    first = queues.submit(work, dedup_key="once")
    taken(1, 1)
    assert queues.submit(work, dedup_key="once").duplicate_of == first.job_id
    assert jobs.depths(["default"])["default"] == 0


def test_one_whose_workers_die_each_time_it_was_prefetched_is_given_up_in_the_end(store: Any) -> None:
    job_id = prefetched()
    for number in range(1, rescues.POISON_RESCUES + 1):
        assert rescues.rescue("w1").put_back == [job_id], "each time but the last"
        assert store.hget(keys.job(job_id), "rescues") == (None if number == 1 else str(number - 1).encode())
        assert [job.prefetched for job in taken(1, 1, request=number + 1)] == [True]
    found = rescues.rescue("w1")
    assert found.put_back == [] and len(found.poisoned) == 1


def test_a_lease_that_is_not_the_jobs_last_one_starts_and_rescues_nothing(store: Any) -> None:
    """E.g. its queue was emptied and it was queued anew: what an old run says of itself is not true of the new one."""
    job_id = prefetched()
    old = store.zrange(keys.LEASES, 0, 0)[0].decode()
    store.hset(keys.job(job_id), "prefetched", "w2-1-1")
    store.rpush(keys.queue("default"), job_id)
    execution_records.write_records("w1", {old: NOON.timestamp()})
    assert status(job_id) == "queued" and started(store) == []
    assert rescues.rescue("w1").put_back == [] and store.lrange(keys.queue("default"), 0, -1) == [job_id.encode()]


def test_what_a_queue_gets_of_its_share_starts_though_most_places_are_kept_for_others() -> None:
    """Places that are reserved for other queues are free all the same."""
    job_id = queues.submit(work, 1, queue=queues.HIGH).job_id
    shares = leases.Portions(0, [1, 3, 0], [0, 0, 0])
    request = leases.LeaseRequest(1, queues.QUEUES, 4, 0, [], ahead=(1, 0), shares=shares)
    assert [(job.id, job.prefetched) for job in leases.exchange("w1", [], request).taken] == [(job_id, False)]
