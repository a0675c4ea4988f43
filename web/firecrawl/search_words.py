"""What narrows a search down, as words of its query: the provider is asked as a person would ask."""

import re
from datetime import date, timedelta

import clock
from web.firecrawl import errors
from web.firecrawl.bodies import Search

#: Category → the words that ask for it (https://docs.firecrawl.dev/features/search, 2026-11).
CATEGORIES = {
    "github": ["site:github.com"],
    "pdf": ["filetype:pdf"],
    "research": [
        f"site:{host}"
        for host in ("arxiv.org", "pubmed.ncbi.nlm.nih.gov", "nature.com", "science.org", "ieee.org", "acm.org", "springer.com")
    ],
}

#: Unit of `qdr` → days. Search engines know no part of a day.
DAYS = {"h": 0, "d": 1, "w": 7, "m": 30, "y": 365}

RECENT = re.compile(r"qdr:([hdwmy])(\d{0,3})")
RANGE = re.compile(r"cdr:1(?:,cd_min:(\d{1,2})/(\d{1,2})/(\d{4}))?(?:,cd_max:(\d{1,2})/(\d{1,2})/(\d{4}))?")

HOURS = "tbs: hours are asked for as a day."


def of(given: Search) -> tuple[str, list[str]]:
    """The query with what narrows it down, and warnings. Raises Problem 400 that names the option."""
    dates, warnings = _dates(given.tbs or "")
    groups = [[f"site:{host}" for host in given.include_domains or ()], _categories(given)]
    without = [f"-site:{host}" for host in given.exclude_domains or ()]
    return " ".join([given.query, *map(_any_of, filter(None, groups)), *without, *dates]), warnings


def _any_of(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"({' OR '.join(words)})"


def _categories(given: Search) -> list[str]:
    words: list[str] = []
    for one in given.categories or ():
        name = one if isinstance(one, str) else str(one.get("type", ""))
        if name not in CATEGORIES:
            raise errors.refused(f"categories: {name[:60]!r} is none; there are {', '.join(CATEGORIES)}", path=("categories",))
        words += CATEGORIES[name]
    return words


def _dates(tbs: str) -> tuple[list[str], list[str]]:
    """Google's `tbs` as words, and warnings."""
    if not tbs:
        return [], []
    if found := RECENT.fullmatch(tbs):
        count = int(found[2] or 1) * DAYS[found[1]] or 1
        after = clock.now().date() - timedelta(days=min(count, 36_500))
        return [f"after:{after.isoformat()}"], [HOURS] if found[1] == "h" else []
    if found := RANGE.fullmatch(tbs):
        begins, ends = _day(found.groups()[:3]), _day(found.groups()[3:])
        words = [f"after:{begins - timedelta(days=1)}"] if begins else []
        return words + ([f"before:{ends + timedelta(days=1)}"] if ends else []), []
    raise errors.refused(f"tbs: {tbs[:60]!r} is not known here; there are qdr:h, d, w, m, y, and cdr:1,cd_min:…", path=("tbs",))


def _day(parts: tuple[str | None, ...]) -> date | None:
    """Month, day and year as a day; None where they are left out."""
    if parts[0] is None:
        return None
    month, day, year = (int(part or 0) for part in parts)
    try:
        return date(min(max(year, 1970), 9998), month, day)
    except ValueError:
        raise errors.refused(f"tbs: {month}/{day}/{year} is no day; write month/day/year", path=("tbs",)) from None
