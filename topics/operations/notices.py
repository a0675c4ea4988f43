"""Notices: what webhooks say of a change of a job, batch or crawl, read from its record at that moment."""

import re
from datetime import UTC, datetime
from typing import Any

from models import JobStatus
from state.engine import job_results
from state.engine.changes import Change
from state.scraping import ledgers
from topics.operations import job_records, states
from topics.operations.job_records import Job
from topics.scraping import progress
from topics.scraping.progress import Progress
from topics.webhooks import payloads
from topics.webhooks.payloads import Notice

#: A lane of a batch or crawl is a job, and nobody's news.
LANE = re.compile(r"[0-9a-f]{32}-\d+-\d+")

#: Kinds of jobs that keep the system in order: a standing endpoint is told of them only where it names them.
OWN_KINDS = frozenset({"maintenance", "budgets", "alerts"})

#: Outcomes in the words of webhooks.
EVENTS = {"finished": "completed", "failed": "failed", "stopped": "cancelled", "canceled": "cancelled"}

#: Characters of a result that a notice holds, as JSON.
MOST_RESULT = 64 * 1024

LEDGERS = frozenset({"batch", "crawl"})


def of(change: Change) -> Notice | None:
    """What is said of a change; None where it is nobody's news. Reads only."""
    if change.kind in LEDGERS and change.outcome in ("over", "halted", "started", "page"):
        ledger = ledgers.read(change.job_id)
        return _of_ledger(change, progress.read(ledger)) if ledger else None
    if LANE.fullmatch(change.job_id):
        return None
    ledger = ledgers.read(change.job_id)
    if ledger is not None:  # the job that opens it: a batch or crawl that never began is over with it
        vain = ledger.state == "opening" and change.outcome in ("failed", "stopped", "canceled")
        return _of_vain(change, progress.read(ledger)) if vain else None
    return _of_job(change)


def _of_job(change: Change) -> Notice:
    job = job_records.find_many([change.job_id])[0]
    event, at = EVENTS.get(change.outcome, change.outcome), _moment(change)
    facts: dict[str, Any] = {"id": change.job_id, "kind": change.kind}
    if event == "started":
        return Notice("job", event, change.job_id, "", at, facts | (_shown(job) if job else {}))
    status = states.OF_RQ[change.outcome]
    facts |= {"status": status.value, "state": states.CELERY[status], "attempts": change.attempts, "ran_ms": change.ran_ms}
    error = ""
    if job is not None and job.status is status:
        facts |= _shown(job) | (_result(change.job_id) if status is JobStatus.COMPLETED else {})
        error = (job.error_message or "")[:1000]
    if status is JobStatus.FAILED:
        facts |= {"category": change.category}
        error = error or f"the job failed ({change.category or 'system'})"
    ended = job.ended_at if job else None
    return Notice("job", event, change.job_id, _stamp(ended) if ended else _entry(change), ended or at, facts, error)


def _shown(job: Job) -> dict[str, Any]:
    times = {"created_at": job.created_at, "started_at": job.started_at, "ended_at": job.ended_at}
    labels = {"queue": job.queue, "host": job.host, "tag": job.tag, "project": job.project}
    return {name: text for name, text in labels.items() if text} | {name: _stamp(at) for name, at in times.items() if at}


def _result(job_id: str) -> dict[str, Any]:
    found = job_results.of(job_id)
    if found is None:
        return {}
    if len(payloads.encoded({"": found.value})) > MOST_RESULT:
        return {"result_left_out": f"it is larger than {MOST_RESULT >> 10} KiB: ask for it"}
    return {"result": found.value}


def _of_ledger(change: Change, seen: Progress) -> Notice:
    at = _moment(change)
    facts = _facts(seen)
    if change.outcome == "started":
        return Notice(seen.kind, "started", seen.id, "", seen.started_at or at, facts)
    if change.outcome == "page":
        number = str(change.ran_ms)
        return Notice(seen.kind, "page", seen.id, number, at, {"id": seen.id, "n": change.ran_ms}, page=number)
    event = "cancelled" if change.outcome == "halted" else "failed" if seen.state == "failed" else "completed"
    error = "; ".join(seen.reasons) if event != "completed" else ""
    if event == "cancelled":
        error = error or "cancelled"
    return Notice(seen.kind, event, seen.id, _stamp(seen.ended_at) if seen.ended_at else _entry(change), at, facts, error)


def _of_vain(change: Change, seen: Progress) -> Notice:
    job = job_records.find_many([change.job_id])[0]
    says = (job.error_message if job else "") or "it could not begin"
    return Notice(seen.kind, EVENTS[change.outcome], seen.id, "vain", _moment(change), _facts(seen), says[:1000])


def _facts(seen: Progress) -> dict[str, Any]:
    names = ("found", "done", "pending", "skipped", "failed", "credits")
    facts = {"id": seen.id, "url": seen.url, "state": seen.state, "reasons": list(seen.reasons)}
    return facts | {name: seen.counts[name] for name in names}


def _moment(change: Change) -> datetime:
    return datetime.fromtimestamp(change.at_ms / 1000, UTC)


def _entry(change: Change) -> str:
    return "-".join(map(str, change.position))


def _stamp(at: datetime) -> str:
    return payloads.stamp(at)
