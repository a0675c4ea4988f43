"""Raised and lowered text, so that it stays apart from what it stands on: `100²` is not `1002`, `2011_(15ya)` not `201115ya`.

Digits and signs have characters of their own. Ordinals and abbreviations are words as they are: `1st`, `Mme`, `TM`.
"""

import re

RAISED = str.maketrans("0123456789+-−–=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿⁱ")
LOWERED = str.maketrans("0123456789+-−–=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎")
MOST_CHARS = 24  # what is longer is a text that stands higher, not an exponent
BESIDE = ",.·*†‡§ "  # may stand among what is raised, and stays as it is
PLAIN = {"sup": re.compile(rf"[0-9+\-−–=()ni{re.escape(BESIDE)}]+"), "sub": re.compile(rf"[0-9+\-−–=(){re.escape(BESIDE)}]+")}
SIGNS = {"sup": RAISED, "sub": LOWERED}
OPERATORS = {"sup": "^", "sub": "_"}
FORMULA = re.compile(r"[^\W_]{1,12}(?:[-+−–*/=,][^\W_]{1,12}){0,4}")
ORDINAL = re.compile(r"(?:st|nd|rd|th|ers?|èmes?|emes?|res?|ndes?|[aeodrst]|[ºª]|tm|sm|me|gr|lle)\.?", re.IGNORECASE)


def marked(text: str, tag: str, before: str = "") -> str:
    """The text of a `sup` or `sub` as it stands in a line, behind `before`.

    >>> marked("2", "sup", "100"), marked("2", "sub", "H"), marked("st", "sup", "1"), marked("15ya", "sub", "2011")
    ('²', '₂', 'st', '_(15ya)')
    >>> marked("x", "sup", "e"), marked("[1]", "sup", "word"), marked("max", "sub", "V")
    ('^x', '[1]', 'max')
    """
    inner, last = text.strip(), before[-1:]
    if not inner or len(inner) > MOST_CHARS or not last.strip() or ORDINAL.fullmatch(inner):
        return text
    if PLAIN[tag].fullmatch(inner) and any(char.isdigit() or char in "ni" for char in inner):
        return inner.translate(SIGNS[tag])
    return f"{OPERATORS[tag]}{inner if len(inner) == 1 else f'({inner})'}" if _is_formula(inner, tag, last) else text


def _is_formula(inner: str, tag: str, last: str) -> bool:
    """Whether a raised or lowered text is a part of a formula, and no word: `e^x`, `a_(i+1)`."""
    if not (last.isalnum() or last in ")]") or FORMULA.fullmatch(inner) is None:
        return False
    if inner.isalpha():
        return tag == "sup" and len(inner) == 1 and (not last.isdigit() or inner in "xkyzmp")
    return tag == "sup" or any(char.isdigit() for char in inner)
