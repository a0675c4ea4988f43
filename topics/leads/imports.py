"""Companies from CSV files of other tools: columns are found by their names, lines that are wrong are named."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clock
import errors
import wording
from parsing import company_tables
from parsing.keyword_tables import HEAD_LINES
from state.leads import companies
from state.leads.companies import Update
from state.store import connection
from topics.leads import import_lists, import_rows, keeping
from topics.leads.import_outcome import Imported
from topics.tracking import keyword_files

#: Companies written at once.
CHUNK = 500


def import_csv(
    path: Path,
    owner: str = "",
    tags: Sequence[str] = (),
    encoding: str | None = None,
    progress: Callable[[int], object] = lambda lines: None,
    name: str = "",
) -> Imported:
    """Merge the companies of a file. `name`: what the file is called, for the source of its facts. Safe to repeat.

    Raises ArgumentError for a file that is no such list.
    """
    checked = keeping.tags_of(tags)
    with keyword_files.opened(path, encoding, form=keyword_files.COMPANIES) as file:
        head = list(itertools.islice(file.lines(), HEAD_LINES))
        try:
            table = company_tables.find(head)
        except errors.ArgumentError as exc:
            raise errors.ArgumentError(f"{name or path}: {exc}") from None
        result = Imported(unused=table.unused, notes=[file.notice] if file.notice else [])
        source, at_ms = f"import: {name or path.name}"[:200], round(clock.now().timestamp() * 1000)
        waiting: list[Update] = []
        lists = import_lists.Lists()
        rows = import_rows.Rows(file.lines(), table)
        for number, values, problem in rows:
            if not _take(waiting, number, values, problem, result, _Origin(owner, checked, source, at_ms)):
                continue
            if len(waiting) >= CHUNK:
                _write(lists.united(waiting), result)
                waiting.clear()
                progress(number)
        _write(lists.united(waiting), result)
    result.notes += rows.notes()
    if result.joined:
        lines = wording.pluralize(result.joined, "line")
        result.notes.append(f"{lines} told of a company of an earlier line and were merged into it; what was replaced is kept.")
    return result


@dataclass(frozen=True, slots=True)
class _Origin:
    """Whose the companies of a file are, their tags, and where and when their facts come from."""

    owner: str
    tags: Sequence[str]
    source: str
    at_ms: int


def _take(waiting: list[Update], number: int, values: Mapping[str, Any], problem: str, result: Imported, origin: _Origin) -> bool:
    try:
        if problem:
            raise errors.ArgumentError(problem)
        own = keeping.tags_of([*origin.tags, *values.get("tags", ())])
        facts = keeping.typed({name: one for name, one in values.items() if name != "tags"}, origin.source, origin.at_ms)
        waiting.append(keeping.update(origin.owner, facts, own))
    except errors.DataError as exc:
        result.reject(number, str(exc))
        return False
    return True


def _write(updates: Sequence[Update], result: Imported) -> None:
    with connection.errors_translated():
        for made in companies.put(updates):
            result.count(made)
