"""Names in files, brought to one spelling: columns, countries, languages, devices."""

import re
import unicodedata
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent

#: Letters that Unicode does not split into a plain letter and a mark.
PLAIN = str.maketrans({"ł": "l", "Ł": "l", "ı": "i", "ø": "o", "Ø": "o"})


def folded(text: str) -> str:
    """One spelling of a name: no case, no accents, no punctuation, no double blanks. `searchVolume` is two words.

    >>> folded(" Häufigste_Suchanfragen: "), folded("searchVolume"), folded("Mot-clé")
    ('haufigste suchanfragen', 'search volume', 'mot cle')
    """
    if text.isascii():
        plain = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", text).lower()
        return " ".join(re.sub(r"[^a-z0-9]+", " ", plain).split())
    text = unicodedata.normalize("NFKD", text.translate(PLAIN)).casefold()
    text = "".join(char for char in text if unicodedata.category(char) != "Mn")
    return unicodedata.normalize("NFKC", " ".join(re.sub(r"[\W_]+", " ", text).split()))


@cache
def country_codes() -> dict[str, str]:
    """Folded name of a country, or its code of three letters → its code of two letters."""
    return _codes("country_names.tsv")


@cache
def language_codes() -> dict[str, str]:
    """Folded name of a language → its code at Google."""
    return _codes("language_names.tsv")


@cache
def device_names() -> dict[str, str]:
    """Folded name of a device → desktop or mobile."""
    return {folded(name): device for device, names in table("device_names.tsv") for name in names}


def table(name: str) -> list[tuple[str, list[str]]]:
    """The rows of a table beside this file: a word, and its names."""
    rows = (HERE / name).read_text(encoding="utf-8").splitlines()
    pairs = (row.split("\t") for row in rows if not row.startswith("#"))
    return [(word, [spelling for spelling in names.split("|") if spelling]) for word, names in pairs]


def _codes(name: str) -> dict[str, str]:
    return {spelling: code for code, spellings in table(name) for spelling in spellings}
