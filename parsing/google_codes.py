"""Google's codes of languages (hl) and countries (gl). An unknown code is refused, and the nearest codes are named.

The lists are beside this file, with their date.
"""

import difflib
import functools
from dataclasses import dataclass
from pathlib import Path

from errors import ArgumentError

HERE = Path(__file__).parent

#: How many codes a refusal names.
NAMED = 3


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a list. `meant` holds wrong spellings of it in lower case."""

    code: str
    name: str
    meant: tuple[str, ...] = ()


def language(text: str) -> str:
    """Google's code of a language, in Google's spelling. Raises ArgumentError that names the nearest codes.

    >>> language("ES-419"), language("pt_br"), language("zh-hant"), language("SR-latn")
    ('es-419', 'pt-BR', 'zh-Hant', 'sr-Latn')
    """
    return _found("language", text, _list("google_languages.txt"))


def country(text: str) -> str:
    """Google's code of a country, in lower case. Raises ArgumentError that names the nearest codes.

    >>> country("US"), country("uk"), country("GB")
    ('us', 'uk', 'gb')
    """
    return _found("country", text, _list("google_countries.txt"))


def _found(what: str, text: str, known: dict[str, Code]) -> str:
    wanted = text.strip().replace("_", "-").lower()
    if wanted in known:
        return known[wanted].code
    named = [f"{known[code].code} ({known[code].name})" for code in _nearest(wanted, known)[:NAMED]]
    hint = f"did you mean {' or '.join(named)}?" if named else f"e.g. {'en or pt-BR' if what == 'language' else 'us'}"
    raise ArgumentError(f"--{what} {text!r:.60} is no {what} code of Google's: {hint}")


def _nearest(wanted: str, known: dict[str, Code]) -> list[str]:
    base = wanted.partition("-")[0]
    sure = [code for code, one in known.items() if wanted in one.meant or wanted == one.name.lower()]
    sure += [code for code in known if code == base]
    sure += [code for code in known if code.startswith(f"{base}-")]
    sure += [code for code, one in known.items() if len(wanted) > 3 and one.name.lower().startswith(wanted)]
    if sure:
        return list(dict.fromkeys(sure))
    words = {name: code for code, one in known.items() for name in (one.name.lower(), *one.meant)}
    found = [words[name] for name in difflib.get_close_matches(wanted, words, NAMED, 0.75)]
    return list(dict.fromkeys(found + difflib.get_close_matches(wanted, known, NAMED, 0.5)))


@functools.cache
def _list(name: str) -> dict[str, Code]:
    codes = {}
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, called, *meant = line.split("\t")
            codes[code.lower()] = Code(code, called, tuple(" ".join(meant).lower().split()))
    return codes
