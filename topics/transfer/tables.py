"""The tables of an export for spreadsheets: their columns, and the rows of each record.

A cell that a spreadsheet would take for a formula gets a `'` in front (parsing/cells.py). Times are ISO 8601 (UTC).
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from topics.leads import fields
from topics.transfer.merging import Record

Rows = Callable[[Record], Iterator[tuple[Any, ...]]]


class Table(NamedTuple):
    """One file: its name, the kind of record that fills it, its columns, and the rows of a record."""

    name: str
    kind: str
    columns: tuple[str, ...]
    rows: Rows


def _plain(name: str, kind: str, *columns: str) -> Table:
    """A table with a row for each record, and a column for each field."""

    def rows(record: Record) -> Iterator[tuple[Any, ...]]:
        yield tuple(_cell(column, record.get(column)) for column in columns)

    return Table(name, kind, columns, rows)


def _cell(column: str, value: Any) -> Any:
    if column.endswith("_ms") or column.endswith("_s"):
        return _when(value, 1000 if column.endswith("_ms") else 1)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _when(value: Any, unit: int = 1) -> str:
    return datetime.fromtimestamp(value / unit, UTC).isoformat(timespec="seconds") if value else ""


def _notes(record: Record) -> Iterator[tuple[Any, ...]]:
    for note in record.get("notes", ()):
        yield record["id"], note["day"], note["text"], note.get("actor", "")


def _keyword(record: Record) -> Iterator[tuple[Any, ...]]:
    last = next(_days(record, slice(-1, None)), (None,) * len(RANKS))
    told = (record.get("archived", False), record.get("volume"), _cell("", record.get("tags", [])), record.get("target_url", ""))
    times = (_when(record.get("scraped")), _when(record.get("next")), record.get("failures", 0))
    yield record["project"], record["id"], record["text"], *told, *times, *last[3:6], last[8]


def _ranks(record: Record) -> Iterator[tuple[Any, ...]]:
    return _days(record, slice(None))


def _days(record: Record, which: slice) -> Iterator[tuple[Any, ...]]:
    pages = record.get("pages", ())
    for day, state, said, scanned, page, *marks in record.get("days", ())[which]:
        rank, reason = (said, "") if state == "ranked" else (None, said if state == "unknown" else "")
        url, title = pages[page] if isinstance(page, int) and page < len(pages) else ("", "")
        yield record["project"], record["id"], record["text"], day, state, rank, reason, scanned, url, title, ", ".join(marks)


RANKS = ("project", "keyword_id", "keyword", "day", "state", "rank", "reason", "scanned", "url", "title", "marks")


def _months(record: Record) -> Iterator[tuple[Any, ...]]:
    for month in record.get("months", ()):
        usd, credits = (month.get(f"spent_{unit}", 0) for unit in ("micro_usd", "milli_credits"))
        yield record["scope"], month["month"], usd / 1e6, credits / 1000, _when(month.get("closed"), 1000)


def _ledger(record: Record) -> Iterator[tuple[Any, ...]]:
    for line, told in record["lines"]:
        at = _when(int(told.get("at_ms", 0)), 1000)
        usd, credits = int(told.get("micro_usd", 0)) / 1e6, int(told.get("milli_credits", 0)) / 1000
        texts = (told.get(name, "") for name in ("kind", "purpose", "key"))
        yield record["scope"], record["month"], line, at, *texts, usd, credits


def _company(record: Record) -> Iterator[tuple[Any, ...]]:
    told = record.get("facts", {})
    head = (*(record.get(name, "") for name in ("id", "owner", "name", "site")), _cell("", record.get("tags", [])))
    values = (_cell("", told[name]["value"]) if name in told else "" for name in FACTS)
    yield *head, (record.get("score") or {}).get("total"), _when(record.get("updated_ms"), 1000), *values


def _facts(record: Record) -> Iterator[tuple[Any, ...]]:
    for name, fact in record.get("facts", {}).items():
        head = (record["id"], record.get("name", ""), name, _cell("", fact["value"]))
        yield *head, fact["source"], _when(fact["at_ms"], 1000), fact.get("snippet", "")


def _forms(record: Record) -> Iterator[tuple[Any, ...]]:
    times = (_when(record.get(name), 1000) for name in ("first_ms", "last_ms", "gone_ms"))
    yield record["network"], record["id"], record["url"], record.get("title", ""), len(record.get("forms", ())), *times


FACTS = tuple(name for name in fields.ALL if name not in ("name", "site"))

PROJECT = ("id", "name", "domain", "active", "country", "language", "location", "device", "depth", "every_h", "hour", "zone")

TABLES = (
    _plain("settings", "setting", "name", "value"),
    _plain("projects", "project", *PROJECT, "weight", "created_at", "pins"),
    Table("notes", "project", ("project", "day", "text", "actor"), _notes),
    Table(
        "keywords",
        "keyword",
        (
            *("project", "id", "keyword", "archived", "volume", "tags", "target_url", "checked_at", "next_at", "failures"),
            *("last_day", "last_state", "last_rank", "last_url"),
        ),
        _keyword,
    ),
    Table("ranks", "keyword", RANKS, _ranks),
    _plain("budgets", "budget", "scope", "micro_usd", "milli_credits", "zone", "used_s"),
    Table("budget-months", "budget", ("scope", "month", "usd", "credits", "closed_at"), _months),
    Table("ledger", "ledger", ("scope", "month", "line", "at", "kind", "purpose", "key", "usd", "credits"), _ledger),
    _plain("schedule", "switch", "entry", "reason", "by", "since_ms", "until_ms"),
    _plain("pauses", "pause", "scope", "reason", "actor", "since_ms", "until_ms"),
    _plain("limits", "limit", "of", "most"),
    _plain("host-limits", "rate", "scope", "windows", "delay_s", "concurrency"),
    _plain("views", "view", "owner", "name", "path", "query", "actor", "made_s"),
    _plain("networks", "network", "id", "name", "url", "login_url", "owner", "max_pages", "max_depth", "render", "created_ms"),
    Table("forms", "form_page", ("network", "id", "url", "title", "forms", "first_at", "last_at", "gone_at"), _forms),
    _plain("sites", "site", "site", "owner", "name", "domain", "pages", "at_ms", "job"),
    Table("companies", "company", ("id", "owner", "name", "site", "tags", "score", "updated_at", *FACTS), _company),
    Table("company-facts", "company", ("id", "name", "field", "value", "source", "at", "snippet"), _facts),
)
