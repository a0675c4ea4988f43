"""What a page says about itself for machines: JSON-LD, microdata, RDFa Lite, OpenGraph, Twitter cards, Dublin Core."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from parsing import json_ld, microdata

MAX_METAS = 2_000
MAX_META_CHARS = 10_000
MAX_NODES = 20_000
#: Prefixes of the Open Graph protocol and of what Facebook added to it (ogp.me, 2026-11).
OPEN_GRAPH = frozenset({"og", "article", "book", "profile", "video", "music", "product", "fb", "place", "business", "restaurant"})
DUBLIN_CORE = ("dc.", "dcterms.", "dc:", "dcterms:")

Metas = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Structured:
    """All of it. In the three dictionaries a name that stands several times has a list of its values."""

    json_ld: list[Any] = field(default_factory=list)
    microdata: list[dict[str, Any]] = field(default_factory=list)
    rdfa: list[dict[str, Any]] = field(default_factory=list)
    opengraph: Metas = field(default_factory=dict)  # `og:title`, `article:author` …
    twitter: Metas = field(default_factory=dict)  # `twitter:title` …
    dublin_core: Metas = field(default_factory=dict)  # `dc.title`, `dcterms.issued` …
    problems: list[str] = field(default_factory=list)


def of(tree: LexborHTMLParser, base: str) -> Structured:
    """Read a page at address `base`. Any page gives a result that JSON can hold; `problems` names what could not be read."""
    scripts = json_ld.of(tree)
    metas = list(_metas(tree))
    return Structured(
        scripts.values,
        microdata.of(tree, base),
        microdata.of(tree, base, microdata.RDFA),
        _gathered(metas, lambda name: name.partition(":")[0] in OPEN_GRAPH and ":" in name),
        _gathered(metas, lambda name: name.startswith("twitter:")),
        _gathered(metas, lambda name: name.startswith(DUBLIN_CORE)),
        scripts.problems,
    )


def nodes(structured: Structured, *, without: frozenset[str] = frozenset()) -> Iterator[dict[str, Any]]:
    """Every object in JSON-LD, microdata and RDFa, outer ones first, in the form of JSON-LD; none in the properties `without`.

    `@type` is a list of short names (`["Article"]`). A reference by `@id` to another object of the page is followed once.

    >>> one = Structured(microdata=[{"type": "http://schema.org/Person", "properties": {"name": "Ada"}}])
    >>> list(nodes(one))
    [{'@type': ['Person'], 'name': 'Ada'}]
    """
    items = map(_as_json_ld, [*structured.microdata, *structured.rdfa])
    waiting = deque([*structured.json_ld, *items])
    for _ in range(MAX_NODES):
        if not waiting:
            return
        value = waiting.popleft()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            if len(value) > ("@id" in value):
                yield {**value, "@type": types(value)} if "@type" in value else value
            waiting.extend(one for name, one in value.items() if isinstance(one, dict | list) and name not in without)


def types(node: dict[str, Any]) -> list[str]:
    """The types of an object as short names: `http://schema.org/Article` and `schema:Article` are `Article`."""
    written = node.get("@type")
    names = written if isinstance(written, list) else [written]
    return [name.rstrip("/").rpartition("/")[2].rpartition("#")[2].rpartition(":")[2] for name in names if isinstance(name, str)]


def by_id(structured: Structured) -> dict[str, dict[str, Any]]:
    """Objects by their `@id`: what a reference like `{"@id": "#author"}` stands for."""
    found: dict[str, dict[str, Any]] = {}
    for node in nodes(structured):
        name = node.get("@id")
        if isinstance(name, str):
            found.setdefault(name, node)
    return found


def first(value: Any) -> Any:
    """The first of several values; the value itself where it is no list; None for an empty list."""
    while isinstance(value, list):
        value = value[0] if value else None
    return value


def _as_json_ld(item: Any) -> Any:
    if isinstance(item, list):
        return [_as_json_ld(one) for one in item]
    if not isinstance(item, dict) or "properties" not in item:
        return item
    node = {name: _as_json_ld(value) for name, value in item["properties"].items()}
    node = {**({"@id": item["id"]} if "id" in item else {}), **node}
    return {"@type": item["type"], **node} if "type" in item else node


def _metas(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    """Names and values of `<meta>`, and of `<link>` for Dublin Core. Many pages write `name` where `property` is meant."""
    for node in tree.css("meta[property], meta[name]")[:MAX_METAS]:
        attrs = node.attrs
        content = (attrs.get("content") or attrs.get("value") or "").strip()
        names = dict.fromkeys(f"{attrs.get('property') or ''} {attrs.get('name') or ''}".lower().split()[:5])
        yield from ((name, json_ld.clean(content[:MAX_META_CHARS])) for name in names if content)
    for node in tree.css("link[rel][href]")[:MAX_METAS]:
        rel = (node.attrs.get("rel") or "").lower()
        if rel.startswith(DUBLIN_CORE):
            yield rel, (node.attrs.get("href") or "").strip()[:MAX_META_CHARS]


def _gathered(metas: list[tuple[str, str]], wanted: Callable[[str], bool]) -> Metas:
    found: dict[str, list[str]] = {}
    for name, content in metas:
        if wanted(name) and content not in found.setdefault(name[:200], []):
            found[name[:200]].append(content)
    return {name: contents[0] if len(contents) == 1 else contents for name, contents in found.items()}
