"""The text of a page that only scripts draw, where it lies as HTML in the data that the page brings along.

Forums (Discourse), shops and blogs of today send an empty frame and a JSON of what belongs into it. Which of its texts is the
page's is told by their place: those of one place, e.g. the text of each post, are one group. The largest group is the content.
"""

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from selectolax.lexbor import LexborHTMLParser

SOURCES = "[data-preloaded], [data-page], [data-props], [data-react-props], script[type='application/json']"
JSON_LD = "script[type='application/ld+json' i]"
ATTRIBUTES = ("data-preloaded", "data-page", "data-props", "data-react-props")
MAX_SOURCES = 40
MAX_CHARS = 5_000_000  # of one source; a larger one is data of an application
MAX_DEPTH = 14
MAX_NODES = 200_000  # of all sources
LEAST_TEXT = 80  # characters; a shorter one is a label
LEAST_CHARS = 400  # of a group: less is no content
MARKED = re.compile(r"<(?:p|br|li|h[1-6]|div)\b[^<>]*>", re.IGNORECASE)
TAG = re.compile(r"<[^<>]*>")
# Places of what stands on every page of a site.
OF_SITE = re.compile(
    r"cookie|consent|gdpr|privacy|banner|footer|header|legal|translation|i18n|locale|messages|theme|setting|config", re.IGNORECASE
)
NUMBER = re.compile(r"\d+")


def html(page: LexborHTMLParser) -> str | None:
    """The texts of the largest group, in their order, each an article; None where there is none. Never raises.

    >>> posts = [{"id": number, "cooked": f"<p>{word * 60}</p>"} for number, word in enumerate(("oak ", "ash "))]
    >>> data = json.dumps({"topic_1": json.dumps({"posts": posts}), "site": {"about": "<p>A forum.</p>"}})
    >>> html(LexborHTMLParser(f"<div data-preloaded='{data}'></div>")).count("<article>")
    2
    """
    groups: dict[str, dict[str, None]] = {}
    left = MAX_NODES
    for node in page.css(SOURCES)[:MAX_SOURCES]:
        text = next((node.attributes[name] for name in ATTRIBUTES if node.attributes.get(name)), None) or node.text()
        for place, found in _texts(_loaded(text), left):
            left -= 1
            groups.setdefault(place, {})[found] = None
    best = max(groups.values(), key=_size, default={})
    return "".join(f"<article>{text}</article>" for text in best) if _size(best) >= LEAST_CHARS else _told_to_engines(page)


def _told_to_engines(page: LexborHTMLParser) -> str | None:
    """The text of an article that stands in JSON-LD only, for search engines; None where there is none, or hardly any."""
    bodies = [_body(_loaded(node.text().strip()), 0) for node in page.css(JSON_LD)[:MAX_SOURCES]]
    text = max(bodies, key=len, default="")
    if len(text) < LEAST_CHARS:
        return None
    if MARKED.search(text):
        return f"<article>{text}</article>"
    return "<article>" + "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip()) + "</article>"


def _body(data: Any, depth: int) -> str:
    """The longest `articleBody` in JSON-LD."""
    if depth > MAX_DEPTH:
        return ""
    if isinstance(data, list):
        return max((_body(one, depth + 1) for one in data[:MAX_SOURCES]), key=len, default="")
    if not isinstance(data, dict):
        return ""
    own = data.get("articleBody")
    inner = max((_body(data[name], depth + 1) for name in ("@graph", "mainEntity") if name in data), key=len, default="")
    return max(own if isinstance(own, str) else "", inner, key=len)


def _size(texts: dict[str, None]) -> int:
    return sum(len(TAG.sub("", text)) for text in texts)


def _loaded(text: str) -> Any:
    if len(text) > MAX_CHARS or text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _texts(data: Any, most: int) -> Iterator[tuple[str, str]]:
    """(place, HTML) of each text with markup, in their order. Numbers in a place, and of its rows, do not count."""
    waiting: list[tuple[str, Any, int]] = [("", data, 0)]
    seen = 0
    while waiting and seen < most:
        place, value, depth = waiting.pop()
        seen += 1
        if isinstance(value, str):
            inner = _loaded(value) if len(value) > LEAST_TEXT and depth < MAX_DEPTH else None
            if inner is not None:
                waiting.append((place, inner, depth + 1))
            elif len(value) > LEAST_TEXT and MARKED.search(value) and not OF_SITE.search(place):
                yield place, value
        elif depth < MAX_DEPTH and isinstance(value, dict):
            waiting += [(f"{place}.{NUMBER.sub('', str(name))}", one, depth + 1) for name, one in reversed(value.items())]
        elif depth < MAX_DEPTH and isinstance(value, list):
            waiting += [(f"{place}[]", one, depth + 1) for one in reversed(value)]
