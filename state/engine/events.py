"""The stream of events: what becomes of jobs, as the scripts that change them write it; and its readers.

Events of executions that ended stand in it for a minute at least, then they move to the history. `submitted` is written only
while somebody follows: most submits are nobody's news.
"""

import math
import secrets
from collections.abc import Iterator

import clock
from state.engine import changes
from state.engine.changes import Change
from state.store import connection, keys, scripts

#: A follower says so often (s) that it follows. The mark lives three times as long.
FOLLOW_S = 20

#: Seconds between two looks of a follower, and entries read at a time.
LOOK_S, COUNT = 0.5, 200

#: Kind of the jobs that others tell of.
EXTERNAL = "external"


def latest(number: int) -> list[Change]:
    """The last `number` events, oldest first. Reads only."""
    found: list[Change] = []
    for name, fields in connection.client().xrevrange(keys.EVENTS, count=number):
        found += reversed(changes_of(name, fields))
        if len(found) >= number:
            break
    return found[number - 1 :: -1] if len(found) > number else found[::-1]


def after(entry: str, count: int = COUNT) -> tuple[list[Change], str]:
    """Events after an entry of the stream ('0' = from its beginning), and the entry to ask with next. Reads only."""
    found = connection.client().xrange(keys.EVENTS, min=f"({entry}" if entry != "0" else "-", max="+", count=count)
    changed = [one for name, fields in found for one in changes_of(name, fields)]
    return changed, found[-1][0].decode() if found else entry


def newest(stream: str = keys.EVENTS) -> str:
    """The last entry of a stream; '0' where there is none."""
    found = connection.client().xrevrange(stream, count=1)
    return found[0][0].decode() if found else "0"


def follow(since: str | None = None) -> Iterator[list[Change]]:
    """Events as they come, after entry `since` (default: from now on); an empty list where there are none for a moment.

    While it is read, also what is not kept is written, e.g. submits: a mark says that somebody follows. No connection waits for
    the next event: others may need it.
    """
    entry, marked = newest() if since is None else since, -math.inf
    while True:
        if clock.monotonic() > marked + FOLLOW_S:
            marked = clock.monotonic()
            connection.client().set(keys.FOLLOWED, "1", ex=3 * FOLLOW_S)
            if place(newest()) < place(entry):  # the stream began anew: a fail-over, or somebody deleted it
                entry = "0"
        found, entry = after(entry)
        if not found:
            clock.wait(LOOK_S)
        yield found


def place(entry: str) -> tuple[int, int]:
    """An entry as numbers that can be compared."""
    ms, _, number = entry.partition("-")
    return int(ms), int(number or 0)


def changes_of(name: bytes, fields: dict[bytes, bytes]) -> list[Change]:
    """The changes that an entry of the stream tells."""
    ms, _, number = name.decode().partition("-")
    at = fields.get(b"t", b"")
    at_ms = int(at) if at.isdigit() else int(ms)
    rows = fields.get(b"r", b"").decode(errors="replace").split("\n")
    found = (changes.read((int(ms), int(number), at_row), at_ms, row) for at_row, row in enumerate(rows) if row)
    return [one for one in found if one]


def tell(rows: str) -> bool:
    """Tell of changes of jobs that the engine did not run; rows as changes.py describes them."""
    mark = keys.told(secrets.token_hex(8))
    return bool(_tell(told=mark, events=keys.EVENTS, now_ms=clock.script_now_ms(), hours=keys.HOUR, rows=rows))


@scripts.script("engine/tell_changes")
def _tell(*, told: str, events: str, now_ms: str, hours: str, rows: str) -> int:
    raise scripts.InLua
