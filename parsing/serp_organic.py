"""The organic results of a Google result page, 2017 to 2026, desktop, mobile and without JavaScript.

A candidate is a title with a link. The blocks around a candidate decide. One must be a result container of some generation. None
may repeat or show off pages (ads, "People also ask", carousels, sitelinks, the side column). Class names are Google's and rotate;
each has the years it was seen. Where too few marks are left, the rules relax step by step. The page's `confidence` says so.
"""

from collections.abc import Iterable
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

import models
from parsing import serp_green_lines, serp_tokens, urls
from parsing.serp_green_lines import GreenLines

MAX_CANDIDATES = 2_000  # a page of 100 results has some 300 titles
MAX_RESULTS = 300
MAX_LINK_CLIMB = 6  # blocks between a title and the link around it
MAX_TITLE_CHARS = 500
DOUBT_FACTOR = 2  # a tier is doubted where a looser one finds more than this times as much


# What the blocks around a title say, as bits of one number. Bits of an enum would double the time of the search.
SCOPE = 1  # inside the result column
RESULT = 2  # inside a result container
OUT = 4  # inside something that is not an organic result
DOUBT = 8  # inside something that seldom holds an organic result
CARD = 16  # inside a card of a page without JavaScript
TABLE = 32  # inside a table of any kind

SCOPE_IDS = frozenset({"rso", "search", "ires", "res", "main"})  # `main` alone on no-JS pages (2019-2026)

RESULT_CLASSES = frozenset({
    "g",  # desktop 2010-2025, mobile 2017-2019
    "rc",  # 2011-2021
    "tF2Cxc",  # 2020-12 to 2026
    "Ww4FFb",  # 2022 to 2026, desktop and mobile
    "PmEWq",  # a single video, 2024 to 2026
    "ZINbbc",  # mobile 2017-2019, no-JS 2018-2022
    "Gx5Zad",  # no-JS 2022-2026
    "mnr-c",  # mobile 2016-2022
    "ezO2md",  # text browsers 2022-2025
})  # fmt: skip

CARD_CLASSES = frozenset({"ZINbbc", "Gx5Zad"})  # a card inside a card is an answer of "People also ask" (no-JS 2018-2026)

# What a title link of a result carries itself or in the blocks below its container.
TITLE_CLASSES = frozenset({"LC20lb", "zBAuLc", "vvjwJb", "CVA68e", "oewGkc", "pIpgAc"})  # desktop 2018-; no-JS; mobile 2023, 2017
LINK_CLASSES = frozenset({"C8nzq", "BmP5tf", "cz3goc", "fuLhoc", "sXtWJb", "_wSg", "_Mek"})  # mobile 2017-2023, text browsers
LINK_JSNAMES = frozenset({"UWckNb"})  # 2023-08 to 2026

OUT_IDS = frozenset({
    "tads", "tadsb", "tvcap", "bottomads", "atvcap",  # ads, 2010-2026
    "rhs", "rhs_block", "rhscol",  # side column, 2012-2026
    "botstuff", "extrares", "bres", "brs",  # related searches, endless scrolling
    "lu_pinned_rhs", "kx", "botabar", "appbar", "hdtb", "top_nav", "foot", "navcnt",
})  # fmt: skip
OUT_CLASSES = frozenset({
    "related-question-pair",  # People also ask, 2015-2026
    "uEierd", "ads-ad", "commercial-unit-desktop-top", "commercial-unit-desktop-rhs", "pla-unit",  # ads, 2015-2026
    "nrgt", "nrg", "nrgw", "jmjoTe", "mslg", "osl",  # sitelinks, 2012-2025
    "rllt__link", "VkpGBb",  # local pack, 2015-2026
    "VibNM", "RzdJxc", "sHEJob",  # one video of a group: 2020, 2021-2024, 2026
})  # fmt: skip
OUT_TAGS = frozenset({
    "g-scrolling-carousel", "g-inner-card", "g-section-with-header", "g-expandable-container", "g-accordion-expander",
    "header", "footer", "nav", "aside", "noscript", "template",
})  # fmt: skip
OUT_ATTRIBUTES = frozenset({"data-text-ad", "data-q", "data-mcpr", "data-news-doc-id", "data-pla"})
DOUBT_CLASSES = frozenset({"zXItKe", "dFd2Tb"})  # a video on its own, 2023
DOUBT_ROLES = frozenset({"listitem", "list", "complementary", "dialog", "navigation", "banner", "contentinfo"})

# What a block's id and class names say of it.
ID_MARKS = dict.fromkeys(SCOPE_IDS, SCOPE) | dict.fromkeys(OUT_IDS, OUT)
CLASS_MARKS: dict[str, int] = {}
for _names, _mark in ((RESULT_CLASSES, RESULT), (CARD_CLASSES, CARD), (OUT_CLASSES, OUT), (DOUBT_CLASSES, DOUBT)):
    CLASS_MARKS |= {name: CLASS_MARKS.get(name, 0) | _mark for name in _names}

HEADINGS = "h3, a [role=heading]"
HEADING_CLASSES = ("vvjwJb", "CVA68e")  # no-JS 2018-2026; text browsers 2022-2025


class Candidate(NamedTuple):
    """A title with its link and the marks of the blocks around it."""

    link: LexborNode
    title: LexborNode
    marks: int
    is_title: bool  # the link or title has a mark of its own
    target: urls.Link


def find(tree: LexborHTMLParser, tokens: serp_tokens.Tokens, base: str) -> tuple[tuple[models.Organic, ...], models.Confidence]:
    """All organic results in page order, with the tier of rules that found them. Relative links are read against `base`."""
    shared: set[int] = set()
    candidates = _candidates(tokens.main, tokens, base, shared)
    if not candidates and tree.root is not None and tokens.main.mem_id != tree.root.mem_id:
        candidates = _candidates(tree.root, tokens, base, shared)
    in_scope = [c for c in candidates if c.marks & SCOPE and not c.marks & DOUBT]
    strict = [c for c in in_scope if c.marks & RESULT and c.is_title]
    relaxed = [c for c in in_scope if c.marks & RESULT or c.is_title]
    loose = _loose(candidates)
    tiers = ((strict, models.Confidence.STRICT), (relaxed, models.Confidence.RELAXED), (loose, models.Confidence.LOOSE))
    chosen, confidence = _choose(tiers)
    cites = serp_green_lines.of_page(tokens, shared)
    if confidence is models.Confidence.STRICT and len(in_scope) > len(chosen):
        chosen, confidence = _with_kin(chosen, in_scope, cites)
    organic = tuple(_organic(position, each, cites) for position, each in enumerate(_distinct(chosen)[:MAX_RESULTS], 1))
    return organic, confidence if organic else models.Confidence.NONE


def _loose(candidates: list[Candidate]) -> list[Candidate]:
    """Titles by structure alone: an `h3`, or in the result column any heading in a link that also names the host it leads to.

    Titles in a table are sitelinks (2012-2021), unless all are in one.
    """
    sure = [each for each in candidates if not each.marks & DOUBT]
    found = [each for each in sure if each.title.tag == "h3" or (each.marks & SCOPE and (each.is_title or _names_its_host(each)))]
    outside = [each for each in found if not each.marks & TABLE]
    return outside or found


def _names_its_host(candidate: Candidate) -> bool:
    """Whether a link shows its host beside its title, as the green lines of mobile pages do, whatever their class."""
    host = urls.host_of(candidate.target.url)
    beside = candidate.link.text(separator=" ").replace(candidate.title.text(separator=" "), " ", 1).casefold()
    return host is not None and host.removeprefix("www.").removeprefix("m.") in beside


def _distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The same result twice in a row is one (mobile pages of 2022 to 2026 repeat one that has sitelinks).

    A result that comes again further down has a place of its own; pages of 100 results have some.
    """
    found: list[Candidate] = []
    for candidate in candidates:
        if not (found and is_repeat(candidate.target, found[-1].target) and candidate.title.text() == found[-1].title.text()):
            found.append(candidate)
    return found


def is_repeat(link: urls.Link, before: urls.Link) -> bool:
    """Whether two links lead to one address. The words to be marked there (`#:~:text=`) make no difference."""
    this, that = ((each.url or each.goto_url or "").partition("#:~:")[0] for each in (link, before))
    return this == that


def _choose(tiers: Iterable[tuple[list[Candidate], models.Confidence]]) -> tuple[list[Candidate], models.Confidence]:
    """The strictest tier that finds anything, unless a looser one finds more than twice as much: then marks were lost.

    On pages whose marks are whole the looser tiers find at most 1.4 times as much (98 recorded pages, 2017 to 2026).
    """
    chosen: list[Candidate] = []
    confidence = models.Confidence.NONE
    for found, tier in tiers:
        if len(found) > DOUBT_FACTOR * len(chosen):
            chosen, confidence = found, tier
    return chosen, confidence


def _with_kin(strict: list[Candidate], in_scope: list[Candidate], cites: GreenLines) -> tuple[list[Candidate], models.Confidence]:
    """Results with all their marks, and results between them that lost one. Mobile pages of 2017-2018 mix two kinds of markup.

    An `h3` in a result container is a result. Any other title needs a green line of its own that names its link's host. Cards of
    forums, recipes and apps have no such line.
    """
    chosen = [each for each in in_scope if (each.marks & RESULT and each.is_title) or _is_kin(each, cites)]
    return chosen, models.Confidence.RELAXED if len(chosen) > len(strict) else models.Confidence.STRICT


def _is_kin(candidate: Candidate, cites: GreenLines) -> bool:
    if candidate.title.tag == "h3" and candidate.marks & RESULT:
        return True
    shown, host = cites.host_beside(candidate.link), urls.host_of(candidate.target.url)
    return shown is not None and host is not None and shown.removeprefix("www.") == host.removeprefix("www.")


def _candidates(main: LexborNode, tokens: serp_tokens.Tokens, base: str, shared: set[int]) -> list[Candidate]:
    """The titles with their links. Links with two titles are added to `shared`."""
    known: dict[int, int] = {}
    seen: dict[int, bool] = {}  # whether the title is a heading, too
    found = []
    headings = ", ".join((HEADINGS, *(f"a .{name}" for name in HEADING_CLASSES if name in tokens.classes)))
    for title in main.css(headings)[:MAX_CANDIDATES]:
        link = _link_of(title)
        if link is None:
            continue
        if link.mem_id in seen:
            if seen[link.mem_id] and serp_green_lines.is_heading(title):
                shared.add(link.mem_id)
            seen[link.mem_id] |= serp_green_lines.is_heading(title)
            continue
        marks = _marks(link, known)
        if marks & OUT:
            continue
        target = urls.result_of(link.attrs.get("href"), base)
        if target is None:
            continue
        seen[link.mem_id] = serp_green_lines.is_heading(title)
        found.append(Candidate(link, title, marks, _is_title(link, title), target))
    return found


def _link_of(title: LexborNode) -> LexborNode | None:
    """The link around a title, or, until 2018, the link inside it (`h3.r > a`)."""
    node: LexborNode | None = title.parent
    for _ in range(MAX_LINK_CLIMB):
        if node is None:
            break
        if node.tag == "a":
            return node
        node = node.parent
    return title.css_first("a[href]") if title.tag == "h3" else None


def _is_title(link: LexborNode, title: LexborNode) -> bool:
    title_classes = _classes(title)
    if not TITLE_CLASSES.isdisjoint(title_classes) or not LINK_CLASSES.isdisjoint(_classes(link)):
        return True
    if link.attrs.get("jsname") in LINK_JSNAMES:
        return True
    return title.tag == "h3" and ("r" in title_classes or "r" in _classes(link.parent) or "rHn78" in _classes(title.parent))


def _marks(node: LexborNode, known: dict[int, int]) -> int:
    """What a node and all blocks around it say. Every block is read once per page."""
    path: list[tuple[int, LexborNode]] = []
    marks = 0
    current: LexborNode | None = node
    while current is not None:
        address = current.mem_id
        if (told := known.get(address)) is not None:
            marks = told
            break
        path.append((address, current))
        current = current.parent
    for address, block in reversed(path):
        if not marks & OUT:
            marks |= _own_marks(block, marks)
        known[address] = marks
    return marks


def _own_marks(block: LexborNode, outer: int) -> int:
    if (tag := block.tag) in OUT_TAGS or (tag == "table" and outer & RESULT):  # a table inside a result holds its sitelinks
        return OUT
    marks = TABLE if tag == "table" else 0
    attributes = block.attributes
    if not attributes:
        return marks
    if not OUT_ATTRIBUTES.isdisjoint(attributes):
        return OUT
    for name in (attributes.get("class") or "").split():
        marks |= CLASS_MARKS.get(name, 0)
    marks |= ID_MARKS.get(attributes.get("id") or "", 0)
    if attributes.get("role") in DOUBT_ROLES:
        marks |= DOUBT
    return OUT if marks & OUT or marks & outer & CARD else marks


def _organic(position: int, candidate: Candidate, cites: GreenLines) -> models.Organic:
    title = " ".join(candidate.title.text().splitlines()).strip()[:MAX_TITLE_CHARS]
    return models.Organic(position, *candidate.target, title, cites.host_beside(candidate.link))


def _classes(node: LexborNode | None) -> list[str]:
    return (node.attrs.get("class") or "").split() if node is not None else []
