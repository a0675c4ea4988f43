"""Addresses that lead a crawl nowhere: endless calendars, paths that repeat, sessions, mixed facets. No rule names a host.

A trap is a page that exists in endless copies, so the rules look at the address alone. Their limits lie far above what ordinary
sites write. Sources: Heritrix' decide rules (pathological path, too many segments), crawler-commons, reports of users (2026-11).
"""

import re
from collections import Counter
from datetime import date

from parsing import web_urls

MAX_CHARS = 2000
MAX_SEGMENTS = 20
MAX_REPEATS = 3  # of one part of a path; a block of parts that follow each other may stand twice
MAX_PARAMETERS = 12
MAX_VALUES = 4  # of one name: `filter[]=a&filter[]=b…`
YEARS_AHEAD, YEARS_BACK = 2, 15
FAR_AHEAD, FAR_BACK = 2100, 1970  # where no day is given

CALENDAR = re.compile(
    r"calend[ae]r|kalend[ae]r|calendrier|calendari|agenda|events?\b|evento|veranstaltung|termin|schedule|booking|availab|ical\b|\bcal\b",
    re.IGNORECASE,
)
DATE_NAME = re.compile(
    r"(?:.*[_.\[-])?(?:date|day|month|year|week|ical|mois|annee|jahr|monat|datum|fecha|ano|mes|yr)\]?", re.IGNORECASE | re.ASCII
)
MONTH, DAY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
YEAR = re.compile(rf"([0-9]{{4}})(?:-?{MONTH}(?:-?{DAY})?)?(?![0-9A-Za-z])", re.ASCII)
MONTH_OF_YEAR = re.compile(rf"([0-9]{{4}})-{MONTH}(?![0-9])", re.ASCII)  # a date under any name
# A link that a script of the page should have filled in: `{{item.url}}`, `${url}`, `<%= url %>`.
TEMPLATES = ("{{", "%7b%7b", "${", "$%7b", "<%", "%3c%25", "[object object]", "[object%20object]", "%5bobject%20object%5d")
SIGNS_OF_TEMPLATES = frozenset("{%<[")  # each of them has one
UNDEFINED = re.compile(r"/undefined(?:[/?]|$)")
# An address that was escaped again on each page: `%252525`, `&amp;amp;`.
ESCAPED = re.compile(r"%25(?:25)+|amp;(?:[^&]*&)?amp;", re.IGNORECASE)
SECRET = re.compile(r"(?:.*[_.-])?(?:sess\w*|php\w*id|nonce|_?csrf\w*|xsrf\w*|form_?token|auth_?token)", re.IGNORECASE | re.ASCII)
# Links that do something: carts, replies, editing, leaving. The page behind is the same, or it changes the site.
ACTIONS = frozenset((
    "add-to-cart", "add_to_cart", "add_to_wishlist", "add_to_compare", "remove_item", "undo_item", "replytocom", "_wpnonce",
    "unapproved", "moderation-hash",
))  # fmt: skip
DOINGS = frozenset((
    "edit", "submit", "logout", "login", "register", "delete", "add", "remove", "history", "print", "reply", "vote",
))  # fmt: skip
RETURN = re.compile(
    r"(?:.*_)?(?:return|redirect|continue|back|next|dest)(?:ination)?(?:[_-]?(?:to|url|uri|path|page))?", re.IGNORECASE
)


def is_trap(url: str, today: date | None = None) -> str | None:
    """The kind of trap an absolute http(s) address leads into, None for an ordinary one.

    Kinds: too long, too deep, template, repeated escapes, repeated path, too many parameters, mixed facets, session id, action,
    far date. `today` makes dates of calendars sharper; without it only years before 1970 and from 2100 on are far.

    >>> is_trap("https://example.com/a/b/a/b/a/b/c"), is_trap("https://example.com/events/2150-03"), is_trap("https://example.com/a/b")
    ('repeated path', 'far date', None)
    """
    if len(url) > MAX_CHARS:
        return "too long"
    low = url.lower()
    if (not SIGNS_OF_TEMPLATES.isdisjoint(low) and any(part in low for part in TEMPLATES)) or (
        "/undefined" in low and UNDEFINED.search(low)
    ):
        return "template"
    if ("%2525" in low or "amp;" in low) and ESCAPED.search(low):
        return "repeated escapes"
    path, _, query = url.partition("#")[0].partition("?")
    segments = [part for part in path.split("/")[3:] if part]
    if len(segments) > MAX_SEGMENTS:
        return "too deep"
    if _repeats(segments):
        return "repeated path"
    fields = [(name.lower(), value) for name, _, value in (part.partition("=") for part in query.split("&") if part)]
    return (_fields(fields) if fields else None) or _far(path, segments, fields, today)


def _repeats(segments: list[str]) -> bool:
    """Whether a path runs in a circle: `/a/b/a/b/a/b`, or `/en/x/en/y/en/z/en`. Numbers may repeat: `/0/0/0/0`."""
    if len(segments) < 3 or len(set(segments)) == len(segments):
        return False
    names = Counter(part for part in segments if not part.isdigit())
    if any(count > MAX_REPEATS and len(part) > 1 for part, count in names.items()):
        return True
    for length in range(1, len(segments) // 3 + 1):
        for start in range(len(segments) - 3 * length + 1):
            block = segments[start : start + length]
            if block == segments[start + length : start + 2 * length] == segments[start + 2 * length : start + 3 * length]:
                return any(part in names for part in block)
    return False


def _fields(fields: list[tuple[str, str]]) -> str | None:
    if len(fields) > MAX_PARAMETERS:
        return "too many parameters"
    if max(Counter(name for name, _ in fields).values()) > MAX_VALUES:
        return "mixed facets"
    for name, value in fields:
        if name in ACTIONS or (name in ("action", "do", "cmd") and value.lower() in DOINGS):
            return "action"
        if value.lower().startswith(("http", "%2f", "/")) and RETURN.fullmatch(name):
            return "action"
        if web_urls.is_session(name, value) or (len(value) > 15 and SECRET.fullmatch(name) and web_urls.TOKEN.fullmatch(value)):
            return "session id"
    return None


def _far(path: str, segments: list[str], fields: list[tuple[str, str]], today: date | None) -> str | None:
    """`far date` where a calendar's page is far from today. A year in another path may be a book's or a newspaper's."""
    first, last = (today.year - YEARS_BACK, today.year + YEARS_AHEAD) if today else (FAR_BACK, FAR_AHEAD - 1)
    dated = ((name, value) for name, value in fields if value[:4].isdecimal())
    found = [(YEAR if DATE_NAME.fullmatch(name) else MONTH_OF_YEAR).match(value) for name, value in dated]
    dates = [match for part in segments if part[:4].isdecimal() and (match := YEAR.fullmatch(part))]
    if dates and CALENDAR.search(path):
        found += dates
    years = [int(match[1]) for match in found if match]
    return "far date" if any(not first <= year <= last for year in years if year >= 1000) else None
