"""Days and due times of a project's checks, by its own clock (scheduling/slots.py)."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import chunks
import clock
import models
from scheduling import slots
from state.tracking import arming, keywords, outcomes, projects

#: A check later than this after its slot is no sign of that slot.
LATE_S = 12 * slots.HOUR_S

EPOCH = datetime.fromtimestamp(0, UTC)


def slots_of(project: models.Project) -> slots.Slots:
    """When the project's checks are due."""
    return slots.Slots(max(1, round(project.every_h * slots.HOUR_S)), project.zone, project.hour)


def today(project: models.Project) -> date:
    """The day it is in the project's zone."""
    return on(project, clock.now())


def today_of(project_id: str | None) -> date:
    """The day it is in the zone of a project; without one, in UTC. Raises NotFound."""
    return today(projects.get(project_id)) if project_id else clock.now().date()


def on(project: models.Project, at: datetime) -> date:
    """The day of the project's zone in which a moment lies."""
    return slots_of(project).day_of(at.timestamp())


def of_check(project: models.Project, keyword: models.Keyword, at: datetime) -> date:
    """The day of the rank that a check reads at `at`: that of the slot that was due."""
    return slots_of(project).day_of_check(_due(keyword), at.timestamp())


def following(project: models.Project, keyword: models.Keyword, at: datetime) -> int | None:
    """The next regular due time (s since 1970) behind a check at `at`; None = on the keyword's own grid."""
    if project.hour is None:
        return None
    return slots_of(project).following(_due(keyword) or int(at.timestamp()), at.timestamp())


def is_pending(project_id: str) -> bool:
    """Whether keywords still have the due times of former hours."""
    return arming.former_interval(project_id) is not None


def rearm(project: models.Project, progress: Callable[[int], object] = lambda done: None) -> int:
    """Give the keywords new due times after the hours of their project changed; returns how many have another one.

    Nothing to do where they did not change, or all of it was done. A check goes on from its last slot. A keyword that was never
    checked, or whose failed check is about to be tried again, keeps its time. Safe to repeat after a kill.
    """
    former_s = arming.former_interval(project.id)
    if former_s is None:
        return 0
    now, changed, seen = slots_of(project), 0, 0
    for ids in chunks.of(keywords.ids_of(project.id, archived=None), keywords.CHUNK):
        found = [one for one in keywords.find_many(ids) if one and one.due_at and not one.failures % outcomes.FAILURES_IN_A_ROW]
        changed += arming.rearm(project.id, [(one, now.again(_last_slot(one, former_s, now))) for one in found])
        seen += len(ids)
        progress(seen)
    arming.done(project.id)
    return changed


def _last_slot(keyword: models.Keyword, former_s: int, now: slots.Slots) -> int:
    """The slot of the last check: one interval before the next due time, which was armed by the former hours or by those of now.

    With an hour of the day there is no such grid; then it is when the page was read.
    """
    checked = max(int(at.timestamp()) for at in (keyword.scraped_at, keyword.attempted_at, EPOCH) if at)
    intervals = [former_s, 0 if now.hour is not None else now.every_s]
    due = [(_due(keyword) or 0) - interval for interval in intervals if interval]
    return max((slot for slot in due if 0 <= checked - slot <= LATE_S), default=checked)


def _due(keyword: models.Keyword) -> int | None:
    return int(keyword.due_at.timestamp()) if keyword.due_at else None
