"""What holds up work that waits: jobs of a queue and kind, checks of a project, a keyword. The stops, seen from one place."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import models
import queues
from models import Stop
from scheduling import entries
from state.engine import pauses, snapshot
from state.engine import stops as engine_stops
from state.store import connection
from state.tracking import keywords, projects
from topics.operations import stops

#: The entry of the schedule that queues keywords that are due (scheduler.py).
TICK = "schedule-enqueue-keyword-scrapes"

UNARCHIVE = "`python manage.py keyword unarchive` checks it again."


def of_keyword(keyword: models.Keyword, job_queue: str | None) -> list[Stop]:
    """Why a keyword waits; empty where it is simply not due yet, or is being checked this moment.

    `job_queue`: the queue of the job that holds it, if one waits there.
    """
    due = None if keyword.archived else keywords.due_or_held(keyword)[0]
    is_due = due is not None and due <= connection.now()
    return of_due(keyword, projects.find(keyword.project_id), job_queue, is_due)


def of_due(keyword: models.Keyword, project: models.Project | None, job_queue: str | None, is_due: bool) -> list[Stop]:
    """The same of a keyword whose project and due time are known."""
    if project is None:
        return [Stop("gone", f"Its project {keyword.project_id} is gone.", "")]
    reasons = [Stop("archived", "It is archived.", UNARCHIVE, wrong=False)] if keyword.archived else []
    reasons += [] if project.active else [inactive(project, "Its project is inactive.")]
    if job_queue is None and (reasons or not is_due):
        return reasons
    names = [job_queue] if job_queue else [queues.HIGH, queues.DEFAULT]
    return reasons + of_checks(project.id, names, for_a_tick=job_queue is None)


def of_project(project: models.Project, due: int) -> list[Stop]:
    """Why a project's keywords that are due wait."""
    if not project.active:
        return [inactive(project, "It is inactive.")]
    return of_checks(project.id, [queues.HIGH, queues.DEFAULT], for_a_tick=True) if due else []


def inactive(project: models.Project, says: str) -> Stop:
    """A project that takes no part in batches."""
    return Stop("inactive", says, f"`python manage.py project activate {project.id}` lets it take part again.", wrong=False)


def of_checks(project_id: str, names: Sequence[str], for_a_tick: bool) -> list[Stop]:
    """What holds up a project's checks: in these queues, and before that, where a tick is to queue them."""
    seen = stops.now()
    scopes = [f"{pauses.PROJECT}:{project_id}", pauses.of_provider()]
    found = of_jobs(seen, names, engine_stops.FETCHING, scopes)
    if for_a_tick:
        found += _of_tick(seen, stops.of(seen))
    return found or (next_tick(seen) if for_a_tick else [])


def of_jobs(seen: snapshot.Snapshot, names: Sequence[str], kind: str, scopes: Iterable[str] = ()) -> list[Stop]:
    """What keeps jobs of a kind in these queues from starting; `scopes`: what else may be paused that they need."""
    stopped = stops.of(seen)
    served = {name for worker in seen.workers for name in worker.queues}
    held = pauses.among([*(f"{pauses.QUEUE}:{name}" for name in names), f"{pauses.KIND}:{kind}", *scopes])
    whole = ("suspended", "halted") if kind == engine_stops.FETCHING else ("suspended",)
    found = [stop for stop in stopped if stop.name in whole]
    found += map(engine_stops.paused, held)
    found += [engine_stops.unserved(name) for name in names if name not in served]
    found += [stop for stop in stopped if stop.name == "stalled" and stop.queue in names]
    return found + ([engine_stops.no_place(kind)] if seen.limits.get(kind) == "0" else [])


def next_tick(seen: snapshot.Snapshot) -> list[Stop]:
    """When the next tick queues what is due; empty where no tick is armed."""
    at = next((one.due for one in seen.entries if one.id == TICK), None)
    if at is None:
        return []
    moment = datetime.fromtimestamp(at, UTC)
    return [Stop("tick", f"It waits for the next tick, at {moment:%H:%M:%S} UTC.", "", wrong=False, until=moment)]


def _of_tick(seen: snapshot.Snapshot, stopped: list[Stop]) -> list[Stop]:
    if not any(one.id == TICK for one in seen.entries):
        return [engine_stops.never_scheduled()]
    late, name = ("no scheduler", "scheduler late"), entries.name_of(TICK)
    held = map(engine_stops.paused, pauses.among([pauses.of_entry(TICK)]))
    late_or_broken = [stop for stop in stopped if stop.name in late or (stop.name != "paused" and name in stop.says)]
    return [*held, *late_or_broken]
