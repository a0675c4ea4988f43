"""Keywords: what is tracked, when it is due, and how a check of it ends.

A keyword is a hash small enough for Redis's listpack encoding. Its field names are single letters, because there are millions:

    p project id · t text · x archived · d the regular check that is not done yet (s; absent = never scraped)
    s scraped at (s) · a failed attempt at (s) · f failures in a row
    v searches a month · g tags (one a line) · u the page that is meant to rank
    k the text is as it was typed: "" = the id is made of its key, else the id that its key makes (absent = stored before 2026-12)

Its id is made from project and key (spelling.key), so the same keyword cannot be added twice and no index of texts is needed.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import clock
import models
from errors import LostClaim, NotFound
from state.engine import counters, dedup
from state.store import connection, keys, scripts
from state.tracking import history, texts

#: Keywords written or removed in one script call: a few milliseconds of the server's time.
CHUNK = 500

#: Failed checks in a row before the next regular time is awaited.
FAILURES_IN_A_ROW = 3

ERROR_TTL_S = 30 * 86400


@dataclass(frozen=True, slots=True)
class Ending:
    """How a check ended.

    `outcome`: read (a page was read), failed, released (nothing was asked for), or reparsed (only the rank is stored).
    """

    outcome: str
    rank: models.Rank | None = None
    again_in_s: float = 0  # failed: the next attempt; released: 0 = at its regular time
    final: bool = False  # failed: another attempt before the regular time cannot help
    error: dict[str, str] | None = None  # category, message, job
    following: int | None = None  # next regular due time (s since 1970); None = on the grid of the interval


def id_of(project_id: str, text: str) -> str:
    """The id of a new keyword: 12 characters made from its project and the key of its text (60 bits)."""
    return texts.ids_for(project_id, text).own


def add_many(project_id: str, typed: Sequence[str]) -> tuple[int, int]:
    """Add keywords to a project, as they were typed: (added, were there before). Safe to repeat. Raises as `add_typed`."""
    done = add_typed(project_id, typed)
    return done.added, done.known


def add_typed(project_id: str, typed: Sequence[str]) -> texts.Added:
    """The same; says also which got their text as typed in place of an older version's.

    Raises NotFound for the project, DataError where two texts have one id.
    """
    added = known = 0
    respelled: list[tuple[str, str]] = []
    for chunk in chunked(typed, CHUNK):
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


def get(keyword_id: str) -> models.Keyword:
    """One keyword. Raises NotFound."""
    found = find_many([keyword_id])[0]
    if not found:
        raise NotFound(f"No keyword {keyword_id}. `python manage.py keyword list PROJECT` shows what there is.")
    return found


def ids_of(project_id: str, *, archived: bool | None = False) -> Iterator[str]:
    """Keyword ids of a project in chunks of the server's choosing; `archived` True = only those that rest, None = all."""
    redis = connection.client()
    if archived is not True:
        for member, _ in redis.zscan_iter(keys.due(project_id), count=1000):
            yield member.decode()
    if archived is not False:
        for member in redis.sscan_iter(keys.archived(project_id), count=1000):
            yield member.decode()


def in_project(project_id: str, *, archived: bool | None = False) -> Iterator[models.Keyword]:
    """Keywords of a project, read 1,000 at a time, in no order."""
    for chunk in chunked(ids_of(project_id, archived=archived), 1000):
        yield from (keyword for keyword in find_many(chunk) if keyword)


def set_archived(keyword_id: str, archived: bool) -> bool:
    """Let a keyword rest, or wake it; says whether that changed anything. Raises NotFound."""
    project_id = get(keyword_id).project_id
    where = [*_places(project_id), keys.keyword(keyword_id)]
    changed = scripts.run("tracking/archive", where, [project_id, keyword_id, int(archived)])
    return bool(changed == 1)


def remove(project_id: str, keyword_ids: Sequence[str]) -> int:
    """Remove keywords with their history; says how many were there."""
    where = [*_places(project_id), keys.FAILED]
    removed = 0
    for at in range(0, len(keyword_ids), CHUNK):
        removed += scripts.run("tracking/remove_keywords", where, [project_id, keys.KEYWORD, *keyword_ids[at : at + CHUNK]])
    return removed


def next_due(keyword_id: str) -> datetime | None:
    """When the next attempt is due, retries included; None where the keyword rests or is being processed."""
    keyword = get(keyword_id)
    score = connection.client().zscore(keys.due(keyword.project_id), keyword_id)
    return None if score is None or score < 0 else datetime.fromtimestamp(score, UTC)


def last_error(keyword_id: str) -> dict[str, str] | None:
    """The last failure (category, message, at), kept for 30 days after it; None when the last check read a page."""
    value = connection.client().get(keys.last_error(keyword_id))
    return json.loads(value) if value else None


def finish(keyword: models.Keyword, owner: str | None, every: timedelta, ending: Ending) -> None:
    """End a check: store its rank, set the next due time and free the claim of `owner`, in one step. Safe to repeat.

    Raises LostClaim where another job holds the claim by now; then nothing was changed. `owner` None touches no claim.
    """
    error = {**ending.error, "at": clock.now().isoformat(timespec="seconds")} if ending.error else None
    reply = scripts.run(
        "tracking/record",
        [
            keys.keyword(keyword.id),
            keys.ranks(keyword.id),
            keys.pages(keyword.id),
            keys.last_error(keyword.id),
            keys.claims(dedup.SERP),
            keys.claim_jobs(dedup.SERP),
            keys.FAILED,
            keys.RING,
            keys.WAITING,
            keys.count("scraped", counters.minute()),
        ],
        [
            clock.script_now_ms(),
            keyword.id,
            owner or "",
            ending.outcome,
            history.pack(ending.rank) if ending.rank else b"",
            history.page_of(ending.rank) if ending.rank else "",
            max(1, round(every.total_seconds())),
            round(ending.again_in_s),
            1 if ending.final else FAILURES_IN_A_ROW,
            json.dumps(error) if error else "",
            ERROR_TTL_S,
            keys.PROJECT,
            "" if ending.following is None else ending.following,
        ],
    )
    if reply == b"lost":
        raise LostClaim(f"Keyword {keyword.id} is another job's by now; the outcome of {owner} is refused.")


def release(claim: dedup.Claim) -> bool:
    """Free a claim that will have no outcome, its keyword due again, in one step; says whether its owner still held it."""
    try:
        finish(models.Keyword(claim.member, "", ""), claim.job_id, timedelta(days=1), Ending("released"))
    except LostClaim:
        return False
    return True


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


def chunked(items: Iterable[str], size: int) -> Iterator[list[str]]:
    """Lists of at most `size` items."""
    chunk: list[str] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _places(project_id: str) -> list[str]:
    return [keys.project(project_id), keys.due(project_id), keys.archived(project_id), keys.RING, keys.WAITING]
