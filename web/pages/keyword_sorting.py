"""The order of the list of keywords: since when it is counted, and by which job."""

from typing import NamedTuple

import models
from jobs import tracking
from state.tracking import orders
from topics.tracking import counting

#: A page sorts a project of so many keywords anew where that is due; a larger one is sorted by a job.
AT_ONCE = 500


class Sorting(NamedTuple):
    """In which order the list comes ("" = as stored), since when that is counted, and the job that counts it."""

    sort: str
    counted: orders.Count | None = None
    job: models.Submission | None = None


def of(project: models.Project, sort: str, archived: bool | None) -> Sorting:
    """How the list is sorted. What is not counted yet is counted: at once for a small project, else by a job."""
    if not sort or archived is not False:
        return Sorting("")
    count = orders.latest(project.id)
    if count is None or (count.tracked <= AT_ONCE and count.tracked != count.keywords):
        made = counting.current(project.id, tracking.make_overview, fresh=True, at_once=AT_ONCE)
        count = orders.latest(project.id)
        return Sorting(sort if count else "", count, made.job)
    return Sorting(sort, count)
