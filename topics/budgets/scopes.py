"""Names of scopes, and amounts as people and providers write them, in whole units."""

import re
from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal, InvalidOperation

from errors import ArgumentError
from state.budgets.reservations import Amount

SYSTEM = "system"

_SCOPE = re.compile(r"(?!system:)[a-z][a-z_]{0,29}:[A-Za-z0-9][A-Za-z0-9._-]{0,79}")

#: The largest amount: ten million USD, or ten thousand million credits.
MOST = 10**13

#: Units of a USD, and of a credit.
MICRO, MILLI = 1_000_000, 1000

Number = int | float | str | Decimal


def checked(scope: str) -> str:
    """The scope as it is. Raises ArgumentError where that is none."""
    if scope != SYSTEM and not _SCOPE.fullmatch(scope):
        raise ArgumentError(f"{scope!r:.80} is no scope: it is {SYSTEM}, or a kind with an id, such as project:4k2j.")
    return scope


def with_system(scopes: Sequence[str]) -> list[str]:
    """Each scope once, `system` first. Raises ArgumentError."""
    return list(dict.fromkeys([SYSTEM, *map(checked, scopes)]))


def amount(micro_usd: int, credits: Number) -> Amount:
    """An amount in whole units. Raises ArgumentError below 0, and above what is possible."""
    if isinstance(micro_usd, bool) or not isinstance(micro_usd, int):
        raise ArgumentError(f"Money is a whole number of millionths of a USD, not {micro_usd!r:.40}.")
    return Amount(_bounded("micro_usd", micro_usd), _bounded("credits", milli(credits)))


def milli(credits: Number) -> int:
    """Credits in thousandths; a part of a thousandth counts as a whole one. Raises ArgumentError."""
    return whole(credits, MILLI, "credits")


def typed(text: str, units: int, option: str) -> int:
    """What a person typed, in whole units (MICRO, MILLI); nothing is rounded. Raises ArgumentError that names the option."""
    try:
        exact = Decimal(text) * units
    except InvalidOperation:
        exact = Decimal("nan")
    if not exact.is_finite() or not 0 <= exact <= MOST or exact != exact.to_integral_value():
        raise ArgumentError(f"--{option} {text!r:.40} must be from 0 to {MOST // units:,}, in steps of {1 / Decimal(units):f}.")
    return int(exact)


def whole(value: Number, units: int, what: str) -> int:
    """A number of units, rounded up. Raises ArgumentError where `value` is no finite number."""
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        exact = Decimal("nan")
    if not exact.is_finite() or abs(exact) > MOST:
        raise ArgumentError(f"{value!r:.40} is no number of {what} that can be spent.")
    return int((exact * units).to_integral_value(ROUND_CEILING))


def usd(micro_usd: int) -> str:
    """Money as people read it, to the last digit that counts: 12.50, 0.000123."""
    sign, (whole_usd, rest) = "-" if micro_usd < 0 else "", divmod(abs(micro_usd), 1_000_000)
    digits = f"{rest:06}".rstrip("0").ljust(2, "0")
    return f"{sign}{whole_usd:,}.{digits}"


def credits_of(milli_credits: int) -> str:
    """Credits as people read them: 1,200 or 0.5."""
    sign, (number, rest) = "-" if milli_credits < 0 else "", divmod(abs(milli_credits), 1000)
    return f"{sign}{number:,}" + (f".{rest:03}".rstrip("0") if rest else "")


def _bounded(what: str, value: int) -> int:
    if not 0 <= value <= MOST:
        raise ArgumentError(f"{what} must be 0 or more, and at most {MOST:,}; {value:,} is not.")
    return value
