"""What dead workers held comes back: once, at the front, whoever notices, and whatever is left of the worker."""

import multiprocessing
import os
import socket
from typing import Any

import pytest

import clock
import queues
from state import connection, jobs, keys
from worker import rescue

fork = multiprocessing.get_context("fork")

NOBODY = 2**22 + 1  # above every pid Linux gives


def worker(name: str, *, host: str | None = None, pid: int = NOBODY, queue: str = "high", **fields: str) -> str:
    """A worker as RQ registers it."""
    redis, key = connection.client(), f"rq:worker:{name}"
    now = jobs.rq_time(clock.now())
    redis.hset(
        key,
        mapping={
            "birth": now,
            "last_heartbeat": now,
            "hostname": host or socket.gethostname(),
            "pid": str(pid),
            "state": "busy",
            **fields,
        },
    )
    redis.sadd(keys.RQ_WORKERS, key)
    redis.sadd(f"{keys.RQ_WORKERS}:{queue}", key)
    return name


def started(job_id: str, by: str, queue: str = "high") -> str:
    """A job as RQ leaves it while a worker runs it."""
    redis = connection.client()
    redis.hset(keys.job(job_id), mapping={"status": "started", "worker_name": by, "origin": queue, "data": "[]"})
    redis.zadd(f"{keys.RQ_STARTED}{queue}", {f"{job_id}:execution-1": 9e9})
    redis.rpush(f"{keys.queue(queue)}:intermediate", job_id)
    return job_id


def waiting(queue: str = "high") -> list[str]:
    return [raw.decode() for raw in connection.client().lrange(keys.queue(queue), 0, -1)]


def check_put_back(store: Any, job_id: str, queue: str = "high") -> None:
    assert waiting(queue)[0] == job_id
    assert store.hmget(keys.job(job_id), "status", "worker_name") == [b"queued", b""]
    assert store.zcard(f"{keys.RQ_STARTED}{queue}") == 0 and store.llen(f"{keys.queue(queue)}:intermediate") == 0


@pytest.mark.parametrize("queue", queues.QUEUES)
def test_the_job_of_a_worker_whose_process_is_gone_comes_to_the_front(queue: str, store: Any) -> None:
    store.rpush(keys.queue(queue), "next")
    started("mine", worker("dead", queue=queue), queue)
    assert rescue.rescue() == 1
    assert waiting(queue) == ["mine", "next"]
    check_put_back(store, "mine", queue)
    assert store.smembers(keys.RQ_WORKERS) == set() and not store.exists("rq:worker:dead")


def test_the_job_of_a_worker_whose_key_expired_comes_back_from_any_machine(store: Any) -> None:
    started("mine", worker("away", host="another-machine"))
    assert rescue.rescue() == 0, "another machine's process cannot be looked at; its key still lives"
    store.delete("rq:worker:away")
    assert rescue.rescue() == 1
    check_put_back(store, "mine")


def test_the_job_of_a_worker_that_said_goodbye_comes_back(store: Any) -> None:
    started("mine", worker("gone", host="another-machine", death=jobs.rq_time(clock.now())))
    assert rescue.rescue() == 1
    check_put_back(store, "mine")


def test_the_job_of_a_worker_that_is_in_no_set_any_more_comes_back(store: Any) -> None:
    started("mine", "nobody-knows")
    assert rescue.rescue() == 1
    check_put_back(store, "mine")


def test_a_busy_worker_whose_registration_was_lost_keeps_its_job(store: Any) -> None:
    started("mine", "alive")  # Redis was away for minutes: the worker's key expired, and its next sign of life made a new one
    store.hset("rq:worker:alive", "last_heartbeat", jobs.rq_time(clock.now()))
    assert rescue.rescue() == rescue.rescue() == 0 and waiting() == []


def test_nothing_is_taken_from_the_living() -> None:
    started("here", worker("here", pid=os.getpid()))
    started("there", worker("there", host="another-machine"))
    assert rescue.rescue() == 0 and waiting() == []


@pytest.mark.parametrize("status", ["finished", "failed", "queued", "canceled", "scheduled"])
def test_a_job_that_is_not_started_any_more_is_left_alone(status: str, store: Any) -> None:
    started("mine", worker("dead"))
    worker("alive", pid=os.getpid())
    store.hset(keys.job("mine"), "status", status)
    assert rescue.rescue() == 0 and waiting() == []


def test_a_job_that_another_worker_runs_by_now_is_left_alone(store: Any) -> None:
    worker("dead", current_job="mine")
    started("mine", worker("alive", pid=os.getpid()))
    assert rescue.rescue() == 0 and waiting() == []
    assert rescue._requeue("rq:worker:dead", "mine") == 0, "nor by one that looked a moment earlier"
    assert waiting() == [] and store.zcard(f"{keys.RQ_STARTED}high") == 1


def test_a_job_whose_hash_is_gone_is_no_job(store: Any) -> None:
    started("mine", worker("dead"))
    store.delete(keys.job("mine"))
    worker("alive", pid=os.getpid())
    assert rescue.rescue() == 0 and waiting() == []


def test_jobs_between_two_lists_come_back_when_nobody_can_be_moving_them(store: Any) -> None:
    store.rpush(f"{keys.queue('default')}:intermediate", "first", "second")
    store.rpush(keys.queue("default"), "third")
    worker("alive", pid=os.getpid())
    assert rescue.rescue() == 0 and waiting("default") == ["third"]
    store.delete(keys.RQ_WORKERS)
    assert rescue.rescue() == 2 and waiting("default") == ["first", "second", "third"]


@pytest.mark.real_redis
def test_many_that_notice_at_once_put_each_job_back_once() -> None:
    names = [f"job{number}" for number in range(60)]
    for name in names:
        started(name, worker(f"w-{name}"))
    worker("alive", pid=os.getpid())
    gate = fork.Barrier(6)

    def notice() -> None:
        connection.client().connection_pool.reset()
        gate.wait(20)
        rescue.rescue()

    processes = [fork.Process(daemon=True, target=notice) for _ in range(6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 6
    assert sorted(waiting()) == sorted(names)
