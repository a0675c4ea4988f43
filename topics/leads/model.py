"""The points model as its file says it: parts with weights, and rules of which each gives points where its conditions hold."""

from collections.abc import Mapping
from dataclasses import dataclass

PARTS = ("fit", "intent", "reachability", "freshness")

#: What a condition may look at besides the fields of `topics.leads.fields`: the newest fact of any field, and the company itself.
ANY, OF_COMPANY = "any", ("tags", "name", "site", "domain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What must hold of one field. Everything that it names must hold of the same fact.

    `is_` and `contains`: of a list, one of its texts is enough. `between` and `at_least` look at numbers; of a list they count
    its items. `known`: the field has a value, or has none. `within_days`: how old the fact is; `dated_within_days`: how old the
    newest date in it is.
    """

    field: str
    is_: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    between: tuple[float, float] | None = None
    at_least: float | None = None
    known: bool = True
    within_days: float | None = None
    dated_within_days: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Points for a company of which all of `when` hold, and one of `either` where there are some.

    `each`: so many points for each item, or for each one of a number, up to `most`. `fades`: in full for what is of today, less
    by the day until nothing is left at the end of the days that its first condition allows. `line`: where it stands in its file.
    """

    name: str
    part: str
    points: float
    when: tuple[Condition, ...] = ()
    either: tuple[Condition, ...] = ()
    each: bool = False
    fades: bool = False
    most: float
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a score. `weight`: its share of the total. `full`: so many points of its rules are 100."""

    weight: float
    full: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A checked model. `version`: the first 12 digits of the SHA-256 of what it says; comments and order do not count."""

    parts: Mapping[str, Part]
    rules: tuple[Rule, ...]
    version: str
    name: str = ""
