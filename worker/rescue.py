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
    job_id: str


def rescue() -> int:
    """Put jobs of dead workers back at the front of their queues; says how many. Any number of processes may call it.

    A worker is dead when its key expired, or when it ran on this machine and its process is gone.
    """
    seen = _workers()
    dead = [worker for worker in seen if not worker.alive]
    rescued = sum(_requeue(worker) for worker in dead)
    if not any(worker.alive for worker in seen):  # nobody can be between taking and starting a job
        rescued += _empty_intermediates()
    if rescued:
        log.warning("Put jobs of dead workers back", extra={"count": rescued, "workers": len(dead)})
    return rescued


def _workers() -> list[_Seen]:
    redis = connection.client()
    names = [key.decode() for key in redis.smembers(keys.RQ_WORKERS)]
    with redis.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hmget(name, "hostname", "pid", "current_job", "birth", "death")
        rows = pipe.execute()
    return [_Seen(name, _is_alive(row), (row[2] or b"").decode()) for name, row in zip(names, rows, strict=True)]


def _is_alive(row: list[bytes | None]) -> bool:
    host, pid, _, birth, death = row
    if birth is None or death is not None:
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


def _requeue(worker: _Seen) -> int:
    return int(
        scripts.run(
            "requeue_lost",
            [worker.name, keys.RQ_WORKERS, *(f"{keys.RQ_WORKERS}:{queue}" for queue in queues.QUEUES)],
            [worker.job_id, worker.name.removeprefix(keys.RQ_WORKER), keys.RQ_JOB, keys.RQ_QUEUE, keys.RQ_STARTED],
        )
    )


def _empty_intermediates() -> int:
    redis, moved = connection.client(), 0
    for name in queues.QUEUES:
        while redis.lmove(f"{keys.queue(name)}:intermediate", keys.queue(name), "RIGHT", "LEFT"):
            moved += 1
    return moved
