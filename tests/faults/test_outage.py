"""Redis away, killed, paused, full, or set to forget: no process exits, nothing is lost, nothing is done twice."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import clock
import queues
from errors import StoreUnreachable, UnsafeStore
from state.engine import heartbeats
from state.store import connection, keys, sockets
from state.tracking import projects as stored
from tests import patience
from tests.faults import harness, work
from tests.local import real
from tests.local.real import until
from topics.operations import job_cleaning
from topics.tracking import projects

pytestmark = pytest.mark.real_redis

PICK_UP_S = 5.0

#: A worker process whose clock is wrong by OFFSET seconds.
SKEWED = """
import datetime, time
real_time, real_now = time.time, datetime.datetime.now
time.time = lambda: real_time() + ({offset})
import clock, queues
clock.now = lambda: real_now(datetime.UTC) + datetime.timedelta(seconds={offset})
from tests.faults import work
from worker import process
raise SystemExit(process.run(process.Options(threads=2), "skewed"))
"""


#: Shorter than a lease, longer than one, and a minute.
AWAY_S = [2, 17, pytest.param(60, marks=pytest.mark.long)]


@pytest.mark.parametrize("seconds", AWAY_S)
def test_redis_away_for_a_while_ends_no_process_and_work_goes_on_soon_after(scene: harness.Env, seconds: int) -> None:
    idle, busy = scene.worker(1, 2, "--queues", "low"), scene.worker(1, 2, "--queues", "high,default")
    scheduler = scene.program("scheduler")
    until(lambda: scheduler.said("Scheduler is up"))
    ids = harness.submit(work.nap, 1.5, times=2)
    until(lambda: scene.ledger.count("start") == 2)
    pids = [*idle.workers(), *busy.workers()]

    scene.server.send(signal.SIGKILL)
    harness.passed(seconds)
    assert scene.ledger.count("end") == 2 or seconds == 2
    scene.server.start()
    back, back_at = clock.monotonic(), clock.now()
    ids += harness.submit(work.nap, 0.0, names=["low"])
    until(lambda: scene.ledger.lines("start", ids[-1]))
    waited = harness.seconds_since(back)

    found = scene.settled(ids)
    found.verify()
    assert waited <= patience.leeway(PICK_UP_S) and set(found.committed.values()) == {1}
    assert [*idle.workers(), *busy.workers()] == pids and scheduler.process.poll() is None
    until(lambda: (beat := heartbeats.last_beat("scheduler")) and beat > back_at)
    assert scene.ledger.runs() == dict.fromkeys(ids, 1), "who holds a job comes back before anybody calls it lost"


#: A little longer than a reply may take, and a long one.
PAUSES_S = [sockets.REPLY_TIMEOUT_S + 2, pytest.param(30, marks=pytest.mark.long)]


@pytest.mark.parametrize("seconds", PAUSES_S)
def test_redis_paused_longer_than_a_reply_may_take_ends_no_worker_and_commits_once(scene: harness.Env, seconds: int) -> None:
    program = scene.worker(1, 4)
    ids = harness.submit(work.nap, 1.0, times=4)
    until(lambda: scene.ledger.count("start") == 4)
    pids = program.workers()
    scene.server.pause(seconds)
    found = scene.settled(ids)
    found.verify()
    assert set(found.committed.values()) == {1} and program.workers() == pids


def test_a_worker_that_is_stopped_while_redis_is_away_ends(scene: harness.Env) -> None:
    program = scene.worker(1, 2)
    scene.server.send(signal.SIGKILL)
    until(lambda: program.said("Trying again"))
    assert program.stop() == 0
    scene.server.start()


# --- memory ---------------------------------------------------------------------------------------------------------


@contextmanager
def full(client: Any) -> Iterator[None]:
    """No memory left for anything new."""
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", int(client.info("memory")["used_memory"] * 0.9))
    try:
        yield
    finally:
        client.config_set("maxmemory", 0)


def test_what_frees_a_full_redis_is_done_there(scene: harness.Env) -> None:
    project = projects.add("shop.example")
    projects.add_keywords(project.id, ["one", "two", "three"])
    kept = projects.add("other.example")
    [gone] = harness.submit(work.nap, 0.0)
    with full(connection.client()):
        with pytest.raises(UnsafeStore):
            queues.submit(work.nap, 0.0)
        assert projects.remove(project.id) == 3 and stored.ids() == [kept.id]
        assert queues.cancel(gone) == "queued" and job_cleaning.cleanup_old_jobs(0).records


def test_a_full_redis_refuses_jobs_loudly_and_what_runs_is_committed(scene: harness.Env) -> None:
    program, client = scene.worker(1, 3), connection.client()
    ids = harness.submit(work.nap, 1.0, times=3) + harness.submit(work.nap, 0.0, times=5)
    until(lambda: scene.ledger.count("start") == 3)
    with full(client):
        refused = 0
        for _ in range(20):
            with pytest.raises(UnsafeStore, match="Free disk or memory"):
                queues.submit(work.nap, 0.0)
            refused += 1
        until(lambda: scene.ledger.count("end") >= 3)
        until(lambda: program.said("Trying again"))
        assert refused == 20 and len(program.workers()) == 1
    found = scene.settled(ids)
    found.verify()
    assert set(found.committed.values()) == {1} and scene.ledger.runs() == dict.fromkeys(ids, 1)
    assert queues.submit(work.nap, 0.0).job_id, "relieved, it takes jobs again"


def test_a_refused_submit_leaves_nothing_behind(scene: harness.Env) -> None:
    client = connection.client()
    queues.submit(work.nap, 0.0)
    before = set(client.scan_iter("*"))
    with full(client), pytest.raises(UnsafeStore):
        queues.submit(work.nap, 0.0, dedup_key="some:work")
    assert set(client.scan_iter("*")) == before


@pytest.mark.parametrize("command", ["worker", "scheduler"])
@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl", "allkeys-random"])
def test_a_server_that_may_evict_is_refused_at_the_start_and_the_message_names_the_fix(
    scene: harness.Env, policy: str, command: str
) -> None:
    connection.client().config_set("maxmemory-policy", policy)
    program = scene.program(command)
    assert program.process.wait(patience.HANG_S) not in (0, None)
    log = program.log.read_text()
    assert policy in log and "CONFIG SET maxmemory-policy noeviction" in log and "Traceback" not in log


# --- clocks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("offset", [120, -120])
def test_a_worker_with_a_wrong_clock_recovers_nothing_early_and_runs_nothing_early(
    scene: harness.Env, offset: int, tmp_path: Path
) -> None:
    holder = scene.worker(1, 2, "--queues", "high")
    [held] = harness.submit(work.nap, 8.0, names=["high"])
    until(lambda: scene.ledger.count("start") == 1)
    env = {"REDIS_URL": scene.server.url, "TRAWL_TEST_LEDGER": str(scene.ledger.path)}
    with real.program(SKEWED.format(offset=offset), tmp_path / "skewed", **env) as skewed:
        until(lambda: connection.client().exists(f"{keys.RQ_WORKER}skewed") or skewed.poll() is not None)
        asked = clock.monotonic()
        delayed = queues.submit(work.nap, 0.0, queue="low", delay_s=3).job_id
        until(lambda: scene.ledger.lines("start", delayed))
        waited = scene.ledger.lines("start", delayed)[0].at - asked
        assert 3.0 <= waited < 3.0 + 1 + 2 + patience.leeway(PICK_UP_S)
        found = scene.settled([held, delayed])
        assert skewed.poll() is None
    found.verify()
    assert scene.ledger.runs() == {held: 1, delayed: 1} and len(holder.workers()) == 1


def test_an_outage_is_an_error_of_the_stores_and_says_what_to_do(scene: harness.Env) -> None:
    scene.server.send(signal.SIGKILL)
    with pytest.raises(StoreUnreachable, match="REDIS_URL"):
        queues.submit(work.nap, 0.0)
    scene.server.start()
