"""Walls that have no vendor, known by what a short page says: soft 404, parked domain, page of a server, consent, age."""

import re

from parsing import blocks_said
from parsing import blocks_signs as signs
from parsing.blocks_page import INLINE, TAG, Block, Page, plain
from parsing.blocks_signs import PHRASES
from parsing.blocks_words import has_own_text

MOST_WORDS = 500  # no wall says more
SOME_OWN = 0.25  # of the words of a short page
MOST_OWN = 0.75  # of the words of a page of a thing that is gone
# One of these stands in whatever a parked domain says; quick to look for.
OF_SALES = (
    "domain", "domein", "domini", "domíni", "domän", "domæn", "domen", "domén", "домен", "域名", "网域", "ドメイン", "도메인",
    "alan adı", "verkkotunnus", "parked", "sale", "sponsored listings", "webpräsenz", "hier entsteht", "expired", "future home",
    "registered", "courtesy",
)  # fmt: skip
GENERAL = re.compile(r"domain parking|parked (?:free|domain|page)")  # said of parked domains, and of parking
LONE = ("404", "error 404", "404 error", "http 404")
DIGITS = re.compile(r"(?:^| )4 0 4(?: |$)")  # each digit in an element of its own
HOW_TO = re.compile(
    r"\b(?:how (?:to|do|can)|why|what(?:'|’)?s?|when|fix(?:es|ed|ing)?|solved|guide|tutorial|explained|issue #?\d|troubleshoot\w*"
    r"|help (?:with|needed)|my (?:page|site)|glossary|style guide"
    r"|review|getting|behebung|beheben|warum|comment|pourquoi|cómo|por qué|как|почему|如何)\b"
)

LINK_TEXT = re.compile(r"<a\b[^<>]*>(?:[^<]|<(?!/?a\b)){0,300}</a", re.IGNORECASE)
ELSEWHERE = re.compile(  # what makes it a sentence about something else
    r" (?:\(404\) )?pages\b"
    r"| (?:in|on|en|em|im|auf|sur|since|from|as|als) (?!this|our|the server|unser|dies|notre|nuestr|est|ce)|\W*\?\s*\w"
)


def parked(page: Page) -> Block | None:
    """A domain without a site: kept by a service, or for sale."""
    if page.words > 300:
        return None
    text = f"{page.title}\n{page.text[:3000]}"
    said = PHRASES["for_sale"].search(text) if any(hint in text for hint in OF_SALES) else None
    for vendor, needles in signs.PARKING:
        if (name := next((part for part in needles if part in page.code), None)) is not None:
            weak = name == "adsense/domains/caf.js"
            if said or page.words < (60 if weak else 150):
                return Block("parked", vendor, f"code of a parking service: {name}", "high")
    explains = page.paragraphs > 0 and said is not None and GENERAL.fullmatch(said[0]) is not None
    if said and page.words < 150 and page.links < 30 and not explains:
        return Block("parked", None, f"text: {said[0][:80]}", "high" if page.words < 80 else "medium")
    return None


def default_page(page: Page) -> Block | None:
    """The page of a web server or a panel, where nobody has put a site yet."""
    loud = [part for part in (*page.titles, *page.headings[:3]) if len(part) < 100 and not HOW_TO.search(part)]
    texts = [*loud, page.text[:400]] if page.words < 80 and not HOW_TO.search(page.title) else loud
    found = next(filter(None, map(PHRASES["default_page"].search, texts)), None)
    is_bare = page.words < 8 or found is None or len(found[0]) > 9  # "it works!" is said of other things, too
    return Block("parked", None, f"page of a server: {found[0][:80]}", "high") if found and is_bare else None


def soft_404(page: Page) -> Block | None:
    """A page that says that there is none, whatever its status."""
    if page.words > MOST_WORDS or page.paragraphs > 2 or _explains(page):
        return None
    by_title = next(filter(None, map(_missing, page.titles)), None)
    by_heading = next(filter(None, (_missing(part) for part in page.headings if part not in LONE)), None)
    lone = _is_lone(page)
    if page.paragraphs > 1 and not lone:  # somebody writes about missing pages
        return None
    if page.words < 100 and PHRASES["region"].search(page.text):
        return None  # it is there, but not for everybody
    said = None if _is_data(page) else blocks_said.said("not_found", page.text[:2000])
    if (by_title and (by_heading or said)) or (by_heading and page.words < 250) or (lone and (said or _is_astray(page))):
        found = by_title or by_heading or said
        return Block("not_found", None, f"title or heading: {found[0][:80] if found else '404'}", "high")
    if by_title and page.words < 250:
        return Block("not_found", None, f"title: {by_title[0][:80]}", "medium")
    if HOW_TO.search(page.title):
        return None
    piece = next(filter(None, map(_missing, _pieces(page))), None) if said and page.words < 100 and page.links < 30 else None
    if piece and not has_own_text(page, MOST_OWN):
        return Block("not_found", None, f"text: {piece[0][:80]}", "medium")
    if said and said.start() < 60 and page.words < 40 and page.links < 6:
        return Block("not_found", None, f"text: {said[0][:80]}", "medium")
    return None


def _is_lone(page: Page) -> bool:
    """Whether 404 stands alone: as a title or heading, or in any element of a page that has little else."""
    if any(part in LONE for part in (*page.titles, *page.headings)):
        return True
    is_shown = page.words < 120 and (any(piece in LONE for piece in _pieces(page)) or DIGITS.search(page.text))
    return bool(is_shown) and _is_astray(page)


def _is_astray(page: Page) -> bool:
    """Whether a short page says what is said to somebody who is lost, or hardly anything."""
    return page.words < 20 or (page.words < 120 and PHRASES["astray"].search(f"{page.title} {page.text}") is not None)


def _explains(page: Page) -> bool:
    """Whether the title asks or explains what a missing page is."""
    parts = page.titles[1:] or page.titles
    return any(HOW_TO.search(part) and ("404" in part or PHRASES["not_found"].search(part)) for part in parts)


def _pieces(page: Page) -> list[str]:
    """The short texts between two tags that are no link's: what stands in an element of its own."""
    texts = TAG.sub("\n", INLINE.sub(" ", LINK_TEXT.sub("\n", page.split[0][:200_000]))).split("\n")
    return [text for text in map(plain, texts) if 0 < len(text) < 80]


def _is_data(page: Page) -> bool:
    """Whether a body is no page: JSON, a table, a text of some length."""
    return "<" not in page.low and (page.words > 9 or page.low.lstrip()[:1] in ("{", "["))


def _missing(part: str) -> re.Match[str] | None:
    """What a title or heading says of a missing page; nothing where it explains such pages."""
    if len(part) >= 120 or HOW_TO.search(part) or PHRASES["region"].search(part):
        return None
    found = PHRASES["not_found"].search(part)
    return None if found is None or ELSEWHERE.match(part, found.end()) else found


def consent(page: Page) -> Block | None:
    """A page that asks for a consent, and has nothing else."""
    if page.words > 200 or page.links > 20 or page.hidden_words > 200 or page.inputs:
        return None
    loud = "\n".join((page.title, *page.headings[:2]))
    by_title = PHRASES["consent"].search(page.title)
    text = page.text[:400] if page.words < 120 and not page.paragraphs else ""
    if page.words < 40 and (wall := PHRASES["consent_wall"].search(page.text)) and not has_own_text(page, SOME_OWN):
        return Block("consent", None, f"text: {wall[0][:80]}", "medium")
    found = by_title or PHRASES["consent"].search(loud) or PHRASES["consent"].search(text)
    if found is None or not (by_title or "<button" in page.low or "<form" in page.low) or has_own_text(page, SOME_OWN):
        return None
    return Block("consent", None, f"text: {found[0][:80]}", "medium")


def age_gate(page: Page) -> Block | None:
    """A page that asks for an age, and has nothing else."""
    if page.words > 100 or page.links > 15 or page.paragraphs or not PHRASES["age_answer"].search(page.low):
        return None
    texts = (*page.titles, *page.headings[:3], page.text[:300])
    found = next(filter(None, map(PHRASES["age_gate"].search, texts)), None)
    return Block("consent", None, f"text: {found[0][:80]}", "medium") if found else None
