"""The keywords of a project a page at a time, however many there are: by the server's own scan, which loses none.

A keyword that is there from the first page to the last comes at least once; one that is added, archived or unarchived meanwhile
may be missing or come twice. The order is the server's.

How far one step of the scan goes depends on what is stored then, so a step cannot be repeated to get the rest of it. A page that
ends inside a step takes the ids of the rest along, in the cursor. A small set comes whole, sorted: there the last id is enough.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from state.store import connection, keys

#: The lists in which keywords stand, in the order in which they come.
ACTIVE, ARCHIVED = "a", "x"
LISTS = (ACTIVE, ARCHIVED)

ID_CHARS = 12

CURSOR = re.compile(r"([ax])([0-9]{1,20})(?:-([a-z2-7]{12})|\.((?:[a-z2-7]{12}){1,600}))?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: a list, the server's cursor in it, and what of the step before it is left.

    `after`: the last id that came of a set that comes whole. `rest`: ids that were scanned and did not come yet.
    """

    list: str
    scan: int = 0
    after: str = ""
    rest: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.list}{self.scan}" + (f"-{self.after}" if self.after else f".{''.join(self.rest)}" if self.rest else "")


@dataclass(frozen=True, slots=True)
class Step:
    """Ids from a place on, and where the next ones begin; `following` None = this list ends."""

    place: Place
    ids: Sequence[str]
    following: Place | None
    is_whole: bool = False

    def before(self, number: int) -> Place:
        """Where a page goes on that ended before the id of that number."""
        if number == 0:
            return self.place
        if self.is_whole:
            return Place(self.place.list, after=self.ids[number - 1])
        return Place(self.place.list, self.following.scan if self.following else 0, rest=tuple(self.ids[number:]))


def first(archived: bool | None) -> Place:
    """Where the keywords begin; `archived` True = only archived ones."""
    return Place(ARCHIVED if archived else ACTIVE)


def read(cursor: str) -> Place | None:
    """The place that a cursor names, None for what is none."""
    found = CURSOR.fullmatch(cursor)
    if not found or int(found[2]) >= 1 << 63:
        return None
    rest = found[4] or ""
    ids = tuple(rest[at : at + ID_CHARS] for at in range(0, len(rest), ID_CHARS))
    return Place(found[1], int(found[2]), found[3] or "", ids)


def step(project_id: str, place: Place, count: int) -> Step:
    """The ids from a place on: about `count`, perhaps none or some more."""
    if place.rest:
        return Step(place, place.rest, Place(place.list, place.scan) if place.scan else None)
    if place.list == ACTIVE:
        scan, pairs = connection.client().zscan(keys.due(project_id), place.scan, count=count)
        found = {member.decode() for member, _ in pairs}
    else:
        scan, members = connection.client().sscan(keys.archived(project_id), place.scan, count=count)
        found = {member.decode() for member in members}
    is_whole = not place.scan and not int(scan)
    ids = sorted(one for one in found if one > place.after) if is_whole else sorted(found)
    return Step(place, ids, Place(place.list, int(scan)) if int(scan) else None, is_whole)
