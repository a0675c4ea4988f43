"""Jobs in any state by what is known of them: those that live, then those that ended, each the newest first.

The work for one page is bounded, so a page may hold fewer jobs than asked for, even none, and yet have a cursor. A page costs the
same with a million jobs as with a thousand. Reads only.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import queues
from errors import ArgumentError
from models import JobStatus
from state.engine import history, owned, records
from state.engine.changes import Change
from state.engine.records import Place
from state.engine.segments import Query
from state.scraping import ledger_looks
from state.store import connection, keys
from topics.operations import history as past
from topics.operations import job_names, job_records, jobs, ledger_jobs, search_cursor, states
from topics.operations.job_filters import Wanted
from topics.operations.job_records import Job
from topics.operations.listing import Jobs
from topics.operations.search_cursor import Cursor

__all__ = ["MOST", "MOST_READ", "PAGES", "Wanted", "page", "statuses_of"]

#: Jobs in one page, records of living jobs read for one, and pages of the history.
MOST, MOST_READ, PAGES = 1000, 2000, 4

#: Jobs of the history whose records are searched for a text, in one page of it.
MOST_SEARCHED = 2000

DELAYED = frozenset({JobStatus.RETRY, JobStatus.SCHEDULED, JobStatus.PARKED})


@dataclass(slots=True)
class _Found:
    """A page that is being filled."""

    wanted: Wanted
    limit: int
    jobs: list[Job] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    looked: int = 0
    reached: datetime | None = None

    @property
    def is_full(self) -> bool:
        """Whether it has as many jobs as were asked for."""
        return len(self.jobs) >= self.limit

    def look(self, job: Job | None, name: str) -> None:
        """Take a job if it is sought."""
        self.looked += 1
        if job is None:
            return
        self.reached = job.ended_at or job.created_at or self.reached
        if job.id not in self.known and self.wanted.takes(job, name):
            self.known.add(job.id)
            self.jobs.append(job)

    def page(self, further: Cursor | None = None) -> Jobs:
        """The page as it is."""
        cursor = search_cursor.write(further, self.wanted.print) if further else ""
        return Jobs(self.jobs, cursor, self.looked, self.reached)


def page(wanted: Wanted, limit: int = 100, cursor: str = "") -> Jobs:
    """The next page of jobs; where `text` is the id of one that alone, whatever else is sought. Raises ArgumentError for a cursor
    of another list.
    """
    look = history.Look()
    if one := _named(wanted, look) if not cursor else None:
        return Jobs([one], "", 1, one.ended_at or one.created_at)
    start, found = search_cursor.read(cursor, wanted.print), _Found(wanted, max(1, min(limit, MOST)))
    with connection.errors_translated():
        if start.ended is None:
            further = _add_living(start, found)
            if further is not None:
                return found.page(further)
        if not wanted.statuses & states.ENDED:
            return found.page()
        if found.is_full:
            return found.page(Cursor(ended=""))
        further_ended = _add_ended(found, start.ended or "", look)
    return found.page(Cursor(ended=further_ended) if further_ended else None)


def statuses_of(words: Sequence[str]) -> frozenset[JobStatus]:
    """States by their names in any system's words; `active`, `ended`, `all` name several. All for none. Raises ArgumentError."""
    named = {"active": frozenset({JobStatus.RUNNING, JobStatus.PENDING}), "ended": states.ENDED, "all": frozenset(JobStatus)}
    sets = [named.get(word.strip().lower()) or frozenset({states.named(word)}) for word in words]
    return frozenset().union(*sets) if sets else frozenset(JobStatus)


def _named(wanted: Wanted, look: history.Look) -> Job | None:
    """The job whose id is sought."""
    found = jobs.find(wanted.text, look) if wanted.text else None
    return found if found and wanted.owner in (None, found.owner) else None


def _add_living(start: Cursor, found: _Found) -> Cursor | None:
    """Add jobs that are not over, from `start` on; returns where to go on, None at their end."""
    wanted, places, read = found.wanted, _places(found.wanted), 0
    if places and start.place >= len(places):
        raise ArgumentError("the cursor is none of this list: give the one of its last reply, with the same filters.")
    size = MOST_READ if wanted.text else min(records.CHUNK, 2 * found.limit + 20)
    ids = _ids(places, start, size)
    while batch := list(itertools.islice(ids, size)):
        read_now = _jobs([job_id for _, _, job_id in batch], wanted, by_labels=bool(read) and wanted.is_narrow)
        for (number, offset, job_id), job, name in zip(batch, read_now, _names(read_now, wanted), strict=True):
            found.look(job, name)
            read += 1
            if found.is_full or read >= MOST_READ:
                return Cursor(number, offset, job_id)
        size = MOST_READ if wanted.is_narrow else min(records.CHUNK, 2 * size)
    return None


def _ids(places: Sequence[Place], start: Cursor, size: int) -> Iterator[tuple[int, int, str]]:
    """Ids of places, each with the number of its place and how many stand before it there. The heads of all come together."""
    places = places[start.place :]
    begins = [0] * len(places)
    if start.anchor:
        begins[0] = records.after(places[0], start.anchor, start.offset)
    heads = records.ids_of(places, begins, size) if places else []
    for number, (place, begin, ids) in enumerate(zip(places, begins, heads, strict=True), start.place):
        asked = size
        while ids:
            yield from ((number, begin + at, job_id) for at, job_id in enumerate(ids))
            begin, is_more, asked = begin + len(ids), len(ids) >= asked, MOST_READ
            ids = records.ids_at(place, begin, asked) if is_more else []


def _jobs(ids: Sequence[str], wanted: Wanted, *, by_labels: bool) -> list[Job | None]:
    """The jobs of these ids. Only what may be sought is looked at closely; `by_labels`: and read whole, as few will be it."""
    fields = records.LABELS if by_labels else records.FIELDS
    found = [job_records.of_record(*pair) for pair in zip(ids, records.read(ids, MOST_READ, fields), strict=True)]
    if _is_listed(wanted):  # what is over comes with the history
        found = [None if job and job.status in states.ENDED else job for job in found]
    near = [number for number, job in enumerate(found) if job is None or wanted.fits(job)]
    near_ids = [ids[number] for number in near]
    whole = ledger_jobs.find_many(near_ids) if by_labels else ledger_jobs.wholes(near_ids, [found[number] for number in near])
    for number, job in zip(near, whole, strict=True):
        found[number] = job
    return found


def _names(found: Sequence[Job | None], wanted: Wanted) -> list[str]:
    """What the jobs work on, where a text is sought; else nobody needs it."""
    if wanted.text is None:
        return [""] * len(found)
    names = iter(job_names.of_many([job for job in found if job]))
    return [next(names) if job else "" for job in found]


def _places(wanted: Wanted) -> list[Place]:
    """Where the jobs stand that may be sought and are not over; running ones come first."""
    if _is_listed(wanted):
        return [owned.of_kind(wanted.kind or "")]
    if wanted.owner is not None and wanted.statuses - states.ENDED:
        return [*([ledger_looks.live()] if JobStatus.RUNNING in wanted.statuses else []), owned.place(wanted.owner)]
    names = [wanted.queue] if wanted.queue else list(queues.QUEUES)
    found = [*records.running_places(), ledger_looks.live()] if JobStatus.RUNNING in wanted.statuses else []
    if JobStatus.PENDING in wanted.statuses:
        found += [place._replace(newest_first=True) for place in records.waiting_places(names)]
        found += [Place(keys.RQ_DEFERRED + name, "zset", True) for name in names]
    return found + (records.delayed_places(names) if wanted.statuses & DELAYED else [])


def _is_listed(wanted: Wanted) -> bool:
    return bool(wanted.kind and wanted.statuses - states.ENDED and queues.is_listed(wanted.kind))


def _add_ended(found: _Found, cursor: str, look: history.Look) -> str:
    """Add jobs that ended, by the history; what their records tell beside it is added where RQ still keeps them."""
    wanted, query = found.wanted, _query(found.wanted)
    for _ in range(1 if wanted.text else PAGES):
        size = MOST_SEARCHED if wanted.text else min(MOST, 2 * (found.limit - len(found.jobs)) + 20)
        ended = history.page(query, size, cursor, look)
        told = _told(ended.jobs)
        for change, job, name in zip(ended.jobs, told, _names(told, wanted), strict=True):
            found.look(job, name)
            if found.is_full:
                return "-".join(map(str, change.position))
        cursor = ended.cursor
        if not cursor:
            break
    return cursor


def _query(wanted: Wanted) -> Query:
    labels = {name: getattr(wanted, name) for name in ("kind", "category", "host", "tag", "project", "owner")}
    outcomes = frozenset().union(*(past.OUTCOMES[state] for state in wanted.statuses & states.ENDED))
    query = Query(outcomes, **labels)
    query = replace(query, since_ms=past.ms_of(wanted.since)) if wanted.since else query
    return replace(query, until_ms=past.ms_of(wanted.until)) if wanted.until else query


def _told(ended: Sequence[Change]) -> list[Job | None]:
    return ledger_jobs.find_many(
        [one.job_id for one in ended], lambda number, kept: _as_it_ended(kept, job_records.of_change(ended[number]))
    )


def _as_it_ended(kept: Job | None, told: Job) -> Job:
    """The record, as far as it tells of that end: a job that runs again has another one."""
    return kept if kept and kept.status is told.status else told
