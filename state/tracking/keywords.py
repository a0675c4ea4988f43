"""Keywords: what is tracked, when it is due, and how a check of it ends.

A keyword is a hash small enough for Redis's listpack encoding. Its field names are single letters, because there are millions:

    p project id · t text · x archived · d the regular check that is not done yet (s; absent = never scraped)
    s scraped at (s) · a failed attempt at (s) · f failures in a row
    v searches a month · g tags (one a line) · u the page that is meant to rank
    k the text is as it was typed: "" = the id is made of its key, else the id that its key makes (absent = stored before 2026-12)

Its id is made from project and key (spelling.key), so the same keyword cannot be added twice and no index of texts is needed.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TypedDict

import chunks
import clock
import models
from errors import NotFound
from state.engine import dedup
from state.store import connection, constants, keys, scripts
from state.tracking import texts

#: Keywords written or removed in one script call: a few milliseconds of the server's time.
CHUNK = 500


class Standing(NamedTuple):
    """When a keyword is due, or until when it is held instead; and the job or call that has it in hand, None = nobody."""

    due: datetime | None
    held_until: datetime | None
    holder: str | None
    is_due: bool


def id_of(project_id: str, text: str) -> str:
    """The id of a new keyword: 12 characters made from its project and the key of its text (60 bits)."""
    return texts.ids_for(project_id, text).own


def add_many(project_id: str, typed: Sequence[str]) -> tuple[int, int]:
    """Add keywords to a project, as they were typed: (added, were there before). Safe to repeat. Raises as `add_typed`."""
    done = add_typed(project_id, typed)
    return done.added, done.known


def add_typed(project_id: str, typed: Sequence[str]) -> texts.Added:
    """The same; returns also which got their text as typed in place of an older version's.

    Raises NotFound for the project, DataError where two texts have one id.
    """
    added = known = 0
    respelled: list[tuple[str, str]] = []
    for chunk in chunks.of(typed, CHUNK):
        done = texts.add(project_id, chunk, [texts.ids_for(project_id, text, id_of(project_id, text)) for text in chunk])
        added, known = added + done.added, known + done.known
        respelled += done.respelled
    return texts.Added(added, known, tuple(respelled))


def find_many(keyword_ids: Sequence[str]) -> list[models.Keyword | None]:
    """Several keywords in one round trip, None for each that is not there."""
    with connection.client().pipeline(transaction=False) as pipe:
        for keyword_id in keyword_ids:
            pipe.hgetall(keys.keyword(keyword_id))
        rows = pipe.execute()
    return [from_hash(keyword_id, row) if row else None for keyword_id, row in zip(keyword_ids, rows, strict=True)]


def texts_of(keyword_ids: Sequence[str]) -> list[str | None]:
    """The texts of several keywords in one round trip, None for each that is not there."""
    with connection.client().pipeline(transaction=False) as pipe:
        for keyword_id in keyword_ids:
            pipe.hget(keys.keyword(keyword_id), "t")
        return [None if text is None else text.decode(errors="replace") for text in pipe.execute()]


def find(keyword_id: str) -> models.Keyword | None:
    """One keyword, None where there is none of that id."""
    return find_many([keyword_id])[0]


def get(keyword_id: str) -> models.Keyword:
    """One keyword. Raises NotFound."""
    found = find(keyword_id)
    if not found:
        raise NotFound(f"No keyword {keyword_id}. `python manage.py keyword list PROJECT` shows what there is.")
    return found


def ids_of(project_id: str, *, archived: bool | None = False) -> Iterator[str]:
    """Keyword ids of a project in chunks of the server's choosing; `archived` True = only archived ones, None = all."""
    redis = connection.client()
    if archived is not True:
        for member, _ in redis.zscan_iter(keys.due(project_id), count=1000):
            yield member.decode()
    if archived is not False:
        for member in redis.sscan_iter(keys.archived(project_id), count=1000):
            yield member.decode()


def count_of(project_id: str) -> int:
    """How many keywords a project has, archived ones too."""
    with connection.client().pipeline(transaction=False) as pipe:
        pipe.zcard(keys.due(project_id))
        pipe.scard(keys.archived(project_id))
        return sum(map(int, pipe.execute()))


def in_project(project_id: str, *, archived: bool | None = False) -> Iterator[models.Keyword]:
    """Keywords of a project, read 1,000 at a time, in no order."""
    for chunk in chunks.of(ids_of(project_id, archived=archived), 1000):
        yield from (keyword for keyword in find_many(chunk) if keyword)


def set_archived(keyword_id: str, archived: bool) -> bool:
    """Archive a keyword, or unarchive it; returns whether that changed anything. Raises NotFound."""
    return archive_many([get(keyword_id)], archived) == 1


def archive_many(found: Sequence[models.Keyword], archived: bool) -> int:
    """Archive keywords, or unarchive them; returns how many that changed. Safe to repeat."""
    wanted, changed = "archived" if archived else "unarchived", 0
    for chunk in chunks.of(found, CHUNK):
        calls = [
            _archive.call(**_keys_of(one.project_id), keyword=keys.keyword(one.id), keyword_id=one.id, wanted=wanted)
            for one in chunk
        ]
        changed += scripts.run_together(calls).count(b"changed")
    return changed


def remove_many(found: Sequence[models.Keyword]) -> int:
    """Remove keywords of any projects with their history; returns how many were there."""
    by_project: dict[str, list[str]] = {}
    for keyword in found:
        by_project.setdefault(keyword.project_id, []).append(keyword.id)
    return sum(remove(project_id, ids) for project_id, ids in by_project.items())


def remove(project_id: str, keyword_ids: Sequence[str]) -> int:
    """Remove keywords with their history; returns how many were there."""
    return sum(
        _remove_keywords(**_keys_of(project_id), failed=keys.FAILED, keyword_prefix=keys.KEYWORD, keyword_ids=chunk)
        for chunk in chunks.of(keyword_ids, CHUNK)
    )


def next_due(keyword_id: str) -> datetime | None:
    """When the next attempt is due, retries included; None where the keyword is archived or is being processed."""
    keyword = get(keyword_id)
    score = connection.client().zscore(keys.due(keyword.project_id), keyword_id)
    return None if score is None or score < 0 else datetime.fromtimestamp(score, UTC)


def due_times(project_id: str, keyword_ids: Sequence[str]) -> list[datetime | None]:
    """The same of several keywords of a project, in one round trip: when each is due; never checked = 1970."""
    return _due_of(connection.client().zmscore(keys.due(project_id), list(keyword_ids))) if keyword_ids else []


def find_due(project_id: str, keyword_ids: Sequence[str]) -> list[tuple[models.Keyword | None, datetime | None]]:
    """Several keywords of a project, each with when it is due, in one round trip."""
    if not keyword_ids:
        return []
    with connection.client().pipeline(transaction=False) as pipe:
        for keyword_id in keyword_ids:
            pipe.hgetall(keys.keyword(keyword_id))
        pipe.zmscore(keys.due(project_id), list(keyword_ids))
        *rows, scores = pipe.execute()
    found = [from_hash(keyword_id, row) if row else None for keyword_id, row in zip(keyword_ids, rows, strict=True)]
    return list(zip(found, _due_of(scores), strict=True))


def _due_of(scores: Sequence[float | None]) -> list[datetime | None]:
    return [None if score is None or score < 0 else datetime.fromtimestamp(score, UTC) for score in scores]


def due_or_held(keyword: models.Keyword) -> tuple[datetime | None, datetime | None]:
    """When a keyword is due, and until when it is held instead (its job was taken by a batch); both None: it is in no batch."""
    return _due_or_held(connection.client().zscore(keys.due(keyword.project_id), keyword.id))


def standing(keyword: models.Keyword) -> Standing:
    """When a keyword is due and who has it in hand, in one round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        pipe.zscore(keys.due(keyword.project_id), keyword.id)
        pipe.hget(keys.claim_jobs(dedup.SERP), keyword.id)
        pipe.time()
        score, holder, (now_s, now_us) = pipe.execute()
    now = float(clock.script_now_ms() or 1000 * now_s + now_us / 1000) / 1000
    due, held_until = _due_or_held(score)
    return Standing(due, held_until, holder.decode() if holder else None, is_due=score is not None and 0 <= score <= now)


def _due_or_held(score: float | None) -> tuple[datetime | None, datetime | None]:
    if score is None:
        return None, None
    if score < 0:
        return None, datetime.fromtimestamp(score - constants.HELD, UTC)
    return datetime.fromtimestamp(score, UTC), None


def last_error(keyword_id: str) -> dict[str, str] | None:
    """The last failure (category, message, at), kept for 30 days after it; None when the last check read a page."""
    value = connection.client().get(keys.last_error(keyword_id))
    return json.loads(value) if value else None


def failed_count() -> int:
    """Keywords whose last check failed."""
    return int(connection.client().zcard(keys.FAILED))


def from_hash(keyword_id: str, fields: dict[bytes, bytes]) -> models.Keyword:
    """The keyword a Redis hash describes."""

    def time_of(name: bytes) -> datetime | None:
        return datetime.fromtimestamp(int(fields[name]), UTC) if name in fields else None

    scraped_at, failed_at = time_of(b"s"), time_of(b"a")
    return models.Keyword(
        id=keyword_id,
        project_id=fields[b"p"].decode(),
        text=fields[b"t"].decode(),
        archived=b"x" in fields,
        due_at=time_of(b"d"),
        scraped_at=scraped_at,
        attempted_at=failed_at or scraped_at,
        failures=int(fields.get(b"f", 0)),
        volume=int(fields[b"v"]) if b"v" in fields else None,
        tags=tuple(fields[b"g"].decode().split("\n")) if fields.get(b"g") else (),
        target_url=fields[b"u"].decode() if b"u" in fields else None,
    )


class _Keys(TypedDict):
    """What a script needs that changes which keywords of a project are due."""

    project: str
    due: str
    archived: str
    ring: str
    waiting: str
    project_id: str


def _keys_of(project_id: str) -> _Keys:
    return _Keys(
        project=keys.project(project_id),
        due=keys.due(project_id),
        archived=keys.archived(project_id),
        ring=keys.RING,
        waiting=keys.WAITING,
        project_id=project_id,
    )


@scripts.script("tracking/archive")
def _archive(
    *,
    project: str,
    due: str,
    archived: str,
    ring: str,
    waiting: str,
    keyword: str,
    project_id: str,
    keyword_id: str,
    wanted: str,
) -> bytes:
    raise scripts.InLua


@scripts.script("tracking/remove_keywords")
def _remove_keywords(
    *,
    project: str,
    due: str,
    archived: str,
    ring: str,
    waiting: str,
    failed: str,
    project_id: str,
    keyword_prefix: str,
    keyword_ids: Sequence[str],
) -> int:
    raise scripts.InLua
