"""The title of a page: what stands over its content, without the name of the site.

`<title>` is made for search engines: it holds the site's name, and often a slogan. A heading that agrees with `<title>` or with
the title for sharing (og:title) is what a reader calls the page.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from parsing import domains, json_ld, node_text, structured, urls

MAX_CHARS = 500
MAX_HEADINGS = 30
MAX_HEADING_CHARS = 300
MAX_WORDS = 30  # a longer heading is a paragraph in large letters
# Between the title of a page and the name of its site. A hyphen or a colon needs a blank on a side.
SEPARATOR = re.compile(r"\s+[|\-–—·•»«›‹:/~⋆★/＿_]+\s+|\s*[|｜»«⋆]\s*|:\s+|\s+_|_\s+")
ANCHOR = re.compile("[\\s#\u00b6\u00a7\U0001f517\ue000-\uf8ff]+$")
WORD = re.compile(r"[^\W_]+")
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
#: Names of a first page, which name no page.
EMPTY = frozenset({"home", "homepage", "home page", "startseite", "accueil", "inicio", "index", "untitled", "untitled document"})
MAIN = frozenset({
    "Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle", "TechArticle", "ScholarlyArticle", "AnalysisNewsArticle",
    "OpinionNewsArticle", "LiveBlogPosting", "Report", "DiscussionForumPosting", "SocialMediaPosting", "Product", "Recipe",
    "Event", "JobPosting", "Course", "Book", "Movie", "VideoObject", "HowTo", "QAPage", "SoftwareApplication", "Review",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What the page says about its title, in its own words."""

    title: str  # <title>
    shared: str  # og:title or twitter:title
    headline: str  # of the main object in structured data
    site: str | None


def of(tree: LexborHTMLParser, data: structured.Structured, site: str | None, url: str) -> str | None:
    """The title of a page at `url`, None where nothing names it. `site` is the site's name, where known.

    >>> page = LexborHTMLParser("<title>Oak tables: care | Woodshop</title><h1>Woodshop</h1><h1>Oak tables</h1>")
    >>> of(page, structured.Structured(), None, "https://woodshop.example/")
    'Oak tables'
    """
    node = tree.css_first("head title") or tree.css_first("title")
    told = Told(
        _clean(node.text() if node else ""),
        _clean(_meta(data.opengraph, "og:title") or _meta(data.twitter, "twitter:title")),
        _clean(_headline(data)),
        site,
    )
    headings = _headings(tree)
    names = site_names(told.site, url) | _site_heading(told, headings, site_names(told.site, url))
    heading = _heading([text for text in headings if _squeezed(text) not in names], told)
    choices = (
        _of_head(told, names, heading),
        heading,
        without_site(told.shared, names),
        told.headline,
        _without_last(without_site(told.title, names), told.title),
        _clean(_meta(data.dublin_core, "dc.title")),
    )
    named = [choice for choice in choices if choice and choice.casefold() not in EMPTY]
    return next((choice for choice in (*named, told.title, told.shared) if choice), None)


def site_names(site: str | None, url: str) -> frozenset[str]:
    """Spellings of a site's name, squeezed to letters: as it calls itself, and as its domain does."""
    host = urls.host_of(url) or ""
    label = (domains.registrable(host) or host).partition(".")[0]
    return frozenset(name for name in (_squeezed(site or ""), _squeezed(label)) if len(name) > 1)


def without_site(title: str, names: frozenset[str]) -> str:
    """A title without the site's name at either end.

    >>> without_site("Sofas - Modern Couches – Oak & Co", frozenset({"oakco"}))
    'Sofas - Modern Couches'
    """
    parts = _parts(title)
    while len(parts) > 1 and (_is_site(parts[-1][0], names) or parts[-1][0].casefold() in EMPTY):
        parts.pop()
    while len(parts) > 1 and (_squeezed(parts[0][0]) in names or parts[0][0].casefold() in EMPTY):
        parts.pop(0)
    if len(parts) < 2 or not names:
        return parts[0][0] if parts else title
    return "".join(text + gap for text, gap in parts[:-1]) + parts[-1][0]


def _parts(title: str) -> list[tuple[str, str]]:
    """The parts of a title, each with the separator behind it."""
    found, start = [], 0
    for match in SEPARATOR.finditer(title):
        if text := title[start : match.start()].strip():
            found.append((text, match[0]))
        start = match.end()
    if rest := title[start:].strip():
        found.append((rest, ""))
    return found


def _is_site(part: str, names: frozenset[str]) -> bool:
    """Whether a part of a title names the site: the same letters, the domain inside it, or its initials."""
    letters = _squeezed(part)
    if letters in names:
        return True
    words = [word.casefold() for word in WORD.findall(part)]
    if len(words) > 8:
        return False
    initials = "".join(word[0] for word in words)
    short = "".join(word[0] for word in words if word not in ("and", "of", "the", "for", "und", "der", "et", "de", "y"))
    if len(words) > 2 and (initials in names or short in names):
        return True
    return any(len(name) > 3 and (name in letters or (letters in name and len(letters) > 3)) for name in names)


def _without_last(title: str, written: str) -> str:
    """A title that is nothing but <title>, without a short last part that must be the site's."""
    parts = _parts(title)
    if title != written or len(parts) < 2 or len(_words(parts[-1][0])) > 4 or len(_words(parts[0][0])) < 2:
        return title
    is_gap = parts[-2][1].strip() in ("|", "-", "\u2013", "\u2014", "\u00b7")
    return "".join(text + gap for text, gap in parts[:-2]) + parts[-2][0] if is_gap else title


def _of_head(told: Told, names: frozenset[str], heading: str | None) -> str:
    """What both titles in the head say in one part, once the site's name is gone. It wins over a heading that says less."""
    title, shared = without_site(told.title, names), without_site(told.shared, names)
    words = _words(shared)
    if len(words) < 2 or len(_parts(shared.replace(": ", ":"))) > 1:
        return ""
    if _squeezed(shared) not in {_squeezed(title), *(_squeezed(text) for text, _ in _parts(title))}:
        return ""
    in_page = _words(heading or "")
    if in_page and set(in_page) - {"and"} <= set(words) and len(in_page) >= 0.75 * len(words):
        return ""
    return shared


def _site_heading(told: Told, headings: Sequence[str], names: frozenset[str]) -> frozenset[str]:
    """A heading that is the last part of <title> names the site, unless the site's name is the first part."""
    parts = _parts(told.title)
    if len(parts) < 2 or _is_site(parts[0][0], names):
        return frozenset()
    return frozenset({_squeezed(parts[-1][0])} & {_squeezed(text) for text in headings})


def _heading(headings: Sequence[str], told: Told) -> str | None:
    """The `<h1>` that agrees best with the titles in the head; else the only one."""
    shown = [words for text in (told.title, told.shared, told.headline) if (words := _words(text))]
    if not shown:
        return headings[0] if headings else None
    scored = [(max(_agreement(_words(text), words) for words in shown), -place, text) for place, text in enumerate(headings)]
    best = max(scored, default=(0.0, 0, ""))
    is_lone = len(headings) == 1 and best[0] > 0.3 and len(_words(headings[0])) <= 12
    return best[2] if best[0] >= 0.5 or is_lone else None


def _headings(tree: LexborHTMLParser) -> list[str]:
    found = []
    for node in tree.css("h1")[:MAX_HEADINGS]:
        if HIDDEN.search(node.attrs.get("style") or "") or "hidden" in node.attrs:
            continue
        text = _clean(node_text.of(node, MAX_HEADING_CHARS))
        if text and len(text.split()) <= MAX_WORDS and text not in found:
            found.append(text)
    return found


def _agreement(words: Sequence[str], shown: Sequence[str]) -> float:
    """How much of a heading stands in a title, and a little for how much of the title it is."""
    if not words:
        return 0.0
    common = len(set(words) & set(shown))
    return 0.8 * common / len(set(words)) + 0.2 * common / len(set(shown))


def _headline(data: structured.Structured) -> str:
    for node in structured.nodes(data):
        if not MAIN.isdisjoint(node.get("@type") or ()):
            text = structured.first(node.get("headline") or node.get("name"))
            if isinstance(text, str) and text.strip():
                return text
    return ""


def _meta(metas: dict[str, Any], name: str) -> str:
    text = structured.first(metas.get(name))
    return text if isinstance(text, str) else ""


def _words(text: str) -> list[str]:
    """The words of a text; of a script without blanks its letters."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return [piece for word in WORD.findall(folded) for piece in (word if word >= "\u2e80" else (word,))]


def _squeezed(text: str) -> str:
    return "".join(WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def _clean(text: str) -> str:
    text = json_ld.clean(text[: 4 * MAX_CHARS])
    return ANCHOR.sub("", " ".join(text.split())[:MAX_CHARS]).lstrip("/|·•»› ")
