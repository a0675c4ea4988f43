"""A worker process from inside: one round trip for many jobs, time limits, hooks that hang, recycling, wake-ups, little talk."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
import rq
import rq.suspension
from rq.serializers import JSONSerializer

import clock
import models
import queues
from errors import StoreUnreachable
from state.engine import jobs, leases, limits, rescues, settlements
from state.store import connection, keys
from tests import patience
from tests.local.real import until
from worker import batching, consumer, guard, in_flight, leasing, memory, outcomes, pool
from worker import execution as executions
from worker.rq import registration

done: list[Any] = []
go = threading.Event()


@queues.job(retries=0)
def note(value: Any = None) -> Any:
    """Remember a call."""
    done.append((value, clock.monotonic()))
    return value


@queues.job(retries=0)
def hold(value: Any = None) -> None:
    """Wait until the test lets it go."""
    done.append((value, clock.monotonic()))
    go.wait(patience.HANG_S)


@queues.job(timeout_s=1, retries=0)
def swallow() -> None:
    """Catch everything, for ever."""
    while not go.is_set():
        try:
            clock.wait(0.01)
        except BaseException:  # the worst there is
            done.append("swallowed")


@queues.job(timeout_s=1, retries=0)
def spin() -> None:
    """A loop that catches every Exception."""
    while True:
        try:
            clock.wait(0.01)
        except Exception:  # what a careless job does
            continue


@queues.job(timeout_s=600, retries=0)
def spin_long() -> None:
    """The same, with a time limit that is far."""
    done.append("spin")
    while not go.is_set():
        try:
            clock.wait(0.01)
        except Exception:  # what a careless job does
            continue


@queues.job(retries=0)
async def note_later(value: Any) -> Any:
    """The same on the loop."""
    await asyncio.sleep(0.01)
    done.append((value, clock.monotonic()))
    return value


@queues.job(retries=0)
async def walk_on_loop() -> None:
    """Tell of each step until somebody stops it."""
    for step in range(10_000):
        queues.progress(step)
        done.append(step)
        await asyncio.sleep(0.01)


@queues.job(kind="walks", retries=0)
def walk() -> None:
    """The same, of a kind of its own."""
    done.append("walk")
    go.wait(patience.HANG_S)


@queues.job(retries=0)
def fail() -> None:
    """Fail."""
    raise queues.ArgumentError("no")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    done.clear()
    go.clear()
    monkeypatch.setattr(outcomes, "_hooks", [])
    yield
    go.set()


def made(threads: int = 4, show: Callable[[Any], object] = lambda running: None, **limits: Any) -> consumer.Consumer:
    limit = consumer.Policy(**limits)
    return consumer.Consumer(
        f"w-{leases.token()}", lambda: queues.QUEUES, pool.Pool(threads, 100, executions.Execution.run), limit, show
    )


@contextmanager
def working(**options: Any) -> Iterator[consumer.Consumer]:
    """A consumer at work in a thread of its own; stopped at the end."""
    at_work = made(**options)
    thread = threading.Thread(target=at_work.run)
    thread.start()
    try:
        yield at_work
    finally:
        at_work.guard.stop()
        go.set()
        thread.join(patience.HANG_S)
        assert not thread.is_alive()


def status(job_id: str) -> str:
    return (connection.client().hget(keys.job(job_id), "status") or b"").decode()


def all_are(state: str, ids: list[str]) -> bool:
    return all(status(job_id) == state for job_id in ids)


# --- work, to the end ----------------------------------------------------------------------------------------------


def test_burst_works_everything_off_threads_and_coroutines_alike_and_ends() -> None:
    ids = [one.job_id for one in queues.submit_many([(note, number) for number in range(300)])]
    ids += [one.job_id for one in queues.submit_many([(note_later, number) for number in range(300)])]
    made(burst=True).run()
    assert all_are("finished", ids) and len(done) == 600 and not connection.client().exists(keys.LEASES)


@pytest.mark.parametrize(("jobs", "lingers"), [(3, False), (60, True)])
def test_a_worker_lingers_only_while_more_waits_than_runs(jobs: int, lingers: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(batching.SettleBatching, "linger", lambda self: asked.append(1))
    queues.submit_many([(note, number) for number in range(jobs)])
    made(burst=True).run()
    assert len(done) == jobs and bool(asked) == lingers


def test_jobs_of_a_lower_queue_wait_for_the_higher_one() -> None:
    for queue in reversed(queues.QUEUES):
        queues.submit_many([models.Call(note, (queue,), queue=queue) for _ in range(20)])
    made(threads=1, burst=True).run()
    assert [queue for queue, _ in done] == ["high"] * 20 + ["default"] * 20 + ["low"] * 20


@pytest.mark.real_redis  # it waits on a socket, which fakeredis has not
def test_a_process_ends_after_exactly_so_many_jobs_and_drops_none() -> None:
    ids = [one.job_id for one in queues.submit_many([(note, number) for number in range(60)])]
    at_work = made(threads=7, max_jobs=20)
    at_work.run()
    ended = [job_id for job_id in ids if status(job_id) == "finished"]
    assert len(ended) == at_work.in_flight.ended == 20
    assert jobs.depths(["default"])["default"] == 40 and not connection.client().exists(keys.LEASES)


@pytest.mark.real_redis
def test_a_process_that_grew_too_large_ends_after_its_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    used = [100.0]
    monkeypatch.setattr(memory, "rss_mb", lambda: used[0])
    monkeypatch.setattr(guard, "MEMORY_CHECK_S", 0.1)
    holding = queues.submit(hold).job_id
    at_work = made(max_rss_mb=400)
    thread = threading.Thread(target=at_work.run)
    thread.start()
    until(lambda: done)
    used[0] = 500.0
    until(lambda: at_work.guard.outgrown)
    later = queues.submit(note).job_id
    go.set()
    thread.join(patience.HANG_S)
    assert not thread.is_alive() and (status(holding), status(later)) == ("finished", "queued")


def test_a_job_that_is_none_is_refused_and_the_others_run(store: Any) -> None:
    good = queues.submit(note, 1).job_id
    bad = queues.submit(note, 2).job_id
    store.hset(keys.job(bad), "data", '["os.system",null,["true"],{}]')
    made(burst=True).run()
    assert (status(good), status(bad)) == ("finished", "failed") and store.hexists(keys.QUARANTINE, bad)


# --- time limits and stops ------------------------------------------------------------------------------------------


@pytest.mark.real_redis
def test_a_loop_past_its_time_is_ended_in_its_thread_and_the_thread_goes_on() -> None:
    with working(threads=1) as at_work:
        job_id = queues.submit(spin).job_id
        until(lambda: status(job_id) == "failed")
        after = queues.submit(note).job_id
        until(lambda: status(after) == "finished")
        assert at_work.in_flight.stuck == 0


@pytest.mark.real_redis
def test_a_job_that_never_ends_is_written_off_and_its_process_ends_after_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_flight, "GRACE_S", 0.3)
    at_work = made(threads=2)
    thread = threading.Thread(target=at_work.run)
    thread.start()
    other, stuck = queues.submit(hold).job_id, queues.submit(swallow).job_id
    until(lambda: status(stuck) == "failed")
    assert thread.is_alive() and status(other) == "started" and at_work.in_flight.stuck == 1
    job = queues.Job.fetch(stuck, connection=connection.client())
    assert "did not end within 1 s" in (job.latest_result().exc_string or "")
    go.set()
    thread.join(patience.HANG_S)
    assert not thread.is_alive() and status(other) == "finished"


@pytest.mark.real_redis
def test_a_running_coroutine_that_is_cancelled_ends_within_a_second_of_its_next_progress() -> None:
    with working():
        job_id = queues.submit(walk_on_loop).job_id
        until(lambda: done)
        connection.client().hset(keys.job(job_id), "cancel", 1)
        asked = clock.monotonic()
        until(lambda: status(job_id) == "canceled")
        assert clock.monotonic() - asked < patience.leeway(5)


@pytest.mark.real_redis
def test_a_worker_that_is_asked_to_end_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "HEARTBEAT_S", 10_000.0)
    said = list[bool]()
    with working(show=lambda running: said.append(at_work.is_draining)) as at_work:
        queues.submit(hold, "a")
        until(lambda: at_work.in_flight.running)
        assert not at_work.is_draining
        at_work.guard.stop()
        at_work.pool.wake_up()
        until(lambda: True in said)
        assert at_work.in_flight.running
        go.set()


def test_what_outlasts_the_grace_is_put_back_and_spends_nothing() -> None:
    at_work = made(threads=2, grace_s=0.2)
    thread = threading.Thread(target=at_work.run)
    thread.start()
    ids = [queues.submit(hold).job_id for _ in range(2)]
    until(lambda: len(done) == 2)
    at_work.guard.stop()
    thread.join(patience.HANG_S)
    assert not thread.is_alive() and at_work.in_flight.abandoned == 2 and all_are("queued", ids)
    assert sorted(connection.client().lrange(keys.queue("default"), 0, -1)) == sorted(job.encode() for job in ids)
    assert connection.client().hmget(keys.job(ids[0]), "deaths", "rescues") == [None, None]


@pytest.mark.real_redis
def test_what_can_be_ended_is_ended_before_another_worker_may_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else more would run than its limit allows: this process lives on for a while, e.g. while a hook of another job runs."""
    monkeypatch.setattr(guard, "PUT_BACK_S", patience.HANG_S)
    ended: list[str] = []
    put = outcomes.requeued
    monkeypatch.setattr(outcomes, "requeued", lambda job: ended.append(f"back {job.id}") or put(job))
    monkeypatch.setattr(consumer.in_flight.Pool, "_ended", _noting(consumer.in_flight.Pool._ended, ended))
    at_work = made(threads=2, grace_s=0.2)
    thread = threading.Thread(target=at_work.run)
    thread.start()
    ids = [queues.submit(func).job_id for func in (spin_long, walk_on_loop)]
    until(lambda: len(at_work.in_flight.running) == 2 and "spin" in done and 0 in done)
    at_work.guard.stop()
    thread.join(patience.HANG_S)
    assert not thread.is_alive() and at_work.in_flight.abandoned == 0 and all_are("queued", ids)
    for job_id in ids:
        assert ended.index(f"ended {job_id}") < ended.index(f"back {job_id}")
        assert connection.client().hmget(keys.job(job_id), "attempt", "rescues", "parked") == [None, None, None]


def _noting(ended: Callable[[Any, Any], object], into: list[str]) -> Callable[[Any, Any], None]:
    def note(self: Any, execution: executions.Execution) -> None:
        into.append(f"ended {execution.job.id}")
        ended(self, execution)

    return note


def test_after_an_outage_our_leases_are_renewed_at_once_and_nobody_elses_is_called_lost_yet(store: Any) -> None:
    """Longer than a lease, it let all leases run out: who holds a job must come before who would take it back."""
    ids = [one.job_id for one in queues.submit_many([(hold, 0), (hold, 1)])]
    [others] = leases.exchange("other", [], leases.LeaseRequest(1, queues.QUEUES, 1)).taken
    at_work = made(threads=1)
    at_work._turn()
    [ours] = at_work.in_flight.running
    store.zadd(keys.LEASES, {others.lease: 1, ours: 1})
    at_work._timers.schedule("rescue", 0)  # in the middle of the outage
    at_work._back_off(StoreUnreachable("away"))
    at_work._turn()
    assert store.zscore(keys.LEASES, others.lease) == 1 and store.zscore(keys.LEASES, ours) > 1e12
    at_work._timers.schedule("rescue", 0)
    at_work._turn()
    assert status(ids[0]) == "queued", "in the end it is lost"


@pytest.mark.real_redis
def test_a_lost_lease_ends_the_run_and_its_outcome_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "RENEW_S", 0.1)
    with working(threads=1) as at_work:
        job_id = queues.submit(hold).job_id
        until(lambda: done)
        connection.client().delete(keys.LEASES)
        until(lambda: not at_work.in_flight.running)
        go.set()
        after = queues.submit(note).job_id
        until(lambda: status(after) == "finished")
        assert status(job_id) == "started", "nobody settled it"


def test_after_an_outage_leases_are_renewed_before_anybody_looks_for_lost_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of jobs that ended meanwhile too: else a worker would take its own jobs for a dead one's."""
    asked: list[Any] = []
    monkeypatch.setattr(leases, "renew", lambda names: asked.append(list(names)) or leases.Renewal([], []))
    monkeypatch.setattr(rescues, "rescue", lambda dead="": asked.append("rescue") or rescues.Rescue([], []))
    at_work = made()
    ended, running = (leases.Leased(name, "w-1-1", "low", {}) for name in ("ended", "running"))
    call = executions.Call("path", note, [], {}, 60, False, False)
    at_work.in_flight.running.add(executions.Execution(running, call))
    at_work.in_flight.unsettled.append(leases.Settlement(ended, "again"))
    at_work._timers.schedule("renew", 60)
    at_work._back_off(StoreUnreachable("away"))
    at_work._turn()
    assert asked == [[running.lease, ended.lease]]
    at_work._timers.schedule("rescue", 0)
    at_work._turn()
    assert asked[1:] == ["rescue"]


@pytest.mark.real_redis
def test_a_process_may_take_and_settle_while_one_outcome_is_refused(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    """The server refuses what holds that result; nothing says whether it was the large one until it was sent alone."""
    real, sent = settlements.call, []

    def settle(worker: str, settled: Any) -> Any:
        sent.append(len(settled))
        if any(len(one.result) > 1000 for one in settled):
            raise redis.ConnectionError("Connection closed by server.")
        return real(worker, settled)

    monkeypatch.setattr(settlements, "call", settle)
    large = queues.submit(note, "x" * 2000).job_id
    with working(threads=2):
        until(lambda: status(large) == "failed", within_s=20)
        ids = [queues.submit(note, number).job_id for number in range(20)]
        until(lambda: all_are("finished", ids))
    assert [value for value, _ in done] == ["x" * 2000, *range(20)] or len(done) == 21
    assert caplog.text.count("does not take the outcome") == 3


@pytest.mark.real_redis
def test_an_outage_fails_no_job_however_long_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    real, away, tried = leases.exchange, [True], []

    def exchange(worker: str, settled: Any, wanted: Any) -> Any:
        if settled and away[0]:
            tried.append(1)
            raise redis.ConnectionError("Connection refused.")
        return real(worker, settled, wanted)

    def probe() -> None:
        if away[0]:
            raise redis.ConnectionError("Connection refused.")

    monkeypatch.setattr(leases, "exchange", exchange)
    monkeypatch.setattr(leases, "probe", probe)
    monkeypatch.setattr(consumer, "OUTAGE_CAP_S", 0.01)
    job_id = queues.submit(note, 1).job_id
    with working(threads=2):
        until(lambda: len(tried) > 20)
        away[0] = False
        until(lambda: status(job_id) == "finished")
    assert len(done) == 1


# --- hooks ----------------------------------------------------------------------------------------------------------


@pytest.mark.real_redis
def test_a_hook_that_hangs_holds_up_no_job_and_no_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    hung = threading.Event()
    monkeypatch.setattr(outcomes, "_hooks", [lambda failure: hung.set() or go.wait(patience.HANG_S)])
    with working(threads=2):
        bad = queues.submit(fail).job_id
        assert hung.wait(patience.HANG_S)
        ids = [queues.submit(note, number).job_id for number in range(20)]
        until(lambda: all_are("finished", ids))
        assert status(bad) == "failed"


# --- wake-ups and talk ----------------------------------------------------------------------------------------------


@pytest.mark.real_redis
def test_an_idle_worker_starts_a_submitted_job_within_milliseconds() -> None:
    with working() as at_work:
        until(lambda: not at_work.leasing.is_due)
        waits = []
        for number in range(30):
            asked = clock.monotonic()
            queues.submit(note, number)
            until(lambda: len(done) > number)  # noqa: B023 (called in this turn)
            waits.append(done[-1][1] - asked)
        # looking once a second would give half a second: a fifth of that is far from both
        assert sorted(waits)[15] < patience.leeway(0.05)


@pytest.mark.real_redis
def test_a_job_pushed_by_rqs_own_tools_is_seen_at_the_next_look(store: Any) -> None:
    with working() as at_work:
        until(lambda: not at_work.leasing.is_due)
        queue = rq.Queue("low", connection=store, serializer=JSONSerializer)
        job = queue.enqueue("tests.worker.test_consumer.note", 7)
        until(lambda: done)
        until(lambda: status(job.id) == "finished")


@pytest.mark.real_redis
def test_an_idle_worker_asks_redis_at_most_twice_a_second(store: Any) -> None:
    """Seen by the server, over some seconds; commands inside our scripts count as the script they are in."""
    me = registration.WorkerRecord(queues.QUEUES, "idle", lambda job_id: None)
    with working(show=me.send_heartbeat) as at_work:
        until(lambda: not at_work.blocking_fetch.fits(0, 0) and at_work.follow_ups.is_idle())
        with store.monitor() as monitor:
            seen, started = 0, clock.monotonic()
            while clock.monotonic() - started < 8:
                seen += monitor.next_command()["client_type"] != "lua"
            assert seen / (clock.monotonic() - started) <= 2.0


@pytest.mark.real_redis
def test_a_worker_whose_threads_are_busy_takes_nobodys_wake_up(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while something waits that it cannot take, and it might take jobs ahead: another process may have free threads."""
    monkeypatch.setattr(queues, "coroutine_functions", list)
    limits.announce(queues.kinds())
    limits.put("walks", 1)
    with working(threads=4) as at_work:
        at_work.in_flight.batching.ended(0.01)
        queues.submit_many([(walk,), (walk,), (hold,), (hold,), (hold,)])
        until(lambda: len(done) == 4)
        until(lambda: at_work.leasing.backlog is leasing.Backlog.BLOCKED and at_work.blocking_fetch.fits(0, 0))
        at_work.leasing.backlog = leasing.Backlog.MORE  # as at the end of a long queue
        assert sum(at_work.in_flight.room(may_prefetch=True)) and not sum(at_work.in_flight.room())
        store.delete(keys.WAKE)
        store.lpush(keys.WAKE, 1)
        store.expire(keys.WAKE, 60)
        clock.wait(0.4)
        assert store.llen(keys.WAKE) == 1


def sent(store: Any) -> int:
    """Script calls and waits: what a worker without jobs sends."""
    stats = store.info("commandstats")
    return sum(int(stats.get(f"cmdstat_{name}", {}).get("calls", 0)) for name in ("evalsha", "eval", "blpop"))


@pytest.mark.real_redis
def test_a_suspended_worker_takes_nothing_and_goes_on_when_it_may(store: Any) -> None:
    with working() as at_work:
        rq.suspension.suspend(store)
        job_id = queues.submit(note).job_id
        before = at_work.leasing._request
        until(lambda: at_work.leasing._request >= before + 2)
        assert status(job_id) == "queued" and done == []
        rq.suspension.resume(store)
        until(lambda: status(job_id) == "finished")


@pytest.mark.real_redis
def test_under_load_many_jobs_share_a_round_trip(store: Any) -> None:
    queues.submit_many([(note, number) for number in range(2000)])
    before = sent(store)
    with working(threads=20):
        until(lambda: len(done) == 2000)
        until(lambda: not store.exists(keys.LEASES))
    exchanges = (sent(store) - before) / 2  # each settles and leases
    assert exchanges < min(0.9, 0.5 * patience.slowness()) * 2000, "threads that get no core end one at a time"
