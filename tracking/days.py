"""Days and due times of a project, by its own clock: parsing.slots for what is stored."""

from datetime import date, datetime

import clock
import models
from parsing import slots


def slots_of(project: models.Project) -> slots.Slots:
    """When the project's checks are due."""
    return slots.Slots(max(1, round(project.every_h * slots.HOUR_S)), project.zone, project.hour)


def today(project: models.Project) -> date:
    """The day it is in the project's zone."""
    return slots_of(project).day_of(clock.now().timestamp())


def of_check(project: models.Project, keyword: models.Keyword, at: datetime) -> date:
    """The day of the rank that a check reads at `at`: that of the slot that was due."""
    return slots_of(project).day_of_check(_due(keyword), at.timestamp())


def following(project: models.Project, keyword: models.Keyword, at: datetime) -> int | None:
    """The next regular due time (s since 1970) behind a check at `at`; None = on the keyword's own grid."""
    if project.hour is None:
        return None
    return slots_of(project).following(_due(keyword) or int(at.timestamp()), at.timestamp())


def _due(keyword: models.Keyword) -> int | None:
    return int(keyword.due_at.timestamp()) if keyword.due_at else None
