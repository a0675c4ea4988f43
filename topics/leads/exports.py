"""Companies with all that is known of them as rows of a file, for a spreadsheet or another program."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Any

from lead_models import Company
from parsing import cells
from topics.leads import fields, views

#: Facts that have a column; name and site have theirs already.
FACTS = tuple(name for name in fields.ALL if name not in (fields.NAME, fields.SITE))

COLUMNS = ("id", "name", "site", "domain", "tags", "score", *FACTS, "updated_at")

PART = 500


def row(company: Company) -> dict[str, Any]:
    """A company by COLUMNS; a fact that is not known is None."""
    facts = {name: company.facts[name].value if name in company.facts else None for name in FACTS}
    told = {"id": company.id, "name": company.name, "site": company.site, "domain": company.domain, **facts}
    score = company.score.total if company.score else None
    changed = datetime.fromtimestamp(company.updated_ms / 1000, UTC).isoformat(timespec="seconds")
    return {**told, "tags": list(company.tags), "score": score, "updated_at": changed}


def rows(owner: str | None, filters: views.Filters, after: str = "", most: int | None = None) -> Iterator[dict[str, Any]]:
    """Those of all companies that fit, or the first so many from a cursor on."""
    left = most
    while left is None or left > 0:
        found, after = views.page(owner, filters, after, PART if left is None else min(PART, left))
        yield from map(row, found)
        left = None if left is None else left - len(found)
        if not after:
            return


def write(file: IO[str], found: Iterator[dict[str, Any]], separator: str = ",", *, as_is: bool = False) -> int:
    """Write CSV; returns the rows. `as_is`: without the sign that keeps a spreadsheet from running a cell."""
    writer, count = csv.writer(file, delimiter=separator), 0
    writer.writerow(COLUMNS)
    for told in found:
        texts = [cells.joined(told[name]) for name in COLUMNS]
        writer.writerow(texts if as_is else map(cells.guarded, texts))
        count += 1
    return count
