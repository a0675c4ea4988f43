"""How many people work at a company, as it is written anywhere: `50-100 employees`, `10,001+`, `2-10 Mitarbeiter`."""

import calendar
import re
import unicodedata
from typing import Any

from parsing import regexes

#: What spreadsheets make of 2-10 and 11-50: a day or a month.
MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
AS_DATE = regexes.late(r"(?P<a>[a-z]{3})-(?P<b>\d{2})|(?P<c>\d{1,2})-(?P<d>[a-z]{3})")

NUMBER = r"(\d{1,3}(?:[.,'’ ]\d{3})+|\d{1,7}(?:[.,]\d)?)\s?(?:(k|tsd|m)(?![^\W\d_]))?"
BETWEEN = regexes.late(rf"(?:between|zwischen|entre|tra|fra|tussen)\s{NUMBER}\s(?:and|und|et|y|e|en)\s{NUMBER}")
RANGE = regexes.late(rf"{NUMBER}\s?(?:[-–—‐~_]|\.{{2,3}}|to|bis|a|à|until|up to|tot|do)\s?{NUMBER}")
OVER = regexes.late(
    r"(?:[>≥]=?|=>|over|more than|above|at least|mehr als|über|uber|ab|mindestens|mind\.|plus de|au moins|más de|mas de|al menos"
    rf"|oltre|più di|almeno|mais de|meer dan|ponad)\s?{NUMBER}"
    rf"|{NUMBER}\s?(?:\+|and (?:more|over|above)|or more|(?:und|oder) mehr|(?:et|ou) plus|[oy] más|[eo] più|ou mais|of meer)"
)
UNDER = regexes.late(rf"(?:<|under|less than|fewer than|below|weniger als|unter|moins de|menos de|meno di|minder dan)\s?{NUMBER}")
UP_TO = regexes.late(
    r"(?:<=|=<|≤|up to|at most|max(?:imal|imum|\.)?|bis zu|höchstens|jusqu['’]à|au plus|hasta|fino a|até|tot|do)"
    rf"\s?{NUMBER}"
)
ONE = regexes.late(rf"(?:~|ca\.?|about|approx\.?|etwa|around|environ)?\s?{NUMBER}(?![\w.,])")
ALONE = regexes.late(r"self[- ]?employed|freelancer?|sole (?:trader|proprietor)|just me|myself only|einzelunternehmer|solo")

MOST = 10_000_000

#: What stands around a number of people in East Asia: `約100名`.
COUNTED = re.compile(r"^[約约]|(?<=\d)[名人명]$")


def employees(value: Any) -> int | str | None:
    """A number, a range `11-50` or an open one `10001+`; None for what says none.

    >>> employees("51 to 200 employees"), employees("10,001+"), employees("1K-5K"), employees("~ 250 Mitarbeiter")
    ('51-200', '10001+', '1000-5000', 250)
    >>> employees("Nov-50"), employees("10-Feb"), employees("< 50"), employees("Self-employed"), employees("many")
    ('11-50', '2-10', '1-49', 1, None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if 0 < value <= MOST and value == int(value) else None
    text = " ".join(unicodedata.normalize("NFKC", str(value)).casefold().split())
    text = COUNTED.sub("", text)
    if date := AS_DATE.fullmatch(text):
        return _dated(date)
    if ALONE.match(text):
        return 1
    if match := BETWEEN.search(text) or RANGE.search(text):
        low, high = _number(match[1], match[2] or _unit(match[4], match[3])), _number(match[3], match[4])
        return f"{low}-{high}" if 0 <= low < high <= MOST else low if 0 < low == high <= MOST else None
    if match := OVER.search(text):
        number = _number(match[1] or match[3], match[2] or match[4])
        return f"{number}+" if 0 < number <= MOST else None
    up_to = UP_TO.match(text)
    if match := up_to or UNDER.match(text):
        number = _number(match[1], match[2]) - (up_to is None)
        return f"1-{number}" if 1 < number <= MOST else 1 if number == 1 else None
    match = ONE.match(text)
    number = _number(match[1], match[2]) if match else 0
    return number if 0 < number <= MOST else None


def bounds(value: Any) -> tuple[int, int | None] | None:
    """The least and the most of a number or range as `employees` gives it; None for an open end; None for another value.

    >>> bounds("11-50"), bounds("10001+"), bounds(7), bounds("many")
    ((11, 50), (10001, None), (7, 7), None)
    """
    found = employees(value) if value is not None else None
    if isinstance(found, int):
        return found, found
    if found is None:
        return None
    low, _, high = found.removesuffix("+").partition("-")
    return int(low), int(high) if high else None


def _dated(match: re.Match[str]) -> str | None:
    month, other = MONTHS.get(match["a"] or match["d"]), int(match["b"] or match["c"])
    return f"{month}-{other}" if month and month < other else None


def _unit(unit: str | None, number: str) -> str | None:
    """`1-5k` means thousands in both places."""
    return unit if unit and len(number) <= 3 else None


def _number(text: str, unit: str | None) -> int:
    times = {"k": 1000, "tsd": 1000, "m": 1_000_000}.get(unit or "", 1)
    if re.fullmatch(r"\d{1,7}[.,]\d", text):
        return int(float(text.replace(",", ".")) * times)
    return int(re.sub(r"\D", "", text)) * times
