"""The stream of who changed what, newest last. Fields of a line are texts: who, how, what, outcome, from …"""

from collections.abc import Mapping
from typing import NamedTuple

import clock
from state.access import keys
from state.store import connection, scripts, together
from state.store import keys as store_keys

_together = together.Together()


class Line(NamedTuple):
    """One change: its id (ms since 1970, a dash, a number) and its fields."""

    id: str
    fields: Mapping[str, str]


#: Streams of lines, with the most that each may hold. What is many cannot push out what is rare.
STREAMS = {keys.AUDIT: 1_000_000, keys.ROUTINE: 200_000}


def write(fields: Mapping[str, str], keep_s: int, is_routine: bool = False) -> None:
    """Write a line; lines older than `keep_s` go. `is_routine`: it stands beside many of its kind."""
    _together.ask(call(fields, keep_s, is_routine))


def call(fields: Mapping[str, str], keep_s: int, is_routine: bool, job_id: str = "") -> scripts.Call:
    """The same, to be sent with others. `job_id`: only where there is this job."""
    flat = [part for pair in fields.items() for part in pair]
    stream = keys.ROUTINE if is_routine else keys.AUDIT
    needed = store_keys.job(job_id) if job_id else stream
    limits = {"keep_ms": keep_s * 1000, "most": STREAMS[stream]}
    return _write.call(audit=stream, needed=needed, now_ms=clock.script_now_ms(), **limits, fields=flat)


@scripts.script("access/write_audit")
def _write(*, audit: str, needed: str, now_ms: str, keep_ms: int, most: int, fields: list[str]) -> bytes:
    raise scripts.InLua


def before(line_id: str, count: int) -> list[Line]:
    """The newest lines before this one, the newest first; '' = of all. Two may have one id, then both are there or none.

    One round trip.
    """
    with connection.client().pipeline(transaction=False) as pipe:
        for stream in STREAMS:
            pipe.xrevrange(stream, max=f"({line_id}" if line_id else "+", count=count + 1)
        read = pipe.execute()
    found = [Line(name.decode(), _texts(fields)) for lines in read for name, fields in lines]
    found.sort(key=_place, reverse=True)
    last = count + (len(found) > count and found[count].id == found[count - 1].id)
    return found[:last]


def _texts(fields: Mapping[bytes, bytes]) -> dict[str, str]:
    return {field.decode(): text.decode(errors="replace") for field, text in fields.items()}


def _place(line: Line) -> tuple[int, int]:
    ms, _, number = line.id.partition("-")
    return int(ms), int(number)


def trim(keep_s: int) -> int:
    """Let go of older lines, to the last one; returns how many."""
    oldest_ms = int((connection.now().timestamp() - keep_s) * 1000)
    return sum(int(connection.client().xtrim(stream, minid=oldest_ms, approximate=False)) for stream in STREAMS)
