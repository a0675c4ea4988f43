"""Due times given anew: after the hours of a project's checks changed, chunk by chunk."""

from collections.abc import Sequence

import models
from state.store import connection, keys, scripts

#: Field of a project: hours between its checks before they changed (0 = they were due at an hour of the day). It is there until
#: every keyword has its new due time.
MARK = "rearm"


def former_interval(project_id: str) -> int | None:
    """Seconds between the checks before the hours changed, 0 = at an hour of the day; None = all are armed by those of now."""
    value = connection.client().hget(keys.project(project_id), MARK)
    return round(float(value) * 3600) if value else None


def rearm(project_id: str, wanted: Sequence[tuple[models.Keyword, int]]) -> int:
    """Give each keyword its next regular due time (s); says how many have another one now.

    One that was checked since it was read keeps what that check gave it. One that is being checked is armed by its outcome.
    """
    times: list[str | int] = []
    for keyword, due in wanted:
        if keyword.due_at and int(keyword.due_at.timestamp()) != due:
            times += [keyword.id, int(keyword.due_at.timestamp()), due]
    if not times:
        return 0
    return _rearm(
        project=keys.project(project_id),
        due=keys.due(project_id),
        ring=keys.RING,
        waiting=keys.WAITING,
        project_id=project_id,
        keyword_prefix=keys.KEYWORD,
        times=times,
    )


def done(project_id: str) -> None:
    """Every keyword of the project is armed anew."""
    connection.client().hdel(keys.project(project_id), MARK)


@scripts.script("tracking/rearm")
def _rearm(
    *, project: str, due: str, ring: str, waiting: str, project_id: str, keyword_prefix: str, times: Sequence[str | int]
) -> int:
    raise scripts.InLua
