"""A store with a job of every kind on it: as our engine leaves them, as RQ's tools do, broken, packed in pickles, and hostile."""

import base64
import pickle
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import clock
import queues
from errors import NotNow
from state.engine import leases, limits
from state.store import keys
from worker import inline

#: Runs where it is unpickled, or where a browser takes it for HTML.
HOSTILE = "<img src=x onerror=\"window.ran='{0}'\"><script>window.ran='{0}'</script>'\"><svg onload=\"window.ran='{0}'\">"

REGISTRIES = ("queued", "failed", "deferred", "started", "finished", "scheduled", "canceled")


class Canary:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (self.path,))


@queues.job(queue="default", kind="test", retries=0)
def work(text: str = "", fail: bool = False, park: bool = False) -> dict[str, str]:
    """Returns what it is given, fails with it, or waits for it."""
    if fail:
        raise ValueError(text)
    if park:
        raise NotNow(clock.now() + timedelta(hours=1), text)
    return {"text": text}


@queues.job(queue="low", kind="held")
def held(text: str = "") -> None:
    """Of a kind of which none may run."""


def hostile(where: str) -> str:
    """Markup that says where it ran."""
    return HOSTILE.format(where)


def fill(store: Any, canary: Path) -> dict[str, str]:
    """Fill the store; returns the ids of the jobs by what they are."""
    limits.put("held", 0)
    found = {
        "finished": queues.submit(work, hostile("finished"), meta={"m": hostile("meta")}).job_id,
        "failed": queues.submit(work, hostile("failed"), fail=True).job_id,
        "parked": queues.submit(work, hostile("parked"), park=True).job_id,
        "blocked": queues.submit(held, hostile("blocked")).job_id,
        "cancelled": queues.submit(work, hostile("cancelled"), delay_s=60).job_id,
    }
    inline.run_until_idle()
    queues.cancel(found["cancelled"])
    found["running"] = queues.submit(work, hostile("running")).job_id
    _take(store, found["running"])
    found["queued"] = queues.submit(work, hostile("queued")).job_id
    found["scheduled"] = queues.submit(work, hostile("scheduled"), delay_s=3600).job_id
    found["dependent"] = _dependent(store, found["queued"])
    return found | _broken(store) | _pickled(store, canary)


def _take(store: Any, job_id: str) -> None:
    """The job runs at a worker whose record lives, beside one whose record has ended."""
    taken = leases.exchange("w1", [], leases.LeaseRequest(1, ["default"], 1)).taken
    assert [job.id for job in taken] == [job_id]
    store.zadd(keys.RQ_STARTED + "default", {taken[0].lease: 4e9})
    key = keys.RQ_WORKER + hostile("worker")
    now = "2026-03-01T12:00:00.000000Z"
    record = {"queues": f"high,{hostile('queues')}", "state": "busy", "birth": now, "last_heartbeat": now, "current_job": job_id}
    store.hset(key, mapping={**record, "pid": "x", "version": hostile("version"), "python_version": "3", "rss_mb": 50})
    store.expire(key, 3600)
    store.sadd(keys.RQ_WORKERS, key, keys.RQ_WORKER + "dead")
    store.sadd(f"{keys.RQ_WORKERS}:high", key, keys.RQ_WORKER + "dead")


def _dependent(store: Any, parent: str) -> str:
    name = foreign(store, "dependent", "deferred", status="deferred", description=hostile("dependent"))
    store.sadd(f"{keys.job(name)}:dependencies", parent, hostile("dependency"))
    return name


def _broken(store: Any) -> dict[str, str]:
    """Jobs whose records somebody damaged."""
    found = {
        "bad dates": foreign(store, "bad-dates", "failed", created_at="yesterday", ended_at="\x00", started_at="9" * 400),
        "bad status": foreign(store, "bad-status", "failed", status=hostile("status"), origin=hostile("origin")),
        "no data": foreign(store, "no-data", "failed", data=None, description=None, created_at=None),
        "garbage": foreign(store, "garbage", "failed", data=b"\x80\x81\xff", description=b"\xff\xfe<b>", meta=b"\xff{"),
        "deep": foreign(store, "deep", "failed", meta="[" * 90_000, description="x" * 300_000),
        "nan": foreign(store, "nan", "finished", meta='{"a": NaN, "b": 1e999, "c": "\\ud800"}'),
    }
    result(store, "bad-status", b"!!! no base64", b"!!! none either")
    result(store, "nan", base64.b64encode(b'[NaN, Infinity, "\\ud800", 123456789012345678901234567890]'), b"")
    result(store, "garbage", b"", base64.b64encode(zlib.compress(b"Traceback\n" + hostile("error").encode() + b"\xff" * 100_000)))
    store.zadd(keys.RQ_FAILED + "default", {"gone": 4e9, hostile("id")[:150]: 4e9, b"\xff\xfe": 4e9})
    store.hset(keys.job(hostile("id")[:150]), mapping={"status": "failed", "origin": "default"})
    store.set(keys.job("no-hash"), "text")
    store.zadd(keys.RQ_FAILED + "default", {"no-hash": 4e9})
    store.set(keys.RQ_DEFERRED + "high", "no registry")
    return found


def _pickled(store: Any, canary: Path) -> dict[str, str]:
    """Jobs whose every field runs code where it is unpickled."""
    packed = pickle.dumps(Canary(canary))
    old = pickle.dumps(Canary(canary), protocol=0)  # plain ASCII
    foreign(store, "pickled", "finished", data=zlib.compress(packed), meta=packed, result=packed, description=old)
    foreign(store, "pickled-old", "failed", data=old, meta=old, result=old, exc_info=old)
    result(store, "pickled", base64.b64encode(packed), b"")
    result(store, "pickled-old", base64.b64encode(old), base64.b64encode(old))
    return {"pickled": "pickled", "pickled, old": "pickled-old"}


def foreign(store: Any, name: str, registry: str, **fields: Any) -> str:
    """A job as another program wrote it, in a registry of the queue default."""
    status = {"status": registry, "origin": "default", "created_at": "2026-03-01T12:00:00.000000Z", "data": b"[]"}
    store.hset(keys.job(name), mapping={key: value for key, value in {**status, **fields}.items() if value is not None})
    store.zadd(f"{keys.RQ}{registry}:default", {name: 4e9})
    return name


def result(store: Any, name: str, value: bytes, error: bytes) -> None:
    """A result of RQ's."""
    store.xadd(keys.results(name), {"type": "1", "return_value": value, "exc_string": error})
