"""Why something waits: a job, a batch, a crawl or a keyword, with every reason. One look that changes nothing in Redis."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import config
import models
import queues
import wording
from errors import NotFound
from models import Stop
from state.engine import dedup, job_looks, jobs, pauses, payload
from state.engine import stops as engine_stops
from state.scraping import ledgers
from state.store import connection
from state.tracking import keywords, projects
from topics.operations import job_waits, schedule, scrape_waits, stops, waits
from topics.tracking import projects as tracked

#: Stops that speak of one entry of the schedule.
ENTRY_STOPS = ("broken entry", "not armed", "disabled", "scheduler late")


@dataclass(frozen=True, slots=True)
class Why:
    """What an id is (job, batch, crawl, keyword, project or entry of the schedule), its state in a word, and the reasons.

    The gravest reason comes first. `name`: what it is for people: the call of a job, the text of a keyword. `job`: the job that
    has a keyword in hand, or that begins a batch or crawl.
    """

    id: str
    what: str
    state: str
    name: str
    reasons: list[Stop]
    facts: dict[str, Any]
    job: "Why | None" = None


def of(name: str, project_id: str | None = None) -> Why:
    """Why what has that id waits (see Why), or the keyword of that text in a project. Raises NotFound."""
    if not payload.is_text(name):
        raise NotFound(_unknown(name, project_id))
    with connection.errors_translated():
        entry = schedule.every(name) if project_id is None else []
        if entry:
            return _entry(entry[0])
        ledger = ledgers.read(name) if project_id is None and queues.JOB_ID.fullmatch(name) else None
        if ledger:
            return of_ledger(ledger)
        look = job_looks.at(name) if project_id is None else None
        if look and (look.is_there or look.quarantined):
            return _job(look)
        project = projects.find(name) if project_id is None else None
        if project:
            return of_project(project)
        try:
            return of_keyword(tracked.find_keyword(name, project_id))
        except NotFound:
            raise NotFound(_unknown(name, project_id)) from None


def _unknown(name: str, project_id: str | None) -> str:
    if project_id is not None:
        return f"No keyword {name!r:.80} in {project_id}. `python manage.py keyword list PROJECT` shows what there is."
    says = f"No job, scrape, keyword or project {name!r:.80}: it never existed, or its record has expired."
    return f"{says} (To name a keyword by its text, give --project.)"


def _job(look: job_looks.Look) -> Why:
    state, reasons = job_waits.of(look)
    facts: dict[str, Any] = {
        "queue": look.queue or None,
        "kind": look.kind or None,
        "status": look.status or None,
        "due": look.due,
    }
    facts["ahead"] = look.place if state in ("queued", "blocked") and look.place >= 0 else None
    return Why(look.id, "job", state, look.fields["description"], reasons, facts)


def of_ledger(ledger: ledgers.Ledger) -> Why:
    """A batch or crawl, and the job that begins it while that has not ended."""
    state, reasons, facts = scrape_waits.of(ledger)
    look = job_looks.at(ledger.id) if ledger.state == "opening" else None
    job = _job(look) if look and look.is_there else None
    return Why(ledger.id, ledger.kind, state, ledger.fields.get("url", ""), reasons, facts, job)


def _entry(row: dict[str, Any]) -> Why:
    """An entry of the schedule: whether it runs, and when."""
    name, state = row["name"], row["state"]
    seen = stops.now()
    found = [engine_stops.paused(pause) for pause in pauses.among([pauses.of_entry(row["id"])])]
    found += [stop for stop in stops.of(seen) if stop.name == "no scheduler" or (stop.name in ENTRY_STOPS and name in stop.says)]
    if state in ("queued", "running", "retrying", "waits"):
        says = f"Its last occurrence is not over: the job {row['last_job']} is {row['last_job_status']}."
        found.append(Stop("overlap", says, f"`python manage.py why {row['last_job']}` says more.", wrong=False))
    if row["next_run"]:
        due = row["next_run"]
        found.append(Stop("due", f"It is due at {due:%Y-%m-%d %H:%M:%S} UTC ({row['when']}).", "", wrong=False, until=due))
    elif state == "removed":
        found.append(
            Stop("removed", "It left the table of this version.", "add its row to table() in scheduler.py.", wrong=False)
        )
    return Why(row["id"], "entry", state, name, found, {"queue": row["queue"], "due": row["next_run"]})


def of_project(project: models.Project) -> Why:
    """Why the keywords of a project wait."""
    due = projects.counts([project.id])[project.id][1]
    state = "inactive" if not project.active else "due" if due else "not due"
    nothing = Stop("not due", "None of its keywords is due.", "", wrong=False)
    return Why(project.id, "project", state, project.name, waits.of_project(project, due) or [nothing], {"due": due})


def of_keyword(keyword: models.Keyword, project: models.Project | None = None) -> Why:
    """Why a keyword waits. `project`: its own, where that was read already."""
    project = project or projects.find(keyword.project_id)
    due, held_until, holder, is_due = keywords.standing(keyword)
    is_due = is_due and not keyword.archived
    job = _holder(holder) if holder else None
    queue = job.facts["queue"] if job and job.state in ("queued", "blocked") else None
    reasons = waits.of_due(keyword, project, queue, is_due) if not job or queue else []
    if holder:
        reasons = [_claimed(holder, job), *reasons]
    elif not keyword.archived:
        reasons += [_held(held_until)] if held_until else _due(keyword, due, is_due)
    state = "archived" if keyword.archived else "processing" if holder else "held" if held_until else _state(due, is_due)
    facts = {"project": keyword.project_id, "due": due, "failures": keyword.failures}
    return Why(keyword.id, "keyword", state, keyword.text, reasons, facts, job)


def _holder(job_id: str) -> Why | None:
    look = None if dedup.is_direct(job_id) else job_looks.at(job_id)
    return _job(look) if look and look.is_there else None


def _claimed(job_id: str, job: Why | None) -> Stop:
    if dedup.is_direct(job_id):
        return Stop("claimed", "Somebody checks it by hand this moment.", "", wrong=False)
    if job is None:
        fix = "`python manage.py reset_processing_flags` frees such claims; the next tick does, too."
        return Stop("claimed", f"The job {job_id} has claimed it, and that job is gone.", fix)
    says = f"The job {job_id} has claimed it, and is {job.state}: {job.reasons[0].says if job.reasons else ''}"
    return Stop("claimed", says, f"`python manage.py why {job_id}` says all.", wrong=False)


def _state(due: datetime | None, is_due: bool) -> str:
    return "lost" if due is None else "due" if is_due else "not due"


def _held(until: datetime) -> Stop:
    says = f"A batch took it and its job is gone: it is looked at again at {until:%Y-%m-%d %H:%M:%S} UTC."
    return Stop("held", says, "", wrong=False, until=until)


def _due(keyword: models.Keyword, at: datetime | None, is_due: bool) -> list[Stop]:
    """When it is due, and what holds it back then."""
    if at is None:
        return [Stop("lost", "It is not archived, and in no batch.", "`python manage.py doctor --fix` puts it where it belongs.")]
    return _held_back() if is_due else [_not_due(keyword, at)]


def _not_due(keyword: models.Keyword, at: datetime) -> Stop:
    if not keyword.failures:
        return Stop("not due", f"It is due at {at:%Y-%m-%d %H:%M:%S} UTC.", "", wrong=False, until=at)
    last = keywords.last_error(keyword.id) or {}
    error = f"{last.get('category', 'unknown')}: {last.get('message', 'no record of the error')}".rstrip(".")
    failed = wording.pluralize(keyword.failures, "check")
    says = f"{failed} failed in a row ({error}); the next is due at {at:%Y-%m-%d %H:%M:%S} UTC."
    return Stop("retry", says, "", wrong=False, until=at)


def _held_back() -> list[Stop]:
    """The queues are too deep for the tick to take more."""
    most = config.settings().serp_max_queue_depth
    depth = sum(jobs.depths((queues.HIGH, queues.DEFAULT)).values())
    if depth < most:
        return []
    says = f"The tick holds back: {wording.pluralize(depth, 'job')} wait in high and default, of at most {most:,}."
    return [Stop("held back", says, "start more workers, or raise SERP_MAX_QUEUE_DEPTH.", wrong=False)]
