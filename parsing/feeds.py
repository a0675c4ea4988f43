"""Entries of RSS and Atom feeds: title, day and address. What is broken is read as far as it goes; nothing is expanded.

An entry without a date that can be read is left out: the day on which it was fetched says nothing of it.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parsedate_to_datetime

from parsing import date_text, web_urls

MOST_CHARS, MOST_ENTRIES, MOST_TITLE_CHARS = 2_000_000, 200, 200

#: Of one entry so much is looked at: title and date stand at its beginning.
MOST_ENTRY_CHARS = 8_000

BEGIN = re.compile(r"<(?:item|entry)(?=[\s>])", re.IGNORECASE)
PART = re.compile(
    r"<(?:[\w.-]{1,40}:)?(title|pubdate|published|updated|date|link)(?=[\s/>])([^<>]*)>"
    r"(?:\s*<!\[CDATA\[([^\]]{0,1000}+)|([^<]{0,1000}+))",
    re.IGNORECASE,
)
HREF = re.compile(r"href\s*=\s*[\"']([^\"']{1,2000})[\"']", re.IGNORECASE)
IS_FEED = re.compile(r"<(?:rss|feed|rdf:rdf)[\s>]", re.IGNORECASE)
TAGS = re.compile(r"<[^<>]*>")

#: The surest date of an entry first.
DATES = ("pubdate", "published", "date", "updated")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `url` is "" where it has none."""

    day: date
    title: str
    url: str = ""


def read(text: str, url: str, today: date) -> list[Entry]:
    """The entries of the feed at `url`, the newest first; those of days after `today` are announcements, and left out.

    >>> feed = "<rss><item><title>New shop</title><pubDate>Fri, 06 Nov 26 10:00 +0100</pubDate><link>/a</link></item></rss>"
    >>> read(feed, "https://a.example/feed", date(2026, 11, 30))
    [Entry(day=datetime.date(2026, 11, 6), title='New shop', url='https://a.example/a')]
    """
    text = text[:MOST_CHARS]
    if not IS_FEED.search(text[:5000]):
        return []
    found = [one for one in _entries(text, url) if one.day <= today]
    return sorted(found, key=lambda one: one.day, reverse=True)


def _entries(text: str, url: str) -> Iterator[Entry]:
    for entry in BEGIN.split(text, MOST_ENTRIES)[1:]:
        parts = _parts(entry[:MOST_ENTRY_CHARS])
        title = " ".join(html.unescape(TAGS.sub(" ", html.unescape(parts.get("title", "")))).split())[:MOST_TITLE_CHARS]
        day = next((found for name in DATES if (found := day_of(parts.get(name, "")))), None)
        if title and day:
            linked = html.unescape(parts.get("link", ""))
            yield Entry(day, title, (web_urls.resolve(linked, url) or "") if linked else "")


def _parts(text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for match in PART.finditer(text):
        name, said = match[1].lower(), (match[3] if match[3] is not None else match[4] or "").strip()
        if name == "link" and not said and (linked := HREF.search(match[2])):
            said = linked[1]
        if said:
            found.setdefault(name, said)
    return found


def day_of(text: str) -> date | None:
    """The day of a moment as feeds write it: as in mails, ISO 8601, or with slashes; None for what is none.

    >>> str(day_of("Thu, 03 Sep 15 00:01:01 +0200")), str(day_of("2017-08-01 13:55:44.3 +0200 CEST")), day_of("soon")
    ('2015-09-03', '2017-08-01', None)
    """
    text = " ".join(text.split())[:60]
    if (stamp := date_text.stamp(text)) is not None:
        return date.fromisoformat(stamp[:10])
    try:
        found: datetime = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return found.date() if date_text.FIRST_YEAR <= found.year <= date_text.LAST_YEAR else None
