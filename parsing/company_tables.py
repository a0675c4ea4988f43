"""The layout of a file of companies: its separator, and which column holds what. Names of columns are in company_columns.tsv."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import errors
from parsing.keyword_tables import HEAD_LINES, SEP, SEPARATORS
from parsing.names import folded, table
from parsing.records import Records

#: Columns that an error names.
SHOWN = 12

#: Fields that hold what several columns say.
MANY = ("emails", "phones", "social", "tags")

#: Fields of which a column of the company's own leaves others their say.
SHARED = (*MANY, "name", "site", "employees", "description", "founded", "people", "technologies", "languages", "legal_name")

REMARK = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*$")

#: How CRMs name what a column is about: `Organization - City`, `Primary location > City`, `Account: Phone`, `City of Address`.
OBJECT = re.compile(
    r"(?:organi[sz]ation|company|account|primary location|headquarters|hq)\s*(?:-|>|:|\.)\s*(?=\S)", re.IGNORECASE
)
PART_OF = re.compile(
    r"\s+(?:of address|of (?:the )?company|de l.entreprise|de la (?:soci[eé]t[eé]|empresa|compañía)|d[ae] empresa"
    r"|dell.azienda|van het bedrijf|des unternehmens|der firma)$",
    re.IGNORECASE,
)

#: Words before and behind the name of a column that say whose it is, or which: `Address 1: City`, `E-mail 1 - Value`, `HQ Phone`.
OWN = frozenset(
    {
        *("company", "organization", "organisation", "account", "corporate", "business"),
        *("billing", "hq", "headquarters", "office", "reg", "registered"),
        *("firmen", "unternehmens", "rechnungsanschrift", "geschafts"),
    }
)
BEFORE = OWN | frozenset(
    {
        *("primary", "main", "work", "default", "custom"),
        *("address", "head", "1", "2", "3"),
    }
)
BEHIND = frozenset({"value", "link", "1", "2", "3"})

#: Names that say too little behind such a word: the type of an account is no industry, the name of a contact no company.
VAGUE = frozenset(
    {
        *("name", "type", "category", "categories", "list", "lists", "label", "labels"),
        *("url", "web", "record", "business", "size", "location", "title", "owner"),
    }
)


#: Names of columns that hold the name of a company only where no other column does: beside one they are a person's.
UNSURE = frozenset({"name", "title", "full name"})


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
    if not any(line.strip("\ufeff \t\r\n") for line in head):
        raise errors.ArgumentError("it is empty: name another file.")
    told = SEP.fullmatch(head[0].lstrip("\ufeff").rstrip("\r\n")) if head else None
    separators = ["\t" if told[1] == "\\t" else told[1]] if told else list(SEPARATORS)
    found = [one for separator in separators for one in _tables(head, separator, 1 if told else 0)]
    if found:
        return max(found, key=lambda one: (len(one.columns) > 1, -one.skipped, len(one.columns)))
    names = next((cells for _, cells, _ in Records(iter(head), separators[0]) if any(cells)), [])
    shown = ", ".join(repr(name.strip())[:40] for name in names[:SHOWN] if name.strip())
    if head[0].lstrip("\ufeff").upper().startswith("BEGIN:VCARD"):
        raise errors.ArgumentError("it is a file of vCards: export the contacts as CSV, which every address book can.")
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


class _Known(NamedTuple):
    """What a column holds. `place`: how many names of the field count more; `is_own`: it is surely the company's."""

    place: int
    field: str
    is_own: bool


def _columns(names: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """The columns of fields. Where a field has a column of the company's own, others of it are those of a person."""
    found = sorted((*known, at) for at, name in enumerate(names) if (known := _field_of(name)))
    plain = {at: folded(REMARK.sub("", name)) for at, name in enumerate(names)}
    is_of_people = any(field == "last_name" for _, field, _, _ in found)
    if is_of_people:
        found = [(n, "job_title" if plain[at] == "title" else field, is_own, at) for n, field, is_own, at in found]
    if any(field == "name" and plain[at] not in UNSURE for _, field, _, at in found):
        found = [one for one in found if one[1] != "name" or plain[one[3]] not in UNSURE]
    own = {field for _, field, is_own, _ in found if is_own}
    return tuple((field, at) for _, field, is_own, at in found if is_own or field not in own)


def is_name_or_site(text: str) -> bool:
    """Whether a text is the name of a column that holds the name or the site of companies."""
    known = _field_of(text)
    return known is not None and known.field in ("name", "site")


def is_name(text: str) -> bool:
    """Whether a text is the name of a column that tells of companies."""
    return _field_of(text) is not None


def _field_of(name: str) -> _Known | None:
    """What a column of that name holds; None for no field of ours.

    >>> [_field_of(name).field for name in ("Company Domain Name", "# Employees", "BILLINGPOSTALCODE", "companyIndustry")]
    ['site', 'employees', 'postal_code', 'industry']
    >>> _field_of("Organization - ZIP/Postal code of Address").field, _field_of("Notes")
    ('postal_code', None)
    """
    bare = REMARK.sub("", name)
    short = PART_OF.sub("", bare)
    for text in (name, bare, short):
        if known := _named(text):
            return known
    match = OBJECT.match(short.strip())
    if match and (known := _named(short.strip()[match.end() :])):
        return known._replace(is_own=known.field not in SHARED)
    return _behind_words(folded(short).split())


def _behind_words(words: list[str]) -> _Known | None:
    """What a column holds whose name stands between words that say whose it is, or which."""
    ends = [end for end in range(len(words), 0, -1) if all(word in BEHIND for word in words[end:])]
    for start in range(len(words)):
        if start and words[start - 1] not in BEFORE:
            return None
        for end in ends:
            text = " ".join(words[start:end])
            if text not in VAGUE and (known := _names().get(text) or _names().get(text.replace(" ", ""))):
                return known._replace(is_own=known.field not in SHARED and not OWN.isdisjoint(words[:start]))
    return None


def _named(text: str) -> _Known | None:
    """What that text names, also where it is written without blanks."""
    names = _names()
    return names.get(folded(text.lower())) or names.get(folded(text)) or names.get(folded(text).replace(" ", ""))


@cache
def _names() -> dict[str, _Known]:
    found: dict[str, _Known] = {}
    for field, spellings in table("company_columns.tsv"):
        for place, spelling in enumerate((*spellings, field.replace("_", " "))):
            known = _Known(place, field, spelling.startswith("!"))
            found.setdefault(folded(spelling.removeprefix("!").lower()), known)
    for name, known in list(found.items()):
        if name.isascii() and len(name) > 6:
            found.setdefault(name.replace(" ", ""), known)
    return found
