"""BM25: which of some texts are about a question, by the words they share. Pure Python, for some thousand passages."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from parsing import names, regexes

K1, B = 1.2, 0.75

#: Words are compared by so many first letters: `Preise` and `Preisen`, `opening` and `opened`.
STEM = 6

WORD = regexes.late(r"\w+")
#: Scripts without blanks: two letters at a time are a word.
DENSE = regexes.late(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


def words(text: str) -> list[str]:
    """The words of a text, folded: no case, no accents.

    >>> words("Öffnungszeiten: Mo–Fr"), words("会社概要")
    (['offnungszeiten', 'mo', 'fr'], ['会社', '社概', '概要'])
    """
    found = list[str]()
    for word in WORD.findall(names.folded(text)):
        dense = DENSE.fullmatch(word) and len(word) > 2
        found.extend(word[n : n + 2] for n in range(len(word) - 1)) if dense else found.append(word)
    return found


def stem(word: str) -> str:
    """The first letters of a word, without the s of a plural.

    >>> stem("prices"), stem("price"), stem("dogs"), stem("bus")
    ('price', 'price', 'dog', 'bus')
    """
    return (word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word)[:STEM]


def stems(text: str) -> list[str]:
    """The stems of the words of a text, in order."""
    return [stem(word) for word in words(text)]


class Index:
    """Texts, each as its stems. `weigh` says how well each fits a question."""

    def __init__(self, texts: Iterable[Sequence[str]]) -> None:
        self.counts = [Counter(text) for text in texts]
        self.lengths = [max(1, count.total()) for count in self.counts]
        self.mean = sum(self.lengths) / max(1, len(self.lengths))
        self.spread = Counter(word for count in self.counts for word in count)

    def rarity(self, word: str) -> float:
        """How much a word tells, above 0: it tells more, the fewer texts have it."""
        having = self.spread[word]
        return math.log(1 + (len(self.counts) - having + 0.5) / (having + 0.5))

    def weigh(self, query: Mapping[str, float]) -> list[float]:
        """The score of each text for these words and their weights, in the order of the texts; 0 where it has none of them."""
        known = [(word, weight * self.rarity(word)) for word, weight in query.items() if self.spread[word]]
        return [self._score(count, length, known) for count, length in zip(self.counts, self.lengths, strict=True)]

    def _score(self, count: Counter[str], length: int, known: Iterable[tuple[str, float]]) -> float:
        norm = K1 * (1 - B + B * length / self.mean)
        return sum(weight * count[word] * (K1 + 1) / (count[word] + norm) for word, weight in known if word in count)
