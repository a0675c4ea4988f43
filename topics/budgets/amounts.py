"""Budgets as people see and set them: limits, what is spent and held, the ledger, refunds."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import clock
from errors import ArgumentError
from state.budgets import limits, periods, reservations
from state.budgets.reservations import Amount
from state.engine import parked
from topics.budgets import scopes as names
from topics.budgets import spending

_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_LINE = re.compile(r"[0-9]{1,19}(-[0-9]{1,19})?")


#: Months of which the sums are kept whole: limits.py forgets a month 400 days after its end.
MONTHS = 13


@dataclass(frozen=True, slots=True)
class Unit:
    """Spent, held and the limit of one unit in a month (millionths of a USD, or thousandths of a credit).

    `projected`: what is spent by the end of the month at the same pace; None in its first day.
    """

    limit: int | None
    spent: int
    held: int
    projected: int | None

    @property
    def left(self) -> int | None:
        """What may still be reserved; None = there is no limit."""
        return None if self.limit is None else max(0, self.limit - self.spent - self.held)

    @property
    def percent(self) -> float | None:
        """Spent of the limit; None = there is no limit, or it is 0."""
        return round(100 * self.spent / self.limit, 1) if self.limit else None


@dataclass(frozen=True, slots=True)
class Scope:
    """A scope in a month. `warned_80_at`, `warned_100_at`, `closed_at`: None = not yet."""

    scope: str
    zone: str
    month: str
    ends_at: datetime
    micro_usd: Unit
    milli_credits: Unit
    warned_80_at: datetime | None
    warned_100_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a ledger. `kind`: settle, uncertain, refund or close (the sums of the month)."""

    id: str
    at: datetime
    kind: str
    purpose: str
    key: str
    micro_usd: int
    milli_credits: int


def show(scope: str, month: str = "") -> Scope:
    """A scope in a month, YYYY-MM; '' = this one. Raises ArgumentError."""
    names.checked(scope)
    at = _moment(month, limits.of([scope])[0].zone) if month else None
    return view(limits.look([scope], at)[0])


def of(scopes: Sequence[str]) -> list[Scope]:
    """These scopes in their present months, in two round trips. Raises ArgumentError."""
    return [view(one) for one in limits.look([names.checked(scope) for scope in scopes])]


def months(scope: str, count: int = MONTHS) -> list[Scope]:
    """What a scope spent in its last months, the present one first. Raises ArgumentError."""
    return [view(one) for one in limits.months(names.checked(scope), count)]


def every(most: int = -1) -> list[Scope]:
    """Scopes that have a limit or spent something, `system` first; at most so many (-1 = all)."""
    found = sorted(limits.scopes(most), key=lambda name: (name != names.SYSTEM, name))
    return [view(one) for one in limits.look(found)] if found else []


def view(look: limits.Look) -> Scope:
    """What a look says, as people read it."""
    spent = look.period.begins_at, look.period.ends_at
    usd = Unit(look.limit.micro_usd, look.spent_micro_usd, look.held_micro_usd, _projected(look.spent_micro_usd, *spent))
    credits = Unit(
        look.limit.milli_credits,
        look.spent_milli_credits,
        look.held_milli_credits,
        _projected(look.spent_milli_credits, *spent),
    )
    moments = map(_at, (look.since_80, look.since_100, look.closed))
    return Scope(look.scope, look.limit.zone, look.period.month, look.period.ends_at, usd, credits, *moments)


def warning(one: Scope) -> str:
    """What is said of a budget of which four fifths or all was used; '' = nothing."""
    if one.warned_100_at is None and one.warned_80_at is None:
        return ""
    parts = []
    if one.micro_usd.limit is not None:
        parts.append(f"{names.usd(one.micro_usd.spent)} of {names.usd(one.micro_usd.limit)} USD are spent")
    if one.milli_credits.limit is not None:
        parts.append(
            f"{names.credits_of(one.milli_credits.spent)} of {names.credits_of(one.milli_credits.limit)} credits are spent"
        )
    much = "used up" if one.warned_100_at else "used up to 80 % or more"
    return f"The budget of {one.scope} for {one.month} is {much}: {', '.join(parts)}"


def check_budget(subscription_id: str) -> bool:
    """Whether anything is left this month: of the subscription and of the whole system, in each unit that has a limit."""
    wanted = [names.SYSTEM, names.checked(f"subscription:{subscription_id}")]
    found = [unit for one in limits.look(wanted) for unit in (view(one).micro_usd, view(one).milli_credits)]
    return all(unit.left is None or unit.left > 0 for unit in found)


def set_limit(scope: str, micro_usd: int | None = None, credits: names.Number | None = None, zone: str = "UTC") -> Scope:
    """Set what a scope may spend in a month; None = no limit of that unit. Jobs that are parked for it are due at once.

    `zone`: whose calendar its months are, by name of the IANA database. Raises ArgumentError.
    """
    names.checked(scope)
    _known(zone)
    bound = names.amount(micro_usd or 0, credits or 0)
    limit = limits.Limit(None if micro_usd is None else bound.micro_usd, None if credits is None else bound.milli_credits, zone)
    limits.put(scope, limit)
    wake(scope)
    return show(scope)


def wake(scope: str) -> int:
    """Let jobs that are parked for the budget of a scope be due now; says how many."""
    return sum(map(parked.release, spending.reasons(scope)))


def ledger(scope: str, month: str = "", most: int = 100, before: str = "") -> list[Line]:
    """Lines of the ledger of a month (YYYY-MM; '' = this one), the newest first. Raises ArgumentError.

    `before`: the id of a line, for those that are older.
    """
    names.checked(scope)
    if before and not _LINE.fullmatch(before):
        raise ArgumentError(f"{before!r:.60} is no line of a ledger.")
    zone = limits.of([scope])[0].zone
    period = periods.at(_moment(month, zone) if month else clock.now(), zone)
    return [_line(line, fields) for line, fields in limits.ledger(scope, period.month, most, before)]


def refund(*scopes: str, micro_usd: int = 0, credits: names.Number = 0, reason: str = "", key: str = "") -> None:
    """Give back to `system` and these scopes what was charged this month; parked jobs are due at once.

    `key`: a refund with the same key is made once in a day. Raises ArgumentError where a scope spent less than that.
    """
    back = names.amount(micro_usd, credits)
    if back == Amount():
        raise ArgumentError("A refund gives back some money or credits.")
    found = names.with_system(scopes)
    zones = [one.zone for one in limits.of(found)]
    months = tuple((scope, periods.at(clock.now(), zone).month) for scope, zone in zip(found, zones, strict=True))
    fields = {"kind": "refund", "purpose": reason[:100], "key": key[:200]}
    held = reservations.Held(f"refund-{key or uuid.uuid4().hex}", months)
    refused = reservations.settle(held, Amount(-back.micro_usd, -back.milli_credits), fields)
    if refused:
        raise ArgumentError(
            f"{refused[0][0]} did not spend so much this month: `python manage.py budget show {refused[0][0]}` says how much."
        )
    for scope in found:
        wake(scope)


def _projected(spent: int, begins_at: datetime, ends_at: datetime) -> int | None:
    gone, whole = (clock.now() - begins_at).total_seconds(), (ends_at - begins_at).total_seconds()
    if gone < 86_400:
        return None
    return spent if gone >= whole else round(spent * whole / gone)


def _moment(month: str, zone: str) -> datetime:
    """A moment in a month."""
    if not _MONTH.fullmatch(month):
        raise ArgumentError(f"{month!r:.40} is no month of which anything is kept: write YYYY-MM.")
    year, number = map(int, month.split("-"))
    return periods.of(year, number, zone).begins_at


def _known(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ArgumentError(f"{zone!r:.60} is no time zone: write one such as UTC or Europe/Vienna.") from None


def _line(line: str, fields: dict[str, str]) -> Line:
    amounts = int(fields.get("micro_usd", 0)), int(fields.get("milli_credits", 0))
    at = datetime.fromtimestamp(int(fields.get("at_ms", 0)) / 1000, UTC)
    return Line(line, at, fields.get("kind", ""), fields.get("purpose", ""), fields.get("key", ""), *amounts)


def _at(ms: int | None) -> datetime | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)
