"""News that a page of a site shows: articles marked as such, and headings or links beside a date."""

import re
from collections.abc import Iterator
from datetime import date

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsing import date_text, hrefs, node_text, structured
from parsing.feeds import MOST_TITLE_CHARS, Entry

MOST_NODES = 200

ARTICLE = re.compile(r"(?:News)?Article|(?:Blog|SocialMedia)Posting|Report|PressRelease")

HEADING = "h1, h2, h3, h4, h5, [class*='title' i], [class*='headline' i], a[href]"

#: A box with a date and more characters than that is no teaser, but the whole list.
MOST_BOX_CHARS = 1_500

LEAST_TITLE_CHARS = 8


def of(tree: LexborHTMLParser, url: str, today: date, language: str = "") -> list[Entry]:
    """The dated news of a page, the newest first, each title once; what lies after `today` is left out.

    >>> html = "<article><time datetime=2026-11-02>2 Nov</time><h2><a href=/x>We open in Graz</a></h2></article>"
    >>> of(LexborHTMLParser(html), "https://a.example/news", date(2026, 11, 30))
    [Entry(day=datetime.date(2026, 11, 2), title='We open in Graz', url='https://a.example/x')]
    """
    found: dict[str, Entry] = {}
    for entry in (*_marked(structured.of(tree, url), url), *_boxes(tree, url, language)):
        if entry.day <= today:
            found.setdefault(entry.title.casefold(), entry)
    return sorted(found.values(), key=lambda one: one.day, reverse=True)


def _marked(data: structured.Structured, url: str) -> Iterator[Entry]:
    for node in structured.nodes(data):
        title = structured.first(node.get("headline")) or structured.first(node.get("name"))
        stamp = date_text.stamp(str(structured.first(node.get("datePublished")) or ""))
        if any(ARTICLE.fullmatch(one) for one in node.get("@type") or ()) and isinstance(title, str) and stamp:
            linked = structured.first(node.get("url"))
            address = hrefs.absolute(linked, url) if isinstance(linked, str) else None
            yield Entry(date.fromisoformat(stamp[:10]), " ".join(title.split())[:MOST_TITLE_CHARS], address or "")


def _boxes(tree: LexborHTMLParser, url: str, language: str) -> Iterator[Entry]:
    base = hrefs.base_of(tree, url)
    for node in tree.css("time, [class*='date' i]")[:MOST_NODES]:
        written = node.attrs.get("datetime") or node_text.of(node, 60)
        stamp = date_text.stamp(written, language) if any(char.isdecimal() for char in written) else None
        heading = _heading(node) if stamp else None
        title = node_text.of(heading, MOST_TITLE_CHARS) if heading is not None else ""
        if stamp and heading is not None and len(title) >= LEAST_TITLE_CHARS:
            link = heading if heading.tag == "a" else heading.css_first("a[href]")
            address = hrefs.absolute(link.attrs.get("href") or "", base) if link is not None else None
            yield Entry(date.fromisoformat(stamp[:10]), title, address or "")


def _heading(node: LexborNode) -> LexborNode | None:
    """The heading of the box that a date stands in."""
    box: LexborNode | None = node.parent
    for _ in range(5):
        if box is None or box.tag in ("body", "main", "html") or len(node_text.of(box, MOST_BOX_CHARS + 1)) > MOST_BOX_CHARS:
            return None
        for heading in box.css(HEADING)[:20]:
            text = node_text.of(heading, 200)
            if heading.mem_id != node.mem_id and len(text) >= LEAST_TITLE_CHARS and date_text.stamp(text) is None:
                return heading
        box = box.parent
    return None
