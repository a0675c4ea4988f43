"""The outbox: changes of jobs, batches and crawls that somebody must be told of, whatever dies.

The script that makes a change puts it there in the same step, if it is wanted (lua/parts/outbox.lua), and has the job
`jobs.webhooks.dispatch` read it. A change stays there until what it leads to is written.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import clock
from state.engine import changes
from state.engine import keys as own_keys
from state.engine.changes import Change
from state.store import connection, constants, keys, scripts

#: Events that may be wanted. Ends are all that come once.
STARTED, PAGE = "started", "page"

#: Entries of one look.
COUNT = 100


class Entry(NamedTuple):
    """An entry of the outbox. `changes`: outcomes are as in the stream of events, `started`, or `page` (ran_ms is its number)."""

    id: str
    changes: list[Change]


def want(job_id: str, events: Iterable[str], keep_s: int) -> None:
    """Keep the ends of this job, batch or crawl from now on, and the starts and pages if they are among `events`."""
    told = sorted({*events, *(connection.client().get(own_keys.wanted(job_id)) or b"").decode().split(",")} - {""})
    with connection.client().pipeline() as pipe:
        pipe.set(own_keys.wanted(job_id), ",".join(told) or "end", ex=keep_s)
        pipe.hset(own_keys.WANTED, mapping={"some": "1", **{name: "1" for name in (STARTED, PAGE) if name in told}})
        pipe.execute()


def want_all(events: Iterable[str]) -> None:
    """Keep the ends of all jobs from now on, and what else is among `events`; no events = keep those of no others any more."""
    told = sorted(set(events))
    if not told:
        connection.client().hdel(own_keys.WANTED, "*")
        return
    flags = {name: "1" for name in (STARTED, PAGE) if name in told}
    connection.client().hset(own_keys.WANTED, mapping={"*": ",".join(told), **flags})


def add_missed(job_id: str, what: str, kind: str, number: int = 0) -> None:
    """Put a change there that came before anybody wanted it; `what`: an outcome, or started."""
    _add_missed(events=keys.EVENTS, now_ms=clock.script_now_ms(), row=f"{kind}|{what}||0\t{number}\t{job_id}\n")


@scripts.script("engine/add_missed")
def _add_missed(*, events: str, now_ms: str, row: str) -> int:
    raise scripts.InLua


def take() -> list[Entry]:
    """The oldest entries; where there are none, the next change has the job put into its queue again. They stay: see `done`."""
    found = _take_outbox(outbox=own_keys.OUTBOX, roused=own_keys.ROUSED, count=COUNT, roused_s=int(constants.ROUSED_S))
    return [Entry(name.decode(), _changes(name, fields)) for name, fields in found]


@scripts.script("engine/take_outbox")
def _take_outbox(*, outbox: str, roused: str, count: int, roused_s: int) -> list[tuple[bytes, list[bytes]]]:
    raise scripts.InLua


def done(entries: Sequence[str]) -> None:
    """What these entries lead to is written."""
    if entries:
        connection.client().xdel(own_keys.OUTBOX, *entries)


def length() -> int:
    """How many entries wait."""
    found: int = connection.client().xlen(own_keys.OUTBOX)
    return found


def rouse() -> bool:
    """Have the outbox read, if anything waits there and no job is on its way. Returns whether a job was put into the queue."""
    return bool(_rouse_outbox(events=keys.EVENTS, now_ms=clock.script_now_ms()))


@scripts.script("engine/rouse_outbox")
def _rouse_outbox(*, events: str, now_ms: str) -> int:
    raise scripts.InLua


def _changes(name: bytes, flat: Sequence[bytes]) -> list[Change]:
    fields = dict(zip(flat[::2], flat[1::2], strict=True))
    ms, _, number = name.decode().partition("-")
    at = fields.get(b"t", b"")
    rows = fields.get(b"r", b"").decode(errors="replace").split("\n")
    found = (
        changes.read((int(ms), int(number), row_at), int(at) if at.isdigit() else int(ms), row)
        for row_at, row in enumerate(rows)
        if row
    )
    return [one for one in found if one]
