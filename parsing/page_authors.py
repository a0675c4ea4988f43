"""Who wrote a page: structured data, `<meta>`, links and lines that name an author."""

import re
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from parsing import json_ld, node_text, page_dates, structured

MAX_AUTHORS = 10
MAX_NAME_CHARS = 80
METAS = (
    "author", "article:author", "og:article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl",
    "citation_author", "authors", "article:author_name", "cxenseparse:author", "rbauthors", "dc.contributor", "twitter:data1",
)  # fmt: skip
LINES = (
    "[rel~='author' i], [itemprop='author'] [itemprop='name'], [itemprop='author'], .author-name, .author__name, .byline-name,"
    ".byline .name, .p-author, .vcard .fn, .post-author, .entry-author, [class*='author-name' i], [class*='authorname' i],"
    "[class*='author_name' i], .author a, .author, .byline a, .byline, [class*='byline' i], [data-author], .username"
)
BY = re.compile(
    r"^\W*(?:(?:written|posted|published|reviewed|edited)\s+)?(?:by|von|par|por|di|door|av|af|przez|text|author|autor|autore|auteur"
    r"|автор|作者|文|撰文|写|著者)\b\s*[:：]?\s*",
    re.IGNORECASE,
)
REST = re.compile(
    r"\s*(?:\||·|•|–|—|/|\(|<|@|(?<=\s)\d|\b(?:edited by|on|am|le|il|el|updated|published|posted"
    r"|min read|contributor|staff writer)\b).*$",
    re.DOTALL,
)
SEVERAL = re.compile(r"\s*(?:,|;|&|\band\b|\bund\b|\bet\b|\by\b|\be\b|、|，)\s*", re.IGNORECASE)
NO_NAME = re.compile(
    r"https?:|www\.|@|\b(?:admin|administrator|editor|webmaster|guest|unknown|anonymous|follow|share|view|read|more|profile|posts?|all"
    r"|comments?|reply|staff|null|undefined|about|website|author|authors|contact)\b",
    re.IGNORECASE,
)


def of(tree: LexborHTMLParser, data: structured.Structured, site: str | None = None) -> list[str]:
    """The authors of a page as it names them, at most `MAX_AUTHORS`; empty where it names none.

    >>> of(LexborHTMLParser("<p class=byline>By Ada Lovelace and Alan Turing | 5 May</p>"), structured.Structured())
    ['Ada Lovelace', 'Alan Turing']
    """
    for source in (_data(data), _metas(tree), _lines(tree)):
        names = [name for text in source for name in _names(text) if name.casefold() != (site or "").casefold()]
        if names:
            return list(dict.fromkeys(names))[:MAX_AUTHORS]
    return []


def _data(data: structured.Structured) -> Iterator[str]:
    """Authors of the first article that names one. A reference to a person elsewhere on the page is followed."""
    for node in structured.nodes(data):
        if any(page_dates.ARTICLE.search(kind) for kind in node.get("@type") or ()):
            found = node.get("author") or node.get("creator")
            named = [_named(one, data) for one in (found[:50] if isinstance(found, list) else [found])]
            if texts := [name for name in named if isinstance(name, str)]:
                yield from texts
                return


def _named(one: Any, data: structured.Structured) -> Any:
    if not isinstance(one, dict):
        return one
    if not _person(one) and isinstance(one.get("@id"), str):
        one = structured.by_id(data).get(one["@id"], {})
    return _person(one)


def _person(node: dict[str, Any]) -> Any:
    """The name of a person or an organisation, put together where it comes in parts."""
    parts = [structured.first(node.get(key)) for key in ("givenName", "additionalName", "familyName")]
    return structured.first(node.get("name")) or " ".join(part for part in parts if isinstance(part, str))


def _metas(tree: LexborHTMLParser) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for node in tree.css("meta[content]")[:2_000]:
        name = (node.attrs.get("property") or node.attrs.get("name") or "").lower()
        found.setdefault(name, []).append(node.attrs.get("content") or "")
    for name in METAS:
        if any(_names(text) for text in found.get(name, ())):
            yield from found[name]
            return


def _lines(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css(LINES)[:40]:
        text = node_text.of(node, 200)
        if text and not page_dates.is_aside(node) and _names(text):
            yield text
            return


def _names(text: str) -> list[str]:
    """The names in a line such as `By Ada Lovelace and Alan Turing | 5 May`."""
    if "://" in text[:400]:  # the address of a profile
        return []
    line = REST.sub("", BY.sub("", " ".join(json_ld.clean(text[:400]).split())))
    return [name for part in SEVERAL.split(line) if (name := part.strip(" .:-'\"|")) and _is_name(name)]


def _is_name(text: str) -> bool:
    if not 1 < len(text) <= MAX_NAME_CHARS or len(text.split()) > 6 or NO_NAME.search(text):
        return False
    return any(char.isalpha() for char in text)
