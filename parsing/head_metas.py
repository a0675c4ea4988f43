"""All that the `<meta>` of a page say, by name or property, as they are written."""

from selectolax.lexbor import LexborHTMLParser

MAX_METAS, MAX_NAME_CHARS, MAX_CHARS = 200, 100, 2_000


def of(tree: LexborHTMLParser) -> dict[str, str]:
    """Name → content; of a name that stands twice the first that says something. Names keep their case.

    >>> of(LexborHTMLParser("<meta name=robots content=noindex><meta property='og:title' content=' A '><meta charset=utf-8>"))
    {'robots': 'noindex', 'og:title': 'A'}
    """
    found: dict[str, str] = {}
    for node in tree.css("meta[content]"):
        attrs = node.attrs
        name = (attrs.get("name") or attrs.get("property") or attrs.get("itemprop") or "").strip()
        content = (attrs.get("content") or "").strip()
        if name and content and len(name) <= MAX_NAME_CHARS and name not in found:
            found[name] = content[:MAX_CHARS]
            if len(found) >= MAX_METAS:
                break
    return found
