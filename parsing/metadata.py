"""What a page is: title, authors, dates, language, description, site, image, icon."""

import functools
from dataclasses import dataclass, field
from datetime import date

from selectolax.lexbor import LexborHTMLParser

from parsing import hrefs, json_ld, languages, node_text, page_authors, page_dates, page_titles, structured

MAX_DESCRIPTION_CHARS = 1_000
LANGUAGE_SAMPLE_CHARS = 6_000


@dataclass(frozen=True, slots=True)
class Metadata:
    """All fields are texts, so that JSON can hold them; None where the page does not say."""

    title: str | None = None  # without the site's name
    authors: list[str] = field(default_factory=list)
    published: str | None = None  # ISO 8601, with the zone the page gives
    modified: str | None = None
    language: str | None = None  # a code of two or three letters
    description: str | None = None
    site_name: str | None = None
    image: str | None = None  # absolute
    icon: str | None = None  # absolute

    @property
    def author(self) -> str | None:
        """The authors in one line."""
        return ", ".join(self.authors) or None


def of(tree: LexborHTMLParser, data: structured.Structured, url: str, today: date | None = None) -> Metadata:
    """The metadata of a page at `url`. `data` is `structured.of(tree, url)`; dates after `today` are mistakes.

    >>> page = LexborHTMLParser("<html lang=en-GB><title>Oak | Wood</title><h1>Oak</h1><meta name=author content='Ada L'>")
    >>> found = of(page, structured.of(page, "https://example.com/"), "https://example.com/")
    >>> found.title, found.author, found.language
    ('Oak', 'Ada L', 'en')
    """
    site = _site(tree, data)
    told = _told_language(tree, data)
    dates = page_dates.of(tree, data, url, told or "", today)
    return Metadata(
        title=page_titles.of(tree, data, site, url),
        authors=page_authors.of(tree, data, site),
        published=dates.published,
        modified=dates.modified,
        language=languages.of_page(told, _sample(tree)),
        description=_description(tree, data),
        site_name=site,
        image=_image(tree, data, url),
        icon=_icon(tree, url),
    )


def _site(tree: LexborHTMLParser, data: structured.Structured) -> str | None:
    """The site's name, as the page's head and then its structured data give it."""
    for name in (structured.first(data.opengraph.get("og:site_name")), _meta(tree, "application-name")):
        if isinstance(name, str) and name.strip():
            return _line(name, 100)
    for node in structured.nodes(data):
        name = structured.first(node.get("name"))
        if isinstance(name, str) and name.strip() and not {"WebSite"}.isdisjoint(node.get("@type") or ()):
            return _line(name, 100)
    return None


def _told_language(tree: LexborHTMLParser, data: structured.Structured) -> str | None:
    root = tree.css_first("html")
    written = (root.attrs.get("lang") or root.attrs.get("xml:lang")) if root is not None else None
    locale = structured.first(data.opengraph.get("og:locale"))
    told = (written, _http_equiv(tree), locale if isinstance(locale, str) else None, _meta(tree, "language"))
    return next((text for text in told if text and languages.normal(text)), None)


def _sample(tree: LexborHTMLParser) -> str:
    """Some text of the page: its paragraphs, or all where it has few."""
    parts: list[str] = []
    size = 0
    for node in tree.css("p, h1, h2, li, td, blockquote, dd")[:600]:
        if size > LANGUAGE_SAMPLE_CHARS:
            break
        text = node.text(deep=True)[:2_000]
        if len(text) > 40:
            parts.append(text)
            size += len(text)
    if size < 400 and tree.body is not None:
        parts.append(node_text.of(tree.body, LANGUAGE_SAMPLE_CHARS))
    return " ".join(parts)


def _description(tree: LexborHTMLParser, data: structured.Structured) -> str | None:
    metas = (
        _meta(tree, "description"),
        structured.first(data.opengraph.get("og:description")),
        data.twitter.get("twitter:description"),
    )
    texts = [*metas, data.dublin_core.get("dc.description")]
    return next((_line(text, MAX_DESCRIPTION_CHARS) for text in texts if isinstance(text, str) and text.strip()), None)


def _image(tree: LexborHTMLParser, data: structured.Structured, url: str) -> str | None:
    base = hrefs.base_of(tree, url)
    link = tree.css_first("link[rel='image_src' i][href]")
    told = [
        *(structured.first(data.opengraph.get(name)) for name in ("og:image:secure_url", "og:image", "og:image:url")),
        structured.first(data.twitter.get("twitter:image") or data.twitter.get("twitter:image:src")),
        link.attrs.get("href") if link is not None else None,
    ]
    for node in structured.nodes(data):
        if any(page_dates.ARTICLE.search(kind) or kind == "Product" for kind in node.get("@type") or ()):
            image = structured.first(node.get("image"))
            told.append(structured.first(image.get("url")) if isinstance(image, dict) else image)
    found = (hrefs.absolute(text.strip(), base) for text in told if isinstance(text, str))
    return next((address for address in found if address), None)


def _icon(tree: LexborHTMLParser, url: str) -> str | None:
    """The icon the page names, else where browsers look for one."""
    base = hrefs.base_of(tree, url)
    for selector in ("link[rel~='icon' i][href]", "link[rel~='apple-touch-icon' i][href]", "link[rel*='icon' i][href]"):
        node = tree.css_first(selector)
        if node is not None and (address := hrefs.absolute((node.attrs.get("href") or "").strip(), base)):
            return address
    return hrefs.absolute("/favicon.ico", url)


def _meta(tree: LexborHTMLParser, name: str) -> str:
    node = tree.css_first(_meta_selector(name))
    return (node.attrs.get("content") or "").strip() if node is not None else ""


@functools.cache
def _meta_selector(name: str) -> str:
    return f"meta[name='{name}' i][content]"


def _http_equiv(tree: LexborHTMLParser) -> str:
    node = tree.css_first("meta[http-equiv='content-language' i][content]")
    return (node.attrs.get("content") or "").partition(",")[0].strip() if node is not None else ""


def _line(text: str, most: int) -> str:
    return " ".join(json_ld.clean(text[: 4 * most]).split())[:most].rstrip()
