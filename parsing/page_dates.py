"""When a page was published and last changed: structured data, `<meta>`, `<time>`, its text, its address; in that order.

Dates are ISO 8601 texts: `2020-03-20`, or with the time and zone that the page gives, `2020-03-20T10:00:00+01:00`.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsing import date_text, node_text, regexes, structured

MAX_NODES = 60
MAX_NEAR_CHARS = 400  # a date that stands so near below the heading is the page's
ARTICLE = regexes.late(
    r"Article|Posting|Report|Recipe|Review|Video|HowTo|Question|Book|Dataset|Podcast|Episode|Discussion|Work$|Course"
)
#: Names of `<meta>`, folded to letters, the surest first (CMSs, publishers' and libraries' conventions; 2026-11).
PUBLISHED = (
    "articlepublishedtime", "ogarticlepublishedtime", "datepublished", "articlepublished", "publishedtime", "parselypubdate",
    "publishdate", "publisheddate", "publicationdate", "pubdate", "sailthrudate", "datepublication", "dctermsissued",
    "dcdateissued", "citationpublicationdate", "citationdate", "dcdate", "dctermscreated", "dctermsdate", "dcdatecreated",
    "published", "publishtime", "articledatepublished", "articlecreated", "articledateoriginal", "originalpublicationdate",
    "firstpublished", "datecreated", "created", "creationdate", "date", "ogpublishdate", "ptime", "blogposttime", "postdate",
    "articlepublicationdate", "displaydate", "rnewsdatepublished", "videoreleasedate", "bookreleasedate", "releasedate",
    "uploaddate",
)  # fmt: skip
MODIFIED = (
    "articlemodifiedtime", "ogupdatedtime", "datemodified", "modifiedtime", "lastmodified", "dctermsmodified", "dcdatemodified",
    "lastmod", "articleupdated", "updatedtime", "revised", "dateupdated", "modified", "updated", "lastupdated", "articlemodified",
    "modifieddate", "revisiondate", "utime",
)  # fmt: skip
HINTED = (
    "[class*='date' i], [class*='publish' i], [class*='posted' i], [class*='byline' i], [class*='timestamp' i],"
    "[class*='meta' i], [id*='date' i], [id*='publish' i], [data-testid*='date' i], [class*='author' i], [class*='time' i]"
)
ASIDE = regexes.late(
    r"(?:^|[\s_-])(?:related|sidebar|side-bar|comments?|replies|recent|latest|popular|trending|widget|footer|nav|menu|promo|teaser|cards?"
    r"|carousel|recommend\w*|more|events?|calendar|upcoming|cookie)(?:$|[\s_-])",
    re.IGNORECASE,
)
UPDATED = regexes.late(
    r"updat|modif|revis|edited|aktualis|geändert|stand:|mis à jour|mise à jour|actualiz|atualiz|aggiorn|bijgewerkt|gewijzigd"
    r"|uppdater|opdater|oppdater|päivit|обновл|изменен|更新|修改|수정|güncel|zaktual|aktualiz|frissít|cập nhật|แก้ไข",
    re.IGNORECASE,
)
POSTED = regexes.late(
    r"(?:publi\w*|posted|written|created|released|issued|veröffentlicht\w*|erschienen|erstellt|publié\w*|paru|publicado|fecha|publicad[oa]"
    r"|pubblicato|data|gepubliceerd|geplaatst|opublikowano|publicerad|udgivet|publisert|julkaistu|опубликован\w*|дата|发布|發布|发表|公開日|投稿"
    r"|掲載|게시|작성|yayın\w*|datum|date|by)\b.{0,40}$",
    re.IGNORECASE | re.DOTALL,
)
IN_URL = regexes.late(
    r"/((?:19|20)\d\d)(?:/|-)([01]?\d)(?:/|-)([0-3]?\d)(?:[/_-]|$)|[/_-]((?:19|20)\d\d)([01]\d)([0-3]\d)(?:[/_.-]|$)"
)


class Dates(NamedTuple):
    """Both as ISO 8601 texts; None where the page does not say."""

    published: str | None
    modified: str | None


def of(tree: LexborHTMLParser, data: structured.Structured, url: str, language: str = "", today: date | None = None) -> Dates:
    """The dates of a page. A date after `today` is a mistake of the page and is passed over.

    >>> page = LexborHTMLParser("<h1>Oak</h1><p>Posted on 5 May 2021 by Ada</p>")
    >>> of(page, structured.Structured(), "https://example.com/")
    Dates(published='2021-05-05', modified=None)
    """
    last = (today + timedelta(days=1)).isoformat() if today else "9999"
    metas = _metas(tree)

    def chosen(*sources: Iterator[str | None]) -> str | None:
        stamps = (date_text.stamp(text, language) for source in sources for text in source if text)
        return next((stamp for stamp in stamps if stamp and stamp[:10] <= last), None)

    told = list(_seen(tree, language))
    published = chosen(
        _data(data, ("datePublished",), ARTICLE),
        (metas.get(name) for name in PUBLISHED),
        _data(data, ("datePublished", "uploadDate", "dateCreated"), None),
        (text for text, is_update in _times(tree) if not is_update),
        (text for text, is_update in told if not is_update),
        _in_url(url),
    )
    modified = chosen(
        _data(data, ("dateModified",), ARTICLE),
        (metas.get(name) for name in MODIFIED),
        _data(data, ("dateModified",), None),
        (text for text, is_update in _times(tree) if is_update),
        (text for text, is_update in told if is_update),
    )
    return Dates(published, modified)


def _data(data: structured.Structured, names: tuple[str, ...], kinds: re.Pattern[str] | None) -> Iterator[str | None]:
    """Dates of the objects of some kinds; of any kind but comments and offers where `kinds` is None."""
    for name in names:
        for node in structured.nodes(data):
            types = node.get("@type") or ()
            right = any(kinds.search(one) for one in types) if kinds else "Comment" not in types
            text = structured.first(node.get(name)) if right else None
            if isinstance(text, dict):
                text = text.get("@value")
            if isinstance(text, str):
                yield text


def _metas(tree: LexborHTMLParser) -> dict[str, str]:
    """Values of `<meta>` by their names, folded to letters."""
    found: dict[str, str] = {}
    for node in tree.css("meta[content]")[:2_000]:
        attrs = node.attrs
        for key in ("property", "name", "itemprop", "http-equiv"):
            if name := attrs.get(key):
                found.setdefault(re.sub(r"[^a-z]", "", name.lower()[:100]), attrs.get("content") or "")
    return found


def _times(tree: LexborHTMLParser) -> Iterator[tuple[str, bool]]:
    """The moments of `<time>` outside of comments and boxes: those marked as the page's first. True: of an update."""
    found = []
    for node in tree.css("time, abbr.published, [itemprop='datePublished'], [itemprop='dateModified'], relative-time")[
        :MAX_NODES
    ]:
        attrs = node.attrs
        mark = f"{attrs.get('class') or ''} {attrs.get('itemprop') or ''} {'pubdate' if 'pubdate' in attrs else ''}"
        text = attrs.get("datetime") or attrs.get("content") or attrs.get("title") or node_text.of(node, 100)
        if not is_aside(node):
            is_marked = bool(re.search(r"publi|pubdate|entry-date|posted|created", mark, re.IGNORECASE))
            before = node_text.of(node.parent, 200) if node.parent is not None else ""
            is_update = bool(UPDATED.search(mark) or (not is_marked and UPDATED.search(before[:60])))
            found.append((not is_marked, text, is_update))
    yield from ((text, is_update) for _, text, is_update in sorted(found, key=lambda one: one[0]))


def _seen(tree: LexborHTMLParser, language: str) -> Iterator[tuple[str, bool]]:
    """Dates that a reader sees: in elements named for it, below the heading, after words such as `published`."""
    for node in tree.css(HINTED)[: 4 * MAX_NODES]:
        text = node_text.of(node, 600)
        if len(text) <= 300 and any(char.isdecimal() for char in text) and not is_aside(node):
            yield from _told(text, language)
    heading = tree.css_first("h1")
    if heading is not None:
        yield from _told(_below(heading), language)
    yield from _labelled(tree, language)


def _labelled(tree: LexborHTMLParser, language: str) -> Iterator[tuple[str, bool]]:
    """Dates after words such as `published` or `updated`, anywhere in the first part of the text."""
    body = tree.body
    text = node_text.of(body, 3 * date_text.MAX_CHARS) if body is not None else ""
    for start in range(0, len(text), date_text.MAX_CHARS):
        part = text[start : start + date_text.MAX_CHARS]
        for one in date_text.find(part, language):
            before = part[max(0, one.start - 60) : one.start]
            if UPDATED.search(before[-40:]) or POSTED.search(before):
                yield one.day.isoformat(), bool(UPDATED.search(before[-40:]))


def _told(text: str, language: str) -> Iterator[tuple[str, bool]]:
    end = 0
    for one in date_text.find(text, language):
        yield one.day.isoformat(), bool(UPDATED.search(text[end : one.start]))
        end = one.end


def _below(heading: LexborNode) -> str:
    """The text after a heading, within its block and the next ones."""
    parts: list[str] = []
    node: LexborNode | None = heading
    for _ in range(12):
        if node is None or sum(map(len, parts)) > MAX_NEAR_CHARS:
            break
        if (right := node.next) is not None:
            node = right
            parts.append(
                node_text.of(node, MAX_NEAR_CHARS) if node.is_element_node else (node.text_content or "")[:MAX_NEAR_CHARS]
            )
        else:
            node = node.parent
    return " ".join(parts)[:MAX_NEAR_CHARS]


def is_aside(node: LexborNode) -> bool:
    """Whether a node is in a part of the page that is about other pages or by readers."""
    above: LexborNode | None = node
    for _ in range(12):
        if above is None or above.tag in ("body", "html", "main"):
            return False
        attrs: dict[str, Any] = dict(above.attrs.items()) if above.is_element_node else {}
        if above.tag in ("aside", "footer", "nav") or ASIDE.search(f"{attrs.get('class') or ''} {attrs.get('id') or ''}"):
            return True
        above = above.parent
    return False


def _in_url(url: str) -> Iterator[str]:
    for match in IN_URL.finditer(url[:2_000]):
        year, month, day = (match[1], match[2], match[3]) if match[1] else (match[4], match[5], match[6])
        yield f"{year}-{int(month):02}-{int(day):02}"
