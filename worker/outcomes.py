"""How a run ends: the one place where results and errors become settlements, retries are decided, and failures are told.

The error decides, not its message: `retryable`, `retry_after_s` and `category` (errors.py). An error that is none of ours
counts as `system` (network, where it is the standard library's) and may be retried as often as the job allows.
"""

import json
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import errors
import logs
import traces
from state.engine import leases, rescues
from state.store import keys
from worker import execution as executions
from worker import job_log, raised

log = logging.getLogger("trawl.outcome")

#: Longest wait before a retry.
RETRY_CAP_S = 3600

#: Least seconds between the death of a process and the next delivery of its job.
CRASH_WAIT_S = 1


#: Characters of a message that the job's record keeps, and of a description in an event.
MESSAGE = 500
DESCRIPTION = 300

#: What the record's `failure` says beside RQ's status; any other error is `error`.
FAILURES = {errors.TimedOut: "timed_out", errors.Poisoned: "poisoned", errors.Crashed: "crashed"}


@dataclass(frozen=True, slots=True)
class Failure:
    """What a failure hook is told, once for each job that is given up."""

    job_id: str
    function: str
    category: str
    message: str
    attempt: int
    worker: str


Hook = Callable[[Failure], object]

_hooks: list[Hook] = []


def on_failure(hook: Hook) -> Hook:
    """Register a function that is called once for every job that is given up: failed, timed out, crashed or poisoned.

    It runs after the outcome is stored and cannot change it; an error of its own is logged.
    """
    _hooks.append(hook)
    return hook


def of(task: executions.Task) -> leases.Settlement:
    """The settlement of a run that ended."""
    error = task.error
    if error is None:
        return leases.Settlement(task.job, "finished", _number(task.job, b"result_ttl", executions.RESULT_TTL_S), task.result)
    if error.is_a(raised.NotStarted):
        return leases.Settlement(task.job, "again")
    if error.is_a(errors.JobTimeout):  # raised from outside: it does not know the limit
        late = raised.read(errors.TimedOut(f"did not end within {task.call.timeout_s:g} s"))
        error = late._replace(trace=f"{error.trace}\n{late.trace}")
    ending = of_error(task.job, task.call.path, error, job_log.facts(task))
    if ending.outcome == "canceled" and task.stopped_by_command:  # as RQ calls it, and shows among the failed
        text = executions.encode_error("Job stopped by a command.")
        return ending._replace(outcome="stopped", ttl=_number(task.job, b"failure_ttl", keys.FAILURE_TTL_S), error=text)
    return ending


def of_error(
    job: leases.Leased, path: str, error: BaseException | raised.Raised, facts: Mapping[str, object] | None = None
) -> leases.Settlement:
    """The settlement of a run that ended with an error: a retry where that may help, else the end. `facts` are for the log."""
    if not isinstance(error, raised.Raised):
        error = raised.read(error)
    attempt = _number(job, b"attempt", 0) + 1
    message = logs.redacted_start(error.message or error.name, traces.MESSAGE)[:MESSAGE]
    message = message.encode(errors="replace").decode()  # half a surrogate pair is no JSON to the script that stores it
    told: dict[str, object] = {
        "attempt": attempt,
        "error_category": error.category,
        "error_message": message,
        "failure": _word(error),
    }
    details = {"job": job.id, "queue": job.queue, **(facts or {}), "category": error.category}
    details |= {"attempt": attempt, "reason": message}
    text = executions.encode_error(logs.redact(traces.shortened(error.trace, traces.TRACE)) or f"{error.name}: {message}")
    if error.is_a(errors.JobCancelled):
        log.info("Job canceled: %s", path, extra=details)
        del told["failure"]
        return leases.Settlement(job, "canceled", keys.FAILURE_TTL_S, fields=json.dumps(told))
    if error.is_a(errors.Crashed):
        return _of_crash(job, path, error, (text, told, details))
    left = _number(job, b"retries_left", 0)
    if left > 0 and error.retryable:
        delay_s = backoff_s(error, attempt)
        log.warning("Job will be retried: %s", path, extra={**details, "in_s": round(delay_s, 1), "left": left - 1})
        fields = json.dumps({**told, "retries_left": left - 1})
        return leases.Settlement(job, "retry", round(delay_s * 1000), error=text, fields=fields)
    log.error("Job failed: %s", path, extra=details)
    return leases.Settlement(job, "failed", _number(job, b"failure_ttl", keys.FAILURE_TTL_S), error=text, fields=json.dumps(told))


def of_refusal(settlement: leases.Settlement, reason: str) -> leases.Settlement:
    """What is settled in place of a settlement that the server does not take: the job failed, without its result."""
    size_kb = (len(settlement.result) + len(settlement.error) + len(settlement.fields)) / 1024
    path = settlement.job.fields.get(b"description", b"")[:DESCRIPTION].decode(errors="replace")
    words = f"it ended as {settlement.outcome}, but Redis does not take that ({size_kb:,.0f} KB): {reason}"
    return of_error(settlement.job, path, errors.ResultError(f"{words} Store large results elsewhere and return their key."))


def of_rescues(job: leases.Leased) -> leases.Settlement:
    """The settlement of a job that was taken back from dead workers too often."""
    path = job.fields.get(b"description", b"").decode(errors="replace")
    times = f"its worker died {rescues.POISON_RESCUES} times while it ran"
    return of_error(job, path, errors.Poisoned(f"{times}; see the log of the workers at those times"))


def _of_crash(
    job: leases.Leased, path: str, error: raised.Raised, words: tuple[str, dict[str, object], dict[str, object]]
) -> leases.Settlement:
    """Deaths of the job's own process are counted apart from retries, and from rescues, which may be nobody's fault."""
    text, told, details = words
    deaths = _number(job, b"deaths", 0) + 1
    if deaths >= leases.POISON_DEATHS:
        return of_error(job, path, errors.Poisoned(f"{error.message} It did so {deaths} times."), details)
    log.warning("Job crashed: %s", path, extra={**details, "deaths": deaths})
    delay_ms = round(1000 * CRASH_WAIT_S * 2 ** (deaths - 1))
    return leases.Settlement(job, "retry", delay_ms, error=text, fields=json.dumps({**told, "deaths": deaths}))


def _word(error: raised.Raised) -> str:
    return next((word for kind, word in FAILURES.items() if error.is_a(kind)), "error")


def is_told(settlement: leases.Settlement) -> bool:
    """Whether the failure hooks are told of it."""
    return settlement.outcome == "failed" and bool(_hooks)


def tell(settlement: leases.Settlement, worker: str) -> None:
    """Call the failure hooks for a settlement that was stored as the end of a job."""
    told = json.loads(settlement.fields)
    path = settlement.job.fields.get(b"description", b"").decode(errors="replace")
    failure = Failure(settlement.job.id, path, told["error_category"], told["error_message"], told["attempt"], worker)
    for hook in _hooks:
        try:
            hook(failure)
        except Exception:  # a hook is not the job: whatever it raises, the outcome stands
            log.exception("A failure hook broke", extra={"job": failure.job_id})


def backoff_s(error: raised.Raised, attempt: int) -> float:
    """Seconds until the next attempt: exponential from the error's own, with full jitter (AWS Architecture Blog, 2015)."""
    wait = min(RETRY_CAP_S, min(RETRY_CAP_S, error.retry_after_s) * 2 ** min(attempt - 1, 20))
    return max(CRASH_WAIT_S, random.uniform(0, wait))


def _number(job: leases.Leased, name: bytes, default: int) -> int:
    """A whole number of the job's record; what somebody broke counts as not there."""
    text = job.fields.get(name, b"")
    return int(text) if text and executions.NUMBER.fullmatch(text) else default
