"""The passages of a site that a question is about: what a language model is given, each with its number, page and place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from parsing import questions
from topics.business.answers import FIELDS, Answerer
from topics.business.evidence import Pages

#: Passages that a model is given for one question, and characters of all of them.
MOST_SOURCES, MOST_CHARS = 12, 7_000

#: Contacts of one kind whose places are given.
MOST_CONTACTS = 4

#: Pages whose beginnings fill what is left, those that tell most first.
TELLING = ("contact", "home", "about", "services", "terms")


@dataclass(frozen=True, slots=True)
class Source:
    """A passage of a page. `position` counts characters in the text of the page; None: only its markup says it."""

    page: int
    text: str
    position: int | None


def sources(answerer: Answerer, question: str, told: Mapping[str, Any]) -> list[Source]:
    """What the answer by rules cites, what has the words of the question, then how the telling pages begin; each once."""
    pages, found, size = answerer.pages, dict[tuple[int, str], Source](), 0
    for one in _offered(answerer, question, told):
        key = (one.page, one.text)
        if key in found or (found and size + len(one.text) > MOST_CHARS) or not one.text.strip():
            continue
        if one.position is None and any(one.text in pages.pages[other.page]["text"] for other in found.values()):
            continue
        found[key] = one
        size += len(one.text)
        if len(found) == MOST_SOURCES:
            break
    return list(found.values())


def _offered(answerer: Answerer, question: str, told: Mapping[str, Any]) -> Iterator[Source]:
    asked = questions.read(question, answerer.own)
    pages = answerer.pages
    for cited in told["citations"]:
        yield _of_place(pages, cited["url"], cited["position"], cited["passage"])
    for kind, part in dict.fromkeys(FIELDS[wish] for wish in asked.wants if wish in FIELDS):
        for fact in answerer.site["contacts"][kind][:MOST_CONTACTS]:
            said = fact["evidence"][0]
            yield _of_place(pages, said["url"], said["position"], f"{fact[part]}\n{said['snippet']}")
    query = dict.fromkeys(questions.concepts(question), 0.2)
    query |= {word: 1.0 for wish in asked.wants for word in questions.stems(wish)} | dict.fromkeys(asked.besides, 2.0)
    yield from (Source(page, passage.text, passage.position) for page, passage in pages.fitting(query, MOST_SOURCES))
    for page, passage in pages.beginnings(TELLING):
        yield Source(page, passage.text, passage.position)


def _of_place(pages: Pages, url: str, position: int | None, snippet: str) -> Source:
    """The passage around a place; the snippet where only the markup says it."""
    page = pages.by_url.get(url, 0)
    passage = None if position is None else pages.passage_at(page, position)
    return Source(page, snippet, None) if passage is None else Source(page, passage.text, passage.position)
