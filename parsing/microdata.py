"""Items in the markup of a page: microdata (html.spec.whatwg.org/multipage/microdata.html) and RDFa Lite (w3.org/TR/rdfa-lite).

An item is `{"type": …, "id": …, "properties": {name: value}}`; a value is a text, an address, an item, or a list of them where
the page gives several. `type` is a list where an item has several types.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsing import hrefs, node_text

MAX_DEPTH = 20
MAX_PROPERTIES = 20_000  # of a page, each counted as often as `itemref` repeats it
MAX_TEXT_CHARS = 20_000
MAX_CHARS = 2_000_000
ADDRESS = {
    "a": "href", "area": "href", "link": "href", "object": "data",
    "audio": "src", "embed": "src", "iframe": "src", "img": "src", "source": "src", "track": "src", "video": "src",
}  # fmt: skip
TOLD = {"data": "value", "meter": "value", "time": "datetime"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """The attributes of one way to write items."""

    scope: str
    prop: str
    kind: str
    id: str


MICRODATA = Dialect("itemscope", "itemprop", "itemtype", "itemid")
RDFA = Dialect("typeof", "property", "typeof", "resource")


@dataclass(slots=True)
class _Page:
    dialect: Dialect
    read: hrefs.Absolute
    properties: dict[int, list[LexborNode]]  # by the item they belong to
    ids: dict[str, LexborNode]
    owners: dict[int, int]
    left: int = MAX_PROPERTIES
    chars: int = MAX_CHARS
    open: set[int] = field(default_factory=set)  # items that are being read: a loop of itemref ends there


def of(tree: LexborHTMLParser, base: str, dialect: Dialect = MICRODATA) -> list[dict[str, Any]]:
    """The items of a page that are no property of another item, in page order.

    >>> of(LexborHTMLParser("<p itemscope itemtype=http://schema.org/Person><b itemprop=name>Ada</b>"), "https://example.com/")
    [{'type': 'http://schema.org/Person', 'properties': {'name': 'Ada'}}]
    """
    scopes = tree.css(f"[{dialect.scope}]")
    if not scopes:
        return []
    page = _page(tree, base, dialect, {node.mem_id for node in scopes})
    places = {place.mem_id: place for node in scopes for place in _referred(node, page)}
    referred = {one.mem_id for place in places.values() for one in [place, *place.css("[itemprop]")]}
    top = [node for node in scopes if not _has(node, dialect.prop) or not (page.owners[node.mem_id] or node.mem_id in referred)]
    return [item for node in top if page.left > 0 and (item := _item(node, page, 0))]


def _page(tree: LexborHTMLParser, base: str, dialect: Dialect, scopes: set[int]) -> _Page:
    """Each property with the item it belongs to: the nearest scope above it."""
    read = hrefs.resolver(hrefs.base_of(tree, base))
    ids = _ids(tree) if dialect is MICRODATA and tree.css_first("[itemref]") is not None else {}
    page = _Page(dialect, read, defaultdict(list), ids, {})
    above: dict[int, int] = {}
    for node in tree.css(f"[{dialect.prop}], [{dialect.scope}]"):
        if node.mem_id in page.owners:
            continue
        page.owners[node.mem_id] = owner = _owner(node, scopes, above)
        if owner and _has(node, dialect.prop):
            page.properties[owner].append(node)
    for node in ids.values():
        page.owners.setdefault(node.mem_id, _owner(node, scopes, above))
    return page


def _ids(tree: LexborHTMLParser) -> dict[str, LexborNode]:
    found: dict[str, LexborNode] = {}
    for node in tree.css("[id]"):
        found.setdefault(node.attrs.get("id") or "", node)
    return found


def _owner(node: LexborNode, scopes: set[int], above: dict[int, int]) -> int:
    """The nearest scope above a node, 0 for none. `above` keeps what was found on the way."""
    passed, owner, parent = [], 0, node.parent
    while parent is not None:
        key = parent.mem_id
        if key in scopes:
            owner = key
            break
        if key in above:
            owner = above[key]
            break
        passed.append(key)
        parent = parent.parent
    above.update(dict.fromkeys(passed, owner))
    return owner


def _item(node: LexborNode, page: _Page, depth: int) -> dict[str, Any] | None:
    if depth > MAX_DEPTH or node.mem_id in page.open:
        return None
    page.open.add(node.mem_id)
    kinds = (node.attrs.get(page.dialect.kind) or "").split()[:10]
    item: dict[str, Any] = {"type": kinds[0] if len(kinds) == 1 else kinds} if kinds else {}
    if (name := node.attrs.get(page.dialect.id)) and name.strip():
        item["id"] = page.read(name.strip()) or name.strip()[:1_000]
    values: dict[str, list[Any]] = defaultdict(list)
    for one in [*page.properties[node.mem_id], *_referred_properties(node, page)]:
        page.left -= 1
        if page.left < 0 or page.chars < 0:
            break
        value = _value(one, page, depth)
        for prop in (one.attrs.get(page.dialect.prop) or "").split()[:10]:
            if value is not None and not prop.startswith("og:"):
                values[prop[:200]].append(value)
    page.open.discard(node.mem_id)
    item["properties"] = {prop: found[0] if len(found) == 1 else found for prop, found in values.items()}
    return item if item["properties"] or kinds else None


def _referred(node: LexborNode, page: _Page) -> list[LexborNode]:
    names = (node.attrs.get("itemref") or "").split()[:100] if page.ids else []
    return [page.ids[name] for name in names if name in page.ids]


def _referred_properties(node: LexborNode, page: _Page) -> list[LexborNode]:
    """The properties in elements that `itemref` names, without those that belong to an item in there."""
    found = []
    for place in _referred(node, page):
        page.left -= 1
        if page.left < 0:
            break
        inside = {one.mem_id: one for one in [*([place] if _has(place, "itemprop") else []), *place.css("[itemprop]")]}
        is_item = _has(place, "itemscope") and not _has(place, "itemprop")  # lends its own properties
        outer = place.mem_id if is_item else page.owners[place.mem_id]
        found += [one for one in inside.values() if page.owners[one.mem_id] == outer]
        page.left -= len(inside)
    return found


def _value(node: LexborNode, page: _Page, depth: int) -> Any:
    attrs, tag = node.attrs, node.tag or ""
    if _has(node, page.dialect.scope):
        return _item(node, page, depth + 1)
    if "content" in attrs:
        return _short((attrs.get("content") or "").strip(), page)
    if tag in ADDRESS and (address := attrs.get(ADDRESS[tag])):
        return page.read(address.strip()) or _short(address.strip(), page)
    if tag in TOLD and (told := attrs.get(TOLD[tag])):
        return _short(told.strip(), page)
    return _short(node_text.of(node, MAX_TEXT_CHARS), page)


def _short(text: str, page: _Page) -> str:
    text = text[:MAX_TEXT_CHARS]
    page.chars -= len(text)
    return text


def _has(node: LexborNode, name: str) -> bool:
    return name in node.attrs
