"""Dates as people write them, in many languages. Only whole dates: day, month and year."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from typing import NamedTuple

from parsing import names, regexes

FIRST_YEAR, LAST_YEAR = 1990, 2100  # of pages in the web
MAX_CHARS = 4_000
WORD = r"[^\W\d_][^\s\d,.()/:;|<>\u2013\u2014-]{1,20}"
YEAR = r"((?:19|20|24|25)\d\d)"
DAY = r"([0-3]?\d)"
# Between day, month and year: a full stop, an ordinal, a preposition.
JOINT = (
    r" ?[.,]?(?: ?(?:st|nd|rd|th|er|ero|re|º|ª|°|a|e|os?)\b)?\.?(?: ?\b(?:of|de|del|di|do|den|da|ta|the|i)\b| d[’'])? ?[,./-]? ?"
)
DAY_MONTH_YEAR = regexes.late(
    rf"(?<!\d){DAY}{JOINT}({WORD})[.,]? ?[-/]?(?: ?\b(?:de|del|do|of)\b|,)? ?{YEAR}(?!\d)", re.IGNORECASE
)
MONTH_DAY_YEAR = regexes.late(rf"({WORD})\.?[ -]{DAY}(?:st|nd|rd|th)?(?: ?, ?|[ -]){YEAR}(?!\d)", re.IGNORECASE)
YEAR_MONTH_DAY = regexes.late(
    rf"(?<!\d){YEAR} ?[.,]? ?(?:m\.|г\.|ж\.|\(?e?\)?ko|\.?gada|-|/)? ?({WORD})[.,]? ?[-/]? ?{DAY}(?!\d)", re.IGNORECASE
)
#: Patterns with a month's name, and the places of year, month and day in them.
IN_WORDS = ((DAY_MONTH_YEAR, 3, 2, 1), (MONTH_DAY_YEAR, 3, 1, 2), (YEAR_MONTH_DAY, 1, 2, 3))
VIETNAMESE = regexes.late(rf"(?<!\d){DAY} ?(?:tháng|thg) ?([01]?\d) ?,? ?(?:năm)? ?{YEAR}(?!\d)", re.IGNORECASE)
ISO = regexes.late(rf"(?<!\d){YEAR}([-/.])([01]?\d)\2([0-3]?\d)(?!\d)")
EAST = regexes.late(r"(?:(令和|平成) ?(\d{1,2}|元)|(?<!\d)((?:19|20)\d\d)) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日号일]?")
NUMBERS = regexes.late(rf"(?<![\w.,/]){DAY} ?([./-]) ?([0-3]?\d) ?\2 ?((?:19|20)\d\d|\d\d)(?![\d/])")
COMPACT = regexes.late(r"(?<!\d)((?:19|20)\d\d)([01]\d)([0-3]\d)(?:T?\d{4,6})?(?!\d)")
EPOCH = regexes.late(r"1?\d{9}(?:\d{3})?", re.ASCII)
ERAS = {"令和": 2018, "平成": 1988}
#: Countries whose 3/4/2020 is 4 March; for other writers of English too, since most of them are there.
MONTH_FIRST = frozenset({"en", "en-us", "en-ph", "fil", "es-us"})


class Found(NamedTuple):
    """A date in a text, and where it stands."""

    start: int
    end: int
    day: date


def find(text: str, language: str = "") -> Iterator[Found]:
    """The dates of a text, by their place. `language` (a code such as `en-GB`) decides what 3/4/2020 is.

    >>> [str(found.day) for found in find("1 de maio de 2021, Mar. 5th, 2020; 3.4.2020; 2019年7月8日; 20 марта 2018 г.")]
    ['2021-05-01', '2020-03-05', '2020-04-03', '2019-07-08', '2018-03-20']
    """
    text = _plain(" ".join(text[:MAX_CHARS].split()))
    language = language.lower().replace("_", "-")
    found = sorted(_all(text, language), key=lambda one: (one.start, -one.end))
    end = 0
    for one in found:
        if one.start >= end:
            yield one
            end = one.end


def stamp(text: str, language: str = "") -> str | None:
    """A date or a time that a machine wrote, as ISO 8601, its zone kept; None for no date.

    >>> stamp("2017-11-24T18:42:20.314Z"), stamp("Fri, 20 Mar 2020 10:00:00 GMT"), stamp("20200320"), stamp("1584698400")
    ('2017-11-24T18:42:20+00:00', '2020-03-20', '2020-03-20', '2020-03-20T10:00:00+00:00')
    """
    text = text.strip()[:200]
    if iso := _iso(text):
        return iso
    if EPOCH.fullmatch(text):
        moment = datetime.fromtimestamp(int(text[:10]), UTC)
        return moment.isoformat() if moment.year >= FIRST_YEAR else None
    if compact := COMPACT.match(text):
        return day.isoformat() if (day := _day(compact[1], compact[2], compact[3])) else None
    return next((one.day.isoformat() for one in find(text, language)), None)


def _iso(text: str) -> str | None:
    """A text in ISO 8601, its zone kept. A time of 0:00 without a zone is what systems write that know the day only."""
    try:
        moment = datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d\d:?\d\d$|Z$)", "", text))
    except ValueError:
        return None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None
    is_day = len(text) <= 10 or (moment.tzinfo is None and not any((moment.hour, moment.minute, moment.second)))
    return moment.date().isoformat() if is_day else moment.replace(microsecond=0).isoformat()


def _plain(text: str) -> str:
    """A text with digits of any script as 0-9."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() and not char.isascii() else char for char in text)


def _all(text: str, language: str) -> Iterator[Found]:
    for match in ISO.finditer(text):
        yield from _made(match, match[1], match[3], match[4])
    for match in EAST.finditer(text):
        year = match[3] or str(ERAS[match[1]] + (1 if match[2] == "元" else int(match[2])))
        yield from _made(match, year, match[4], match[5])
    for pattern, year, month, day in IN_WORDS:
        for match in pattern.finditer(text):
            yield from _made(match, match[year], _month(match[month], language), match[day])
    for match in VIETNAMESE.finditer(text):
        yield from _made(match, match[3], match[2], match[1])
    for match in NUMBERS.finditer(text):
        yield from _numbers(match, language)


def _numbers(match: re.Match[str], language: str) -> Iterator[Found]:
    """3/4/2020: the day first, but for those who write the month first; what is above 12 is the day."""
    one, mark, other, year = match.groups()
    if len(year) == 2 and mark == "-":
        return
    month_first = mark != "." and language in MONTH_FIRST
    month, day = (one, other) if (month_first and int(one) <= 12) or int(other) > 12 else (other, one)
    yield from _made(match, year if len(year) == 4 else f"20{year}", month, day)


def _made(match: re.Match[str], year: str, month: str | int | None, day: str) -> Iterator[Found]:
    if month and (made := _day(year, month, day)):
        yield Found(match.start(), match.end(), made)


def _day(year: str | int, month: str | int, day: str | int) -> date | None:
    number = int(year) - (543 if int(year) > 2400 else 0)  # Buddhist years, as Thai pages have them
    try:
        return date(number, int(month), int(day)) if FIRST_YEAR <= number <= LAST_YEAR else None
    except ValueError:
        return None


def _month(word: str, language: str) -> int | None:
    word = word.casefold().rstrip(".’'")
    known = _months()
    for name in (word, word.removesuffix("aren"), word.removesuffix("ko"), word.removeprefix("d’").removeprefix("d'")):
        for key in (f"{name}@{language.partition('-')[0]}", name):
            if key in known:
                return known[key]
    return None


@cache
def _months() -> dict[str, int]:
    """Name of a month, in some languages with `@language` → its number."""
    known: dict[str, int] = {}
    for number, spellings in names.table("month_names.tsv"):
        for spelling in spellings:
            name, _, languages = spelling.partition("@")
            for language in languages.split(",") if languages else ():
                known[f"{name}@{language}"] = int(number)
            if languages or name not in known:  # of names with two months the later one is Polish, the more common language
                known[name] = int(number)
    return known
