"""What a project has beside its settings: when and how these were changed. Read for an export, put by an import."""

from collections.abc import Sequence

from state.store import connection, keys
from state.tracking import arming
from state.tracking.projects import CHANGES_KEPT


def changes(project_id: str) -> list[str]:
    """The changes as they are stored: time, name, before and after, with a tab between; oldest first."""
    return [line.decode(errors="replace") for line in connection.client().lrange(keys.changes(project_id), 0, -1)]


def put_changes(project_id: str, lines: Sequence[str]) -> None:
    """Put changes in place of those that are there; of more than 100 the last. Safe to repeat."""
    with connection.client().pipeline() as pipe:
        pipe.delete(keys.changes(project_id))
        if lines:
            pipe.rpush(keys.changes(project_id), *lines[-CHANGES_KEPT:])
        pipe.execute()


def mark(project_id: str) -> str:
    """The mark of a project whose keywords are being armed anew (arming.py); "" = they all are."""
    value = connection.client().hget(keys.project(project_id), arming.MARK)
    return value.decode() if value else ""


def put_mark(project_id: str, value: str) -> None:
    """Mark a project whose keywords were being armed anew where it comes from."""
    connection.client().hset(keys.project(project_id), arming.MARK, value)
