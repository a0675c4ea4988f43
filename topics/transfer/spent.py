"""Budgets of an export: limits, and what each month has spent; and what an import does with them."""

from collections.abc import Iterator, Sequence

from pydantic import Field

from scheduling import zones
from state.budgets import copies
from topics.budgets import amounts, scopes
from topics.transfer import shapes
from topics.transfer.merging import KEPT, MERGED, NEW, UNCHANGED, Merging, Outcome, Record, each, lean

MONTH_PATTERN = r"^20\d\d-(0[1-9]|1[0-2])$"
NUMBERS = ("micro_usd", "milli_credits")


class Month(shapes.Line):
    """What was spent in a month, and when (ms) 80 % and 100 % of a limit were reached, and it was closed."""

    kind: str = "month"
    month: str = Field(pattern=MONTH_PATTERN)
    spent_micro_usd: shapes.Count | None = None
    spent_milli_credits: shapes.Count | None = None
    warned_80: shapes.Millisecond | None = None
    warned_100: shapes.Millisecond | None = None
    closed: shapes.Millisecond | None = None


class Budget(shapes.Line):
    """A scope with its limits; without `zone` it has none."""

    scope: shapes.Short
    micro_usd: int | None = Field(None, ge=0, le=scopes.MOST)
    milli_credits: int | None = Field(None, ge=0, le=scopes.MOST)
    zone: str = ""
    used_s: shapes.Second = 0
    months: list[Month] = Field(default_factory=list, max_length=20)


#: Names of a month's fields in an export, and as they are stored.
STORED = {name: name.replace("_", ":", 1) for name in Month.model_fields if name not in ("kind", "month", "closed")}
STORED["closed"] = "closed"


def read() -> Iterator[Record]:
    """Scopes by name."""
    for scope in copies.scopes():
        copy = copies.read(scope)
        facts: Record = {"scope": scope, "used_s": copy.used_s, "zone": copy.limit.get("zone", "")}
        facts |= {name: int(copy.limit[name]) for name in NUMBERS if name in copy.limit}
        yield lean(facts | {"months": [_month(month, spent) for month, spent in copy.months.items()]})


def _month(month: str, spent: copies.Fields) -> Record:
    return {"month": month, **{name: int(spent[stored]) for name, stored in STORED.items() if stored in spent}}


def put(lines: Sequence[Budget], merging: Merging) -> list[Outcome]:
    """What becomes of these scopes. Of a month in which both spent, the larger sum is the newer one: spending only grows."""
    return each(lines, lambda line: _put(line, merging))


def _put(line: Budget, merging: Merging) -> Outcome:
    scopes.checked(line.scope)
    limit = {name: str(value) for name in NUMBERS if (value := getattr(line, name)) is not None}
    if line.zone:
        limit["zone"] = zones.zone_named(line.zone)
    ours = copies.read(line.scope)
    is_there = ours.used_s is not None
    is_other = bool(limit) and limit != ours.limit
    takes = is_other and (not ours.limit or merging.theirs_win(ours.used_s or 0, line.used_s))
    months = [_put_month(line.scope, month, ours.months.get(month.month), merging) for month in line.months]
    if not merging.is_dry and (takes or not is_there):
        copies.put_limit(line.scope, limit if takes else ours.limit, line.used_s)
        amounts.wake(line.scope)
    if not is_there:
        return NEW
    if takes or any(one in (NEW, MERGED) for one in months):
        return MERGED
    return KEPT if is_other or KEPT in months else UNCHANGED


def _put_month(scope: str, month: Month, ours: copies.Fields | None, merging: Merging) -> Outcome:
    spent = {stored: str(value) for name, stored in STORED.items() if (value := getattr(month, name)) is not None}
    if not spent or spent == ours:
        return UNCHANGED
    if ours is not None and not merging.theirs_win(_sum(ours), _sum(spent)):
        return KEPT
    if not merging.is_dry:
        copies.put_month(scope, month.month, spent)
    return MERGED if ours else NEW


def _sum(spent: copies.Fields) -> int:
    return sum(int(spent.get(f"spent:{name}", 0)) for name in NUMBERS)
