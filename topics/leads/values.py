"""Values of facts as rules compare them: words without case and accents, countries, dates."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from parsing import names

#: A longer text is folded each time it is compared: it does not come again.
MOST_KEPT_CHARS = 200

DAY_MS = 86_400_000

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@lru_cache(maxsize=1 << 16)
def _kept(text: str) -> str:
    return names.folded(text)


def folded(text: str) -> str:
    """One spelling of a text: no case, no accents, no punctuation.

    >>> folded("  Software & IT-Services ")
    'software it services'
    """
    return _kept(text) if len(text) <= MOST_KEPT_CHARS else names.folded(text)


@lru_cache(maxsize=1 << 12)
def country(text: str) -> str:
    """A country by its code of two letters, whatever it is called; what is no country stays as it is, folded.

    >>> country("DE"), country("Deutschland"), country("germany")
    ('de', 'de', 'de')
    """
    plain = names.folded(text)
    return names.country_codes().get(plain, plain).lower()


def newest_ms(value: Any) -> int | None:
    """The newest of the dates with which a value, or the texts in it, begin (2026-11-28 …), in ms since 1970; None = none."""
    if type(value) is str:
        return _day_ms(value[:10])
    if type(value) is not list and type(value) is not tuple:
        return None
    found = [at_ms for one in value if type(one) is str and (at_ms := _day_ms(one[:10])) is not None]
    return max(found) if found else None


@lru_cache(maxsize=1 << 13)
def _day_ms(text: str) -> int | None:
    """The beginning of a day, in UTC; None where a text is none."""
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
    return round(datetime.combine(day, datetime.min.time(), UTC).timestamp() * 1000) if day else None
