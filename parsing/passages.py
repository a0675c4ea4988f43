"""A page's text in passages: some lines that stand together, and the sentences in them, each with its place in the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: Characters of a passage and of a sentence at most.
MOST, MOST_SENTENCE = 600, 400

#: Passages of one text at most.
MOST_PASSAGES = 2_000

END = re.compile(r"(?<=[.!?…])[\"'”’»)]?\s+(?=[\W\d_]*[^\W\d_a-zß-öø-ÿ])|(?<=[。！？])")

#: What ends in a full stop and ends no sentence.
ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Za-zÀ-ÿ]|Dr|Mr|Mrs|Ms|Prof|St|Str|Nr|No|Tel|Inh|Co|Inc|Ltd|bzw|ca|inkl|vgl|usw|etc|tél|av|bd|núm|Sr|Sra|Dott|Ing|Dipl|geb|approx)|\d)\.$"
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a text: `position` counts characters from its beginning."""

    text: str
    position: int


def of(text: str) -> list[Passage]:
    """The passages of a text: lines that follow each other, up to 600 characters; longer ones are parted at sentences."""
    found, start, end = list[Passage](), 0, 0
    for line in _parts(text):
        stop = line.position + len(line.text)
        if end > start and stop - start > MOST:
            found.append(Passage(text[start:end].strip(), start))
            start = line.position
        start = line.position if end <= start else start
        end = stop
        if len(found) >= MOST_PASSAGES:
            return found
    return [*found, Passage(text[start:end].strip(), start)] if text[start:end].strip() else found


def sentences(passage: Passage) -> Iterator[Passage]:
    """The sentences of a passage; a line without a full stop is one. Cells of a row stay together."""
    begin = 0
    for line in passage.text.split("\n"):
        yield from _sentences(line, passage.position + begin)
        begin += len(line) + 1


def _parts(text: str) -> Iterator[Passage]:
    begin = 0
    for line in text.split("\n"):
        if line.strip():
            yield from [Passage(line, begin)] if len(line) <= MOST else _sentences(line, begin)
        begin += len(line) + 1


def _sentences(line: str, begin: int) -> Iterator[Passage]:
    """Sentences of a line; the next begins where the last ended, and a very long one is cut."""
    start, breaks = 0, [match.end() for match in END.finditer(line) if not _goes_on(line, match.start())]
    for stop in [*breaks, len(line)]:
        while stop > start:
            cut = min(stop, start + MOST_SENTENCE)
            piece = line[start:cut]
            if piece.strip():
                yield Passage(piece.strip(), begin + start + len(piece) - len(piece.lstrip()))
            start = cut


def _goes_on(line: str, position: int) -> bool:
    return bool(ABBREVIATION.search(line[max(0, position - 12) : position]))
