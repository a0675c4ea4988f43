"""The layout of a file of companies: its separator, and which column holds what. Names of columns are in company_columns.tsv."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import errors
from parsing.keyword_tables import HEAD_LINES, SEP, SEPARATORS
from parsing.names import folded, table
from parsing.records import Records

#: Columns that an error names.
SHOWN = 12

REMARK = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*$")


@dataclass(frozen=True, slots=True)
class Table:
    """How to read a file. `columns`: field and number of its column, the surest of a field first; `skipped`: lines before."""

    separator: str
    skipped: int
    names: tuple[str, ...]
    columns: tuple[tuple[str, int], ...]

    @property
    def unused(self) -> list[str]:
        """The columns that are not read, by name."""
        used = {at for _, at in self.columns}
        return [name.strip() for at, name in enumerate(self.names) if at not in used and name.strip()]


def find(head: Sequence[str]) -> Table:
    """The layout by the first lines of a file. Raises ArgumentError where no column is the name or the site of companies."""
    told = SEP.fullmatch(head[0].lstrip("\ufeff").rstrip("\r\n")) if head else None
    separators = ["\t" if told[1] == "\\t" else told[1]] if told else list(SEPARATORS)
    found = [one for separator in separators for one in _tables(head, separator, 1 if told else 0)]
    if found:
        return max(found, key=lambda one: (len(one.columns) > 1, -one.skipped, len(one.columns)))
    names = next((cells for _, cells, _ in Records(iter(head), separators[0]) if any(cells)), [])
    shown = ", ".join(repr(name.strip())[:40] for name in names[:SHOWN] if name.strip())
    raise errors.ArgumentError(
        f"no column is the name or the site of companies; its columns: {shown or 'none'}. Name one `name` or `website`."
    )


def _tables(head: Sequence[str], separator: str, before: int) -> Iterator[Table]:
    records = Records(iter(head[before:]), separator, before + 1)
    for _, cells, problem in itertools.islice(records, HEAD_LINES):
        names = tuple(cell.replace("\ufeff", "") for cell in cells)
        columns = () if problem else _columns(names)
        if {"name", "site"} & {field for field, _ in columns}:
            yield Table(separator, records.number, names, columns)


def _columns(names: Sequence[str]) -> tuple[tuple[str, int], ...]:
    found = sorted((*known, at) for at, name in enumerate(names) if (known := _field_of(name)))
    return tuple((field, at) for _, field, at in found)


def _field_of(name: str) -> tuple[int, str] | None:
    """(how many names of the field count more, the field); None for no field of ours.

    >>> _field_of("Company Domain Name"), _field_of("# Employees"), _field_of("Billing Zip/Postal Code"), _field_of("Notes")
    ((3, 'site'), (1, 'employees'), (5, 'postal_code'), None)
    """
    for text in (name, REMARK.sub("", name)):
        if known := _names().get(folded(text.lower())):
            return known
    return None


@cache
def _names() -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for field, spellings in table("company_columns.tsv"):
        for place, spelling in enumerate((*spellings, field)):
            found.setdefault(folded(spelling.lower()), (place, field))
    return found
