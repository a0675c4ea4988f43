"""A worker process as RQ's tools see it: registered, with heartbeats, and open to RQ's commands (stop-job, shutdown)."""

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
    """RQ's queue, with Trawl's class of job."""

    job_class = queues.Job


class WorkerRecord(rq.Worker):
    """RQ's record of a worker process. It never runs a job itself."""

    queue_class = Queue
    job_class = queues.Job

    def __init__(self, names: Iterable[str], name: str, stop_job: Callable[[str], None]) -> None:
        redis = connection.client()
        as_json, ttl_s = rq.serializers.JSONSerializer, polling.worker_ttl_s()
        served = [Queue(name, connection=redis, serializer=as_json) for name in names]
        super().__init__(served, connection=redis, serializer=as_json, name=name, worker_ttl=ttl_s)
        self._stop_job = stop_job
        self.take_worked_s: Callable[[], float] = lambda: 0.0  # how long jobs ran since the last call
        self.facts: Callable[[], dict[Any, Any]] = dict  # what its record says besides: threads, coroutines, draining
        self.listener = Listener(self.pubsub_channel_name, self.handle_payload)

    def serialize(self) -> dict[Any, Any]:
        """RQ's fields of a new record, and ours."""
        return {**super().serialize(), **self.facts()}

    def register(self) -> None:
        """Register the worker, announce the kinds of its jobs, and listen for commands."""
        self.register_birth()  # type: ignore[no-untyped-call]
        limits.announce(queues.kinds())
        self.listener.start()
        self.set_state(rq.worker.WorkerStatus.IDLE)

    def deregister(self) -> None:
        """Remove the record of this worker. While Redis is away, the record expires instead."""
        self.listener.stop()
        with suppress(redis.exceptions.RedisError):
            self.register_death()  # type: ignore[no-untyped-call]

    def send_heartbeat(self, running: Iterable[str]) -> None:
        """Write that this worker lives, and the job that it runs: of several jobs RQ's tools see the oldest one."""
        first = next(iter(running), "")
        heartbeat = rq.utils.utcformat(rq.utils.now())
        state, used_mb = "busy" if first else "idle", round(memory.rss_mb())
        fields: dict[Any, Any] = {"last_heartbeat": heartbeat, "state": state, "current_job": first, "rss_mb": used_mb}
        with self.connection.pipeline(transaction=False) as pipe:
            pipe.hset(self.key, mapping=fields)
            if facts := self.facts():
                pipe.hset(self.key, mapping=facts)
            pipe.expire(self.key, self.worker_ttl + 60)
            if first:
                pipe.expire(f"{self.key}:executions", self.worker_ttl + 60)
            if worked_s := self.take_worked_s():
                pipe.hincrbyfloat(self.key, "total_working_time", worked_s)
            new_fields = pipe.execute()[0]
        if new_fields >= len(fields) - 1:  # the record had expired: this process stood still, or Redis was emptied or away
            self.connection.delete(self.key)
            self.register_birth()  # type: ignore[no-untyped-call]
            self.connection.hset(self.key, mapping=fields)
        if first or new_fields:
            limits.announce(queues.kinds())  # again: Redis may have been emptied

    def handle_payload(self, message: Any) -> None:
        """Obey RQ's commands. Anything else is logged and ignored."""
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


def drop_record(name: str) -> None:
    """Remove RQ's record of a worker that died without deregistering."""
    key = keys.RQ_WORKER + name
    with connection.client().pipeline() as pipe:
        pipe.srem(keys.RQ_WORKERS, key)
        for queue in queues.QUEUES:
            pipe.srem(f"{keys.RQ_WORKERS}:{queue}", key)
        pipe.delete(key, f"{key}:executions")
        pipe.execute()
