"""Words of forms in many languages, by what they mean: `words.tsv` names the concept first, then its words.

`=word` is a whole word; `*word` may stand anywhere in one, of up to four Latin letters only at its beginning. A word with blanks
is a phrase.
"""

import functools
import re
import unicodedata
from collections import defaultdict
from pathlib import Path

TABLE = Path(__file__).with_name("words.tsv")
WORD = re.compile(r"[^\W\d_]+|\d+")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
MAX_WORDS = 30  # of one text
LONGEST = 16  # letters of a stem, and more of a word are not compared
SHORT = 4
LONGEST_PHRASE = 5


def split(text: str) -> list[str]:
    """The words of a text or name: folded, without accents, `camelCase` and `snake_case` taken apart.

    >>> split("userName_2 Prénom")
    ['user', 'name', '2', 'prenom']
    """
    return _split(text[:400])


@functools.lru_cache(4_096)
def _split(text: str) -> list[str]:
    return WORD.findall(_folded(CAMEL.sub(" ", text)))[:MAX_WORDS]


def concepts(text: str) -> frozenset[str]:
    """What the words of a text mean, as far as the table knows.

    >>> sorted(concepts("Votre mot de passe"))
    ['password']
    """
    return _concepts(text[:400])


@functools.lru_cache(4_096)
def _concepts(text: str) -> frozenset[str]:
    words = _split(text)
    phrases = table()[2]
    found = {concept for word in words for concept in _of_word(word)}
    for size in range(2, LONGEST_PHRASE + 1):
        for at in range(len(words) - size + 1):
            found.update(phrases.get(" ".join(words[at : at + size]), ()))
    return frozenset(found)


@functools.lru_cache(16_384)
def _of_word(word: str) -> frozenset[str]:
    whole, parts, _ = table()
    found = set(whole.get(word, ()))
    word = word[: 2 * LONGEST]
    for at in range(len(word)):
        for end in range(at + 1, min(at + LONGEST, len(word)) + 1):
            for concept in parts.get(word[at:end], ()) if at == 0 or end - at > SHORT or word[at] > "\u2e80" else ():
                found.add(concept)
    return frozenset(found)


Meanings = dict[str, list[str]]


@functools.cache
def table() -> tuple[Meanings, Meanings, Meanings]:
    """The concepts of whole words, of parts of words and of phrases."""
    whole: Meanings = defaultdict(list)
    parts: Meanings = defaultdict(list)
    phrases: Meanings = defaultdict(list)
    _, *rows = TABLE.read_text("utf-8").splitlines()
    for concept, words in (row.split("\t") for row in rows):
        for word in re.split(r" (?=[*=])", words):
            pieces = WORD.findall(_folded(word[1:]))
            if not pieces:
                continue
            kind = phrases if len(pieces) > 1 else whole if word[0] == "=" else parts
            kind[" ".join(pieces)].append(concept)
    return dict(whole), dict(parts), dict(phrases)


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
