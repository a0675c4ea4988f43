"""What a question about a business asks for: one of the things that are known of most businesses, and the words besides.

Words in many languages are in `question_words.tsv`. A question is read by its words alone, whatever else it says: it is never an
instruction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from parsing import bm25, names, weekdays

#: Where several are named, the first of these is what is asked for: "Who is the owner, and since when?" has two.
ORDER = (
    *("email", "fax", "phone", "vat", "social", "price", "hours", "founder", "founded", "owner", "director", "about"),
    *("name", "address", "contact"),
)


@dataclass(frozen=True, slots=True)
class Question:
    """`wants`: what is asked for, the likeliest first; () = none of the usual things. `besides`: the other words, as compared."""

    text: str
    wants: tuple[str, ...]
    besides: tuple[str, ...]


def read(text: str, own: Iterable[str] = ()) -> Question:
    """Read a question. `own`: the names of the site, whose words ask for nothing.

    >>> read("What are the opening hours on Sunday?")
    Question(text='What are the opening hours on Sunday?', wants=('hours',), besides=('SUNDAY',))
    >>> read("Wo ist die Firma?").wants, read("Gibt es Parkplätze?").besides
    (('address',), ('PARKING',))
    """
    left, wants = f" {'  '.join(bm25.words(text))} ", set[str]()
    for phrase, wishes in _by_length():
        if (spaced := f" {phrase} ") in left:
            wants.update(wishes)
            left = left.replace(spaced, " ")
    idle = phrases("idle") | _frequent() | {word for name in own for word in bm25.words(name)}
    besides = [word for word in left.split() if word not in idle and (len(word) > 1 or word.isdigit())]
    return Question(text, tuple(wish for wish in ORDER if wish in wants), tuple(dict.fromkeys(map(concept, besides))))


def concept(word: str) -> str:
    """A folded word as it is compared: the thing that it names in many languages, in capitals, or its first letters.

    >>> concept("samstags"), concept("saturday"), concept("bicycles")
    ('SATURDAY', 'SATURDAY', 'bicycl')
    """
    return _topics().get(word) or bm25.stem(word)


def concepts(text: str) -> list[str]:
    """The words of a text as they are compared, in order."""
    return [concept(word) for word in bm25.words(text)]


def says(wish: str, text: str) -> bool:
    """Whether a text speaks of this, by its words.

    >>> says("founded", "Gegründet wurde das Haus 1908."), says("others", "Website by Pixel Ltd")
    (True, True)
    """
    padded = f" {' '.join(bm25.words(text))} "
    return any(f" {phrase} " in padded for phrase in phrases(wish))


@cache
def phrases(wish: str) -> frozenset[str]:
    """The words for this in all languages, folded."""
    rows = names.table("question_words.tsv")
    return frozenset(names.folded(phrase) for key, found in rows if key.partition(".")[0] == wish for phrase in found)


@cache
def idle() -> frozenset[str]:
    """Words that ask for nothing and tell nothing, as they are compared."""
    return frozenset(concept(word) for word in phrases("idle") | _frequent() if " " not in word)


@cache
def asking() -> frozenset[str]:
    """The words that ask for one of the usual things or for nothing, and the days of the week: they tell nothing in an answer."""
    asked = {word for wish in ORDER for word in stems(wish)}
    return idle() | asked | {concept for word, concept in _topics().items() if weekdays.named(word)}


@cache
def usual() -> frozenset[str]:
    """The words with which questions are asked and answered, as they are compared: no names."""
    return asking() | set(_topics().values())


@cache
def stems(wish: str) -> frozenset[str]:
    """The single words among them as they are compared, for a search."""
    return frozenset(concept(phrase) for phrase in phrases(wish) if " " not in phrase)


@cache
def _frequent() -> frozenset[str]:
    """The most frequent words of each language: they ask for nothing."""
    return frozenset(part for _, found in names.table("stop_words.tsv") for word in found for part in bm25.words(word))


@cache
def _topics() -> dict[str, str]:
    return {names.folded(word): topic.upper() for topic, words in names.table("question_topics.tsv") for word in words}


@cache
def _by_length() -> list[tuple[str, list[str]]]:
    """All phrases, the longest first, each with what it asks for; blanks between words are double, as in what is searched."""
    found: dict[str, list[str]] = {}
    for wish in ORDER:
        for phrase in phrases(wish):
            found.setdefault(phrase.replace(" ", "  "), []).append(wish)
    return sorted(found.items(), key=lambda pair: -len(pair[0]))
