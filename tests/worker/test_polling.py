"""How often a process asks Redis, and that nothing waits for it longer than promised."""

import threading
from typing import Any

import pytest
import rq
from rq.serializers import JSONSerializer

import clock
import config
import queues
from state.engine import jobs
from state.store import connection, keys
from tests.local.real import until
from tests.state import NOON
from tests.worker.test_consumer import done, fresh, go, hold, note, status, working
from worker import consumer, polling
from worker.rq import registration

__all__ = ["fresh"]  # a fixture


@pytest.fixture
def seldom(settings: config.Settings) -> Any:
    with config.overridden(idle_poll_interval=300):
        yield


def quiet(at_work: consumer.Consumer) -> bool:
    return at_work.polling.is_quiet and not at_work.blocking_fetch.fits(0, 0)


def test_an_idle_look_is_one_command_and_a_quiet_process_does_no_other_chore(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = polling.Polling()
    asked.note_running(0)
    monkeypatch.setattr(jobs, "any_wait", lambda *names: pytest.fail("a second command"))
    every_s = config.settings().idle_poll_interval
    assert not asked.poll() and asked.is_quiet and asked.next_poll_s == pytest.approx(every_s, rel=0.1)
    connection.client().zadd(keys.LEASES, {"j:e": 1})
    monkeypatch.setattr(jobs, "any_wait", lambda *names: False)
    assert not asked.poll() and not asked.is_quiet


def test_the_next_look_comes_with_the_next_delayed_job() -> None:
    queues.submit(note, delay_s=2)
    asked = polling.Polling()
    asked.note_running(0)
    assert asked.poll() and 0 < asked.next_poll_s <= 2


@pytest.mark.parametrize(("moved", "at_once"), [(500, True), (0, False)], ids=["more are due", "a queue is broken"])
def test_what_is_due_and_was_left_is_looked_at_again(moved: int, at_once: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = polling.Polling()
    asked.note_running(1)
    monkeypatch.setattr(jobs, "any_wait", lambda *names: True)
    monkeypatch.setattr(jobs, "promote_due", lambda *names, who, room: (moved, 0.0))
    asked.poll()
    assert asked.next_poll_s == (0.0 if at_once else pytest.approx(polling.POLL_S, rel=0.1))


def test_a_process_that_runs_jobs_looks_each_second() -> None:
    asked = polling.Polling()
    asked.note_running(1)
    asked.poll()
    assert asked.next_poll_s == pytest.approx(polling.POLL_S, rel=0.1)


@pytest.mark.real_redis
@pytest.mark.usefixtures("seldom")
def test_a_delayed_job_and_a_retry_run_in_time_however_seldom_an_idle_process_looks() -> None:
    with working() as at_work:
        until(lambda: quiet(at_work))
        queues.submit(note, "later", delay_s=1)
        until(lambda: done)
        until(lambda: quiet(at_work))
        queues.submit(note, "latest", delay_s=3)
        queues.submit(note, "sooner", delay_s=1)
        until(lambda: len(done) == 3)
        assert [value for value, _ in done] == ["later", "sooner", "latest"]


@pytest.mark.real_redis
def test_jobs_that_nobody_announced_wake_the_other_idle_workers(store: Any) -> None:
    with working(threads=1) as one, working(threads=1) as two:
        until(lambda: quiet(one) and quiet(two))
        two._timers.schedule("poll", 1000)  # only one of them looks
        queue = rq.Queue("low", connection=store, serializer=JSONSerializer)
        for _ in range(2):
            queue.enqueue("tests.worker.test_consumer.hold")
        until(lambda: len(done) == 2)
        assert one.in_flight.running and two.in_flight.running
        go.set()


@pytest.mark.real_redis
def test_two_idle_workers_send_less_than_one_and_a_half_commands_a_second(store: Any) -> None:
    """Seen by the server; commands inside our scripts count as the script they are in. A scheduler adds half a command."""
    heartbeats = [registration.WorkerRecord(queues.QUEUES, name, lambda job_id: None).send_heartbeat for name in ("one", "two")]
    with working(show=heartbeats[0]) as one, working(show=heartbeats[1]) as two:
        until(lambda: quiet(one) and quiet(two))
        before, started = sent(store), clock.monotonic()
        clock.wait(20)
        assert (sent(store) - before) / (clock.monotonic() - started) < 1.5


def sent(store: Any) -> int:
    """Calls of the commands that an idle process sends; those are sent by no script."""
    stats = store.info("commandstats")
    return sum(int(stats.get(f"cmdstat_{name}", {}).get("calls", 0)) for name in ("exists", "evalsha", "blpop", "ping"))


@pytest.mark.real_redis
def test_no_more_jobs_are_leased_than_threads_where_none_may_be_prefetched(store: Any) -> None:
    queues.submit_many([(note, number) for number in range(3000)])
    most: list[int] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            most.append(int(store.zcard(keys.LEASES)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with working(threads=3, prefetch=0):
            until(lambda: len(done) == 3000)
    finally:
        over.set()
        watcher.join()
    most.sort()
    assert (
        most[-1] >= 1 and most[len(most) * 99 // 100] <= 3
    )  # a reply that comes too late is given back, and counts for a moment


@pytest.mark.real_redis
def test_a_prefetched_job_that_ends_quickly_has_all_that_rq_records_of_a_run(store: Any) -> None:
    with working(threads=2, prefetch=8) as at_work:
        at_work.in_flight.batching.ended(0.001)
        ids = [one.job_id for one in queues.submit_many([(note, number) for number in range(500)])]
        until(lambda: len(done) == 500)
        until(lambda: {status(job_id) for job_id in ids} == {"finished"})
    assert any(store.hexists(keys.job(job_id), "prefetched") for job_id in ids), "some were"
    for job_id in ids:
        job = queues.Job.fetch(job_id, connection=store)
        assert job.worker_name == at_work.worker and job.enqueued_at <= job.started_at <= job.ended_at


@pytest.mark.real_redis
def test_a_prefetched_job_that_is_not_quick_looks_started_soon_after_it_began(store: Any) -> None:
    with working(threads=1, prefetch=1) as at_work:
        at_work.in_flight.batching.ended(0.001)
        ids = [one.job_id for one in queues.submit_many([(note,), (note,), (hold,), (note,)])]
        until(lambda: len(done) == 3 and status(ids[2]) == "started")
        assert status(ids[3]) == "queued"
        go.set()


def test_one_process_comes_for_a_delayed_job_and_the_others_a_second_later() -> None:
    queues.submit(note, delay_s=0.8)
    first, second = polling.Polling(), polling.Polling()
    for asked in (first, second, first):
        asked.note_running(1)
        asked.poll()
    assert first.next_poll_s < 0.9 < second.next_poll_s  # moments are whole milliseconds, rounded up


def test_a_delayed_job_keeps_its_moment_to_the_millisecond(store: Any) -> None:
    with clock.frozen(NOON):
        job_id = queues.submit(note, delay_s=0.25).job_id
    assert store.zscore(keys.RQ_SCHEDULED + "default", job_id) == NOON.timestamp() + 0.25
