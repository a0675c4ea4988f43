"""What the tests of periodic work share: rows in a line, and what is armed and queued."""

from datetime import timedelta
from typing import Any

import queues
from scheduling import loop
from scheduling.entries import Entry
from state.engine import schedule_records
from state.store import connection, keys
from tests.state import NOON
from worker import inline

TICK = "schedule-enqueue-keyword-scrapes"
MINUTE = timedelta(minutes=1)
START = int(NOON.timestamp())


@queues.job(queue="low", timeout_s=10, retries=0)
def occur(due_s: int = 0) -> int:
    """One occurrence."""
    return due_s


@queues.job(queue="low", timeout_s=10, dedup_key="test:occur", retries=0)
def occur_alone(due_s: int = 0) -> int:
    """One occurrence under a dedup key."""
    return due_s


def entries() -> dict[str, float]:
    """Every armed entry and when it is due."""
    rows = connection.client().zrange(keys.RQ_SCHEDULER_JOBS, 0, -1, withscores=True)
    return {name.decode(errors="replace"): due for name, due in rows}


def occurrences(queue: str = "low") -> list[str]:
    return [raw.decode() for raw in connection.client().lrange(keys.queue(queue), 0, -1)]


def dues(queue: str = "low") -> list[int]:
    """Due times of the queued occurrences, in seconds after noon."""
    return [int(name.rpartition("-")[2]) - START for name in occurrences(queue)]


def every(seconds: int, name: str = "often", **rules: Any) -> Entry:
    return Entry(name, occur, seconds, **{"pass_due": True, "overlap": "allow", **rules})


def by_cron(text: str, name: str = "often", **rules: Any) -> Entry:
    return Entry(name, occur, cron=text, **{"pass_due": True, "overlap": "allow", **rules})


def registered(*given: Entry) -> loop.Scheduler:
    made = loop.Scheduler()
    made.register(given)
    return made


def counts(name: str = "schedule-often") -> dict[str, int]:
    record = schedule_records.find(name)
    assert record
    return record.counts


def dumped(store: Any) -> dict[bytes, Any]:
    return {key: store.dump(key) for key in store.scan_iter()}


def run_all() -> int:
    """Let workers run what is queued; says how many."""
    waiting = len(occurrences())
    inline.run_until_idle()
    return waiting


def jobs_state(job_id: str) -> str:
    return str((connection.client().hget(keys.job(job_id), "status") or b"gone").decode())
