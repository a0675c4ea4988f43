"""Pages of API keys by month. What a job may fetch is taken before it is queued; what it did not fetch is given back.

So many jobs at once can never spend more than there is. A key without a quota is counted the same way.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import clock
from state.access import keys
from state.store import connection, scripts
from state.store import keys as store_keys

#: How long a month is kept (s), and how often one looks which jobs are over (s).
KEEP_S, COUNTING_S = 70 * 86_400, 5


class Taken(NamedTuple):
    """What was reserved for a job and not settled yet. `base`: pages it had fetched before; `since_s`: s since 1970."""

    job_id: str
    pages: int
    base: int
    since_s: int


class Usage(NamedTuple):
    """Pages of a key in a month: fetched, and reserved for jobs that are not over."""

    fetched: int
    reserved: int


def month_of(moment: datetime) -> str:
    """The month of a moment, as in the names of keys."""
    return f"{moment.year:04}-{moment.month:02}"


def months() -> list[str]:
    """This month, and the one before: jobs of that may still run."""
    now = clock.now()
    return [month_of(now), month_of(now.replace(day=1) - timedelta(days=1))]


def reserve(key_id: str, wanted: Sequence[tuple[str, int]], base: int | None = None) -> tuple[bool, int]:
    """Take pages for jobs, for all or for none; whether there were enough, and how many are left (-1: there is no limit).

    `wanted`: the id of each job, and the pages that it may fetch. `base`: the pages that a job fetched before which goes on;
    None = new jobs, of which one takes nothing that is queued already. Safe to repeat. One round trip.
    """
    is_taken, left = scripts.run_together([reserve_call(key_id, wanted, base)])[0]
    return bool(is_taken), int(left)


def this_month(key_id: str) -> str:
    """The key that holds the pages of this month."""
    return keys.pages(key_id, month_of(clock.now()))


def reserve_call(key_id: str, wanted: Sequence[tuple[str, int]], base: int | None = None, month: str = "") -> scripts.Call:
    """The same, to be sent with others. `month`: as `this_month` said."""
    return _reserve.call(
        pages=month or this_month(key_id),
        key=keys.api_key(key_id),
        records=[store_keys.job(job_id if base is None else "") for job_id, _ in wanted],
        base=base or 0,
        since_s=int(clock.now().timestamp()),
        keep_s=KEEP_S,
        reserved=[part for pair in wanted for part in pair],
    )


@scripts.script("access/reserve_pages")
def _reserve(
    *,
    pages: str,
    key: str,
    records: Sequence[str],
    base: int,
    since_s: int,
    keep_s: int,
    reserved: Sequence[scripts.Argument],
) -> Sequence[int]:
    raise scripts.InLua


def settle(key_id: str, job_id: str, fetched: int) -> int:
    """Give back what a job did not fetch; returns how many pages, -1 where nothing was reserved. Safe to repeat."""
    return int(_settle(months=[keys.pages(key_id, month) for month in months()], job=job_id, fetched=fetched))


@scripts.script("access/settle_pages")
def _settle(*, months: Sequence[str], job: str, fetched: int) -> int:
    raise scripts.InLua


def usage(key_id: str, month: str) -> Usage:
    """What a key used in a month."""
    return usages([key_id], month)[0]


def usages(key_ids: Sequence[str], month: str) -> list[Usage]:
    """The same of several keys, in one round trip."""
    with connection.client().pipeline(transaction=False) as pipe:
        for key_id in key_ids:
            pipe.hmget(keys.pages(key_id, month), "=taken", "=fetched")
        found = pipe.execute() if key_ids else []
    return [Usage(int(fetched or 0), max(0, int(taken or 0) - int(fetched or 0))) for taken, fetched in found]


def held(key_id: str, job_id: str) -> Taken | None:
    """What is reserved for a job; None = nothing."""
    for month in months():
        found = connection.client().hget(keys.pages(key_id, month), job_id)
        if found:
            return Taken(job_id, *map(int, found.split()))
    return None


def open_of(key_id: str) -> Iterator[Taken]:
    """What is reserved for jobs of a key, as it is read."""
    for month in months():
        for name, held in connection.client().hscan_iter(keys.pages(key_id, month), count=1000):
            if not name.startswith(b"="):
                yield Taken(name.decode(errors="replace"), *map(int, held.split()))


def may_count(key_id: str) -> bool:
    """Whether nobody looked in the last seconds which jobs of a key are over: then the caller does."""
    return bool(connection.client().set(keys.counting(key_id), 1, ex=COUNTING_S, nx=True))
