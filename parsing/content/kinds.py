"""What kind of page it is, told by its structure: what it declares, its address, and what repeats in it.

Each signal gives every kind some points; `kinds.tsv` has them, fitted on labelled pages by `benchmarks/content_weights.py`.
"""

import functools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from selectolax.lexbor import LexborNode

from parsing import regexes
from parsing.content.lines import Outline

KINDS = ("article", "service", "product", "forum", "listing", "collection", "documentation")
TABLE = Path(__file__).with_name("kinds.tsv")
#: Of an element that is looked for in a whole page, the search is what costs: one search finds all.
DECLARATIONS = "base[href], script[type='application/ld+json'], meta[property='og:type'], meta[name='generator']"
DECLARED = regexes.late(r'"@type"\s*:\s*\[?\s*"(?:https?://schema\.org/)?([A-Za-z]+)"')
PRICE = regexes.late(r"[$€£¥₹]\s?\d|\d\s?(?:€|zł|kr\b|usd|eur|gbp)")
CURRENCIES = ("$", "€", "£", "¥", "₹", "zł", "kr", "usd", "eur", "gbp")  # without one of them, no price is looked for
BUY = (
    "add to cart",
    "add to basket",
    "add to bag",
    "buy now",
    "in den warenkorb",
    "ajouter au panier",
    "out of stock",
    "in stock",
    "sku",
)
POST = ("reply", "replies", "answer", "posts", "joined", "quote", "upvote", "thread", "moderator", "member since")
MAX_SCRIPT, MAX_SCRIPTS, MAX_METAS, MAX_TEXT = 200_000, 20, 5, 100_000
MANY, VERY_MANY = 5, 15  # things that repeat
PROSE, MUCH_PROSE = 0.3, 0.6
MANY_LINKS, FEW_LINKS = 0.4, 0.1

#: What pages declare in JSON-LD, by what it speaks for.
TYPES = {
    name: kind
    for kind, names in {
        "article": "Article NewsArticle BlogPosting ReportageNewsArticle OpinionNewsArticle AnalysisNewsArticle LiveBlogPosting"
        " Report ScholarlyArticle AdvertiserContentArticle Recipe",
        "product": "Product ProductGroup IndividualProduct",
        "forum": "DiscussionForumPosting QAPage SocialMediaPosting Comment",
        "documentation": "TechArticle APIReference SoftwareSourceCode",
        "listing": "CollectionPage ItemList Blog SearchResultsPage Event",
        "service": "LocalBusiness ProfessionalService Service Restaurant Dentist Hotel MedicalBusiness LegalService Store"
        " FAQPage",
    }.items()
    for name in names.split()
}
ADDRESSES = {
    "forum": regexes.late(r"forum|thread|topic|/questions?/|/t/|discuss|viewtopic|showthread|community|/r/|comments/"),
    "documentation": regexes.late(
        r"\bdocs?\b|documentation|reference|manual|\bapi\b|guide|tutorial|wiki|developer|/learn|/stable|/latest"
    ),
    "product": regexes.late(r"/products?/|/item|/dp/|/p/|/buy|\.p\b"),
    "collection": regexes.late(r"/collections?/|/categor|/shop\b|/c/|/store|/browse|/t/"),
    "listing": regexes.late(r"/categor|/tags?/|/archive|/topics?/?$|/blog/?$|/news/?$|/events|/jobs|/search|/author|/recipes"),
    "article": regexes.late(r"/(?:19|20)\d\d/|/news/.|/blog/.|/article|/story|-\w+-\w+-\w+-\w+"),
    "service": regexes.late(r"/about|/services?|/contact|/solutions|/pricing|/platform"),
    "root": regexes.late(r"^https?://[^/]+/?(?:\?|$)"),
}
GENERATORS = {
    "documentation": regexes.late(
        r"sphinx|mkdocs|docusaurus|gitbook|readme|docfx|doxygen|vitepress|javadoc|rustdoc|antora", re.IGNORECASE
    ),
    "forum": regexes.late(r"phpbb|vbulletin|xenforo|discourse|invision|mybb|smf|nodebb|flarum|vanilla", re.IGNORECASE),
}


def of(declared: Iterable[LexborNode], outline: Outline, url: str = "") -> str:
    """One of KINDS. `declared` are the elements of a page that DECLARATIONS selects, in page order."""
    table = points()
    found = dict.fromkeys(signals(declared, outline, url)) | {"always": None}
    totals = [sum(column) for column in zip(*[table[signal] for signal in found if signal in table], strict=True)]
    return KINDS[totals.index(max(totals))]


@functools.cache
def points() -> dict[str, list[float]]:
    """The points of each signal for each of KINDS."""
    head, *rows = (line.split("\t") for line in TABLE.read_text("utf-8").splitlines())
    places = [head.index(kind) for kind in KINDS]
    return {row[0]: [float(row[place]) for place in places] for row in rows}


def signals(declared: Iterable[LexborNode], outline: Outline, url: str) -> Iterator[str]:
    """The names of what speaks for one kind or another."""
    yield from _declared(list(declared))
    yield from (f"address {name}" for name, pattern in ADDRESSES.items() if pattern.search(url.lower()))
    if outline.lines:
        yield from _shape(outline)
        yield from _said(outline)
        yield from _repeated(outline)


def _declared(nodes: list[LexborNode]) -> Iterator[str]:
    scripts = [node for node in nodes if node.tag == "script"][:MAX_SCRIPTS]
    types = Counter(name for node in scripts for name in DECLARED.findall((node.text() or "")[:MAX_SCRIPT]))
    yield from {f"declares {TYPES[name]}": None for name in types if name in TYPES}
    if types["Product"] >= MANY:
        yield "declares products"
    for node in [node for node in nodes if node.tag == "meta"][:MAX_METAS]:
        attributes = node.attributes
        value = (attributes.get("content") or "").lower()
        if "property" in attributes:
            yield from (f"og {word}" for word in ("article", "product", "website", "profile") if word in value)
        else:
            yield from (f"made for {name}" for name, pattern in GENERATORS.items() if pattern.search(value))


def _shape(outline: Outline) -> Iterator[str]:
    words = sum(line.words for line in outline.lines) or 1
    links = sum(line.link_words for line in outline.lines) / words
    prose = sum(line.words for line in outline.lines if line.words >= 8 and line.link_words < 0.4 * line.words) / words
    if prose > PROSE:
        yield "much prose" if prose > MUCH_PROSE else "some prose"
    if links > MANY_LINKS or links < FEW_LINKS:
        yield "many links" if links > MANY_LINKS else "few links"
    if words < 300:
        yield "short"
    if words > 2_000:
        yield "long"


def _said(outline: Outline) -> Iterator[str]:
    text = "\n".join([line.text for line in outline.lines])[:MAX_TEXT].lower()
    prices = len(PRICE.findall(text)) if any(sign in text for sign in CURRENCIES) else 0
    for name, count in (("prices", prices), ("posts", sum(map(text.count, POST)))):
        if count:
            yield f"very many {name}" if count >= VERY_MANY else f"many {name}" if count >= MANY else f"some {name}"
    if any(words in text for words in BUY):
        yield "can be bought"


def _repeated(outline: Outline) -> Iterator[str]:
    tags = Counter(box.tag for box in outline.boxes)
    yield "one article" if tags["article"] == 1 else "articles" if tags["article"] >= MANY else "no article"
    if tags["pre"] >= 2:
        yield "code"
    if tags["table"]:
        yield "tables"
    if tags["h1"] == 1:
        yield "one title"
    names = Counter(name for box in outline.boxes for name in box.names)
    for name in ("post", "comment", "product", "price", "review", "item", "article", "tag", "meta"):
        if names[name] >= MANY:
            yield f"very many {name} boxes" if names[name] >= 3 * MANY else f"many {name} boxes"
