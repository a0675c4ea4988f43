"""Actions on all jobs that the filters of a page let through, or on those that were ticked: counted, asked, done by a job."""

from datetime import datetime
from urllib.parse import urlencode

from flask import Flask, Response, request

import queues
from errors import ArgumentError
from jobs import operations
from topics.operations import bulk, bulk_asks, failures
from topics.operations.bulk_asks import Ask
from topics.operations.job_filters import Wanted
from web import access, seen
from web.access import Role
from web.errors import Problem
from web.pages import frame
from web.pages.job_fields import fields_of, wanted_of


def register(app: Flask) -> None:
    """The addresses of these actions."""
    app.add_url_rule("/jobs/bulk", "jobs_page_bulk", act_on_jobs, methods=["POST"])
    app.add_url_rule("/failures/<fingerprint>/retry", "failures_page_retry", retry_failures, methods=["POST"])


@access.needs(Role.OPERATOR)
def act_on_jobs() -> Response:
    """Run again, cancel or move the jobs of the list."""
    asked = {one.name: request.form.get(one.name, "").strip() for one in fields_of()}
    back = "/jobs" + (f"?{urlencode(set_)}" if (set_ := {name: value for name, value in asked.items() if value}) else "")
    ids = _chosen()
    wanted = wanted_of({name: value for name, value in asked.items() if not ids})
    return _asked_or_begun(_ask(request.form.get("action", ""), wanted, ids), "/jobs/bulk", back)


def _chosen() -> tuple[str, ...]:
    """The jobs that were ticked, or all rows that were shown; () for all that match. Raises Problem where none was ticked."""
    field = {"ticked": "id", "shown": "shown"}.get(request.form.get("which", ""))
    if field is None:
        return ()
    ids = tuple(request.form.getlist(field) or [one for one in request.form.get("ids", "").split(",") if one])
    if not ids:
        raise Problem(422, "No job is ticked: tick some in the first column, or take all that match.")
    return ids


@access.needs(Role.OPERATOR)
def retry_failures(fingerprint: str) -> Response:
    """Run all jobs of one fingerprint again, as far as their records are kept."""
    wanted = failures.wanted(fingerprint, seen.owner())
    return _asked_or_begun(_ask("retry", wanted, ()), f"/failures/{fingerprint}/retry", "/failures")


def _ask(action: str, wanted: Wanted, ids: tuple[str, ...]) -> Ask:
    to = request.form.get("to", "") if action == "move" else ""
    try:
        return bulk_asks.make(action, wanted, to=to, ids=ids, asked_at=_asked_at())
    except ArgumentError as exc:
        raise Problem(422, f"{exc}"[:1].upper() + f"{exc}"[1:]) from None


def _asked_at() -> datetime | None:
    """When the question was shown that is answered now: jobs that came later are left alone."""
    if not frame.is_confirmed():
        return None
    try:
        at = datetime.fromisoformat(request.form.get("asked_at", ""))
    except ValueError:
        at = datetime.max
    if at.tzinfo is None:
        raise Problem(422, "asked_at is no time of a question: go back to the list, and choose again.")
    return at


def _asked_or_begun(ask: Ask, action: str, back: str) -> Response:
    """The question with the number, or the job that does it."""
    if frame.is_confirmed():
        made = queues.submit(operations.act_on_jobs, ask.told(), dedup_key=f"bulk:{ask.print}")
        return frame.done(f"/jobs/{made.job_id}", "It has begun. Here is how far it is, and then what became of the jobs.")
    found = bulk.count(ask)
    before, after = bulk_asks.WORDS[ask.action]
    if not found.number and found.is_exact:
        return frame.done(back, f"Nothing to do: none of these jobs can be {after}.")
    title = f"{before} {found.words}{f' to the queue {ask.to}' if ask.to else ''}?"
    return frame.confirm(title, _says(ask, found), action, button=before, back=back, fields=_fields(ask))


def _says(ask: Ask, found: bulk.Counted) -> str:
    """What the question says beside the number."""
    states = "" if ask.ids or not found.number else f" that are {', '.join(sorted(ask.wanted.statuses))}"
    states += " and were not run again yet" if states and ask.action == "retry" else ""
    rest = "" if found.is_exact else " The job that does it looks at the rest first."
    times = f"Counted at {found.at:%Y-%m-%d %H:%M:%S} UTC. Jobs that come later are left alone."
    return f"{found.words[:1].upper()}{found.words[1:]}{states}.{rest} {times}"


def _fields(ask: Ask) -> dict[str, str]:
    """What the answer sends: the same jobs, whatever time has passed."""
    told = ask.told()
    filters = {name: value for name, value in told["filters"].items() if name not in ("statuses", "owner", "parts")}
    filters["status"] = ",".join(told["filters"]["statuses"])
    shared = {"action": ask.action, "to": ask.to, "asked_at": told["asked_at"]}
    return {**shared, **filters} if not ask.ids else {**shared, "which": "ticked", "ids": ",".join(ask.ids)}
