"""Jobs run in this process, one after the other: for tests of what jobs do, not of who runs them."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import clock
import queues
from errors import NotNow
from state.store import connection, keys

Work = Callable[..., list[Any]]


def off(most: int = 10_000) -> list[Any]:
    """Run the jobs of all queues until none is left, or so many; their results, errors among them."""
    ended: list[Any] = []
    while len(ended) < most and (job_id := _next()):
        ended.append(_run(job_id))
    return ended


def _next() -> str | None:
    client = connection.client()
    for name in queues.QUEUES:
        while found := client.lpop(keys.queue(name)):
            if client.hget(keys.job(found.decode()), "status") != b"canceled":  # it may wait elsewhere than its record says
                return str(found.decode())
    return None


def _run(job_id: str) -> Any:
    client = connection.client()
    path, _, args, kwargs = json.loads(client.hget(keys.job(job_id), "data"))
    client.hset(keys.job(job_id), "status", "started")
    run = _Run(job_id)
    token = queues.current_run.set(run)
    try:
        result = queues.function(path)(*args, **kwargs)
        client.hset(keys.job(job_id), "status", "finished")
        client.expire(keys.job(job_id), 500)
        return result
    except NotNow as exc:
        clock.wait(max(0.0, min(2.0, (exc.until - clock.now()).total_seconds())))
        client.hset(keys.job(job_id), "status", "queued")
        client.rpush(keys.queue(queues.DEFAULT), job_id)
        return exc
    except Exception as exc:
        told = {"error_category": getattr(exc, "category", "system"), "error_message": str(exc)}
        client.hset(keys.job(job_id), mapping={**told, "status": "failed"})
        return exc
    finally:
        queues.current_run.reset(token)


class _Run:
    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        self.owner = (connection.client().hget(keys.job(job_id), "owner") or b"").decode()

    def progress(self, step: int, total: int | None, message: str, details: Mapping[str, Any] | None = None) -> None:
        """Nobody looks."""

    def cancelled(self) -> bool:
        """Nobody cancels."""
        return False
