"""What is kept of an attempt: how it ended, its error in short, and the lines that the job logged.

An execution that succeeded, logged nothing and was the first leaves no note: the job's record says all of it. All texts were made
and cut where the job ran; here they are only put together.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import clock
import errors
import logs
import traces
from state.engine import leases
from worker import raised
from worker.execution import Execution

#: Characters of the text of an error.
MOST_MESSAGE = 500

#: Characters of what jobs have logged that are stored with one renewal; the next one stores more.
MOST_LOGGED = 1 << 19

#: How an attempt ended, by its outcome; after an error by the class of that.
HOW = {"finished": "completed", "canceled": "cancelled", "stopped": "cancelled", "parked": "parked", "again": "put back"}
FAILED = {errors.JobTimeout: "timed out", errors.TimedOut: "timed out", errors.Poisoned: "crashed", errors.Crashed: "crashed"}


def added(settlement: leases.Settlement, execution: Execution, error: raised.Raised | None = None) -> leases.Settlement:
    """A settlement with the note of its attempt, where there is something to keep. `error`: in place of the execution's own."""
    is_silent = execution.lines is None or not execution.lines.count
    if settlement.outcome == "finished" and is_silent and b"noted" not in execution.job.fields:
        return settlement
    error = error or execution.error
    if is_silent and (settlement.outcome in ("parked", "again") or execution.began == math.inf):
        return settlement
    told: dict[str, Any] = {
        "execution": execution.job.execution,
        "how": _how(settlement, error),
        **_times(execution),
        **_error(settlement, error),
    }
    if settlement.outcome == "retry":
        told["retry_in_s"] = settlement.ttl / 1000
    return settlement._replace(note=_written(told, execution))


def renewed(names: Sequence[str], running: Mapping[str, Execution]) -> leases.Renewal:
    """Renew these leases, and store what the running jobs have logged since it was stored last; of some, where it is much."""
    logged, chars = dict[str, str](), 0
    for lease, execution in dict(running).items():
        if execution.lines is not None and chars < MOST_LOGGED and (text := execution.lines.unstored()):
            logged[lease], chars = text, chars + len(text)
    is_logged = False
    try:
        renewal = leases.renew(names, logged) if logged else leases.renew(names)
        is_logged = renewal.is_logged
    finally:
        for lease in () if is_logged else logged:
            if (known := running.get(lease)) and known.lines is not None:
                known.lines.store_again()
    return renewal


def of_refusal(note: str, error: raised.Raised) -> str:
    """The note of an attempt whose outcome the server refused."""
    if not note:
        return ""
    message = logs.redacted_start(error.message, MOST_MESSAGE)
    told = {**json.loads(note), "how": "failed", "class": error.name, "category": error.category, "message": message}
    return json.dumps(told, ensure_ascii=False)


def _written(told: dict[str, Any], execution: Execution) -> str:
    """JSON that begins with the execution (parts/attempts.lua), with the lines as they are written already."""
    head = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(errors="replace").decode()
    lines = execution.lines.written() if execution.lines is not None else "[]"
    return f'{head[:-1]},"log":{lines}}}'


def _how(settlement: leases.Settlement, error: raised.Raised | None) -> str:
    if settlement.outcome in HOW:
        return HOW[settlement.outcome]
    return next((how for kind, how in FAILED.items() if error is not None and error.is_a(kind)), "failed")


def _times(execution: Execution) -> dict[str, int]:
    """When it began and ended (ms since 1970), by the clock of this machine."""
    now_ms, now = clock.now().timestamp() * 1000, clock.monotonic()
    ended = execution.ended or now
    began = min(execution.began, ended)
    return {"began_ms": round(now_ms - (now - began) * 1000), "ended_ms": round(now_ms - (now - ended) * 1000)}


def _error(settlement: leases.Settlement, error: raised.Raised | None) -> dict[str, str]:
    if error is None or settlement.outcome in ("finished", "again"):
        return {}
    recorded = json.loads(settlement.fields).get("error_message") if settlement.fields else None
    text = recorded or logs.redacted_start(error.message, traces.MESSAGE)[:MOST_MESSAGE]
    name = errors.TimedOut.__name__ if error.is_a(errors.JobTimeout) else error.name
    return {"class": name, "category": error.category, "message": text}
