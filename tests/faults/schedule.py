"""Scheduler programs of the fault tests: a table of their own, a wrong clock, a place to die or freeze; the audit of occurrences.

TRAWL_TEST_TABLE     rows of the table (JSON; `job` names a job below)   TRAWL_TEST_CLOCK_S  how wrong this machine's clock is
TRAWL_TEST_POLL_S    longest sleep between two looks                     TRAWL_TEST_PAGE     entries of one look
TRAWL_TEST_STEP, TRAWL_TEST_FUSE  as in kill_points.py; TRAWL_TEST_SIGNAL = STOP freezes there instead of killing
"""

import json
import os
import signal
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import rq_scheduler

import clock
import queues
import scheduler
from scheduling import loop
from scheduling.entries import Entry
from state.engine import schedule_records
from state.store import connection, keys, script_text, scripts
from tests.faults import work

#: Where a scheduler can be killed: before its script is sent, when it is sent and not yet answered, after the answer.
STEPS = ("before_script", "inside_script", "after_script", "inside_registration")

#: Where rq-scheduler's own loop can be killed: between its commands.
STOCK_STEPS = ("after_enqueue", "after_zrem")


@queues.job(queue="low", retries=0)
def occur(due_s: int) -> int:
    """One occurrence."""
    with work.noted():
        return due_s


@queues.job(queue="low", retries=0)
def occupy(seconds: float, due_s: int) -> int:
    """One occurrence that takes a while."""
    with work.noted():
        clock.wait(seconds)
    return due_s


JOBS = {"occur": occur, "occupy": occupy}


def row(name: str, every_s: int | None = 1, job: str = "occur", **rules: Any) -> dict[str, Any]:
    """One row of TRAWL_TEST_TABLE."""
    return {"name": name, "every_s": every_s, "job": job, "overlap": "allow", "pass_due": True, **rules}


def entries(rows: Iterable[dict[str, Any]]) -> list[Entry]:
    """The table they make."""
    return [Entry(**{**{key: one[key] for key in one if key != "job"}, "func": JOBS[one["job"]]}) for one in rows]


# --- in the program ---


def install() -> None:
    """Make this process the scheduler that the environment asks for."""
    rows = os.environ.get("TRAWL_TEST_TABLE")
    if rows:
        scheduler.table = lambda: entries(json.loads(rows))
    if wrong_s := float(os.environ.get("TRAWL_TEST_CLOCK_S", 0)):
        now = clock.now
        clock.now = lambda: now() + timedelta(seconds=wrong_s)
    loop.POLL_S = float(os.environ.get("TRAWL_TEST_POLL_S", loop.POLL_S))
    loop.PAGE = int(os.environ.get("TRAWL_TEST_PAGE", loop.PAGE))
    if os.environ.get("TRAWL_TEST_STEP") in STEPS:
        arm(os.environ["TRAWL_TEST_STEP"])


def burn() -> None:
    """Kill or freeze this process, if the fuse is still there."""
    try:
        Path(os.environ["TRAWL_TEST_FUSE"]).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGSTOP if os.environ.get("TRAWL_TEST_SIGNAL") == "STOP" else signal.SIGKILL)


def arm(step: str) -> None:
    """Put the fuse in place."""
    run_each, verb = scripts.run_each, "engine/register" if step == "inside_registration" else "engine/enqueue_occurrence"

    def running(calls: Any) -> Any:
        if not calls or calls[0][0] != verb:
            return run_each(calls)
        if step == "before_script":
            burn()
        elif step.startswith("inside"):
            send_and_burn(calls)
        done = run_each(calls)
        if step == "after_script":
            burn()
        return done

    scripts.run_each = running


def send_and_burn(calls: Any) -> None:
    """Send the scripts and wait for no answer."""
    if not Path(os.environ["TRAWL_TEST_FUSE"]).exists():
        return
    pool = connection.client().connection_pool
    wire = pool.make_connection()
    wire.connect()
    wire.send_packed_command(wire.pack_commands([("EVAL", script_text.source(verb), len(k), *k, *a) for verb, k, a in calls]))
    burn()


def stock() -> None:
    """rq-scheduler's own loop, every second, with JSON jobs; the fuse is between its commands."""

    class Stock(rq_scheduler.Scheduler):  # type: ignore[misc]
        job_class = queues.Job

        def get_queue_for_job(self, job: Any) -> Any:
            found = super().get_queue_for_job(job)
            enqueue = found.enqueue_job

            def enqueuing(*args: Any, **options: Any) -> Any:
                done = enqueue(*args, **options)
                if os.environ.get("TRAWL_TEST_STEP") == "after_enqueue":
                    burn()
                return done

            found.enqueue_job = enqueuing
            return found

    redis = connection.client()
    remove: Callable[..., Any] = redis.zrem

    def removing(*args: Any) -> Any:
        done = remove(*args)
        if os.environ.get("TRAWL_TEST_STEP") == "after_zrem":
            burn()
        return done

    redis.zrem = removing
    Stock(connection=redis, interval=float(os.environ.get("TRAWL_TEST_POLL_S", 1))).run()


# --- the audit ---


@dataclass
class Occurrences:
    """What became of each entry: due times in the order in which they were queued, from job ids, and how many were left out."""

    dues: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    ids: Counter[str] = field(default_factory=Counter)
    missed: dict[str, int] = field(default_factory=dict)

    @property
    def doubled(self) -> list[str]:
        """Ids that were queued twice."""
        return [name for name, times in self.ids.items() if times > 1]

    def gaps(self, every_s: dict[str, int], first: dict[str, float]) -> dict[str, int]:
        """Due times between the first and the last that were neither queued nor counted as missed, by entry.

        The first is the first one queued, or the one in `first`: a slow scheduler misses some before it queues any.
        """
        found = {}
        for entry, step in every_s.items():
            dues = sorted(set(self.dues[entry]))
            expected = (dues[-1] - int(first.get(entry, dues[0]))) // step + 1 if dues else 1
            found[entry] = expected - len(dues) - self.missed.get(entry, 0)
        return {entry: gap for entry, gap in found.items() if gap}

    def verify(self, every_s: dict[str, int], first: dict[str, float] | None = None) -> None:
        """Each occurrence once, none forgotten; `first` as in `gaps`."""
        wrong = {"doubled": self.doubled[:5], "gaps": self.gaps(every_s, first or {})}
        assert not any(wrong.values()), wrong


def occurrences(ids: Iterable[str]) -> Occurrences:
    """The audit over these ids of jobs, each as often as it was queued or run. Changes nothing."""
    found = Occurrences()
    for job_id in ids:
        entry, _, due = job_id.rpartition("-")
        found.ids[job_id] += 1
        found.dues[entry.removeprefix("schedule-")].append(int(due))
    for one in schedule_records.records():
        found.missed[one.id.removeprefix("schedule-")] = one.counts["missed"]
    return found


def queued() -> list[str]:
    """Ids in the queue of the test jobs, in order; no worker runs while this is asked."""
    return [raw.decode() for raw in connection.client().lrange(keys.queue("low"), 0, -1)]


def armed() -> dict[str, float]:
    """When each entry is due."""
    rows = connection.client().zrange(keys.RQ_SCHEDULER_JOBS, 0, -1, withscores=True)
    return {name.decode().removeprefix("schedule-"): due for name, due in rows}
