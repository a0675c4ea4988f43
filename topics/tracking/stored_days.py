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
from errors import ArgumentError, ConfigError, DataError, NetworkError, NotFound, SystemFault, TrawlError
from parsing import charsets
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


@dataclass(frozen=True, slots=True)
class Evidence:
    """A page as it came. It is hostile: `body` is never to run in anybody's browser. `charset`: Python's name of it."""

    body: bytes
    text: str  # the same, read; what has no meaning is U+FFFD
    charset: str
    format: str  # html | json
    number: int  # of so many pages of the check
    of: int


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
        return _shown(projects.get(keyword.project_id), keyword, day, rank)
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


def page(keyword: models.Keyword, day: date, number: int) -> Evidence:
    """A page of the check that `of` shows, by its number from 1 on.

    Raises NotFound, DataError for what is damaged, and what the store raises.
    """
    project = projects.get(keyword.project_id)
    found = _shown(project, keyword, day, None)
    if found.check is None:
        raise NotFound(found.missing)
    pages = found.check.pages
    if not 1 <= number <= len(pages):
        raise NotFound(f"The check of {day} kept {len(pages)} pages: there is no page {number}.")
    one = pages[number - 1]
    if not one.key.startswith(_beginning(project, keyword, day)):
        raise DataError(f"The stored object names {one.key!r:.200} as its page, which is none of this keyword and day.")
    body = records.page_body(storage.hurried(config.settings()), one)
    header = f"text/html; charset={one.charset}" if one.charset else None
    text, charset = charsets.decode(body, header)
    return Evidence(body, text, charset, one.format, number, len(pages))


def _shown(project: models.Project, keyword: models.Keyword, day: date, rank: models.Rank | None) -> StoredDay:
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


def _beginning(project: models.Project, keyword: models.Keyword, day: date) -> str:
    return records.key_of(project, keyword, day).removesuffix("json")
