"""The language of a text, by its script and its most frequent words; and of a page, by what it says and what is written.

No library: the detectors that are kept well weigh 10 to 100 MB. What is told in `<html lang>` is believed unless the text is
clearly in another language, as on sites that translated their pages and not their template.
"""

import re
from collections import Counter
from functools import cache

from parsing import names, regexes

SAMPLE_CHARS = 6_000
LEAST_WORDS = 8  # frequent words that must be seen before a guess counts
CLEAR = 1.5  # how much better the first language must be than the next one
CODE = regexes.late(r"([a-zA-Z]{2,3})(?:[-_]([a-zA-Z]{4}))?(?:[-_]([a-zA-Z]{2}|\d{3}))?\b")
WORD = regexes.late(r"[^\W\d_]+")
SCRIPTS = (
    ("ko", "\uac00-\ud7a3\u1100-\u11ff"), ("ja", "\u3040-\u30ff"), ("th", "\u0e00-\u0e7f"), ("he", "\u0590-\u05ff"),
    ("el", "\u0370-\u03ff"), ("hy", "\u0530-\u058f"), ("ka", "\u10a0-\u10ff"), ("hi", "\u0900-\u097f"), ("bn", "\u0980-\u09ff"),
    ("pa", "\u0a00-\u0a7f"), ("gu", "\u0a80-\u0aff"), ("ta", "\u0b80-\u0bff"), ("te", "\u0c00-\u0c7f"), ("kn", "\u0c80-\u0cff"),
    ("ml", "\u0d00-\u0d7f"), ("si", "\u0d80-\u0dff"), ("my", "\u1000-\u109f"), ("km", "\u1780-\u17ff"), ("lo", "\u0e80-\u0eff"),
    ("am", "\u1200-\u137f"), ("ar", "\u0600-\u06ff"), ("ru", "\u0400-\u04ff"), ("zh", "\u4e00-\u9fff"),
)  # fmt: skip
PATTERNS = tuple((code, re.compile(f"[{letters}]")) for code, letters in SCRIPTS)
#: Letters that only one language of a script has, the surest first.
TELLING = {
    "ru": (("uk", "їєґ"), ("be", "ў"), ("mk", "ѓќѕ"), ("sr", "ђћџљњј"), ("kk", "әғқңөұүһі"), ("ru", "ыэё"), ("bg", "ъщ")),
    "ar": (("ur", "ٹڈڑےں"), ("fa", "پچژگی")),
}
#: Languages that share most of their frequent words.
TWINS = {
    "id": "ms", "ms": "id", "da": "no", "no": "da", "pt": "gl", "gl": "pt", "cs": "sk", "sk": "cs", "nl": "af", "af": "nl",
}  # fmt: skip
#: Of these pairs the page's own word is believed.
RELATED = frozenset(map(frozenset, (("id", "ms"), ("da", "no"), ("hr", "sr"), ("hr", "bs"), ("gl", "pt"))))
OLD = {"iw": "he", "in": "id", "nb": "no", "nn": "no", "fil": "tl", "jp": "ja", "cn": "zh", "kr": "ko", "gr": "el", "cz": "cs"}


def of_page(told: str | None, text: str) -> str | None:
    """The language of a page: `told` is what it says (`en-US`), `text` its main text. A code of two or three letters, or None.

    >>> of_page("en-US", "Der Hund und die Katze sind nicht mit dem Auto auf der Wiese, und das ist auch für den Bauern gut.")
    'de'
    >>> of_page("pt_BR", "Oi")
    'pt'
    """
    known = normal(told)
    guess = of(text)
    if guess is None or known is None:
        return known or guess
    return known if known == guess or frozenset({known, guess}) in RELATED or known not in _known() else guess


def of(text: str) -> str | None:
    """The language a text is written in; None where it is too short or unclear."""
    text = text[:SAMPLE_CHARS].casefold()
    letters = sum(map(str.isalpha, text))
    if letters < 20:
        return None
    for code, pattern in PATTERNS:
        count = len(pattern.findall(text))
        if count > (0.08 if code == "ja" else 0.35) * letters:
            return _of_script(code, text, count)
    counts = Counter(WORD.findall(text))
    scores = sorted(((sum(counts[word] for word in words), code) for code, words in _words().items()), reverse=True)
    (best, code), (second, _) = scores[0], scores[1]
    return code if best >= LEAST_WORDS and best >= CLEAR * _rival(code, scores, second) and best > 0.12 * counts.total() else None


def normal(code: str | None) -> str | None:
    """The language of a code as pages write it: `en-US`, `zh_Hans_CN`, `iw`; None where it is none.

    >>> normal("DE-at"), normal("nb_NO"), normal("english"), normal("x-default"), normal("")
    ('de', 'no', 'en', None, None)
    """
    written = (code or "").strip()[:40]
    if match := CODE.match(written):
        short = match[1].lower()
        return OLD.get(short, short) if short in _known() or short in OLD else None
    named = names.language_codes().get(names.folded(written))
    return named.partition("-")[0] if named else None


def _rival(code: str, scores: list[tuple[int, str]], second: int) -> float:
    """The score of the next language that is no twin: Malay and Indonesian, Danish and Norwegian share their words."""
    others = [score for score, other in scores if other not in (code, TWINS.get(code))]
    return float(max(others, default=second))


def _of_script(code: str, text: str, count: int) -> str:
    for language, letters in TELLING.get(code, ()):
        if sum(text.count(letter) for letter in letters) > 0.004 * count:
            return language
    return code


@cache
def _words() -> dict[str, frozenset[str]]:
    return {code: frozenset(words) for code, words in names.table("stop_words.tsv")}


@cache
def _known() -> frozenset[str]:
    return frozenset(code.partition("-")[0].lower() for code in names.language_codes().values()) | set(_words())
