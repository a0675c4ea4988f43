"""Keywords that fell, until they regain their place or a week is over. For alerts: the ranks are in the history."""

import json
from dataclasses import asdict, dataclass

from state.store import connection
from state.store import keys as store_keys
from state.tracking import keys

#: Fallen keywords of a project that are kept one by one; of more, it is only counted that there are.
MOST = 500

#: How long they are kept (s): what fell a week ago is where it stands now.
KEEP_S = 7 * 86400

#: The field of a project's hash that counts the others.
OTHERS = "+"

#: Projects that are read.
MOST_PROJECTS = 1000


@dataclass(frozen=True, slots=True)
class Drop:
    """A keyword that fell. `to` None = not found in the first `scanned`. `day`: of the check that saw it (YYYY-MM-DD)."""

    text: str
    was: int
    to: int | None
    scanned: int
    day: str
    at_ms: int

    @property
    def says(self) -> str:
        """The drop in a few words."""
        return f"“{self.text}” {self.was} → {self.to or f'not found in the first {self.scanned}'}"


@dataclass(frozen=True, slots=True)
class Dropped:
    """The fallen keywords of a project by their ids; `others`: how many more there are."""

    project_id: str
    drops: dict[str, Drop]
    others: int


def put(project_id: str, keyword_id: str, drop: Drop) -> None:
    """Keep that a keyword fell. Safe to repeat: the first place from which it fell stays until it is back."""
    client, name = connection.client(), keys.drops(project_id)
    is_full = client.hlen(name) > MOST and not client.hexists(name, keyword_id)
    with client.pipeline() as pipe:
        if is_full:
            pipe.hincrby(name, OTHERS, 1)
        else:
            pipe.hset(name, keyword_id, json.dumps(asdict(drop)))
        pipe.expire(name, KEEP_S)
        pipe.zadd(keys.DROPS, {project_id: drop.at_ms})
        pipe.expire(keys.DROPS, KEEP_S)
        pipe.execute()


def find(project_id: str, keyword_id: str) -> Drop | None:
    """How a keyword fell; None where it did not, or is back."""
    return _read(connection.client().hget(keys.drops(project_id), keyword_id) or b"")


def end(project_id: str, keyword_id: str) -> None:
    """A keyword is back, or gone. Safe to repeat."""
    connection.client().hdel(keys.drops(project_id), keyword_id)


def every(since_ms: int) -> list[Dropped]:
    """What fell since then, by project, the one that fell last first. Older ones are forgotten."""
    client = connection.client()
    client.zremrangebyscore(keys.DROPS, "-inf", since_ms)
    projects = [one.decode() for one in client.zrevrange(keys.DROPS, 0, MOST_PROJECTS - 1)]
    with client.pipeline(transaction=False) as pipe:
        for project_id in projects:
            pipe.hgetall(keys.drops(project_id))
        found = pipe.execute()
    read = [_of(project_id, fields, since_ms) for project_id, fields in zip(projects, found, strict=True) if fields]
    for one in read:
        _forget_unwatched(one)
    return read


def _forget_unwatched(found: Dropped) -> None:
    """A keyword that was archived or removed is not checked any more: it fell for nobody."""
    ids = list(found.drops)
    due = connection.client().zmscore(store_keys.due(found.project_id), ids) if ids else []
    if gone := [one for one, at in zip(ids, due, strict=True) if at is None]:
        connection.client().hdel(keys.drops(found.project_id), *gone)
        for one in gone:
            del found.drops[one]


def _of(project_id: str, fields: dict[bytes, bytes], since_ms: int) -> Dropped:
    others = int(fields.pop(OTHERS.encode(), b"0"))
    read = {name.decode(): _read(text) for name, text in fields.items()}
    drops = {name: one for name, one in read.items() if one and one.at_ms > since_ms}
    return Dropped(project_id, drops, others)


def _read(text: bytes) -> Drop | None:
    try:
        return Drop(**json.loads(text))
    except (ValueError, TypeError):
        return None
