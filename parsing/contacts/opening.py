"""Opening hours of a page: of structured data, and of its text.

In the text, lines that follow one another are one statement: a day may stand on one line and its times on the next.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import models
from parsing import opening_hours, regexes
from parsing.contacts import values
from parsing.contacts.page_text import PageText

MAX_LINE, MAX_BLOCK = 400, 20
DAY = regexes.late(
    rf"(?<!\w)(?:{opening_hours.DAYS}|m ?- ?[fs]|l ?(?:-|–|a) ?[vsdj](?= ?[\d:(])|mon?-fri?"
    r"|[月火水木金土日]曜日?|平日|土日祝?|祝日|毎日"
    r"|(?:7|seven) days(?: (?:a|per) week)?"
    r"|toute l'année|tous les jours|todos los días|tutti i giorni|dagelijks|feiertags?|public holidays)(?:"
    r"(?![^\W\d])|(?-i:(?<=[a-z]day)(?=[A-Z])))\.?",
    re.IGNORECASE,
)
MARK = r"(?:a\.?m\.?|p\.?m\.?|uhr|h(?:rs?|ours?)?|noon|midnight|時)"
TIME = rf"(?:[01]?\d|2[0-4])(?:(?:[:.h時]\s?[0-5]\d|時)分?|\s?h\s?[0-5]\d)?(?:\s?{MARK}(?!\w)\.?)?"
TO = r"\s{0,2}(?:-|–|—|−|\ufffd|‒|~|〜|～|to|thru|bis|until|till?|through|à|a|au|al|alle|às|do|tot|a las)\s{0,2}"
RANGE = regexes.late(
    rf"(?<![\d/.,$€£-])(?<!\d:)(?:{TIME}(?:{TO})(?:{TIME}|noon|midnight|close|late)|{TIME}\s{{1,2}}{TIME}(?<=[mM.])|"
    rf"(?!19|20)[0-2]\d[0-5]\d{TO}[0-2]\d[0-5]\d)(?![\d/-]|\s?%)",
    re.IGNORECASE,
)
CLOCK = regexes.late(r"\d[:.h時]\d\d|\d ?h\b|\d\s?(?:[ap]\.?m\b|uhr|hrs?\b|時)", re.IGNORECASE)
ALWAYS = regexes.late(
    r"(?<!\w)(?:24 ?/ ?7|(?<=open )24[ -]?(?:hours?|hrs?|h)|24[ -]?(?:hours?|hrs?|h)(?: ?/| a| per|,)? (?:day|(?:7|seven) days)"
    r"|rund um die uhr|24 ?h ?/ ?24|24時間(?:営業)?)(?:,? (?:and )?(?:7|seven) ?days ?(?:a|per)? ?(?:week)?)?(?!\w)",
    re.IGNORECASE,
)
CLOSED = regexes.late(
    r"(?:(?<!\w)|(?<=day))(?:closed|geschlossen|ruhetag|ferm[ée]e?s?|cerrad[oa]s?|chius[oaie]|gesloten|fechad[oa]s?"
    r"|stängt|lukket|suljettu|zamknięt[eay]|nieczynne|zavřeno|zatvoren[oaé]?|zárva|închis|kapalı|κλειστ[άό]|закрыто"
    r"|зачинено|выходн(?:ой|ые)|вихідн(?:ий|і)|затворено|סגור|مغلق|定休日?|休業日?|休診日?|休館日?|休み|休息|휴무|휴점|휴진"
    r"|by appointment(?: only)?|nach vereinbarung|sur rendez-vous)(?!\w)",
    re.IGNORECASE,
)
LABEL = regexes.late(
    r"hours|open|öffnungs|geöffnet|horaires?|ouvert|horario|abierto|orari[oa]?|aperto|opening|営業時間|受付時間|sprechzeit",
    re.IGNORECASE,
)
ZONE = regexes.late(
    r"\s{0,2}\(?(?:[ECMP][SD]?T|GMT|BST|CES?T|(?:eastern|central|mountain|pacific)(?: standard| daylight)?"
    r"(?: time)?|hrs?|uhr|h)(?!\w)\)?\.?",
    re.IGNORECASE,
)
GLUED = regexes.late(r"(?<=day)(?=[\dA-Z])")  # `Monday9:00am`
SENTENCE = regexes.late(r"(?<=[^\W\d_]{2}[.!?])\s")
JOINT = regexes.late(r"(?:[\s:,;.&+/()–—-]|and|und|et|y|e|to|bis|thru|through|from|von|au|al|a|tot|en|t/m|u\.?)*", re.IGNORECASE)


@dataclass(slots=True)
class Line:
    """What a line says of hours: from where to where, and which of days, times, closings it has."""

    start: int
    end: int
    days: bool
    times: bool
    closed: bool
    whole: bool  # it says little else
    always: bool = False
    label: bool = False


def of(page: PageText, nodes: Sequence[dict[str, Any]]) -> list[models.Hours]:
    """Each statement once, structured data first."""
    found = [
        models.Hours(written=text, source=values.DATA, snippet=text) for node in nodes for text in opening_hours.in_data(node)
    ]
    return values.once([*found, *in_text(page)], lambda one: one.written.casefold())


def in_text(page: PageText) -> Iterator[models.Hours]:
    """The statements of a text.

    >>> [one.written for one in in_text(PageText("Hours\\nMon-Fri\\n9am - 5pm\\nSunday closed\\nCall us"))]
    ['Mon-Fri 9am - 5pm; Sunday closed']
    """
    block: list[Line] = []
    for begin, text in _lines(page.text):
        line = _read(text, begin)
        if line is None or (block and not (line.whole and block[-1].whole)) or len(block) >= MAX_BLOCK:
            yield from _block(page, block)
            block = []
        if line is not None:
            block.append(line)
    yield from _block(page, block)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text with their places; long ones by sentences."""
    begin = 0
    for line in text.split("\n"):
        if len(line) <= MAX_LINE:
            yield begin, line
        else:
            at = 0
            for match in SENTENCE.finditer(line):
                yield begin + at, line[at : match.start()][:MAX_LINE]
                at = match.end()
            yield begin + at, line[at : at + MAX_LINE]
        begin += len(line) + 1


def _read(text: str, begin: int) -> Line | None:
    days, times = list(DAY.finditer(text)), []
    has_digit = any(char.isdecimal() for char in text)
    closed = CLOSED.search(text) if days or len(text) <= 40 else None
    always = ALWAYS.search(text) if has_digit else None
    if has_digit and (days or len(text) <= 80):
        times = [one for one in RANGE.finditer(text) if CLOCK.search(one[0])]
        if not times and days and len(text) <= 80:
            times = [one for one in RANGE.finditer(text) if re.search(r"\d", one[0])]
    spans = [one.span() for one in (*days, *times, *((closed,) if closed and days else ()), *((always,) if always else ()))]
    if not spans and not closed:
        return None
    spans = spans or [closed.span()] if closed else spans
    if times and days:
        spans = _near(sorted(spans), text)
    start, end = min(one[0] for one in spans), max(one[1] for one in spans)
    zone = ZONE.match(text, end)
    end = zone.end() if zone else end
    rest = len(re.sub(r"\W", "", text[:start] + text[end:]))
    label = bool(LABEL.search(text) or LABEL.search(text[:start]))
    return Line(begin + start, begin + end, bool(days), bool(times), bool(closed), rest <= 12, bool(always), label)


def _near(spans: list[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """The spans without those at the edges that words part from the others: `do` in a sentence is no Thursday."""
    groups: list[list[tuple[int, int]]] = [[spans[0]]]
    for span in spans[1:]:
        gap = text[groups[-1][-1][1] : span[0]]
        if len(gap) <= 25 or JOINT.fullmatch(gap):
            groups[-1].append(span)
        else:
            groups.append([span])
    return max(groups, key=len)


def _block(page: PageText, block: list[Line]) -> Iterator[models.Hours]:
    """One statement of the lines of a block that has times, and days or a word that says what they are."""
    while block and not (block[-1].times or block[-1].closed or block[-1].always):
        block = block[:-1]
    if not block:
        return
    has_times = any(line.times for line in block)
    has_days = any(line.days for line in block)
    first = block[0]
    is_named = first.label or bool(LABEL.search(page.line_at(max(first.start - 1, 0))[:60]))
    if not (has_times and (has_days or is_named)) and not any(line.always for line in block):
        return
    text = page.text
    parts = [" ".join(GLUED.sub(" ", text[line.start : line.end]).split()) for line in block]
    written = parts[0]
    for line, part in zip(block[1:], parts[1:], strict=True):
        written += ("; " if line.days else " ") + part
    yield models.Hours(written=written[:500], source="text", snippet=page.line_at(first.start), position=first.start)
