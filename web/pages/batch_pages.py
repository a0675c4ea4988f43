"""The pages of a batch or crawl as rows: those that ended, and those that failed."""

from collections.abc import Callable, Mapping
from typing import Any

from state.store import connection
from topics.operations import job_records
from topics.scraping import finished
from web.errors import Problem
from web.pages import tables
from web.pages.tables import Column, Part

PAGES = (
    Column("n", "No.", numeric=True),
    Column("url", "Page"),
    Column("title", "Title"),
    Column("status", "Status", "of HTTP", numeric=True),
    Column("depth", "Depth", "links from the first page", numeric=True),
    Column("fetched_at", "Fetched"),
)

PROBLEMS = (
    Column("n", "No.", numeric=True),
    Column("url", "Page"),
    Column("outcome", "Outcome"),
    Column("category", "Class"),
    Column("error", "Why"),
)

#: Records that are looked through for one page of problems of a class.
MOST_READ = 2000


def ended(batch_id: str) -> tables.Read:
    """Reads pages that ended, in the order in which they did."""
    return _records(batch_id, finished.done, PAGES)


def _records(batch_id: str, read: Callable[[str, int, int], tuple[list[dict[str, Any]], int]], columns: Any) -> tables.Read:
    """Records by their place in the order in which pages ended."""

    def part(limit: int, cursor: str) -> Part:
        start = _start(cursor)
        with connection.errors_translated():
            found, total = read(batch_id, start, limit)
        further = start + len(found)
        return Part([_cells(one, columns) for one in found], str(further) if found and further < total else "")

    return part


def failed(batch_id: str, category: str) -> tables.Read:
    """Pages that failed; those of a class are sought in a bounded part of them."""
    plain = _records(batch_id, finished.problems, PROBLEMS)
    if not category:
        return plain

    def part(limit: int, cursor: str) -> Part:
        rows, read = list[Mapping[str, Any]](), 0
        while len(rows) < limit and read < MOST_READ:
            found = plain(min(limit, tables.MOST), cursor)
            rows += [row for row in found.rows if row["category"] == category]
            read, cursor = read + len(found.rows), found.cursor
            if not cursor:
                break
        return Part(rows, cursor)

    return part


def _cells(record: Mapping[str, Any], columns: Any) -> dict[str, Any]:
    told = {column.key: record.get(column.key) for column in columns}
    if "fetched_at" in told:
        told["fetched_at"] = job_records.moment(record.get("fetched_at"))
    if "error" in told:
        told["error"] = record.get("error") or record.get("reason")
    return told


def _start(cursor: str) -> int:
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise Problem(422, f"{cursor!r:.40} is no cursor of this table: open its first rows.")
    return int(cursor or 0)
