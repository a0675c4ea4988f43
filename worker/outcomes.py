"""How an execution ends. Here results and errors become settlements, retries are decided and failures are logged.

The class of the error decides, not its message, by the table of the file RETRY_POLICY (engine/retry_policy.py). A foreign error
counts as `system`, or as `network` if it is the standard library's. An error that says otherwise than its class of errors.py
(`retryable`, `retry_after_s`) is believed. No job is tried again more often than it allows.
"""

import json
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import clock
import errors
import logs
import queues
import traces
from engine import retry_policy
from state.engine import leases, parked, pauses, payload, rescues
from state.store import keys
from topics.operations import fingerprints
from worker import attempt_notes, job_log, raised
from worker import execution as executions
from worker.execution import Execution

log = logging.getLogger("trawl.outcome")

#: A job that is parked for so long (s) is logged at INFO.
LONG_WAIT_S = 60

#: Seconds between the death of a process and the next execution of its job, at least.
CRASH_WAIT_S = 1

#: The outcome of a job that goes back into its queue at once, nothing spent. The settle script knows it by this word.
REQUEUED = "again"

#: Outcomes that are nobody's error: no category is counted for them.
UNJUDGED = ("canceled", "stopped", "parked")

#: Characters of an error message that the job's record keeps, and of a job's description in a message.
MAX_MESSAGE_CHARS = 500
MAX_REASON_CHARS = 200
MAX_DESCRIPTION_CHARS = 300

#: The field `failure` of a job's record, by class of error; for any other error it is `error`.
FAILURES = {errors.TimedOut: "timed_out", errors.Poisoned: "poisoned", errors.Crashed: "crashed"}


@dataclass(frozen=True, slots=True)
class Failure:
    """The argument of a failure hook: a job that failed for good."""

    job_id: str
    function: str
    category: str
    message: str
    attempt: int
    worker: str


Hook = Callable[[Failure], object]

_hooks: list[Hook] = []


def on_failure(hook: Hook) -> Hook:
    """Register a function that is called once for every job that failed for good.

    It runs after the outcome is stored and cannot change it. An error of the hook is logged.
    """
    _hooks.append(hook)
    return hook


def of(execution: Execution) -> leases.Settlement:
    """The settlement of an execution that ended."""
    error = execution.error
    if error is None:
        ttl_s = _number(execution.job, b"result_ttl", executions.RESULT_TTL_S)
        kind, ran_ms = _kind(execution.call.path), _ran_ms(execution)
        return leases.Settlement(execution.job, "finished", ttl_s, execution.result, "", "", "", kind, ran_ms)
    if error.is_a(raised.NotStarted) or error.is_a(errors.PutBack):
        return requeued(execution.job)
    if error.is_a(errors.JobTimeout):  # raised from outside, without the limit in its message
        late = raised.read(errors.TimedOut(f"did not end within {execution.call.timeout_s:g} s"))
        error = late._replace(trace=f"{error.trace}\n{late.trace}")
    if execution.interrupted_by is errors.JobCancelled and error.is_a(errors.JobCancelled):
        error = error._replace(message=f"job {execution.job.id} was cancelled; it was interrupted")
    settlement = of_error(execution.job, execution.call.path, error, job_log.facts(execution))
    settlement = settlement._replace(ran_ms=_ran_ms(execution))
    if settlement.outcome == "canceled" and execution.stopped_by_command:  # RQ's word for it; RQ shows it among the failed jobs
        text = executions.encode_error("Job stopped by a command.")
        return settlement._replace(outcome="stopped", ttl=_number(execution.job, b"failure_ttl", keys.FAILURE_TTL_S), error=text)
    return settlement


def _ran_ms(execution: Execution) -> int:
    """How long it ran, in ms; -1 for one that never began."""
    began = execution.began
    return -1 if began == math.inf else max(0, int(((execution.ended or clock.monotonic()) - began) * 1000))


def _kind(path: str, job: leases.Leased | None = None) -> str:
    """The kind of a job by its function, or by what its record says; '' where that names no job of this version."""
    try:
        return queues.spec_of(path).kind
    except errors.DataError:
        pass
    try:
        return queues.spec_of(payload.of_job(job.fields.get(b"data", b""))[0]).kind if job else ""
    except errors.DataError:
        return ""


def requeued(job: leases.Leased) -> leases.Settlement:
    """The settlement of a job that goes back into its queue at once, nothing spent."""
    return leases.Settlement(job, REQUEUED)


def of_error(
    job: leases.Leased, path: str, error: BaseException | raised.Raised, facts: Mapping[str, object] | None = None
) -> leases.Settlement:
    """The settlement after an error: a retry if the error and the job allow one, else a failure. `facts` are for the log."""
    if not isinstance(error, raised.Raised):
        error = raised.read(error)
    kind = _kind(path, job)
    settlement = _of_error(job, kind, path, error, facts or {})
    if settlement.outcome == "failed":
        return settlement._replace(kind=kind, category=error.category, failure=_row(job, kind, settlement.fields))
    return settlement._replace(kind=kind, category="" if settlement.outcome in UNJUDGED else error.category)


def _row(job: leases.Leased, kind: str, fields: str) -> str:
    """The failure as it is counted beside others of its shape, by what the record of the job will say."""
    record, host = json.loads(fields), job.fields.get(b"host", b"").decode(errors="replace")
    return fingerprints.row(
        fingerprints.of(kind, record["error_category"], host, record["error_message"]), record["error_message"]
    )


def _of_error(job: leases.Leased, kind: str, path: str, error: raised.Raised, facts: Mapping[str, object]) -> leases.Settlement:
    if error.is_a(errors.NotNow):
        if settlement := _parked(job, path, error):
            return settlement
        days = parked.LONGEST_S // 86400
        error = error._replace(message=f"it was parked for {days} days, and may still not run: {error.message}")
    attempt = _number(job, b"attempt", 0) + 1
    message = logs.redacted_start(error.message or error.name, traces.MESSAGE)[:MAX_MESSAGE_CHARS]
    message = message.encode(errors="replace").decode()  # half a surrogate pair is no JSON to the script that stores it
    record: dict[str, object] = {
        "attempt": attempt,
        "error_category": error.category,
        "error_class": error.known.__name__ if error.known else error.name,
        "error_message": message,
        "failure": _failure(error),
    }
    details = {"job": job.id, "queue": job.queue, **facts, "category": error.category}
    details |= {"attempt": attempt, "reason": message}
    text = executions.encode_error(logs.redact(traces.shortened(error.trace, traces.TRACE)) or f"{error.name}: {message}")
    if error.is_a(errors.JobCancelled):
        log.info("Job canceled: %s", path, extra=details)
        del record["failure"]
        return leases.Settlement(job, "canceled", keys.FAILURE_TTL_S, fields=json.dumps(record))
    if error.is_a(errors.Crashed):
        return _of_crash(job, path, error, (text, record, details))
    left = _number(job, b"retries_left", 0)
    if left > 0 and _may_retry(job, kind, error, attempt):
        delay_s = backoff_s(error, attempt, kind)
        log.warning("Job will be retried: %s", path, extra={**details, "in_s": round(delay_s, 1), "left": left - 1})
        fields = json.dumps({**record, "retries_left": left - 1})
        return leases.Settlement(job, "retry", round(delay_s * 1000), error=text, fields=fields)
    log.error("Job failed: %s", path, extra=details)
    ttl_s = _number(job, b"failure_ttl", keys.FAILURE_TTL_S)
    return leases.Settlement(job, "failed", ttl_s, error=text, fields=json.dumps(record))


def _parked(job: leases.Leased, path: str, error: raised.Raised) -> leases.Settlement | None:
    """The settlement of a job that may not run yet; None where it has been parked for too long."""
    now_s, is_paused = clock.now().timestamp(), error.message.startswith(pauses.PARKED_FOR)
    until_s = error.until_s if is_paused else parked.until_s(error.until_s, now_s, job.fields.get(b"parked_since", b""))
    if until_s is None:
        return None
    reason = logs.redacted_start(error.message or error.name, traces.MESSAGE)[:MAX_REASON_CHARS]
    reason = " ".join(reason.encode(errors="replace").decode().split())
    delay_s = max(0.0, until_s - now_s)
    level = logging.INFO if delay_s >= LONG_WAIT_S else logging.DEBUG  # a turn at a host is no news
    log.log(level, "Job parked: %s", path, extra={"job": job.id, "queue": job.queue, "reason": reason, "in_s": round(delay_s, 1)})
    fields = json.dumps({"parked_since": str(int(now_s))}) if is_paused else ""  # a pause may last for as long as people say
    return leases.Settlement(job, "parked", round(delay_s * 1000), error=reason, fields=fields)


def of_refusal(settlement: leases.Settlement, reason: str) -> leases.Settlement:
    """The settlement that replaces one which the server refuses: the job failed, without its result."""
    size_kb = (len(settlement.result) + len(settlement.error) + len(settlement.fields)) / 1024
    path = settlement.job.fields.get(b"description", b"")[:MAX_DESCRIPTION_CHARS].decode(errors="replace")
    words = f"it ended as {settlement.outcome}, but Redis does not take that ({size_kb:,.0f} KB): {reason}"
    error = raised.read(errors.ResultError(f"{words} Store large results elsewhere and return their key."))
    return of_error(settlement.job, path, error)._replace(note=attempt_notes.of_refusal(settlement.note, error))


def of_rescues(job: leases.Leased) -> leases.Settlement:
    """The settlement of a job that was rescued from dead workers too often."""
    path = job.fields.get(b"description", b"").decode(errors="replace")
    times = f"its worker died {rescues.POISON_RESCUES} times while it ran"
    return of_error(job, path, errors.Poisoned(f"{times}; see the log of the workers at those times"))


def _of_crash(
    job: leases.Leased, path: str, error: raised.Raised, parts: tuple[str, dict[str, object], dict[str, object]]
) -> leases.Settlement:
    """Deaths of the job's own process count apart from retries, and from rescues, which are rarely the job's fault."""
    text, record, details = parts
    deaths = _number(job, b"deaths", 0) + 1
    if deaths >= leases.POISON_DEATHS:
        return of_error(job, path, errors.Poisoned(f"{error.message} It did so {deaths} times."), details)
    log.warning("Job crashed: %s", path, extra={**details, "deaths": deaths})
    delay_ms = round(1000 * CRASH_WAIT_S * 2 ** (deaths - 1))
    return leases.Settlement(job, "retry", delay_ms, error=text, fields=json.dumps({**record, "deaths": deaths}))


def _failure(error: raised.Raised) -> str:
    return next((failure for kind, failure in FAILURES.items() if error.is_a(kind)), "error")


def has_hooks(settlement: leases.Settlement) -> bool:
    """Whether failure hooks are to be called for it."""
    return settlement.outcome == "failed" and bool(_hooks)


def call_hooks(settlement: leases.Settlement, worker: str) -> None:
    """Call the failure hooks for a failure that was stored."""
    record = json.loads(settlement.fields)
    path = settlement.job.fields.get(b"description", b"").decode(errors="replace")
    failure = Failure(settlement.job.id, path, record["error_category"], record["error_message"], record["attempt"], worker)
    for hook in _hooks:
        try:
            hook(failure)
        except Exception:  # whatever a hook raises, the outcome of the job stands
            log.exception("A failure hook broke", extra={"job": failure.job_id})


def _may_retry(job: leases.Leased, kind: str, error: raised.Raised, attempt: int) -> bool:
    """Whether the table allows another retry. Crashes of the job's process count apart."""
    retried = max(0, attempt - 1 - _number(job, b"deaths", 0))
    return retry_policy.may_retry(kind, error.known, error, retried)


def backoff_s(error: raised.Raised, attempt: int, kind: str = "") -> float:
    """Seconds until the next attempt, by the table; from what the other side asked for where the error says so."""
    return retry_policy.of(kind, error.known, error.category).wait_s(attempt, retry_policy.asked_s(error.known, error))


def _number(job: leases.Leased, name: bytes, default: int) -> int:
    """A whole number of the job's record; a broken one counts as missing."""
    text = job.fields.get(name)
    return int(text) if text and executions.NUMBER.fullmatch(text) else default
