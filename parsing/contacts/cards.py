"""hCard and h-card: the parts of a card by the classes of its elements (microformats.org, 2026-11)."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from parsing.contacts.page_text import CARDS, Mark, PageText

MAX_CARDS, MAX_NODES, MAX_CLIMB, MAX_CHARS = 100, 300, 4, 200
#: Classes, and the name under which each is kept.
CLASSES = {
    "street-address": "street", "extended-address": "street", "post-office-box": "street", "locality": "city", "region": "region",
    "postal-code": "zipcode", "country-name": "country", "org": "org", "organization-name": "org", "fn": "fn", "n": "fn",
    "name": "fn", "title": "role", "role": "role", "job-title": "role",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says: `street`, `city`, `region`, `zipcode`, `country`, `org`, `fn`, `role`."""

    mark: Mark
    parts: dict[str, str]


def of(page: PageText) -> list[Card]:
    """The cards of a page, inner ones first; of each only its first elements are read, so that nested cards take no longer."""
    found: list[Card] = []
    for mark in page.marks:
        if mark.tag == "address" or not CARDS.isdisjoint((mark.node.attributes.get("class") or "").lower().split()):
            parts = {name: ", ".join(texts)[:MAX_CHARS] for name, texts in _parts(mark.node).items()}
            if parts:
                found.append(Card(mark, parts))
            if len(found) >= MAX_CARDS:
                break
    return found


def _parts(card: LexborNode) -> dict[str, list[str]]:
    named: dict[int, str] = {}
    texts: dict[int, list[str]] = {}
    for node in itertools.islice(card.traverse(include_text=True), MAX_NODES):
        if node.is_text_node:
            for above in _above(node):
                if above in named:
                    texts.setdefault(above, []).append((node.text_content or "")[:MAX_CHARS])
        elif name := _name(node):
            named[node.mem_id] = name
    parts: dict[str, list[str]] = {}
    for key, pieces in texts.items():
        text = " ".join(" ".join(pieces).split()).strip(" ,")
        if text and (named[key] == "street" or named[key] not in parts):
            parts.setdefault(named[key], []).append(text)
    return parts


def _name(node: LexborNode) -> str | None:
    classes = [name.removeprefix("p-") for name in (node.attributes.get("class") or "").lower().split()[:20]]
    if "org" in classes:
        return "org"  # `fn org` is the name of a company
    return next((CLASSES[name] for name in classes if name in CLASSES), None)


def _above(node: LexborNode) -> Iterator[int]:
    parent = node.parent
    for _ in range(MAX_CLIMB):
        if parent is None:
            return
        yield parent.mem_id
        parent = parent.parent
