"""Runs: what the checks of a project said on a day, beside its last known ranks. Where most fell, those that did are held.

Fields of a run: compared and fallen (keywords), state, round (how often it was held), held_ms, decided_ms, note, and the sample:
`s:<keyword>` → fell, stands or unread.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import clock
import config
import models
from state.store import connection, keys, scripts
from state.tracking import history
from state.tracking import keys as own_keys

WATCHED, HELD, RELEASED, DISCARDED = "watched", "held", "released", "discarded"

#: What a look at a keyword of the sample said.
FELL, STANDS, UNREAD = "fell", "stands", "unread"

#: Runs are kept so long (s), and so many of them are looked at.
KEEP_S, MOST = 9 * 86400, 1000

#: Reasons of an unknown: held; the run was discarded.
REASON, REASON_DISCARDED = "suspect", "suspect_discarded"

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Run:
    """What the checks of a project said on a day. Times in ms; 0 = not yet. `sample`: keyword → fell, stands or unread."""

    project_id: str
    day: date
    state: str = WATCHED
    compared: int = 0
    fallen: int = 0
    round: int = 0
    held_ms: int = 0
    decided_ms: int = 0
    note: str = ""
    sample: dict[str, str] = field(default_factory=dict)


def judge(project_id: str, keyword_id: str, rank: models.Rank, *, fell: bool) -> tuple[str, bool]:
    """Count a comparable rank in the run of its day; the state of the run, and whether this rank has it held. Safe to repeat."""
    run, settings = _keys(project_id, rank.day), config.settings()
    state, trips = _judge(
        **run,
        now_ms=clock.script_now_ms(),
        name=f"{project_id} {rank.day.isoformat()}",
        keyword_id=keyword_id,
        fell=int(fell),
        rank=history.pack(rank) + history.page_of(rank).encode(errors="replace"),
        least=settings.suspect_keywords,
        share=settings.suspect_share,
        keep_s=KEEP_S,
    )
    return state.decode(), bool(trips)


@scripts.script("tracking/judge")
def _judge(
    *,
    run: str,
    falls: str,
    seen: str,
    suspects: str,
    now_ms: str,
    name: str,
    keyword_id: str,
    fell: int,
    rank: bytes,
    least: int,
    share: float,
    keep_s: int,
) -> tuple[bytes, int]:
    raise scripts.InLua


def find(project_id: str, day: date) -> Run | None:
    """The run of a day; None where nothing was compared."""
    return _runs([(project_id, day)])[0]


def latest(project_id: str, today: date, days: int = 8) -> list[Run]:
    """Runs of the last days in which something was held, the newest first."""
    wanted = [(project_id, date.fromordinal(today.toordinal() - back)) for back in range(days)]
    return [run for run in _runs(wanted) if run and run.round]


def held() -> list[Run]:
    """Runs that are held, the one that was held first at the front."""
    names = [name.decode().partition(" ") for name in connection.client().zrange(own_keys.SUSPECTS, 0, MOST - 1)]
    found = _runs([(project_id, date.fromisoformat(day)) for project_id, _, day in names])
    return [run for run in found if run and run.state == HELD]


def falls(run: Run) -> Iterator[dict[str, models.Rank]]:
    """The ranks that fell in a run, by keyword, a chunk at a time."""
    cursor, name = 0, own_keys.run(run.project_id, run.day.isoformat(), "falls")
    while True:
        cursor, found = connection.client().hscan(name, cursor, count=CHUNK)
        if found:
            yield {keyword.decode(): _rank(text) for keyword, text in found.items()}
        if not cursor:
            return


def is_withheld(project_id: str, keyword_id: str, day: date) -> bool:
    """Whether the rank of a keyword on a day is not to be shown: it fell in a run that is held, or was discarded."""
    name = own_keys.run(project_id, day.isoformat())
    with connection.client().pipeline(transaction=False) as pipe:
        pipe.hget(name, "state")
        pipe.hexists(own_keys.run(project_id, day.isoformat(), "falls"), keyword_id)
        state, fell = pipe.execute()
    return bool(fell) and state in (HELD.encode(), DISCARDED.encode())


def sampled(run: Run, keyword_id: str, verdict: str) -> None:
    """Keep what a look at a keyword of the sample said."""
    connection.client().hset(own_keys.run(run.project_id, run.day.isoformat()), f"s:{run.round}:{keyword_id}", verdict)


def withhold(ranks: dict[str, models.Rank]) -> int:
    """Take back ranks that fell before their run was held: each is unknown now. How many were changed. Safe to repeat."""
    calls = [
        _withhold.call(ranks=keys.ranks(keyword), fallen=history.pack(rank), unknown=history.pack(unknown(rank, REASON)))
        for keyword, rank in ranks.items()
    ]
    return sum(scripts.run_together(calls))


@scripts.script("tracking/withhold")
def _withhold(*, ranks: str, fallen: bytes, unknown: bytes) -> int:
    raise scripts.InLua


def unknown(rank: models.Rank, reason: str) -> models.Rank:
    """What stands in the place of a rank that is not shown."""
    return models.Rank(rank.day, models.RankState.UNKNOWN, rank.scanned, reason=reason, sandbox=rank.sandbox)


def decide(run: Run, state: str, note: str) -> bool:
    """End a run that is held; False where it is not (any more)."""
    name = f"{run.project_id} {run.day.isoformat()}"
    return bool(_decide(**_keys(run.project_id, run.day), now_ms=clock.script_now_ms(), name=name, state=state, note=note))


@scripts.script("tracking/decide_run")
def _decide(*, run: str, falls: str, seen: str, suspects: str, now_ms: str, name: str, state: str, note: str) -> int:
    raise scripts.InLua


def _keys(project_id: str, day: date) -> dict[str, str]:
    parts = {part: own_keys.run(project_id, day.isoformat(), part) for part in ("falls", "seen")}
    return {"run": own_keys.run(project_id, day.isoformat()), **parts, "suspects": own_keys.SUSPECTS}


def _runs(wanted: Sequence[tuple[str, date]]) -> list[Run | None]:
    with connection.client().pipeline(transaction=False) as pipe:
        for project_id, day in wanted:
            pipe.hgetall(own_keys.run(project_id, day.isoformat()))
        found = pipe.execute()
    return [_run(*one, fields) if fields else None for one, fields in zip(wanted, found, strict=True)]


def _run(project_id: str, day: date, found: dict[bytes, bytes]) -> Run:
    fields = {name.decode(): value.decode(errors="replace") for name, value in found.items()}
    numbers = {name: int(fields.get(name) or 0) for name in ("compared", "fallen", "round", "held_ms", "decided_ms")}
    mine = f"s:{numbers['round']}:"
    sample = {name.removeprefix(mine): value for name, value in fields.items() if name.startswith(mine)}
    return Run(project_id, day, fields.get("state", WATCHED), **numbers, note=fields.get("note", ""), sample=sample)


def _rank(text: bytes) -> models.Rank:
    record, page = text[: history.WIDTH], text[history.WIDTH :]
    return history.unpack(record[:-1] + (b"\0" if page else bytes([history.NO_PAGE])), [page] if page else [])[0]
