"""Two days of a keyword compared, as people ask for it: what is missing says so."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import models
from topics.tracking import comparison, ranks, stored_days
from topics.tracking.comparison import Comparison
from topics.tracking.stored_days import StoredDay


@dataclass(frozen=True, slots=True)
class Compared:
    """Two days, the earlier first as asked, and what differs. `result` None: the result page of a day is not there."""

    before: StoredDay
    after: StoredDay
    result: Comparison | None

    @property
    def missing(self) -> list[str]:
        """What is missing, a sentence each."""
        return [f"{one.day}: {one.missing}" for one in (self.before, self.after) if one.check is None]


def of(keyword: models.Keyword, before: date, after: date) -> Compared:
    """Compare the stored result pages of two days."""
    first, second = stored_days.of(keyword, before), stored_days.of(keyword, after)
    made = comparison.of(first.check, second.check) if first.check and second.check else None
    return Compared(first, second, made)


def facts(keyword: models.Keyword, found: Compared) -> dict[str, Any]:
    """All of it, as plain data."""
    result = found.result
    return {
        "keyword_id": keyword.id,
        "keyword": keyword.text,
        "before": _day(found.before),
        "after": _day(found.after),
        "missing": found.missing,
        "features": _sets(result.features) if result else None,
        "cited": _sets(result.cited) if result else None,
        "results": result.rows if result else None,
    }


def _day(one: StoredDay) -> dict[str, Any]:
    return {
        "day": one.day,
        "rank": ranks.as_dict(one.rank, "not in the history"),
        "results": len(one.check.organic) if one.check else None,
        "sandbox": one.check.sandbox if one.check else None,
    }


def _sets(found: comparison.Sets) -> dict[str, list[str]]:
    return {"gained": list(found.gained), "lost": list(found.lost)}
