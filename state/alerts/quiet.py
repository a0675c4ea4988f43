"""A silence that somebody asked for, and who looks in place of the job."""

import json
from datetime import UTC, datetime
from typing import NamedTuple

from state.alerts import keys
from state.store import connection


class Silence(NamedTuple):
    """Nothing is told until then; what happens meanwhile is told afterwards."""

    until: datetime
    note: str
    actor: str


def put(silence: Silence) -> None:
    """Be quiet until a moment, in place of what was set before."""
    text = json.dumps({"until_s": silence.until.timestamp(), "note": silence.note, "actor": silence.actor})
    lasts_s = (silence.until - connection.now()).total_seconds()
    connection.client().set(keys.QUIET, text, ex=max(1, round(lasts_s)))


def end() -> bool:
    """Tell again; whether there was a silence."""
    return bool(connection.client().delete(keys.QUIET))


def silence() -> Silence | None:
    """The silence of now; None where there is none."""
    try:
        told = json.loads(connection.client().get(keys.QUIET) or b"")
        found = Silence(datetime.fromtimestamp(told["until_s"], UTC), str(told["note"]), str(told["actor"]))
    except (ValueError, KeyError, TypeError):
        return None
    return found if found.until > connection.now() else None


def looked_at() -> datetime | None:
    """When somebody looked last for what is wrong; None = not in the last day."""
    found = connection.client().get(keys.LOOKED) or b""
    return datetime.fromtimestamp(int(found) / 1000, UTC) if found.isdigit() else None


def stand_in(for_s: int) -> bool:
    """Whether the caller is the one who looks in place of the job for so long."""
    return bool(connection.client().set(keys.LOOKING, b"1", nx=True, ex=for_s))
