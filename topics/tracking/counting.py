"""When a project is counted anew: at once where it is small, else by a job; what was counted lately holds."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import models
import queues
from state.tracking import keywords
from topics.tracking import overview

#: A project of more keywords is counted by a job.
AT_ONCE = 2000

#: What was counted so many seconds ago is counted anew, when somebody looks at it; in a list of projects, later.
FRESH_S, FRESH_IN_LISTS_S = 600, 6 * 3600

Job = Callable[..., Any]


class Counted(NamedTuple):
    """An overview and the job that counts it anew. Without an overview that is its first count; without a job it is new."""

    overview: dict[str, Any] | None
    job: models.Submission | None


def current(project_id: str, make: Job, *, fresh: bool = False, at_once: int | None = None) -> Counted:
    """The overview of a project; `make` is the job that counts one. `fresh`: count it however lately that was done."""
    kept = overview.kept(project_id)
    if kept and kept[1] < FRESH_S and not fresh:
        return Counted(kept[0], None)
    if keywords.count_of(project_id) <= (AT_ONCE if at_once is None else at_once):
        return Counted(overview.make(project_id), None)
    return Counted(kept[0] if kept else None, submit([project_id], make)[0])


def submit(project_ids: Sequence[str], make: Job) -> list[models.Submission]:
    """Have projects counted by jobs. One that is being counted keeps its job. One round trip."""
    return queues.submit_many(models.Call(make, (one,), {}, labels={"project": one}) for one in project_ids)
