"""Settlements: how executions ended, as one script stores them for many jobs, with what the history and the counts are told."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import clock
from state.engine import changes, jobs
from state.engine import keys as engine_keys
from state.store import keys, scripts

#: RQ's tools get a record of an execution once it has run so long (s). The job's status and RQ's registry show it from the start.
RECORD_AFTER_S = 0.5
RECORD_AFTER_MS = RECORD_AFTER_S * 1000
#: The outcome of which no change is told: the job goes back into its queue, nothing spent.
UNTOLD = "again"

LABELS = tuple(name.encode() for name in changes.LABELS)
#: Without any of these fields, the row of a job ends with its id.
LABELLED = frozenset({b"attempt", *LABELS})


class Leased(NamedTuple):
    """A job that is ours to run. `fields` is the job's hash as it was when it was taken.

    `prefetched`: no thread or coroutine was free for it. The job is leased, and its record does not say yet that it was started.
    `proven_until`: until then (of clock.boottime()) its first lease certainly holds, measured from before it was asked for.
    """

    id: str
    execution: str
    queue: str
    fields: dict[bytes, bytes]
    prefetched: bool = False
    proven_until: float = math.inf

    @property
    def lease(self) -> str:
        """The name of the lease."""
        return f"{self.id}:{self.execution}"


class Settlement(NamedTuple):
    """How a job ended.

    `outcome`: finished, failed, stopped, canceled, retry (after `ttl` ms), parked (likewise, nothing spent; `error` is the
    reason) or again (at once, nothing spent). `ttl`: seconds RQ keeps job and result (-1 for ever). `result` and `error` are as
    RQ's result stream holds them. `fields` are set on the job besides. `started_at` (as RQ writes it) is given where the record
    of a prefetched job does not say yet that it was started. The next three are for counts and the history: the kind of the job,
    how long the execution took (ms, -1 = it did not run here), and the category of its error. `note`: what is kept of the attempt
    (attempts.py), "" = nothing. `failure`: where the job failed for good the row of that failure
    (topics/operations/fingerprints.py).
    """

    job: Leased
    outcome: str
    ttl: int = 500
    result: str = ""
    error: str = ""
    fields: str = ""
    started_at: str = ""
    kind: str = ""
    ran_ms: int = -1
    category: str = ""
    note: str = ""
    failure: str = ""


def call(worker: str, ended: Sequence[Settlement]) -> scripts.Call:
    """The script that settles these, for a caller who sends it with others."""
    settled: list[scripts.Argument] = []
    for one in ended:
        settled += one.job[:3]
        settled += one[1:7]
        settled.append(one.job.fields.get(b"parked_since", ""))
    rows, counts = rows_of(ended)
    return _settle.call(
        leases=keys.LEASES,
        worker_record=keys.RQ_WORKER + worker,
        fingerprints=engine_keys.FAILURES,
        now_ms=clock.script_now_ms(),
        now=jobs.rq_time(clock.now()),
        worker=worker,
        rows=rows,
        counts=counts,
        failed="".join([f"{one.job.lease}\t{one.failure}\n" for one in ended if one.failure]),
        any_records="" if all(map(_was_short, ended)) else "1",
        jobs=settled,
    )


def _was_short(one: Settlement) -> bool:
    """Whether RQ cannot have a record of the execution. A rate limited job has one from its start."""
    return 0 <= one.ran_ms < RECORD_AFTER_MS and b"rate_limit_key" not in one.job.fields


@scripts.script("engine/settle")
def _settle(
    *,
    leases: str,
    worker_record: str,
    fingerprints: str,
    now_ms: str,
    now: str,
    worker: str,
    rows: str,
    counts: str,
    failed: str,
    any_records: str,
    jobs: Sequence[scripts.Argument],
) -> list[bytes]:
    raise scripts.InLua


def rows_of(endings: Iterable[Settlement]) -> tuple[str, str]:
    """The rows of executions that ended, and what they add up to: field, tab, number … as parts/job_changes.lua takes them."""
    rows: list[str] = []
    counts: dict[str, int] = {}
    for job, outcome, _, _, _, _, _, kind, ran_ms, category, _, _ in endings:
        if outcome == UNTOLD:
            rows.append("\n")
            continue
        if ran_ms > 0:
            spent = f"{kind}|{outcome}|ms"
            counts[spent] = counts.get(spent, 0) + ran_ms
        else:
            ran_ms = 0
        field = f"{kind}|{outcome}|{category}|{ran_ms.bit_length()}"
        counts[field] = counts.get(field, 0) + 1
        rest = "" if LABELLED.isdisjoint(job.fields) else _rest_of(job.fields)
        rows.append(f"{field}\t{ran_ms}\t{job.id}{rest}\n")
    return "".join(rows), "\t".join([f"{field}\t{number}" for field, number in counts.items()])


def _rest_of(fields: Mapping[bytes, bytes]) -> str:
    """The optional end of a row: attempts, host, tag, project, owner."""
    spent = fields.get(b"attempt", b"0")
    attempts = int(spent) + 1 if spent.isdigit() and len(spent) < 6 else 1
    labels = [changes.plain(fields[name].decode(errors="replace")) if name in fields else "" for name in LABELS]
    words = ["" if attempts == 1 else str(attempts), *labels]
    return "\t" + "\t".join(words).rstrip("\t") if any(words) else ""
