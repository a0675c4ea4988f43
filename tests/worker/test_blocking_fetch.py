"""A wake-up that brings a job along: what was taken is started, or known and put back, whatever breaks the wait off."""

import select
import threading
from typing import Any

import pytest
import rq
from rq.serializers import JSONSerializer

import clock
import queues
from state.engine import jobs, leases
from state.store import connection, keys, scripts
from tests import patience
from tests.local.real import until
from worker import blocking_fetch, consumer, pool
from worker import execution as executions

pytestmark = pytest.mark.real_redis


@queues.job(retries=0)
def work(number: int) -> int:
    """A plain job."""
    return number


go = threading.Event()


@queues.job(retries=0)
def hold() -> None:
    """Hold a thread until the test lets it go."""
    go.wait(patience.HANG_S)


@queues.job(retries=0)
async def work_on_loop(number: int) -> int:
    """The same on the loop."""
    return number


@pytest.fixture
def made() -> blocking_fetch.BlockingFetch:
    scripts.check()  # loads them
    return blocking_fetch.BlockingFetch("w")


def armed(made: blocking_fetch.BlockingFetch, threads: int = 5, coroutines: int = 0) -> int:
    return made.start(queues.QUEUES, threads, coroutines, queues.coroutine_functions())


def leased() -> int:
    return int(connection.client().zcard(keys.LEASES))


def left_s() -> float:
    """How long the only lease holds."""
    [(_, end_ms)] = connection.client().zrange(keys.LEASES, 0, -1, withscores=True)
    return float(end_ms / 1000 - connection.now().timestamp())


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let this process have stood still for so long."""
    moved = clock.boottime() + seconds - clock.monotonic()
    monkeypatch.setattr(clock, "boottime", lambda: clock.monotonic() + moved)


def at_work(threads: int = 1, **limits: Any) -> consumer.Consumer:
    where = pool.Pool(threads, 1, executions.Execution.run)
    return consumer.Consumer("w", lambda: queues.QUEUES, where, consumer.Policy(**limits), lambda ids: None)


def test_one_job_of_each_sort_comes_along_and_the_rest_is_told_of(made: blocking_fetch.BlockingFetch) -> None:
    descriptor = armed(made, 5, 5)
    queues.submit_many([(func, number) for number in range(2) for func in (work, work_on_loop)])
    assert select.select([descriptor], [], [], 10)[0]
    woken, brought = made.read()
    assert woken and len(brought.taken) == 2 and brought.more and made.fits(0, 0)
    assert made.recover() == []


def test_nobody_without_room_for_it_gets_one(made: blocking_fetch.BlockingFetch) -> None:
    descriptor = armed(made, 0, 3)
    queues.submit(work, 1)
    assert select.select([descriptor], [], [], 10)[0]
    assert made.read()[1].taken == [] and leased() == 0


def test_a_wait_is_known_to_be_for_more_than_there_is_room_for(made: blocking_fetch.BlockingFetch) -> None:
    assert made.fits(0, 0), "none is awaited"
    armed(made, 3, 1)
    assert made.fits(1, 1) and made.fits(9, 9) and not made.fits(0, 1) and not made.fits(1, 0)
    made.abandon()
    assert made.fits(0, 0)


def test_a_job_does_not_wait_at_a_busy_worker_that_listens_for_coroutines_too(store: Any) -> None:
    """Its only thread was filled by a job that nobody announced: a submit must wake the other one."""
    go.clear()
    scripts.check()
    busy, idle = at_work(), at_work()
    idle.worker = "w2"
    idle.blocking_fetch = blocking_fetch.BlockingFetch("w2")
    threads = [threading.Thread(target=one.run) for one in (busy, idle)]
    threads[0].start()
    until(lambda: not busy.blocking_fetch.fits(0, 0))
    rq.Queue("default", connection=store, serializer=JSONSerializer).enqueue(hold)
    until(lambda: busy.in_flight.running)
    until(lambda: busy.blocking_fetch.fits(0, 1) and not busy.blocking_fetch.fits(0, 0))
    threads[1].start()
    until(lambda: not idle.blocking_fetch.fits(0, 0))
    queues.submit(hold)
    until(lambda: idle.in_flight.running)
    assert len(busy.in_flight.running) == 1
    go.set()
    busy.guard.stop()
    idle.guard.stop()
    for thread in threads:
        thread.join(patience.HANG_S)


def test_a_full_worker_that_is_woken_in_vain_passes_that_on_and_leaves_wake_ups_to_others(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It listens for coroutines only: it would hear each wake-up that it makes for others itself, again and again."""
    go.clear()
    scripts.check()
    monkeypatch.setattr(blocking_fetch, "REST_S", 1e6)
    busy = at_work()
    thread = threading.Thread(target=busy.run)
    thread.start()
    until(lambda: busy.blocking_fetch.is_pending)
    queues.submit(hold)
    until(lambda: busy.in_flight.running and busy.blocking_fetch.is_pending)
    queues.submit(hold)
    until(lambda: store.llen(keys.WAKE) == jobs.WAKE_AT_ONCE)
    assert not busy.blocking_fetch.is_pending and len(busy.in_flight.running) == 1
    go.set()
    busy.guard.stop()
    thread.join(patience.HANG_S)


def test_every_wait_takes_anew(made: blocking_fetch.BlockingFetch) -> None:
    taken = []
    for number in range(3):
        descriptor = armed(made)
        taken.append(queues.submit(work, number).job_id)
        assert select.select([descriptor], [], [], 10)[0]
        assert [job.id for job in made.read()[1].taken] == taken[-1:]


def test_a_wait_broken_off_unread_gives_its_jobs_once(made: blocking_fetch.BlockingFetch) -> None:
    armed(made)
    job_id = queues.submit(work, 1).job_id
    until(lambda: leased() == 1)
    made.abandon()
    assert [job.id for job in made.recover()] == [job_id] and made.recover() == []
    assert leased() == 1, "it is still ours"


def test_a_wait_broken_off_in_time_takes_nothing_whatever_waits(made: blocking_fetch.BlockingFetch) -> None:
    armed(made)
    made.abandon()
    until(lambda: all(client["cmd"] != "blpop" for client in connection.client().client_list()))
    queues.submit(work, 1)
    assert made.recover() == [] and leased() == 0
    assert select.select([armed(made)], [], [], 10)[0], "and the next wait hears of it"
    assert len(made.read()[1].taken) == 1


def test_a_job_that_came_along_while_we_were_told_to_stop_goes_back_unspent() -> None:
    scripts.check()
    at = at_work()
    at.blocking_fetch.start(queues.QUEUES, 1, 0, [])
    job_id = queues.submit(work, 1).job_id
    until(lambda: leased() == 1)
    at.guard.stop()
    at.run()
    redis = connection.client()
    assert redis.lrange(keys.queue("default"), 0, -1) == [job_id.encode()] and leased() == 0
    assert redis.hget(keys.job(job_id), "status") == b"queued" and not redis.hexists(keys.job(job_id), "deaths")


def test_after_a_cut_the_job_that_came_along_is_run_by_the_same_worker() -> None:
    """The connection breaks with the answer unread; the lease is not left to run out."""
    scripts.check()
    at = at_work(max_jobs=1)
    at.blocking_fetch.start(queues.QUEUES, 1, 0, [])
    job_id = queues.submit(work, 7).job_id
    until(lambda: leased() == 1)
    at._back_off(OSError("cut"))
    at.run()
    job = queues.Job.fetch(job_id, connection=connection.client())
    assert job.return_value() == 7
    assert connection.client().hmget(keys.job(job_id), "deaths", "rescues") == [None, None]


def test_after_a_long_freeze_only_what_is_still_ours_is_started(
    made: blocking_fetch.BlockingFetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    armed(made)
    queues.submit(work, 1)
    until(lambda: leased() == 1)
    connection.client().delete(keys.LEASES)  # somebody took it back while we stood still
    later(monkeypatch, 60)
    assert made.read() == (True, leases.ExchangeResult([], []))


def test_a_lease_is_as_old_as_the_last_look_that_found_no_reply(
    made: blocking_fetch.BlockingFetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process stood still between two looks: to look again makes the reply no younger."""
    armed(made)
    ours = queues.submit(work, 1).job_id
    until(lambda: leased() == 1)
    connection.client().delete(keys.LEASES)  # somebody took it back meanwhile
    later(monkeypatch, 60)
    armed(made)
    assert made.read() == (True, leases.ExchangeResult([], [])), ours


def test_a_lease_that_still_holds_after_a_long_freeze_is_renewed_and_its_job_starts(
    made: blocking_fetch.BlockingFetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    armed(made)
    queues.submit(work, 1)
    until(lambda: leased() == 1)
    later(monkeypatch, 60)
    armed(made)
    [job] = made.read()[1].taken
    assert left_s() > blocking_fetch.LEASE_MS / 1000 and 10 < job.proven_until - clock.boottime() <= 15


def test_looks_that_find_nothing_keep_a_wait_young(made: blocking_fetch.BlockingFetch, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that arrives after a long wait costs no renewal."""
    armed(made)
    later(monkeypatch, 60)
    descriptor = armed(made)
    queues.submit(work, 1)
    assert select.select([descriptor], [], [], patience.HANG_S)[0]
    monkeypatch.setattr(leases, "renew", None)
    [job] = made.read()[1].taken
    assert 0 < job.proven_until - clock.boottime() <= blocking_fetch.SURE_S


def test_jobs_of_an_abandoned_fetch_are_held_as_long_as_any_other(made: blocking_fetch.BlockingFetch) -> None:
    """Their first lease was short, and began some time ago."""
    armed(made)
    queues.submit(work, 1)
    until(lambda: leased() == 1)
    made.abandon()
    [job] = made.recover()
    assert left_s() > blocking_fetch.LEASE_MS / 1000 and 10 < job.proven_until - clock.boottime() <= 15


def test_its_first_lease_is_short(made: blocking_fetch.BlockingFetch) -> None:
    armed(made)
    queues.submit(work, 1)
    until(lambda: leased() == 1)
    [(_, end_ms)] = connection.client().zrange(keys.LEASES, 0, -1, withscores=True)
    assert 0 < end_ms - connection.now().timestamp() * 1000 <= blocking_fetch.LEASE_MS < leases.LEASE_MS
    made.abandon()
