"""Failures by fingerprint: what goes wrong, how often and since when; muted for a time. Jobs that failed for good count.

A caller who may see its own jobs only gets the failures of its last 1,000 failed jobs; the others those that the engine counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import clock
from errors import ArgumentError, NotFound
from models import JobStatus
from state.engine import failures
from state.engine.failures import HOUR_S, HOURS, Failure
from state.store import connection
from topics.operations import fingerprints, search
from topics.operations.job_filters import Wanted
from topics.operations.job_records import Job

#: Rows of one page, failed jobs of one owner that are grouped, and days that a fingerprint may be muted.
MOST, MOST_JOBS, MOST_DAYS = 500, 1000, 366

#: Longest note of a mute (characters).
MAX_NOTE = 300

DAY_HOURS = 24

#: By what rows may be ordered.
ORDERS = ("last", "day", "count")


class Sought(NamedTuple):
    """Which fingerprints are sought; None = any. `text`: what their messages hold, in any case."""

    kind: str | None = None
    category: str | None = None
    host: str | None = None
    text: str | None = None
    muted: bool = False

    def takes(self, one: Failure) -> bool:
        """Whether it seeks this one."""
        named = (("kind", one.kind), ("category", one.category), ("host", one.host))
        if (one.muted is not None) is not self.muted or any(getattr(self, name) not in (None, value) for name, value in named):
            return False
        return self.text is None or self.text.casefold() in f"{one.id}\n{one.shape}\n{one.message}".casefold()


@dataclass(frozen=True, slots=True)
class Row:
    """A fingerprint with its failures of each hour of the last seven days, the hour that goes on last."""

    failure: Failure
    hours: list[int]

    @property
    def last_day(self) -> int:
        """Failures of the last 24 hours: those of the hour that goes on, and of 23 before it."""
        return sum(self.hours[-DAY_HOURS:])

    @property
    def is_new(self) -> bool:
        """Whether the first was in the last 24 hours."""
        return self.failure.first > clock.now() - timedelta(hours=DAY_HOURS)

    @property
    def last_week(self) -> int:
        """Failures of the last seven days."""
        return sum(self.hours)


Known = Sequence[Row] | None


class Page(NamedTuple):
    """Some fingerprints, the one that failed last first. `cursor` leads to the next ones; "" = there are none."""

    rows: list[Row]
    cursor: str


def page(
    sought: Sought, limit: int = 100, cursor: str = "", *, order: str = "last", owner: str | None = None, known: Known = None
) -> Page:
    """The next page. `order`: by the `last` failure, those of the last `day`, or their `count`, the highest first.

    `owner`: only failures of that owner's jobs. `known`: what `all_of` gave, for who reads several pages at once. Raises
    ArgumentError for what is no cursor or no order. Reads only.
    """
    before, limit = _place(cursor), max(1, min(limit, MOST))
    found = all_of(order, owner) if known is None else known
    in_order = sorted((row for row in found if sought.takes(row.failure)), key=lambda row: _key(row, order), reverse=True)
    left = [row for row in in_order if _key(row, order) < before]
    shown = left[:limit]
    at, name = _key(shown[-1], order) if len(left) > limit else (0.0, "")
    with connection.errors_translated():
        rows = shown if owner is not None else _rows([row.failure for row in shown])
    return Page(rows, f"{at:.6f}-{name}" if name else "")


def all_of(order: str = "last", owner: str | None = None) -> list[Row]:
    """All fingerprints, with as many hours as an order by them needs. Raises ArgumentError for no order. Reads only."""
    if order not in ORDERS:
        raise ArgumentError(f"no order {order!r:.40}: there are {', '.join(ORDERS)}.")
    with connection.errors_translated():
        if owner is not None:
            return _of_owner(owner)
        return _rows(failures.every(), DAY_HOURS if order == "day" else 0)


def get(fingerprint: str, owner: str | None = None) -> Failure:
    """One fingerprint. Raises NotFound where it is none, or `owner` has none of these failures."""
    if fingerprints.FINGERPRINT.fullmatch(fingerprint):
        with connection.errors_translated():
            found = failures.read_many([fingerprint]) if owner is None else [row.failure for row in _of_owner(owner)]
        if one := next((one for one in found if one.id == fingerprint), None):
            return one
    raise NotFound(f"No failures {fingerprint!r:.40}: `python manage.py failures list` shows those of the last 30 days.")


def wanted(fingerprint: str, owner: str | None = None) -> Wanted:
    """The filters that find its jobs, as long as their records are kept. Raises NotFound."""
    one, failed = get(fingerprint, owner), frozenset({JobStatus.FAILED})
    labels = {name: getattr(one, name) or None for name in ("kind", "host", "category")}
    return Wanted(failed, **labels, owner=owner, parts=False, fingerprint=fingerprint)


def narrowed(asked: Wanted) -> Wanted:
    """Filters with the kind, host and category of their fingerprint: its jobs are found without reading all others."""
    if asked.fingerprint is None or asked.owner is not None:
        return asked
    try:
        of = wanted(asked.fingerprint)
    except NotFound:
        return asked
    return replace(asked, **{name: getattr(asked, name) or getattr(of, name) for name in ("kind", "host", "category")})


def mute(fingerprint: str, days: float, note: str, actor: str) -> Failure:
    """Mute a fingerprint for so many days, with a note of one line. Raises NotFound and ArgumentError. Safe to repeat."""
    if not 0 < days <= MOST_DAYS:
        raise ArgumentError(f"a fingerprint is muted for more than 0 and at most {MOST_DAYS} days, not {days:g}.")
    said = " ".join(note.split())
    if len(said) > MAX_NOTE:
        raise ArgumentError(f"the note of a mute has at most {MAX_NOTE} characters, not {len(said):,}.")
    get(fingerprint)
    with connection.errors_translated():
        failures.mute(fingerprint, connection.now() + timedelta(days=days), said, actor)
    return get(fingerprint)


def unmute(fingerprint: str) -> Failure:
    """Show a fingerprint again. Raises NotFound. Safe to repeat."""
    get(fingerprint)
    with connection.errors_translated():
        failures.unmute(fingerprint)
    return get(fingerprint)


def _rows(shown: Sequence[Failure], hours: int = HOURS) -> list[Row]:
    told = failures.hours([one.id for one in shown], connection.now(), hours) if shown and hours else [[]] * len(shown)
    return [Row(one, each) for one, each in zip(shown, told, strict=True)]


def _of_owner(owner: str) -> list[Row]:
    """What its last failed jobs say, as far as their records are kept; the latest first."""
    found = search.page(Wanted(frozenset({JobStatus.FAILED}), owner=owner, parts=False), MOST_JOBS).jobs
    groups: dict[str, list[Job]] = {}
    for job in found:
        if job.kept and job.ended_at:
            groups.setdefault(fingerprints.of_job(job).id, []).append(job)
    now = connection.now()
    return [Row(_of_jobs(jobs), _hours_of(jobs, now)) for jobs in groups.values()]


def _of_jobs(jobs: Sequence[Job]) -> Failure:
    """Failures of these jobs, the latest of which comes first."""
    last, ended = jobs[0], [job.ended_at or clock.now() for job in jobs]
    told = fingerprints.of_job(last)
    return Failure(*told[:5], last.error_message or "", last.id, len(jobs), min(ended), max(ended))


def _hours_of(jobs: Sequence[Job], now: datetime) -> list[int]:
    hours = [0] * HOURS
    number = int(now.timestamp()) // HOUR_S
    for job in jobs:
        age = number - int(job.ended_at.timestamp()) // HOUR_S if job.ended_at else HOURS
        if 0 <= age < HOURS:
            hours[-1 - age] += 1
    return hours


def _key(row: Row, order: str) -> tuple[float, str]:
    one = row.failure
    number = {"last": one.last.timestamp(), "day": float(row.last_day), "count": float(one.times)}[order]
    return round(number, 6), one.id


def _place(cursor: str) -> tuple[float, str]:
    at, dash, fingerprint = cursor.partition("-")
    if not cursor:
        return float("inf"), ""
    if not dash or not fingerprints.FINGERPRINT.fullmatch(fingerprint) or not at.replace(".", "", 1).isdigit() or len(at) > 20:
        raise ArgumentError(f"{cursor!r:.40} is no cursor of the failures: give the one of the last reply.")
    return float(at), fingerprint
