"""Opening hours: of structured data, and lines of a text that name days and times."""

import re
from collections.abc import Iterator
from typing import Any

from parsing import regexes, structured

MAX_LINE_CHARS = 200
DAYS = (
    r"mon(?:day)?s?|tue(?:s(?:day)?)?s?|wed(?:nesday)?s?|thu(?:rs?(?:day)?)?s?|fri(?:day)?s?|sat(?:urday)?s?|sun(?:day)?s?"
    r"|daily|every ?day|weekdays?|weekends?|7 days a week|mo|di|mi|do|fr|sa|so|montag|dienstag|mittwoch|donnerstag|freitag"
    r"|samstag|sonntag|täglich|werktags|lun(?:di|es|edì)?|mar(?:di|tes|tedì)?|mer(?:credi|coledì)?|miércoles|jeu(?:di)?|jueves|giovedì|ven(?:dredi|erdì)?|viernes|sam(?:edi)?"
    r"|sábado|sabato|dim(?:anche)?|domingo|domenica|segunda|terça|quarta|quinta|sexta|ma|wo|vr|za|zo|maandag|dinsdag|woensdag|donderdag"
    r"|vrijdag|zaterdag|zondag|poniedziałek|piątek|sobota|niedziela|pn|pt|пн|вт|ср|чт|пт|сб|вс|ежедневно|понедельник|воскресенье"
    r"|月|火|水|木|金|土|日|周[一二三四五六日]|星期[一二三四五六日]|월|화|수|목|금|토"
)
TIME = r"(?:[01]?\d|2[0-4])(?:[:.h]\s?[0-5]\d)?(?:\s?(?:[ap]\.?m\.?|uhr|h|hrs?|noon)\b\.?)?"
RANGE = regexes.late(
    rf"(?<![\d/.-]){TIME}\s?(?:-|–|—|−|to|bis|until|till|à|a|au|al|do|~|〜)\s?(?:{TIME}|noon|midnight|close)(?![\d/-])",
    re.IGNORECASE,
)
DAY = regexes.late(rf"(?<!\w)(?:{DAYS})(?!\w)\.?", re.IGNORECASE)
CLOCK = regexes.late(r"\d[:.h]\d\d|\d\s?(?:[ap]\.?m|uhr|h\b)", re.IGNORECASE)
ALWAYS = regexes.late(r"\b24 hours? (?:a|per) day\b|\b24/7\b|\brund um die uhr\b", re.IGNORECASE)


def in_text(text: str) -> Iterator[str]:
    """The lines of a text that say when something is open.

    >>> list(in_text("Open Mon-Fri 9am - 5pm\\nCall us\\nMontag bis Freitag: 8:00-18:00 Uhr\\nUpdated 12.5.2020"))
    ['Open Mon-Fri 9am - 5pm', 'Montag bis Freitag: 8:00-18:00 Uhr']
    """
    for line in text.split("\n"):
        if len(line) > 2_000:
            continue
        for part in [line] if len(line) <= MAX_LINE_CHARS else re.split(r"(?<=[.;!?])\s", line):
            part = part.strip()
            if len(part) > MAX_LINE_CHARS:
                continue
            if ALWAYS.search(part) or (DAY.search(part) and CLOCK.search(part) and RANGE.search(part)):
                yield part


def in_data(node: dict[str, Any]) -> Iterator[str]:
    """The hours of an object of schema.org, in the short form `Mo-Fr 09:00-17:00`."""
    for text in _list(node.get("openingHours")):
        if isinstance(text, str) and text.strip():
            yield text.strip()[:MAX_LINE_CHARS]
    for one in _list(node.get("openingHoursSpecification"))[:50]:
        if isinstance(one, dict) and (text := _specified(one)):
            yield text


def _specified(one: dict[str, Any]) -> str:
    """One specification: `Mo,Tu 09:00-17:00`, after the dates for which alone it holds.

    From 00:00 to 00:00 is closed, as Google tells owners to write it (2026-11).
    """
    days = ",".join(str(day).rpartition("/")[2][:2] for day in _list(one.get("dayOfWeek")) if isinstance(day, str))
    opens, closes, since, until = (_text(one.get(name)) for name in ("opens", "closes", "validFrom", "validThrough"))
    if not opens or not closes:
        return ""
    times = "closed" if opens[:5] == closes[:5] == "00:00" else f"{opens[:5]}-{closes[:5]}"
    dates = " to ".join(dict.fromkeys(date[:10] for date in (since, until) if date))
    return " ".join(part for part in (dates and f"{dates}:", days, times) if part)


def _text(value: Any) -> str:
    first = structured.first(value)
    return first.strip() if isinstance(first, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
