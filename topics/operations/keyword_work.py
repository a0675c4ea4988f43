"""Changes of many keywords at once: of those that are named, or of all that a filter takes. Each says first how many they are."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import models
from errors import ArgumentError
from state.tracking import keywords
from topics.operations import keyword_lists
from topics.operations.keyword_filters import Wanted
from topics.tracking import asking, descriptions

#: What can be done with many keywords.
ACTIONS = ("tag", "untag", "target", "archive", "unarchive", "remove", "check")

Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done. `value`: the tags of tag and untag, the page of target ("" = none). `track`: the job of a check.

    `asked_at`: a check leaves out keywords that were tried since, so that a job which runs twice buys no page twice.
    `most`: it is done with so many keywords at most, those that were said before; None = all.
    """

    action: str
    value: str = ""
    track: Callable[..., Any] | None = None
    asked_at: datetime | None = None
    most: int | None = None
    warnings: list[str] = field(default_factory=list)  # filled by a check: what holds up what it queued

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise ArgumentError(f"--action {self.action!r:.40} must be one of {', '.join(ACTIONS)}")
        if self.action in ("tag", "untag") and not self.value.strip():
            raise ArgumentError(f"--value is missing: {self.action} needs a tag")
        if self.action in ("tag", "target"):
            self._details()

    def do(self, found: Sequence[models.Keyword]) -> int:
        """Do it with these keywords; returns how many that changed, of a check: how many were queued. Safe to repeat."""
        if self.action == "check":
            return self._check(found)
        if self.action in ("archive", "unarchive"):
            return keywords.archive_many(found, self.action == "archive")
        if self.action == "remove":
            return keywords.remove_many(found)
        return descriptions.change(found, self._details(), self.value.split(",") if self.action == "untag" else ())

    def _details(self) -> Any:
        tags = self.value.split(",") if self.action == "tag" else ()
        return descriptions.checked(tags, target_url=self.value.strip() if self.action == "target" else None)

    def _check(self, found: Sequence[models.Keyword]) -> int:
        if self.track is None:
            raise ArgumentError("a check needs its job")
        since = self.asked_at
        left = [one for one in found if not (since and one.attempted_at and one.attempted_at >= since)]
        if not left:
            return 0
        made = asking.check_now(self.track, left)
        self.warnings.extend(one for one in made["warnings"] if one not in self.warnings)
        return sum(one["duplicate_of"] is None for one in made["checks"])


@dataclass(frozen=True, slots=True)
class Counted:
    """How many keywords there are, and how many pages a check of them buys at most."""

    keywords: int
    pages: int


def count(project_id: str, wanted: Wanted, progress: Progress = lambda done: None) -> Counted:
    """How many keywords a filter takes now, and what a check of them costs at most. Reads all keywords of the project."""
    number = pages = 0
    for found in _parts(project_id, wanted, progress):
        number, pages = number + len(found), pages + price(found)
    return Counted(number, pages)


def price(found: Sequence[models.Keyword]) -> int:
    """Pages that a check of these buys at most."""
    return int(asking.price(found)["pages_at_most"]) if found else 0


def everything(project_id: str, wanted: Wanted, work: Work, progress: Progress = lambda done: None) -> dict[str, int]:
    """Do it with all that a filter takes; returns `changed` and `of`. Safe to repeat: the rest is done then."""
    changed = seen = 0
    for found in _parts(project_id, wanted, progress):
        chosen = found if work.most is None else found[: max(0, work.most - seen)]
        changed, seen = changed + work.do(chosen), seen + len(chosen)
        if work.most is not None and seen >= work.most:
            break
    return {"changed": changed, "of": seen}


def _parts(project_id: str, wanted: Wanted, progress: Progress) -> Iterator[list[models.Keyword]]:
    """All that fit, some thousand at a time; each once, though the scan of a store may give one twice."""
    cursor, told = "", set[str]()
    while True:
        found, cursor = keyword_lists.matching(project_id, wanted, cursor)
        fresh = list({one.id: one for one in found if one.id not in told}.values())
        told.update(one.id for one in fresh)
        if fresh:
            yield fresh
        progress(len(told))
        if not cursor:
            return
