"""A summary of a text: its first good sentences. On news they agree better with what editors write than ranked sentences do.

Sentences end at marks of any script; abbreviations, initials, numbers and ordinals do not end one.
"""

import re
from collections.abc import Iterator

from parsing import regexes

MAX_TEXT_CHARS = 40_000
MAX_SENTENCE_CHARS = 600
LEAST_CHARS = 40
LEAST_WORDS = 6
LEAST_EASTERN_CHARS = 12
END = regexes.late(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？｡।॥؟۔።]+[」』”’）]*|\n+")
#: Words before a full stop that does not end a sentence, in several languages.
SHORT = frozenset({
    "mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "vs", "etc", "inc", "ltd", "co", "corp", "dept", "est", "approx", "no",
    "vol", "fig", "al", "e.g", "i.e", "eg", "ie", "u.s", "u.k", "a.m", "p.m", "jan", "feb", "mar", "apr", "jun", "jul", "aug",
    "sep", "sept", "oct", "nov", "dec", "gen", "col", "sgt", "lt", "capt", "rev", "hon", "gov", "sen", "rep", "z.b", "d.h",
    "u.a", "bzw", "ca", "ggf", "inkl", "evtl", "nr", "str", "usw", "vgl", "bspw", "abs", "art", "hr", "fr", "frl", "dipl",
    "ing", "mio", "mrd", "tel", "m", "mme", "mlle", "bd", "av", "p", "pp", "s", "ss", "sig", "dott", "dra", "dña", "srta",
    "ud", "uds", "núm", "pág", "ej", "tzn", "np", "m.in", "ul", "godz", "т.е", "т.д", "т.п", "г", "гг", "ул", "им", "руб",
    "тыс", "млн", "млрд", "напр", "др", "рис", "стр",
})  # fmt: skip
EASTERN = regexes.late(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\u0e00-\u0e7f]")
#: Beginnings of what is no part of a text: cookies, sharing, bylines.
NOISE = regexes.late(
    r"(?:cookies?|we use cookies|accept|sign (?:in|up)|log ?in|subscribe|share (?:this|on)|follow us|read more|click here"
    r"|advertisement|anzeige|menu|skip to|copyright|©|all rights reserved"
    r"|(?:photo|image|picture|foto|bild)(?::| by| credit| source)"
    r"|table of contents|related|last (?:updated|modified)|(?:updated|published|posted)(?: on|:))\b",
    re.IGNORECASE,
)


def of(text: str, language: str | None = None, sentences: int = 3) -> list[str]:
    """The first good sentences of a text, in order. Fewer where it has fewer; empty for a text without a sentence.

    `language` is kept for callers that know it; the rules are the same for all.

    >>> of("Menu\\nDr. Ada Lovelace wrote the first program in 1843. It was for a machine.", sentences=1)
    ['Dr. Ada Lovelace wrote the first program in 1843.']
    """
    chosen: list[str] = []
    for sentence in split(text[:MAX_TEXT_CHARS]):
        if len(chosen) >= max(0, sentences):
            break
        if _is_good(sentence) and sentence not in chosen:
            chosen.append(sentence)
    return chosen


def split(text: str) -> Iterator[str]:
    """The sentences of a text, each in one line. A line feed ends a sentence.

    >>> list(split("It cost 3.50 on Jan. 5, i.e. much. Really? 彼は来た。「はい。」"))
    ['It cost 3.50 on Jan. 5, i.e. much.', 'Really?', '彼は来た。', '「はい。」']
    """
    start = 0
    for match in END.finditer(text):
        if match[0][0] == "." and not _ends(text, start, match):
            continue
        if sentence := " ".join(text[start : match.end()].split()):
            yield sentence
        start = match.end()
    if rest := " ".join(text[start:].split()):
        yield rest


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a full stop ends a sentence: not after an abbreviation, an initial, an ordinal; not before a small letter."""
    before = text[max(start, match.start() - 30) : match.start()].rpartition(" ")[2].lstrip("(\"'“„«[").casefold()
    after = text[match.end() : match.end() + 3].lstrip()
    if before.rstrip(".") in SHORT or (len(before) == 1 and before.isalpha()):
        return False
    if before.isdecimal() and len(before) <= 2 and after[:1].isalpha():  # `am 3. Oktober`
        return False
    return not after[:1].islower()


def _is_good(sentence: str) -> bool:
    """Whether it is a sentence of the text: long enough, mostly letters, with an end, no notice of the site's."""
    if len(sentence) > MAX_SENTENCE_CHARS or NOISE.match(sentence):
        return False
    if not END.search(sentence[-3:]):
        return False
    letters = sum(map(str.isalpha, sentence))
    if EASTERN.search(sentence):
        return letters >= LEAST_EASTERN_CHARS
    return len(sentence) >= LEAST_CHARS and len(sentence.split()) >= LEAST_WORDS and letters > 0.6 * len(sentence)
