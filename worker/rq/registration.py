"""This process as RQ knows it: registered, alive, and open to RQ's commands (stop-job, shutdown). It never runs a job itself."""

import json
import logging
import os
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import redis.exceptions
import rq
import rq.serializers
import rq.utils

import queues
from state.engine import limits
from state.store import connection, keys
from worker import memory, polling
from worker.rq.command_listener import Listener

log = logging.getLogger("trawl.worker")


class Queue(rq.Queue):
    """RQ's queue of our jobs."""

    job_class = queues.Job


class Member(rq.Worker):
    """An RQ worker record for a process of ours."""

    queue_class = Queue
    job_class = queues.Job

    def __init__(self, names: Iterable[str], name: str, stop_job: Callable[[str], None]) -> None:
        redis = connection.client()
        as_json, ttl_s = rq.serializers.JSONSerializer, polling.worker_ttl_s()
        served = [Queue(name, connection=redis, serializer=as_json) for name in names]
        super().__init__(served, connection=redis, serializer=as_json, name=name, worker_ttl=ttl_s)
        self._stop_job = stop_job
        self.take_worked_s: Callable[[], float] = lambda: 0.0  # how long jobs ran since it was asked last
        self.listener = Listener(self.pubsub_channel_name, self.handle_payload)

    def join(self) -> None:
        """Register, say which kinds our jobs are, and listen for commands."""
        self.register_birth()  # type: ignore[no-untyped-call]
        limits.announce(queues.kinds())
        self.listener.start()
        self.set_state(rq.worker.WorkerStatus.IDLE)

    def leave(self) -> None:
        """Say that this worker ended; with Redis away its record ends by itself."""
        self.listener.stop()
        with suppress(redis.exceptions.RedisError):
            self.register_death()  # type: ignore[no-untyped-call]

    def show(self, running: Iterable[str]) -> None:
        """Tell RQ's tools that we live and what we run; a worker with several jobs shows the oldest as its current one."""
        first = next(iter(running), "")
        heard = rq.utils.utcformat(rq.utils.now())
        state, used_mb = "busy" if first else "idle", round(memory.rss_mb())
        shown: dict[Any, Any] = {"last_heartbeat": heard, "state": state, "current_job": first, "rss_mb": used_mb}
        with self.connection.pipeline(transaction=False) as pipe:
            pipe.hset(self.key, mapping=shown)
            pipe.expire(self.key, self.worker_ttl + 60)
            if first:
                pipe.expire(f"{self.key}:executions", self.worker_ttl + 60)
            if worked_s := self.take_worked_s():
                pipe.hincrbyfloat(self.key, "total_working_time", worked_s)
            new_fields = pipe.execute()[0]
        if new_fields >= len(shown) - 1:  # its record ended while we stood still, or Redis was emptied or away for minutes
            self.connection.delete(self.key)
            self.register_birth()  # type: ignore[no-untyped-call]
            self.connection.hset(self.key, mapping=shown)
        if first or new_fields:
            limits.announce(queues.kinds())  # again: Redis may have been emptied

    def handle_payload(self, message: Any) -> None:
        """RQ's commands; a command that is none is logged and ignored."""
        try:
            payload = json.loads(message["data"])
            command, job_id = payload["command"], str(payload.get("job_id", ""))
        except (ValueError, KeyError, TypeError):
            log.warning("Not a command: %.100r", message.get("data"))
            return
        if command == "shutdown":
            os.kill(os.getpid(), signal.SIGTERM)
        elif command in ("stop-job", "stop-execution"):
            self._stop_job(job_id)
        else:
            log.info("Command ignored: %.40s", command)


def forget(name: str) -> None:
    """Remove RQ's record of a worker that died without a word."""
    key = keys.RQ_WORKER + name
    with connection.client().pipeline() as pipe:
        pipe.srem(keys.RQ_WORKERS, key)
        for queue in queues.QUEUES:
            pipe.srem(f"{keys.RQ_WORKERS}:{queue}", key)
        pipe.delete(key, f"{key}:executions")
        pipe.execute()
