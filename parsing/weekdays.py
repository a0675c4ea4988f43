"""Days of the week that a text names, in some languages, by name or in short; `Mo-Fr` names five."""

import re
import unicodedata
from functools import cache

#: By day, Monday first: how words for it begin, and short forms.
WORDS = (
    ("monday montag lundi lunes lunedi maandag segunda poniedzialek понедельник", "mon mo lun pn пн"),
    ("tuesday dienstag mardi martes martedi dinsdag terca wtorek вторник", "tue tues di tu mar wt вт"),
    ("wednesday mittwoch mercredi miercoles mercoledi woensdag quarta sroda среда", "wed mi we mer wo sr ср"),
    ("thursday donnerstag jeudi jueves giovedi donderdag quinta czwartek четверг", "thu thur thurs do th jeu jue gio czw чт"),
    ("friday freitag vendredi viernes venerdi vrijdag sexta piatek пятница", "fri fr ven vie vr pt пт"),
    ("saturday samstag sonnabend samedi sabado sabato zaterdag sobota суббота", "sat sa sam sab za сб"),
    ("sunday sonntag dimanche domingo domenica zondag niedziela воскресенье", "sun so su dim dom zo вс"),
)
ALL = re.compile(r"\bdaily\b|\bevery ?day\b|\b7 days\b|\b24/7\b|\btaglich\b|\btous les jours\b|\btodos los dias\b|ежедневно")
WORKING = re.compile(r"\bweekdays?\b|\bwerktags\b|\bworking days\b|\ben semaine\b|\bferiali\b")
WEEKEND = re.compile(r"\bweekends?\b|\bwochenende\b|\bfine settimana\b|\bfin de semana\b")
WORD = re.compile(r"[^\W\d_]{2,}")
BETWEEN = re.compile(r"\.?\s*(?:-|–|—|−|~|to|thru|through|until|till|bis|a|au|al|ate|do|tot|t/m)\s*")


def named(text: str) -> frozenset[int]:
    """The days that a text names by whole words, 0 = Monday.

    >>> sorted(named("Open on Sundays, and so on")), sorted(named("Montag bis Mittwoch")), sorted(named("Mo-Fr 8-17"))
    ([6], [0, 2], [])
    """
    return frozenset(day for word in WORD.findall(_plain(text)) if (day := _long(word)) is not None)


def meant(text: str) -> frozenset[int]:
    """The days that a text speaks of: those between two, and short forms, as well.

    >>> sorted(meant("Mo-Fr 8-17, So 9-12")), sorted(meant("Fri to Mon")), sorted(meant("täglich"))
    ([0, 1, 2, 3, 4, 6], [0, 4, 5, 6], [0, 1, 2, 3, 4, 5, 6])
    """
    plain, found = _plain(text), set[int]()
    for pattern, days in ((ALL, range(7)), (WORKING, range(5)), (WEEKEND, (5, 6))):
        found.update(days if pattern.search(plain) else ())
    last: tuple[int, int] | None = None
    for match in WORD.finditer(plain):
        day = _long(match[0])
        day = _short().get(match[0]) if day is None else day
        if day is None:
            continue
        found.add(day)
        if last and BETWEEN.fullmatch(plain[last[1] : match.start()]):
            found.update((last[0] + n) % 7 for n in range((day - last[0]) % 7))
        last = day, match.end()
    return frozenset(found)


def _plain(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(one))


def _long(word: str) -> int | None:
    """The day of a word: `montags`, `mondays` and `segunda-feira` begin so."""
    return next((day for start, day in _starts() if word.startswith(start)), None)


@cache
def _starts() -> tuple[tuple[str, int], ...]:
    return tuple((_plain(word), day) for day, (long, _) in enumerate(WORDS) for word in long.split())


@cache
def _short() -> dict[str, int]:
    return {_plain(word): day for day, (_, short) in enumerate(WORDS) for word in short.split()}
