"""What an API key fetched this month, and what is left of its quota."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import clock
from state.access import api_keys, quotas
from state.store import connection


@dataclass(frozen=True, slots=True)
class Quota:
    """Pages of a month. `reserved`: for jobs that are not over. `limit` and `left` None: there is no quota."""

    limit: int | None
    fetched: int
    reserved: int
    left: int | None
    since: datetime
    until: datetime


def of(key_id: str) -> Quota:
    """The quota of a key now."""
    since, until = _month()
    with connection.errors_translated():
        used = quotas.usage(key_id, quotas.month_of(since))
        limit = int(api_keys.get(key_id).get("pages_a_month") or 0) or None
    return _quota(limit, used, since, until)


def of_many(limits: Mapping[str, int | None]) -> dict[str, Quota]:
    """The quotas of several keys now; `limits`: the id of each and its pages a month. One round trip."""
    since, until = _month()
    with connection.errors_translated():
        used = quotas.usages(list(limits), quotas.month_of(since))
    return {key_id: _quota(most, use, since, until) for (key_id, most), use in zip(limits.items(), used, strict=True)}


def all_limited() -> list[tuple[str, Quota]]:
    """Names of the keys that have a quota, those first that have least left of it, each with its quota. Three round trips."""
    since, until = _month()
    with connection.errors_translated():
        found = [one for one in api_keys.every() if int(one.fields.get("pages_a_month") or 0) and not one.fields.get("revoked_s")]
        used = quotas.usages([one.id for one in found], quotas.month_of(since))
    rows = [(one.fields.get("name", one.id), int(one.fields["pages_a_month"]), use) for one, use in zip(found, used, strict=True)]
    told = [(name, _quota(most, use, since, until)) for name, most, use in rows]
    return sorted(told, key=lambda row: (row[1].left or 0) / (row[1].limit or 1))


def _quota(limit: int | None, used: quotas.Usage, since: datetime, until: datetime) -> Quota:
    left = None if limit is None else max(0, limit - used.fetched - used.reserved)
    return Quota(limit, used.fetched, used.reserved, left, since, until)


def _month() -> tuple[datetime, datetime]:
    since = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return since, since + timedelta(days=calendar.monthrange(since.year, since.month)[1])
