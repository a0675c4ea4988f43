"""Takes back what dead workers held: RQ itself needs minutes for that."""

import logging
import os
import socket
from dataclasses import dataclass

import queues
from state import connection, keys, scripts

log = logging.getLogger("trawl.rescue")


@dataclass(frozen=True, slots=True)
class _Seen:
    name: str
    alive: bool


def rescue() -> int:
    """Put jobs of dead workers back at the front of their queues; says how many. Any number of processes may call it.

    A worker is dead when its key expired, or when it ran on this machine and its process is gone.
    """
    running = _running()  # looked at before the workers: a worker says that it lives before it takes a job
    seen = _workers({worker for _, worker in running})
    dead = [worker for worker in seen if not worker.alive]
    alive = {worker.name for worker in seen if worker.alive}
    for worker in dead:
        _requeue(worker.name, "")
    rescued = sum(_requeue(worker, job_id) for job_id, worker in running if worker not in alive)
    if not any(worker.alive for worker in seen):  # nobody can be between taking and starting a job
        rescued += _empty_intermediates()
    if rescued:
        log.warning("Put jobs of dead workers back", extra={"count": rescued, "workers": len(dead)})
    return rescued


def _running() -> list[tuple[str, str]]:
    """Started jobs, each with its worker. Asked of the jobs: a worker whose key expired cannot say what it was doing."""
    redis = connection.client()
    ids = {raw.decode().partition(":")[0] for name in queues.QUEUES for raw in redis.zrange(keys.RQ_STARTED + name, 0, -1)}
    with redis.pipeline(transaction=False) as pipe:
        for job_id in ids:
            pipe.hget(keys.job(job_id), "worker_name")
        rows = pipe.execute()
    return [(job_id, f"{keys.RQ_WORKER}{worker.decode()}") for job_id, worker in zip(ids, rows, strict=True) if worker]


def _workers(busy: set[str]) -> list[_Seen]:
    """Registered workers, and busy ones whose registration was lost while Redis was away: their signs of life go on."""
    redis = connection.client()
    names = sorted({key.decode() for key in redis.smembers(keys.RQ_WORKERS)} | busy)
    with redis.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hmget(name, "hostname", "pid", "last_heartbeat", "death")
        rows = pipe.execute()
    return [_Seen(name, _is_alive(row)) for name, row in zip(names, rows, strict=True)]


def _is_alive(row: list[bytes | None]) -> bool:
    host, pid, heartbeat, death = row
    if heartbeat is None or death is not None:
        return False
    if not host or host.decode() != socket.gethostname() or not pid:
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _requeue(worker: str, job_id: str) -> int:
    return int(
        scripts.run(
            "requeue_lost",
            [worker, keys.RQ_WORKERS, *(f"{keys.RQ_WORKERS}:{queue}" for queue in queues.QUEUES)],
            [job_id, worker.removeprefix(keys.RQ_WORKER), keys.RQ_JOB, keys.RQ_QUEUE, keys.RQ_STARTED],
        )
    )


def _empty_intermediates() -> int:
    redis, moved = connection.client(), 0
    for name in queues.QUEUES:
        while redis.lmove(f"{keys.queue(name)}:intermediate", keys.queue(name), "RIGHT", "LEFT"):
            moved += 1
    return moved
