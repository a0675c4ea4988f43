"""What a query can ask of a company: its fields by name, as values. An unknown one has none.

phones              what is known: text, number, truth, or several
phones.at           when it was read
phones.source       where
phones.count        how many there are
score.then          the score at the moment of `since`
fact.anything       a fact that no list names
"""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from errors import ArgumentError
from lead_models import Company
from topics.analytics import derived, derived_groups
from topics.leads import fields as lead_fields

Values = Sequence[Any]


@dataclass(slots=True)
class Row:
    """A company that is counted. `then`: its scores at earlier moments (ms). `memo`: fields that were read of it."""

    company: Company
    then: Mapping[int, float | None] = field(default_factory=dict)
    memo: dict[str, Values] = field(default_factory=dict)


Getter = Callable[[Row], Values]

#: Facts of companies.
FACTS = lead_fields.ALL

#: What a company has besides, and how it is read.
OWN: dict[str, Callable[[Company], Values]] = {
    "id": lambda company: (company.id,),
    "domain": lambda company: (company.domain,) if company.domain else (),
    "tags": lambda company: company.tags,
    "created": lambda company: (company.created_ms,) if company.created_ms else (),
    "created.month": derived_groups.month,
    "updated": lambda company: (company.updated_ms,) if company.updated_ms else (),
    "source": derived_groups.sources,
    "known": derived.known,
    "invalid": derived.invalid,
    "completeness": derived.completeness,
    "size": derived_groups.size,
    "score": lambda company: (company.score.total,) if company.score else (),
    "score.band": derived_groups.band,
    "score.at": lambda company: (company.score.at_ms,) if company.score else (),
    "score.model": lambda company: (company.score.model,) if company.score else (),
    **{f"score.{part}": derived.part(part) for part in ("fit", "intent", "reachability", "freshness")},
}

#: Fields that depend on the moment of `since`.
PAST = ("score.then", "score.change")

#: Fields whose values are moments (ms since 1970); the others that end in `.at` are, too.
MOMENTS = ("created", "updated")

ATTRIBUTES = ("at", "source", "count")


#: Other names that people write for fields.
ALSO = {
    "email": "emails", "mail": "emails", "phone": "phones", "tel": "phones", "website": "site", "url": "site", "company": "name",
    "zip": "postal_code", "postcode": "postal_code", "state": "region", "tag": "tags", "language": "languages",
    "technology": "technologies", "tech": "technologies", "person": "people", "employee": "employees", "sector": "industry",
}  # fmt: skip


def canonical(name: str) -> str:
    """The name of a field, whatever its case, or the one that people call by another name: `EMAIL` is `emails`.

    >>> canonical("Industry"), canonical("phone.source"), canonical("fact.My_Own")
    ('industry', 'phones.source', 'fact.My_Own')
    """
    if name.lower().startswith("fact."):
        return name
    base, dot, attribute = name.lower().partition(".")
    return f"{ALSO.get(base, base)}{dot}{attribute}"


def is_moment(name: str) -> bool:
    """Whether the values of a field are moments."""
    return name in MOMENTS or name.endswith(".at")


def getter(name: str, since_ms: int | None = None) -> Getter:
    """What reads a field. `since_ms`: the moment for `score.then` and `score.change`. Raises ArgumentError for no field."""
    if name in PAST:
        return _past(name, since_ms)
    if name in OWN:
        read = OWN[name]
        return lambda row: read(row.company)
    base, _, attribute = name.rpartition(".")
    if name in FACTS or base == "fact":
        return _fact(attribute)
    if attribute in ATTRIBUTES and (base in FACTS or base.startswith("fact.")):
        return _attribute(base.removeprefix("fact."), attribute)
    raise ArgumentError(f"There is no field {name!r:.60}{_near(name)}. A fact that no list names is written fact.NAME.")


def memoized(name: str, since_ms: int | None = None) -> Getter:
    """The same; what was read of a row is kept for the next query that asks."""
    read, key = getter(name, since_ms), f"{name} {since_ms}" if name in PAST else name

    def get(row: Row) -> Values:
        found = row.memo.get(key)
        if found is None:
            found = row.memo[key] = read(row)
        return found

    return get


def _fact(name: str) -> Getter:
    return lambda row: derived.values(row.company, name)


def _attribute(name: str, attribute: str) -> Getter:
    if attribute == "count":
        return lambda row: (len(derived.values(row.company, name)),)
    if attribute == "at":
        return lambda row: (fact.at_ms,) if (fact := derived.fact(row.company, name)) else ()
    return lambda row: (derived_groups.source(row.company, fact.source),) if (fact := derived.fact(row.company, name)) else ()


def _past(name: str, since_ms: int | None) -> Getter:
    if since_ms is None:
        raise ArgumentError(f"{name} needs a moment: add e.g. since 2026-01-31.")

    def get(row: Row) -> Values:
        then, now = row.then.get(since_ms), row.company.score
        if then is None:
            return ()
        if name == "score.then":
            return (then,)
        return (round(now.total - then, 6),) if now else ()

    return get


def _near(name: str) -> str:
    found = difflib.get_close_matches(name.lower(), [*FACTS, *OWN, *PAST], n=3)
    return f": did you mean {' or '.join(found)}?" if found else f": there are {', '.join([*FACTS, *OWN, *PAST])}"
