"""What a rank history says: at a glance, as a line to look at, as rows to export."""

import csv
import io
import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple, TextIO

import chunks
import models
from parsing.cells import guarded
from state.tracking import history, keywords, projects

BARS = "▁▂▃▄▅▆▇█"
GAP = "·"  # unknown: never drawn as a drop
ABSENT = "_"  # not found in what was scanned

#: The lowest rank of each bar but the last, from the highest on: the scale is the same for every keyword.
STEPS = (1, 3, 5, 10, 15, 20, 50)

NEVER = "unknown: never checked"

EXPORT_COLUMNS = (
    "project",
    "domain",
    "keyword_id",
    "keyword",
    "day",
    "state",
    "rank",
    "says",
    "url",
    "title",
    "scanned",
    "approximate",
    "cited",
    "sandbox",
    "reason",
    "country",
    "language",
    "device",
    "location",
    "volume",
    "tags",
    "target_url",
)


class Days(NamedTuple):
    """Days of a history, both included."""

    first: date
    last: date


def summary(ranks: Sequence[models.Rank]) -> models.RankSummary:
    """First, best, last and previous of a history. An unknown is never first, best or previous."""
    known = [rank for rank in ranks if rank.state is not models.RankState.UNKNOWN]
    ranked = [rank for rank in known if rank.rank]
    last = ranks[-1] if ranks else None
    before_last = [rank for rank in known if last is None or rank.day < last.day]
    return models.RankSummary(
        first=ranked[0] if ranked else None,
        best=min(ranked, key=lambda rank: rank.rank or 0) if ranked else None,
        last=last,
        previous=before_last[-1] if before_last else None,
    )


def last_known(ranks: Sequence[models.Rank]) -> models.Rank | None:
    """The newest rank that is known; None where none is."""
    return next((rank for rank in reversed(ranks) if rank.state is not models.RankState.UNKNOWN), None)


def line(ranks: Sequence[models.Rank], until: date, days: int = 30) -> str:
    """A rank line of `days` characters up to `until`: high bar = near the top, `_` not found, `·` unknown or never checked.

    The bars are 1, 2-3, 4-5, 6-10, 11-15, 16-20, 21-50 and lower.

    >>> day = date(2026, 1, 2)
    >>> line([models.Rank(day, models.RankState.RANKED, 10, rank=1)], day, days=3)
    '··█'
    """
    by_day = {rank.day: rank for rank in ranks}
    drawn = (by_day.get(until - timedelta(days=back)) for back in reversed(range(days)))
    return "".join(_bar(rank) for rank in drawn)


def rows(project_id: str | None = None, *, with_history: bool = True, days: Days | None = None) -> Iterator[dict[str, Any]]:
    """One row a keyword and day, oldest first (or only its last day); a keyword never checked has one row that says so.

    With `days` only those, and no row of a keyword that was not checked then. Raises NotFound for the project at the call, not
    at the first row.
    """
    return _rows([projects.get(project_id)] if project_id else list(projects.every()), with_history, days)


def _rows(chosen: list[models.Project], with_history: bool, days: Days | None) -> Iterator[dict[str, Any]]:
    for project in chosen:
        for ids in chunks.of(keywords.ids_of(project.id, archived=None), 500):
            found = keywords.find_many(ids)
            known = history.of_many(ids) if with_history or days else history.latest_of_many(ids, 1)
            for keyword, past in zip(found, known, strict=True):
                if keyword:
                    ranks = within(past, days)
                    shown: Sequence[models.Rank | None] = ranks if with_history else ranks[-1:]
                    for rank in shown or ([None] if days is None else []):
                        yield _row(project, keyword, rank)


def within(ranks: Sequence[models.Rank], days: Days | None) -> Sequence[models.Rank]:
    """The ranks of these days."""
    return ranks if days is None else [rank for rank in ranks if days.first <= rank.day <= days.last]


def write(file: TextIO, format: str, exported: Iterator[dict[str, Any]], separator: str = ",") -> int:
    """Write rows as `csv`, whose cells `separator` separates, or as `jsonl`; returns how many."""
    count = -1
    for text in texts(format, exported, separator):
        file.write(text)
        count += 1
    return count


def texts(format: str, exported: Iterable[dict[str, Any]], separator: str = ",") -> Iterator[str]:
    """Rows as `csv`, whose cells `separator` separates, as `jsonl` or as one `json` array: what comes before them, then each."""
    line = io.StringIO()
    writer = csv.DictWriter(line, EXPORT_COLUMNS, delimiter=separator)
    if format == "csv":
        writer.writeheader()
    yield _taken(line) if format == "csv" else "[" if format == "json" else ""
    comma = "\n"
    for row in exported:
        if format == "csv":
            writer.writerow({name: _cell(value) for name, value in row.items()})
            yield _taken(line)
        elif format == "json":
            yield comma + json.dumps(row, ensure_ascii=False)
            comma = ",\n"
        else:
            yield json.dumps(row, ensure_ascii=False) + "\n"
    if format == "json":
        yield "\n]\n"


def _taken(line: io.StringIO) -> str:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text


def _bar(rank: models.Rank | None) -> str:
    if rank is None or rank.state is models.RankState.UNKNOWN:
        return GAP
    return BARS[-1 - bisect_left(STEPS, rank.rank)] if rank.rank else ABSENT


def _row(project: models.Project, keyword: models.Keyword, rank: models.Rank | None) -> dict[str, Any]:
    head = {"project": project.id, "domain": project.domain, "keyword_id": keyword.id, "keyword": keyword.text}
    market = {name: getattr(project, name) for name in ("country", "language", "device", "location")}
    return {**head, **as_dict(rank), **market, **details_of(keyword)}


def details_of(keyword: models.Keyword) -> dict[str, Any]:
    """Details of a keyword beside its text, for JSON."""
    return {"volume": keyword.volume, "tags": list(keyword.tags), "target_url": keyword.target_url}


def as_dict(rank: models.Rank | None, none: str = NEVER) -> dict[str, Any]:
    """A rank for JSON; where there is none, `state` is unknown and `says` is `none`."""
    return {
        "day": rank.day.isoformat() if rank else None,
        "state": rank.state.value if rank else models.RankState.UNKNOWN.value,
        "rank": rank.rank if rank else None,
        "says": str(rank) if rank else none,
        "url": rank.url if rank else None,
        "title": rank.title if rank else None,
        "scanned": rank.scanned if rank else 0,
        "approximate": rank.approximate if rank else False,
        "cited": rank.cited if rank else False,
        "sandbox": rank.sandbox if rank else False,
        "reason": rank.reason if rank else None,
    }


def _cell(value: Any) -> Any:
    """A cell of a CSV file: a list in one cell, and nothing that a spreadsheet takes for a formula."""
    return guarded(", ".join(value) if isinstance(value, list) else value)
