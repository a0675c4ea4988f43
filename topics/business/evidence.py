"""The pages of a site as passages to be searched, and what a passage is cited as."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parsing import bm25, passages, questions
from parsing import names as folding
from parsing.passages import Passage

#: A label that ends a line: its value is on the next.
LABEL_CHARS = 40

#: Characters around a contact in which words beside it are looked for.
AROUND = 220

MOST_CITED = 500

#: Characters of a sentence that says what a business does, at least; of one below its question: "No."
LEAST_TELLING, LEAST_REPLY = 25, 3

#: A year or an amount: such a sentence tells of something that happened.
HAPPENED = re.compile(r"\b(?:1[0-9]{3}|20[0-9]{2})\b|[€$£]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, or a label with the line after it. `words`: as they are compared; `near`: those of its passage."""

    page: int
    text: str
    position: int
    passage: Passage
    words: frozenset[str]
    near: frozenset[str]
    score: float = 0.0


class Pages:
    """The pages of one site."""

    def __init__(self, pages: Sequence[Mapping[str, Any]]) -> None:
        self.pages = pages
        self.by_url = {page["url"]: number for number, page in enumerate(pages)}
        self.parts = [(number, passage) for number, page in enumerate(pages) for passage in passages.of(page["text"])]
        self.words = [questions.concepts(passage.text) for _, passage in self.parts]
        self.index = bm25.Index(self.words)

    def best(self, query: Mapping[str, float], most: int) -> Iterator[Piece]:
        """The pieces of the passages that fit best, with the scores of their passages; what is said twice comes once."""
        scores = self.index.weigh(query)
        ranked = sorted((n for n, score in enumerate(scores) if score > 0), key=lambda n: (-scores[n], n))[:most]
        seen: set[str] = set()
        for n in ranked:
            page, passage = self.parts[n]
            near = frozenset(self.words[n])
            for piece in pieces(passage):
                if piece.text not in seen:
                    seen.add(piece.text)
                    words = frozenset(questions.concepts(piece.text))
                    yield Piece(page, piece.text, piece.position, passage, words, near, scores[n])

    def fitting(self, query: Mapping[str, float], most: int) -> list[tuple[int, Passage]]:
        """The passages that fit best, each with the number of its page."""
        scores = self.index.weigh(query)
        ranked = sorted((n for n, score in enumerate(scores) if score > 0), key=lambda n: (-scores[n], n))
        return [self.parts[n] for n in ranked[:most]]

    def beginnings(self, kinds: Sequence[str]) -> Iterator[tuple[int, Passage]]:
        """The first passages of the pages of these kinds, kind by kind."""
        for kind in kinds:
            yield from [part for part in self.parts if self.pages[part[0]]["kind"] == kind][:2]

    def passage_at(self, page: int, position: int) -> Passage | None:
        """The passage that has a place of a page; None where there is none."""
        of_page = (one for number, one in self.parts if number == page)
        return next((one for one in of_page if one.position <= position < one.position + len(one.text)), None)

    def reply(self, piece: Piece) -> Piece | None:
        """What stands right below a question that a page answers itself; None where that is another question, or a label."""
        text, end = self.pages[piece.page]["text"], piece.position + len(piece.text)
        line = next((one for one in text[end : end + 4 * AROUND].split("\n") if one.strip()), "")
        said = line.strip()[:MOST_CITED]
        if len(said) < LEAST_REPLY or said.endswith("?") or (said[-1:] not in ".!。" and len(said) < LEAST_TELLING):
            return None
        position = text.index(line, end) + len(line) - len(line.lstrip())
        around = self.passage_at(piece.page, position) or piece.passage
        return Piece(piece.page, said, position, around, piece.words, piece.near)

    def lead(self, names: Iterable[str]) -> Piece | None:
        """The sentence right below the name of the site, or the title, on its first page; None where none is told."""
        for number, passage in self.parts:
            page = self.pages[number]
            if page["kind"] != "home":
                continue
            heads = {folding.folded(name) for name in (*names, page["title"])}
            found = list(passages.sentences(passage))
            for head, said in itertools.pairwise(found):
                if folding.folded(head.text) in heads and len(said.text) >= LEAST_TELLING and may_tell(said.text):
                    return Piece(number, said.text, said.position, passage, frozenset(), frozenset())
        return None

    def around(self, evidence: Mapping[str, Any]) -> str:
        """The text around a contact, as far as its page has it; the snippet where only the markup says it."""
        page, position = self.by_url.get(evidence["url"]), evidence["position"]
        if page is None or position is None:
            return str(evidence["snippet"])
        text = self.pages[page]["text"]
        return str(text[max(0, position - AROUND) : position + AROUND])

    def before(self, evidence: Mapping[str, Any]) -> str:
        """The line of a contact up to it, and a label in the line before: there a page says whose it is."""
        page, position = self.by_url.get(evidence["url"]), evidence["position"]
        if page is None or position is None:
            return ""
        *above, line = self.pages[page]["text"][max(0, position - AROUND) : position].split("\n")
        label = above[-1] if above and len(above[-1]) <= LABEL_CHARS else ""
        return f"{label}\n{line}"

    def cited(self, page: int, passage: str, position: int | None) -> dict[str, Any]:
        """Where an answer comes from."""
        said = self.pages[page]
        place = {"url": said["url"], "title": said["title"], "fetched_at": said["fetched_at"]}
        return place | {"passage": passage[:MOST_CITED], "position": position}

    def cited_evidence(self, evidence: Mapping[str, Any]) -> dict[str, Any]:
        """The same, of a contact."""
        return self.cited(self.by_url[evidence["url"]], evidence["snippet"], evidence["position"])


def may_tell(text: str) -> bool:
    """Whether a sentence may say what a business does: it tells of nobody else, of nothing that happened, and of no cookies."""
    is_sentence = text.rstrip()[-1:] in (".", "!", "。")
    return is_sentence and not HAPPENED.search(text) and "cookie" not in text.lower() and not questions.says("others", text)


def pieces(passage: Passage) -> Iterator[Passage]:
    """The sentences of a passage; a short line that may be a label comes with the line after it, too."""
    found = list(passages.sentences(passage))
    yield from found
    for label, value in itertools.pairwise(found):
        if len(label.text) <= LABEL_CHARS and label.text[-1] not in ".!?。":
            yield Passage(f"{label.text} {value.text}", label.position)
