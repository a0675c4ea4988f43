"""How to reach the company behind a page: lines with a street, a town, a telephone number, an e-mail or opening hours.

Such lines stand in footers, which are no content of an article. On the page of a company they are what many readers came for.
"""

import re
from collections.abc import Sequence

from parsing import regexes
from parsing.content import lines
from parsing.content.lines import Line, Outline

MOST_WORDS = 30  # a longer line is prose that happens to name a place
MOST_LINES, MOST_PARTS = 60, 12
DAY = (
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?s?|mo|di|mi|do|fr|sa|so|montags?|dienstags?|mittwochs?"
    r"|donnerstags?|freitags?|samstags?|sonntags?|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|mi[eé]rcoles"
    r"|jueves|viernes|s[aá]bado|domingo|luned[iì]|marted[iì]|mercoled[iì]|gioved[iì]|venerd[iì]|sabato|domenica|maandag|dinsdag"
    r"|woensdag|donderdag|vrijdag|zaterdag|zondag|daily|weekdays|weekends?"
)
TIME = (
    r"(?:\d{1,2}(?:[:.h]\d{2})?\s*(?:[ap]\.?m\b|uhr|h\b|o'clock)|\d{1,2}[:.]\d{2}|noon|midnight|closed"
    r"|geschlossen|ferm[eé]|cerrado)"
)
DIGIT = regexes.late(r"\d")
HAS_TIME = regexes.late(r"\d\s*(?:[ap]\.?m|h|uhr|o'clock|[:.]\d\d)|hours|24|\böffnungs", re.IGNORECASE)
HOURS = regexes.late(
    rf"\b(?:{DAY})\b.{{0,40}}?{TIME}|{TIME}.{{0,20}}?\b(?:{DAY})\b|{TIME}\s*(?:-|–|—|to|until|bis)\s*{TIME}"
    r"|\b(?:opening|business|office|store|shop) (?:hours|times)\b|\böffnungszeiten\b|\b24 ?(?:/ ?7|hours)\b",
    re.IGNORECASE,
)
E_MAIL = regexes.late(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
PHONE = regexes.late(
    r"(?:\b(?:tel|phone|telephone|call|fax|mobile|cell|toll[ -]free|telefon|t[eé]l|fon)\b\W{0,5}[\d(+]"
    r"|\+\d{1,3}[\s(.-]{1,2}\d)[\d\s().\-/]{5,18}"
    r"|(?<![\d.,$€£-])\(?\d{3}\)?[\s./-]{1,3}\d{3}[\s.-]\d{4}(?![\d-])|(?<!\d)0\d{2,4}[\s/-]{1,3}\d{3,4}[\s-]?\d{3,4}(?!\d)",
    re.IGNORECASE,
)
STREET = regexes.late(
    r"\b\d{1,5}[a-z]?,?\s+(?:[\w.'-]+\s+){1,4}?(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|way|court|ct|place|pl"
    r"|square|sq|highway|hwy|parkway|pkwy|terrace|close|crescent|plaza|circle|cir|route|pike|trail|alley|quay|row|broadway)\b\.?"
    r"|\b\w+(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee|damm|laan|straat|plein|gatan|vej)\s?\d{1,4}\b"
    r"|\b(?:rue|via|viale|piazza|calle|avenida|plaza|rua|ulica|ul\.)\s+[\w' .-]{2,40}?,?\s*\d{1,4}\b"
    r"|\b\d{1,4},?\s+(?:rue|avenue|boulevard|place|quai|all[eé]e|chemin)\s+\w|\bP\.?\s?O\.?\s?Box\s+\d+|\bPostfach\s+\d+",
    re.IGNORECASE,
)
TOWN = regexes.late(
    r"\b[A-Z][\w.' -]{1,30},?\s+(?:[A-Z]{2}|[A-Z][a-z]+(?: [A-Z][a-z]+)?),?\s+\d{5}(?:-\d{4})?\b"  # Springfield, IL 62701
    r"|\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b|\b[A-Z]\d[A-Z]\s?\d[A-Z]\d\b"  # SW1A 1AA, K1A 0B1
    r"|\b(?:[A-Z]{1,2}-)?(?!(?:19|20)\d\d\b)\d{4,5}(?:\s[A-Z]{2})?\s+[A-ZÄÖÜÉ][a-zäöüßéè]{2,}|\b[A-Z][a-z]+,?\s+(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT)\s+\d{4}\b"
)

PATTERNS = ((7, PHONE), (2, TOWN), (1, STREET))  # and the least digits that each needs


def of(outline: Outline) -> list[Line]:
    """The contact lines of a page, its footers and asides included, in page order and each once."""
    everywhere = list(outline.lines)
    for node in outline.aside[-MOST_PARTS:]:
        if node.tag != "nav" and node.attributes.get("role") not in ("navigation", "menu", "dialog", "search"):
            everywhere += lines.below(node).lines
    found: dict[str, Line] = {}
    for line in everywhere:
        if line.text not in found and is_contact(line):
            found[line.text] = line
            if len(found) >= MOST_LINES:
                break
    return list(found.values())


def is_contact(line: Line) -> bool:
    """Whether a line says where a company is, when it is open, or how to call it."""
    text = line.text
    if not 0 < line.words <= MOST_WORDS:
        return False
    if "@" in text and E_MAIL.search(text):
        return True
    digits = len(DIGIT.findall(text))
    patterns = [pattern for least, pattern in PATTERNS if digits >= least]
    return any(pattern.search(text) for pattern in patterns) or (digits > 0 and has_hours(text))


def has_hours(text: str) -> bool:
    """Whether a text says when something is open."""
    return HAS_TIME.search(text) is not None and HOURS.search(text) is not None


def missing(found: Sequence[Line], chosen: Sequence[Line]) -> list[Line]:
    """The contact lines that the chosen lines do not say already."""
    said = "\n".join(line.text for line in chosen)
    return [line for line in found if line.text not in said]
