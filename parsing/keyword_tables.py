"""The layout of a keyword file: its first line, its separator, and its columns."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import errors
from parsing.column_names import field_of
from parsing.names import folded
from parsing.records import Records

#: Lines at the top that may hold the column names. Tools write a title, a period, filters and blank lines before them.
HEAD_LINES = 30

SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}

#: Excel's own line that names the separator.
SEP = re.compile(r'\s*"?sep=(.|\\t)"?\s*', re.IGNORECASE)

#: Columns that an error names.
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Table:
    """How to read a keyword file. `names` is empty for a plain list: one keyword a line, no separator."""

    separator: str
    skipped: int = 0  # lines up to and with the column names
    names: tuple[str, ...] = ()
    columns: dict[str, int] = field(default_factory=dict)  # field → number of its column

    @property
    def unused(self) -> list[str]:
        """The columns that are not read, by name."""
        used = set(self.columns.values())
        return [name.strip() for at, name in enumerate(self.names) if at not in used and name.strip()]


def find(head: Sequence[str], column: str | None = None, *, is_list: bool = False) -> Table:
    """The layout of a file by its first lines.

    `column` names the column that holds the keywords. `is_list`: a file without column names is a plain list. Raises
    ArgumentError that names the columns that were found.
    """
    told = _told_separator(head)
    lines = head[1:] if told else head
    found = [
        (*_worth(table), -place, table)
        for place, separator in enumerate([told] if told else SEPARATORS)
        for table in _tables(lines, separator, 1 if told else 0, column)
    ]
    if found:
        table = max(found, key=lambda one: one[:-1])[-1]
        return table if column else _by_rows(table, head)
    if is_list and not column:
        return Table("\n", skipped=1 if told else 0, columns={"keyword": 0})
    raise errors.ArgumentError(_seen(lines, told, column))


def _told_separator(head: Sequence[str]) -> str | None:
    match = SEP.fullmatch(head[0].lstrip("\ufeff").rstrip("\r\n")) if head else None
    return match and ("\t" if match[1] == "\\t" else match[1])


def _worth(table: Table) -> tuple[bool, int, int]:
    """Order of candidates: two known columns first, because a title may look like one. Then the first line, then more cells."""
    return len(table.columns) > 1, -table.skipped, len(table.names)


def _tables(lines: Sequence[str], separator: str, before: int, column: str | None) -> Iterator[Table]:
    """Each record of these lines that names a column of keywords."""
    records = Records(iter(lines), separator, before + 1)
    for _, cells, problem in records:
        names = tuple(cell.replace("\ufeff", "") for cell in cells)
        columns = {} if problem else _columns(names, column)
        if "keyword" in columns:
            yield Table(separator, records.number, names, columns)


def _by_rows(table: Table, head: Sequence[str]) -> Table:
    """The table with another column of keywords, where the first rows repeat one text in theirs.

    Tools that suggest keywords write the one that was typed into each row (`Keyword`), and their find beside it (`Suggestion`).
    """
    records = Records(iter(head[table.skipped :]), table.separator, table.skipped + 1)
    rows = [cells for _, cells, problem in records if not problem and len(cells) == len(table.names)]
    candidates = [at for at, name in enumerate(table.names) if (field_of(name) or (0, ""))[1] == "keyword"]
    varied = [at for at in candidates if len({row[at].strip() for row in rows} - {""}) > 1]
    keyword_at = table.columns["keyword"]
    if not varied or keyword_at in varied:
        return table
    best = min(varied, key=lambda at: field_of(table.names[at]) or (0, ""))
    return replace(table, columns=table.columns | {"keyword": best})


def _columns(names: Sequence[str], column: str | None) -> dict[str, int]:
    best: dict[str, tuple[int, int]] = {}  # field → (rank of its name, number of its column)
    for at, name in enumerate(names):
        known = field_of(name)
        if known and (known[1] not in best or known[0] < best[known[1]][0]):
            best[known[1]] = (known[0], at)
    columns = {name: at for name, (_, at) in best.items()}
    if column is None:
        return columns
    columns.pop("keyword", None)
    wanted = [at for at, name in enumerate(names) if name.strip() == column.strip()]
    wanted = wanted or [at for at, name in enumerate(names) if folded(name) == folded(column)]
    return {name: at for name, at in columns.items() if at != wanted[0]} | {"keyword": wanted[0]} if wanted else columns


def _seen(lines: Sequence[str], told: str | None, column: str | None) -> str:
    """The message for a file without a column of keywords: what the file holds, and what to do."""
    widest: tuple[str, list[str]] = (told or ",", [])
    for separator in [told] if told else SEPARATORS:
        for _, cells, _ in itertools.islice(Records(iter(lines), separator), HEAD_LINES):
            if sum(map(bool, cells)) > sum(map(bool, widest[1])):
                widest = separator, cells
    names = [name.replace("\ufeff", "").strip() for name in widest[1]]
    shown = ", ".join(repr(name)[:40] for name in names[:SHOWN] if name) + (" …" if len(names) > SHOWN else "")
    if not shown:
        return "there is no text in it: export it again as CSV."
    by = f", separated by {SEPARATORS.get(widest[0], repr(widest[0]))}" if len(names) > 1 else ""
    missing = f"it has no column {column!r}" if column else "it has no column for keywords: none is named keyword, query …"
    return (
        f"{missing}. Its columns{by}: {shown}. --column NAME says which one holds the keywords; "
        "--list takes each line for a keyword."
    )
