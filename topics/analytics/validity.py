"""Values of facts that cannot be right, told cheaply: a report looks at every one of 100,000 companies.

It is a check of the form only. `process/data` looks closer, and mends what it can.
"""

import re
from collections.abc import Callable
from typing import Any

import clock

EMAIL = re.compile(r"[^\s@<>\"(),;:]{1,64}@[^\s@.<>\"(),;:]+(?:\.[^\s@.<>\"(),;:]+)+")
COUNTRY = re.compile(r"[A-Z]{2}")
ADDRESS = re.compile(r"https?://[^\s/]+\.[^\s]+")
SIZE = re.compile(r"\d[\d,. ]*(?:\s*[-–]\s*\d[\d,. ]*|\+)?")

#: Digits of a telephone number: E.164 has 15 at most.
DIGITS = range(5, 18)


def _text(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: not isinstance(value, str) or pattern.fullmatch(value.strip()) is None


def _phone(value: Any) -> bool:
    text = str(value)
    return sum(map(str.isdigit, text)) not in DIGITS or any(char.isalpha() for char in text.lower().partition("ext")[0])


def _year(value: Any) -> bool:
    text = str(value)
    return not (text.isascii() and text.isdigit() and 1000 <= int(text[:5]) <= clock.now().year)


def _employees(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return True
    return value < 0 if isinstance(value, int) else SIZE.fullmatch(value.strip()) is None


#: By field: whether a value cannot be right.
CHECKS: dict[str, Callable[[Any], bool]] = {
    "emails": _text(EMAIL),
    "phones": _phone,
    "site": _text(ADDRESS),
    "country": _text(COUNTRY),
    "founded": _year,
    "employees": _employees,
}
