"""Ledgers by what they do now: those that run, that are quiet, that are over. Nothing here changes anything."""

from collections.abc import Sequence
from typing import Any

from errors import ArgumentError
from state.engine import records
from state.engine.records import Place
from state.scraping import keys as own_keys
from state.scraping import ledgers
from state.scraping.ledgers import Ledger
from state.store import connection, score_pages

#: A lane is looked after when its ledger has not moved for so long (s).
QUIET_S = 120


def with_records(job_ids: Sequence[str]) -> list[tuple[dict[str, str], Ledger | None]]:
    """The records of jobs ({} = none), each with the ledger of that id, in one round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for job_id in job_ids:
            records.ask(pipe, job_id)
            pipe.hgetall(own_keys.ledger(job_id))
        found = pipe.execute(raise_on_error=False) if job_ids else []
    if failed := next((each for each in found[1::2] if isinstance(each, Exception)), None):
        raise failed
    pairs = zip(job_ids, found[::2], found[1::2], strict=True)
    return [(records.told(record), ledgers.read_from(job_id, ledger)) for job_id, record, ledger in pairs]


def live() -> Place:
    """Where the ids of ledgers stand that are not over, the last that moved first."""
    return Place(own_keys.LEDGERS, "zset", newest_first=True)


def page(limit: int, cursor: str = "", *, ended: bool = False) -> tuple[list[Ledger], str]:
    """Ledgers, and the cursor of the next ones ("" = there are none): the last that moved first, or with `ended` that ended last.

    Raises ArgumentError for a cursor of another list. A part may hold fewer than `limit`: some have expired. Two round trips.
    """
    if not score_pages.is_cursor(cursor):
        raise ArgumentError(f"{cursor!r:.60} is no cursor of this list: give the one of its last reply.")
    found = score_pages.read(own_keys.ENDED if ended else own_keys.LEDGERS, limit, cursor, newest_first=True)
    return [one for one in ledgers.read_many([name for name, _ in found.rows]) if one], found.cursor


def going_on() -> set[str]:
    """All ledgers that are not over."""
    return {name.decode() for name in connection.client().zrange(own_keys.LEDGERS, 0, -1)}


def quiet() -> list[str]:
    """Ledgers that run and have not moved for two minutes."""
    until_ms = (connection.now().timestamp() - QUIET_S) * 1000
    found: list[Any] = connection.client().zrange(own_keys.LEDGERS, "-inf", until_ms, byscore=True, offset=0, num=1000)
    return [name.decode() for name in found]


def over(ledger_ids: Sequence[str]) -> list[str]:
    """Those of these ids that are a ledger which is over. One round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for ledger_id in ledger_ids:
            pipe.hget(own_keys.ledger(ledger_id), "state")
        return [ledger_id for ledger_id, state in zip(ledger_ids, pipe.execute(), strict=True) if state == b"over"]
