"""The keywords of a project in an order that was counted with its overview: a page of it costs the same for any project."""

import re
from dataclasses import dataclass, replace

from errors import ArgumentError, WrongState
from state.tracking import orders
from topics.tracking.orders import NAMES

#: Names of orders as people give them; with a - before it, the other way round.
SORTS = tuple(sign + name for name in NAMES for sign in ("", "-"))

CURSOR = re.compile(r"o([0-9a-f]{8})\.([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins in an order: `at` counts from its first keyword. What has no value comes last in both directions."""

    version: str
    name: str
    falling: bool
    at: int
    valued: int
    keywords: int

    def __str__(self) -> str:
        return f"o{self.version}.{self.at}"

    def after(self, number: int) -> "Place | None":
        """The place so many keywords later; None where the order ends."""
        return replace(self, at=self.at + number) if self.at + number < self.keywords else None


def begin(project_id: str, sort: str, cursor: str) -> Place | None:
    """Where a page begins. Raises ArgumentError for an order or cursor that is none, WrongState where nothing is counted yet."""
    if sort not in SORTS:
        raise ArgumentError(f"--sort {sort!r:.40} must be one of {', '.join(SORTS)}")
    given = CURSOR.fullmatch(cursor) if cursor else None
    if cursor and not given:
        raise ArgumentError(f"--cursor {cursor!r:.60} is none of this list: give the one of its last reply, with the same order.")
    count = orders.latest(project_id)
    if count is None:
        raise WrongState(f"The keywords of {project_id} are not sorted yet: count its overview first, or list them as stored.")
    name = sort.removeprefix("-")
    version, at = (given[1], int(given[2])) if given else (count.version, 0)
    return Place(version, name, sort != name, 0, count.valued.get(name, 0), count.keywords).after(at)


def read(project_id: str, place: Place, count: int) -> list[str]:
    """The next ids, at most so many. Raises WrongState where this order is not kept any more."""
    if not place.falling or place.at >= place.valued:
        found = orders.read(project_id, place.version, place.name, place.at, min(count, place.keywords - place.at))
    else:
        first = max(0, place.valued - place.at - count)
        found = orders.read(project_id, place.version, place.name, first, place.valued - place.at - first)[::-1]
    if not found:
        raise WrongState("The keywords were sorted anew meanwhile: begin with the first rows again.")
    return found
