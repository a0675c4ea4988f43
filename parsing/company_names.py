"""Names of companies as they are compared: without case, accents, punctuation and legal form.

legal_forms.tsv has the forms. The key only tells companies apart; the name that people see stays as it is written.
"""

import itertools
import re
from functools import cache

from parsing import names

#: Forms in writing without blanks: 株式会社トヨタ.
GLUED = re.compile("株式会社|有限会社|合同会社|股份有限公司|有限责任公司|有限公司|주식회사|유한회사|㈜|㈱|[((][株有주][))]")

#: Words that are written or left out: "Müller & Söhne" and "Müller und Söhne".
AND = frozenset({"and", "und", "et", "the"})

#: An umlaut that is written as two letters, where no vowel stands before it: Mueller, but not Bauer.
UMLAUT = re.compile("(?<![aeiou])([aou])e")

#: The longest form has so many words.
MOST_WORDS = 7


def key(name: str) -> str:
    """The name of a company as it is compared; "" where nothing is left.

    >>> key("The ACME Widgets, Inc."), key("Müller & Söhne GmbH & Co. KG"), key("Barilla G. e R. Fratelli S.p.A."), key("AG")
    ('acme widgets', 'muller sohne', 'barilla g e r fratelli', 'ag')
    >>> key("Mueller & Soehne"), key("Bauer"), key("S.C. Dacia S.R.L."), key("SC Johnson"), key("Bar Roma S.n.c. di Rossi & C.")
    ('muller sohne', 'bauer', 'dacia', 'sc johnson', 'bar roma')
    """
    words = " ".join(word for word in _parted(name)[0] if word not in AND)
    return without_umlauts(words) or names.folded(name.lower())


def without_umlauts(folded: str) -> str:
    """Folded words with one letter for each umlaut, however it was written.

    >>> without_umlauts("koeln"), without_umlauts("koln"), without_umlauts("neuenburg")
    ('koln', 'koln', 'neuenburg')
    """
    return UMLAUT.sub(r"\1", folded)


def legal_form(name: str) -> str | None:
    """The legal form in a name; None where it has none.

    >>> legal_form("ACME Widgets, Inc."), legal_form("Firma Sp. z o.o."), legal_form("Widgets")
    ('Inc', 'Sp. z o.o.', None)
    """
    return _parted(name)[1]


def _parted(name: str) -> tuple[list[str], str | None]:
    """The words of a name without its forms, and the form that stands last."""
    words, found = _words(GLUED.sub(" ", name)), None
    while rest := _cut_around(words) or _cut(words):
        words, form = rest
        found = found or form
    return words, found


def _words(name: str) -> list[str]:
    """The folded words; letters that stand alone are joined where they make a form."""
    words = names.folded(name.lower()).split()
    found: list[str] = []
    for is_letter, run in itertools.groupby(words, lambda word: len(word) == 1):
        letters = list(run)
        starts = range(len(letters) - 1) if is_letter else ()
        at = next((at for at in starts if "".join(letters[at:]) in _joined()), len(letters))
        found += [*letters[:at], *(["".join(letters[at:])] if letters[at:] else [])]
    return found


def _cut(words: list[str]) -> tuple[list[str], str] | None:
    """Without the longest form at the end, or in front; None where there is none, or nothing else."""
    for count in range(min(MOST_WORDS, len(words) - 1), 0, -1):
        if form := _forms().get(" ".join(words[-count:])):
            return words[:-count], form
        if form := _forms().get("^" + " ".join(words[:count])):
            return words[count:], form
    return None


def _cut_around(words: list[str]) -> tuple[list[str], str] | None:
    """Without a form that stands around the name, as `S.C. … S.R.L.`, or has names behind it, as `S.n.c. di …`."""
    for first, last, form in _around():
        at = len(words) - len(last)
        if last and first == words[: len(first)] and last == words[at:] and at > len(first):
            return words[len(first) : at], form
        for start in range(1, at - len(first) + 1) if not last else ():
            if words[start : start + len(first)] == first:
                return words[:start], form
    return None


@cache
def _forms() -> dict[str, str]:
    return {spelling: form for form, spellings in reversed(names.table("legal_forms.tsv")) for spelling in spellings}


@cache
def _around() -> list[tuple[list[str], list[str], str]]:
    """Forms with a place for names (*): the words before it, those behind it, the form."""
    parted = ((spelling.partition("*"), form) for spelling, form in _forms().items() if "*" in spelling)
    return [(first.split(), last.split(), form) for (first, _, last), form in parted]


@cache
def _joined() -> frozenset[str]:
    return frozenset(word for spelling in _forms() for word in spelling.removeprefix("^").split() if 1 < len(word) <= 5)
