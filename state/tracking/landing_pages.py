"""The landing pages of a project as they were counted last: lists of rows, read a part at a time.

A new count takes the place of the last one, which stays for ten minutes for whoever reads its parts.
"""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import chunks
from errors import ArgumentError
from state.store import connection
from state.tracking import keys

#: How long a count is kept, and one that another replaced (s).
KEPT_S, REPLACED_S = 7 * 86_400, 600

#: Rows written in one round trip.
CHUNK = 500

CURSOR = re.compile(r"([0-9a-f]{8})\.([0-9]{1,9})", re.ASCII)

Row = Mapping[str, Any]


class Rows(NamedTuple):
    """Some rows of a list. `cursor` leads to the next ones; "" = there are none."""

    rows: list[dict[str, Any]]
    cursor: str


def keep(project_id: str, head: Mapping[str, Any], lists: Mapping[str, Sequence[Row]]) -> None:
    """Keep a count in place of the one before: its head when all of its rows are there."""
    before, version = read(project_id), secrets.token_hex(4)
    for name, rows in lists.items():
        key = keys.landing_rows(project_id, version, name)
        for chunk in chunks.of(rows, CHUNK):
            with connection.client().pipeline() as pipe:  # in one step: no list without a lifetime is left by a kill
                pipe.rpush(key, *(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in chunk))
                pipe.expire(key, KEPT_S)
                pipe.execute()
    with connection.client().pipeline(transaction=False) as pipe:
        told = {**head, "version": version, "lists": list(lists)}
        pipe.set(keys.landing(project_id), json.dumps(told, ensure_ascii=False), ex=KEPT_S)
        for name in before["lists"] if before else ():
            pipe.expire(keys.landing_rows(project_id, before["version"] if before else "", name), REPLACED_S)
        pipe.execute()


def read(project_id: str) -> dict[str, Any] | None:
    """The head of the last count, with its `version`; None where there is none."""
    value = connection.client().get(keys.landing(project_id))
    return json.loads(value) if value else None


def part(project_id: str, version: str, name: str, limit: int, cursor: str = "") -> Rows:
    """Rows of a list of the count of that version, or of the cursor's. Raises ArgumentError where they are gone."""
    place = CURSOR.fullmatch(cursor) if cursor else None
    if cursor and not place:
        raise ArgumentError(f"--cursor {cursor!r:.40} is none of this list: give the one of its last reply")
    version, at = (place[1], int(place[2])) if place else (version, 0)
    with connection.client().pipeline(transaction=False) as pipe:
        pipe.lrange(keys.landing_rows(project_id, version, name), at, at + limit - 1)
        pipe.llen(keys.landing_rows(project_id, version, name))
        found, length = pipe.execute()
    if place and not length:
        raise ArgumentError("--cursor is of a count that another has replaced: begin again with the first rows")
    return Rows([json.loads(row) for row in found], f"{version}.{at + limit}" if at + limit < length else "")


def forget(project_id: str) -> None:
    """Remove the last count. Safe to repeat."""
    if found := read(project_id):
        names = [keys.landing_rows(project_id, found["version"], name) for name in found["lists"]]
        connection.client().delete(keys.landing(project_id), *names)
