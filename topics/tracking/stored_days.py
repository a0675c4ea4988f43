"""What is stored of a keyword's day, for people who look: bounded in size and in time, and never an error for a day alone.

A day may have two objects: of a check that read its pages, and of one that failed. The first is shown; the second where there is
no other. Whoever can write to the store could put anything there, so nothing of it is taken for more than a text.
"""

import re
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import date

import config
import models
from clients import storage
from errors import ArgumentError, ConfigError, DataError, NetworkError, SystemFault, TrawlError
from state.tracking import history, projects
from topics.tracking import records

DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

#: Objects that are read at once, and seconds that a list waits for all of its days.
AT_ONCE, LIST_WAITS_S = 8, 5.0


@dataclass(frozen=True, slots=True)
class StoredDay:
    """A day of a keyword. `rank`: what the history says; None = nothing. `check` None: `missing` says why there is no object."""

    day: date
    rank: models.Rank | None = None
    check: records.StoredCheck | None = None
    failed_too: bool = False  # another check of the day failed, and what it fetched is kept as well
    missing: str = ""

    @property
    def differs(self) -> bool:
        """Whether the history holds another rank than the stored check read."""
        if self.rank is None or self.check is None:
            return False
        return (self.rank.state, self.rank.rank) != (self.check.rank.state, self.check.rank.rank)


def parsed(text: str) -> date:
    """A day as an address names it. Raises ArgumentError."""
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ArgumentError(f"{text!r:.40} is no day: write it like 2026-03-01")


def of(keyword: models.Keyword, day: date) -> StoredDay:
    """What is stored of one day. Raises NotFound where the project is gone."""
    rank = next((one for one in history.of(keyword.id) if one.day == day), None)
    try:
        return shown(projects.get(keyword.project_id), keyword, day, rank)
    except (NetworkError, ConfigError, SystemFault) as exc:
        return StoredDay(day, rank, missing=str(exc))


def of_many(
    project: models.Project, keyword: models.Keyword, ranks: Sequence[models.Rank], wait_s: float = LIST_WAITS_S
) -> list[StoredDay]:
    """The same of several days of a history. A day that the store did not tell in time, or refused, says so in `missing`."""
    if not ranks:
        return []
    store = storage.hurried(config.settings())
    pool = ThreadPoolExecutor(min(AT_ONCE, len(ranks)), "stored-day")
    asked = [pool.submit(_read, store, project, keyword, rank.day, rank) for rank in ranks]
    wait(asked, wait_s)
    pool.shutdown(wait=False, cancel_futures=True)
    return [_told(rank, one) for rank, one in zip(ranks, asked, strict=True)]


def shown(project: models.Project, keyword: models.Keyword, day: date, rank: models.Rank | None) -> StoredDay:
    """A day with the check that people see of it."""
    store = storage.hurried(config.settings())
    found = _read(store, project, keyword, day, rank)
    if found.check is None or found.check.rank.state is models.RankState.UNKNOWN:
        return found
    return replace(found, failed_too=store.exists(records.key_of(project, keyword, day, failed=True)))


def _read(
    store: storage.Store, project: models.Project, keyword: models.Keyword, day: date, rank: models.Rank | None
) -> StoredDay:
    key = records.key_of(project, keyword, day)
    try:
        check = records.get(store, key)
        found = check or records.get(store, records.key_of(project, keyword, day, failed=True))
    except DataError as exc:
        return StoredDay(day, rank, missing=str(exc))
    if found is None:
        return StoredDay(day, rank, missing=f"No result page of that day is stored: there is no object {key}.")
    if found.keyword_id != keyword.id:
        return StoredDay(day, rank, missing=f"What is stored as {key} is of another keyword ({found.keyword!r:.80}).")
    return StoredDay(day, rank, found)


def _told(rank: models.Rank, asked: Future[StoredDay]) -> StoredDay:
    if not asked.done() or asked.cancelled():
        return StoredDay(rank.day, rank, missing="The store did not tell in time.")
    try:
        return asked.result()
    except TrawlError as exc:
        return StoredDay(rank.day, rank, missing=str(exc))
