"""Names of companies as they are compared: without case, accents, punctuation and legal form.

legal_forms.tsv has the forms. The key only tells companies apart; the name that people see stays as it is written.
"""

import re
from functools import cache

from parsing import names

#: Forms in writing without blanks: 株式会社トヨタ.
GLUED = re.compile("株式会社|有限会社|合同会社|股份有限公司|有限责任公司|有限公司|주식회사|유한회사|㈜|㈱|[((][株有주][))]")

#: Words that are written or left out: "Müller & Söhne" and "Müller und Söhne".
AND = frozenset({"and", "und", "et", "the"})

#: The longest form has so many words.
MOST_WORDS = 7


def key(name: str) -> str:
    """The name of a company as it is compared; "" where nothing is left.

    >>> key("The ACME Widgets, Inc."), key("Müller & Söhne GmbH & Co. KG"), key("Barilla G. e R. Fratelli S.p.A."), key("AG")
    ('acme widgets', 'muller sohne', 'barilla g e r fratelli', 'ag')
    """
    return " ".join(word for word in _parted(name)[0] if word not in AND) or names.folded(name.lower())


def legal_form(name: str) -> str | None:
    """The legal form in a name; None where it has none.

    >>> legal_form("ACME Widgets, Inc."), legal_form("Firma Sp. z o.o."), legal_form("Widgets")
    ('Inc', 'Sp. z o.o.', None)
    """
    return _parted(name)[1]


def _parted(name: str) -> tuple[list[str], str | None]:
    """The words of a name without its forms, and the form that stands last."""
    words, found = _words(GLUED.sub(" ", name)), None
    while rest := _cut(words):
        words, form = rest
        found = found or form
    return words, found


def _words(name: str) -> list[str]:
    """The folded words; letters that stand alone are joined where they make a form."""
    words = names.folded(name.lower()).split()
    for at in range(len(words)):
        if len(words[at]) != 1:
            continue
        end = at
        while end < len(words) and len(words[end]) == 1:
            end += 1
        joined = "".join(words[at:end])
        if end - at > 1 and joined in _joined():
            return [*words[:at], joined, *words[end:]]
    return words


def _cut(words: list[str]) -> tuple[list[str], str] | None:
    """Without the longest form at the end, or in front; None where there is none, or nothing else."""
    for count in range(min(MOST_WORDS, len(words) - 1), 0, -1):
        if form := _forms().get(" ".join(words[-count:])):
            return words[:-count], form
        if form := _forms().get("^" + " ".join(words[:count])):
            return words[count:], form
    return None


@cache
def _forms() -> dict[str, str]:
    return {spelling: form for form, spellings in reversed(names.table("legal_forms.tsv")) for spelling in spellings}


@cache
def _joined() -> frozenset[str]:
    return frozenset(word for spelling in _forms() for word in spelling.removeprefix("^").split() if 1 < len(word) <= 5)
