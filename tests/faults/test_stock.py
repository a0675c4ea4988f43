"""RQ's own worker under the same faults: the audit of these tests must see it fail, or it sees nothing."""

import multiprocessing
import os
import signal
from typing import Any

import pytest
import redis
import rq
import rq.registry
import rq.serializers

import queues
from state.store import connection, keys
from tests import patience
from tests.faults import harness, work
from tests.faults.callers import a_steady_load, beside, plant
from tests.local.real import lives, until

pytestmark = pytest.mark.real_redis

#: What our engine needs for the same; RQ's own bound is some 15 minutes.
WITHIN_S = 6.0

ROUNDS, READERS = 5, 3

fork = multiprocessing.get_context("fork")


def stock(scene: harness.Env, **env: str) -> harness.Program:
    """RQ's worker on three queues."""
    return scene.program("stock", *queues.QUEUES, **env)


def ended(job: str) -> bool:
    """Whether it is done or dead."""
    return harness.status(job) in ("finished", "failed")


def test_job_is_lost_when_the_worker_dies_between_pop_and_start(scene: harness.Env) -> None:
    fuse = scene.folder / "fuse"
    fuse.touch()
    first = stock(scene, TRAWL_TEST_FUSE=str(fuse))
    job, *others = harness.submit(work.nap, 0.0, times=5)
    first.process.wait(patience.HANG_S)
    stock(scene)
    until(lambda: all(ended(other) for other in others))
    found = harness.audit([job, *others])
    assert found.lost == [job]
    assert harness.status(job) == "queued"
    with pytest.raises(AssertionError, match="lost"):
        found.verify()


@pytest.mark.long
def test_jobs_of_killed_workers_are_not_taken_back_in_time(scene: harness.Env) -> None:
    ids = harness.submit(work.hold, times=4) + harness.submit(work.nap, 0.1, times=12)
    programs = [stock(scene) for _ in range(4)]
    until(lambda: scene.ledger.count("start") == 4)
    killed: set[int] = set()
    for program in programs[:2]:
        family = program.family()
        program.send(signal.SIGKILL, family)
        killed |= set(family)
    for program in programs[2:]:
        os.kill(program.pid, signal.SIGTERM)
    scene.ledger.let_go()
    for _ in range(2):
        stock(scene)
    with pytest.raises(AssertionError, match="not within"):
        scene.settled(ids, WITHIN_S)
    held = {job for pid, job in in_hand(scene).items() if pid in killed}
    assert held
    assert {harness.status(job) for job in held} == {"started"}


def test_job_of_a_frozen_worker_is_committed_twice(scene: harness.Env) -> None:
    [job] = harness.submit(work.hold)
    frozen = stock(scene)
    until(lambda: scene.ledger.count("start"))
    family = frozen.family()
    frozen.send(signal.SIGSTOP, family)
    let_it_run_out(job)
    scene.ledger.let_go()
    stock(scene)
    until(lambda: harness.status(job) == "finished")
    assert scene.ledger.runs()[job] == 2
    assert len(harness.results(job)) == 1
    frozen.send(signal.SIGCONT, family)
    until(lambda: len(harness.results(job)) == 2)
    found = harness.audit([job])
    assert found.committed_twice == [job]
    with pytest.raises(AssertionError, match="committed_twice"):
        found.verify()


def test_job_of_a_worker_that_died_alone_is_committed_twice(scene: harness.Env) -> None:
    [job] = harness.submit(work.hold)
    first = stock(scene)
    [line] = until(lambda: scene.ledger.lines("start"))
    os.kill(first.pid, signal.SIGKILL)
    first.process.wait()
    assert lives(line.pid)  # the process that runs the job goes on
    let_it_run_out(job)
    stock(scene)
    until(lambda: scene.ledger.count("start") == 2)
    scene.ledger.let_go()
    until(lambda: len(harness.results(job)) == 2)
    assert harness.audit([job]).committed_twice == [job]


def clean(start: Any) -> None:
    """What `rq info`, a metric or a page does when it asks RQ how many jobs run."""
    mine = registry()
    start.wait()
    mine.cleanup()


def test_readers_that_count_at_once_queue_abandoned_jobs_twice(scene: harness.Env) -> None:
    client = connection.client()
    for _ in range(ROUNDS):  # a race: most rounds show it
        ids = harness.submit(work.nap_with_retry, 0.0, times=50)
        client.delete(keys.queue(queues.DEFAULT))
        for job in ids:
            client.hset(keys.job(job), "status", "started")
            client.zadd(keys.RQ_STARTED + queues.DEFAULT, {f"{job}:gone": 1})
        start = fork.Barrier(READERS)
        readers = [fork.Process(target=clean, args=(start,)) for _ in range(READERS)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(patience.HANG_S)
            assert reader.exitcode == 0
        found = harness.audit(ids)
        if found.doubled:
            break
    with pytest.raises(AssertionError, match="doubled"):
        found.verify()


@pytest.mark.long
def test_ids_are_queued_twice_when_redis_pauses_under_producers(scene: harness.Env) -> None:
    """With redis-py as it comes: a reply that is late is asked for again, and RQ's enqueue does its work again."""
    acked: list[str] = []
    client = redis.Redis(unix_socket_path=str(scene.server.home / "s"), socket_timeout=5)
    queue = rq.Queue(queues.DEFAULT, connection=client, serializer=rq.serializers.JSONSerializer)

    def produce(number: int) -> None:
        for _ in range(20):
            try:
                acked.append(queue.enqueue("tests.faults.work.nap", 0.0).id)
            except (redis.TimeoutError, redis.ConnectionError):  # nobody knows whether it was queued
                continue

    def disturb() -> None:
        until(lambda: len(acked) > 20)
        scene.server.pause(8)

    with client:
        beside(disturb, produce)
    found = harness.audit(acked)
    assert found.doubled
    with pytest.raises(AssertionError, match="doubled"):
        found.verify()


@pytest.mark.long
def test_a_rolling_restart_loses_a_job_on_two_queues(scene: harness.Env) -> None:
    """One of the workers is asked to stop just after it popped a job; the others at any moment, and may lose one as well."""
    names = (queues.HIGH, queues.DEFAULT)
    fuse = scene.folder / "fuse"
    with a_steady_load(names) as ids:
        programs = [scene.program("stock", *names) for _ in range(2)]
        until(lambda: scene.ledger.count("end") >= 5)
        fuse.touch()
        env = {"TRAWL_TEST_FUSE": str(fuse), "TRAWL_TEST_SIGNAL": str(int(signal.SIGTERM))}
        unlucky = scene.program("stock", *names, **env)
        assert unlucky.process.wait(patience.HANG_S) == 0, "it says that all is well"
        for program in programs:
            assert program.stop() == 0
    scene.program("stock", *names)
    until(lambda: sum(not ended(job) for job in ids) <= 1 + len(programs))
    busy = [*map(keys.queue, names), *(keys.RQ_STARTED + name for name in names)]
    until(lambda: not connection.client().exists(*busy))
    found = harness.audit(ids)
    lost = [job for job in found.lost if harness.status(job) == "queued"]
    assert lost and not any(scene.ledger.lines("start", job) for job in lost)
    with pytest.raises(AssertionError, match="lost"):
        found.verify()


@pytest.mark.long
@pytest.mark.parametrize("bad", [{"status": "wörking"}, {"created_at": "yesterday"}], ids=["status", "date"])
def test_a_malformed_job_ends_the_worker_and_holds_up_what_is_behind_it(scene: harness.Env, bad: dict[str, str]) -> None:
    plant("bad", queues.DEFAULT, **bad)
    [good] = harness.submit(work.nap, 0.0)
    program = scene.program("stock", queues.DEFAULT)
    assert program.process.wait(patience.HANG_S) == 0, "and a supervisor that goes by the exit code lets it be"
    assert harness.status(good) == "queued"
    assert connection.client().lrange(f"{keys.queue(queues.DEFAULT)}:intermediate", 0, -1) == [b"bad"]
    assert not connection.client().exists(keys.QUARANTINE)


def registry() -> rq.registry.StartedJobRegistry:
    """RQ's registry of what runs, on a connection of its own."""
    redis = connection.connect(f"unix://{connection.client().connection_pool.connection_kwargs['path']}?db=0")
    queue = rq.Queue(queues.DEFAULT, connection=redis, serializer=rq.serializers.JSONSerializer, job_class=queues.Job)
    return rq.registry.StartedJobRegistry(queue=queue, job_class=queues.Job)


def in_hand(scene: harness.Env) -> dict[int, str]:
    """Processes that began a job and did not end it → that job."""
    over = {(line.job, line.pid) for line in scene.ledger.lines("end")}
    return {line.pid: line.job for line in scene.ledger.lines("start") if (line.job, line.pid) not in over}


def let_it_run_out(job: str) -> None:
    """As if RQ's heartbeat had been missing for a minute and its maintenance had come round."""
    client = connection.client()
    [member] = client.zrange(keys.RQ_STARTED + queues.DEFAULT, 0, -1)
    assert member.startswith(job.encode())
    client.zadd(keys.RQ_STARTED + queues.DEFAULT, {member: 1})
    registry().cleanup()
    assert harness.status(job) in ("queued", "finished")
