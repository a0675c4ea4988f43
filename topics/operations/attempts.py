"""The attempts of a job: when each began and ended, how, by which error, and what the job logged meanwhile.

An attempt that succeeded at once and logged nothing is told by the job's own record; one of before this was kept by RQ's results.
"""

import base64
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import logs
from models import JobStatus
from state.engine import attempts
from state.store import connection
from topics.operations import job_records, ledger_jobs, states
from topics.operations.job_records import Job

#: Characters of a trace that are shown; more are not unpacked.
MOST_TRACE = 20_000

#: How an attempt ended, by RQ's word for its result.
OF_RESULT = {b"1": "completed", b"2": "failed", b"3": "cancelled", b"4": "failed"}


class Line(NamedTuple):
    """A line that a job logged. `level` is `note` where the job noted it by `queues.note`, `missing` for what is not kept."""

    at: datetime | None
    level: str
    logger: str
    text: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One execution. `how`: running, completed, failed, timed out, crashed, cancelled, parked or put back (its worker ended).

    `retry_in_s`: after it the job waited so long for the next one.
    """

    execution: str
    how: str
    worker: str = ""
    began: datetime | None = None
    ended: datetime | None = None
    error_class: str = ""
    category: str = ""
    message: str = ""
    trace: str = ""
    retry_in_s: float | None = None
    lines: tuple[Line, ...] = ()

    @property
    def ran_s(self) -> float | None:
        """How long it ran."""
        return max(0.0, (self.ended - self.began).total_seconds()) if self.began and self.ended else None


def of(job: Job) -> list[Attempt]:
    """The last attempts of a job, the oldest first; of a batch or crawl those of the job that began it. Reads only.

    [] where its record is gone.
    """
    if not job.kept:
        return []
    with connection.errors_translated():
        kept = attempts.read(job.id)
    traces = {told.get(b"execution_id", b"").decode(errors="replace"): told for told in kept.results}
    found = [one for record in kept.records if (one := _of_record(record, traces))]
    known = {one.execution for one in found}
    older = [_of_result(told) for execution, told in traces.items() if execution and execution not in known]
    found = sorted([*older, *found], key=lambda one: one.ended or datetime.min.replace(tzinfo=UTC))
    return found if ledger_jobs.is_whole(job) else _with_times(found, job) + _running(job, kept.lines)


def lines_of(found: list[Attempt]) -> Iterator[tuple[int, Line]]:
    """All lines with the numbers of their attempts, which begin with 1."""
    for number, attempt in enumerate(found, 1):
        for line in attempt.lines:
            yield number, line


def _of_record(record: bytes, traces: dict[str, dict[bytes, bytes]]) -> Attempt | None:
    """An attempt as it was kept; None for what is none."""
    try:
        told: dict[str, Any] = json.loads(record)
        execution = str(told["execution"])
        wait = told.get("retry_in_s")
        return Attempt(
            execution,
            str(told["how"]),
            _worker(execution),
            _moment(told.get("began_ms")) or job_records.moment(told.get("began")),
            _moment(told.get("ended_ms")),
            str(told.get("class", "")),
            str(told.get("category", "")),
            str(told.get("message", "")),
            _trace(traces.get(execution, {}).get(b"exc_string", b"")),
            float(wait) if wait is not None else None,
            _lines(told.get("log")),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _of_result(told: dict[bytes, bytes]) -> Attempt:
    """An attempt of which only RQ's result is there."""
    trace = _trace(told.get(b"exc_string", b""))
    last = trace.rstrip().rpartition("\n")[2]
    name, _, message = last.partition(": ") if trace else ("", "", "")
    execution = told.get(b"execution_id", b"").decode(errors="replace")
    return Attempt(
        execution,
        OF_RESULT.get(told.get(b"type", b""), "failed"),
        told.get(b"worker_name", b"").decode(errors="replace") or _worker(execution),
        None,
        _moment(_number(told.get(b"execution_ended_at")) * 1000),
        name.rpartition(".")[2] if message else "",
        "",
        message or last,
        trace,
    )


def _with_times(found: list[Attempt], job: Job) -> list[Attempt]:
    """The last attempt of a job that ended began when its record says so, where nothing else does."""
    if not found or found[-1].began or job.status not in states.ENDED or job.started_at is None:
        return found
    last = found[-1]
    ended = last.ended or job.ended_at
    return [*found[:-1], replace(last, began=job.started_at, ended=ended)]


def _running(job: Job, lines: bytes) -> list[Attempt]:
    """The attempt that runs now, with what it has logged so far."""
    if job.status is not JobStatus.RUNNING:
        return []
    try:
        told = json.loads(lines) if lines else []
    except ValueError:
        told = []
    return [Attempt("", "running", job.worker or "", job.started_at, lines=_lines(told))]


def _worker(execution: str) -> str:
    """The worker of an execution, which is named `<worker>-<request>-<number>`."""
    return execution.rsplit("-", 2)[0] if execution.count("-") >= 2 else ""


def _lines(told: Any) -> tuple[Line, ...]:
    found = []
    for row in told if isinstance(told, list) else ():
        if isinstance(row, list) and len(row) == 4:
            at_ms, level, logger, text = row
            found.append(Line(_moment(at_ms), str(level), str(logger), str(text)))
    return tuple(found)


def _trace(packed: bytes) -> str:
    """The text of an error as RQ's result holds it, without its secrets."""
    try:
        text = zlib.decompressobj().decompress(base64.b64decode(packed), MOST_TRACE) if packed else b""
    except (ValueError, zlib.error):
        return ""
    return logs.redact(text.decode(errors="replace"))


def _moment(at_ms: Any) -> datetime | None:
    if isinstance(at_ms, bool) or not isinstance(at_ms, int | float) or at_ms <= 0:
        return None
    try:
        return datetime.fromtimestamp(at_ms / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _number(text: bytes | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
