"""Keywords as they are stored, whole: read for an export, and put by an import where nothing else changed them meanwhile."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from state.store import connection, keys, scripts
from state.tracking import keys as own_keys

#: Keywords put in one script call, and read in one round trip: with a year of days some 500 KB.
CHUNK = 100

#: How long the last failure of a keyword is kept (s).
ERROR_S = 30 * 86_400


@dataclass(frozen=True, slots=True)
class Copy:
    """All that is stored of one keyword. `score`: when it is due (s); None = it rests, -1 = a batch holds it now."""

    id: str
    fields: Mapping[str, str]
    ranks: bytes = b""
    pages: Sequence[str] = field(default_factory=list)
    serps: bytes = b""
    error: str = ""
    score: float | None = None

    @property
    def seen(self) -> tuple[str | bytes, ...]:
        """By what a change since it was read is noticed."""
        return self.fields.get("t", ""), self.fields.get("s", ""), self.ranks


def read_many(project_id: str, keyword_ids: Sequence[str]) -> list[Copy | None]:
    """Keywords of a project, None for each that is not there. One of whose keys has a wrong type comes without fields.

    One round trip.
    """
    with connection.client().pipeline(transaction=False) as pipe:
        for keyword_id in keyword_ids:
            pipe.hgetall(keys.keyword(keyword_id))
            pipe.get(keys.ranks(keyword_id))
            pipe.lrange(keys.pages(keyword_id), 0, -1)
            pipe.get(own_keys.serps(keyword_id))
            pipe.get(keys.last_error(keyword_id))
            pipe.zscore(keys.due(project_id), keyword_id)
        rows = pipe.execute(raise_on_error=False)
    return [_read(keyword_id, rows[6 * at : 6 * at + 6]) for at, keyword_id in enumerate(keyword_ids)]


def regular_times(keyword_ids: Sequence[str]) -> list[int]:
    """When the regular check of each is due (s); 0 = at once. One round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for keyword_id in keyword_ids:
            pipe.hget(keys.keyword(keyword_id), "d")
        return [int(found or 0) for found in pipe.execute()]


def put_many(project_id: str, copies: Sequence[tuple[Copy, Copy | None]]) -> list[str]:
    """Put keywords, each with what was there when the caller looked: put, changed (look again), or no project. Safe to repeat.

    One script for each CHUNK.
    """
    outcomes: list[str] = []
    for at in range(0, len(copies), CHUNK):
        given = [part for copy, before in copies[at : at + CHUNK] for part in _given(copy, before)]
        reply = _put_keywords(
            project=keys.project(project_id),
            due=keys.due(project_id),
            archived=keys.archived(project_id),
            ring=keys.RING,
            waiting=keys.WAITING,
            failed=keys.FAILED,
            project_id=project_id,
            keyword_prefix=keys.KEYWORD,
            error_s=ERROR_S,
            copies=given,
        )
        outcomes += [outcome.decode() for outcome in reply] or ["no project"] * len(copies[at : at + CHUNK])
    return outcomes


@scripts.script("tracking/put_keywords")
def _put_keywords(
    *,
    project: str,
    due: str,
    archived: str,
    ring: str,
    waiting: str,
    failed: str,
    project_id: str,
    keyword_prefix: str,
    error_s: int,
    copies: Sequence[scripts.Argument],
) -> list[bytes]:
    raise scripts.InLua


def _given(copy: Copy, before: Copy | None) -> tuple[scripts.Argument, ...]:
    seen = before.seen if before else ("", "", b"")
    score = "" if copy.score is None else f"{copy.score:.0f}"
    facts = (_pairs(copy.fields), copy.ranks, json.dumps(copy.pages), copy.serps, copy.error, score)
    return (copy.id, *seen, *facts)


def _pairs(fields: Mapping[str, str]) -> str:
    return json.dumps([part for pair in fields.items() for part in pair])


def _read(keyword_id: str, row: Sequence[Any]) -> Copy | None:
    for reply in row:
        if isinstance(reply, Exception):
            if not isinstance(reply, connection.ResponseError):
                raise reply
            return Copy(keyword_id, {})
    return _copy(keyword_id, *row)


def _copy(
    keyword_id: str,
    fields: Mapping[bytes, bytes],
    ranks: bytes | None,
    pages: Sequence[bytes],
    serps: bytes | None,
    *rest: bytes | float | None,
) -> Copy | None:
    if not fields:
        return None
    error, score = rest
    told = {name.decode(): value.decode(errors="replace") for name, value in fields.items()}
    texts = [page.decode(errors="replace") for page in pages]
    words = error.decode(errors="replace") if isinstance(error, bytes) else ""
    return Copy(keyword_id, told, ranks or b"", texts, serps or b"", words, _due(score))


def _due(score: bytes | float | None) -> float | None:
    return None if score is None else max(-1.0, float(score))
