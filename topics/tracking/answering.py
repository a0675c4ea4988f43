"""Whether a page answers what was asked, as far as it says; and why it says nothing about it."""

import html
import re
import unicodedata
from dataclasses import replace
from urllib.parse import unquote_plus

import models
from errors import BlockedError, NetworkError, ParseFailure, TrawlError, WrongPage
from models import PageClass

#: Page classes that end a check as an outcome of their own, and what a user can do.
BLOCKED = {
    PageClass.CAPTCHA: "Google asked for a captcha",
    PageClass.JS_REQUIRED: "Google wants JavaScript: use a rendering provider (SERP_PROVIDER=scrapedo-plugin)",
    PageClass.CONSENT: "Google asked for consent to cookies",
}

#: Spellings of one sign, folded before two queries are compared.
SAME_SIGNS = str.maketrans({**dict.fromkeys("“”„‟«»＂″", '"'), **dict.fromkeys("‘’‚‛`´′", "'"), **dict.fromkeys("‐‑‒–—−", "-")})
ACCENTS = re.compile("[\u0300-\u036f]")  # of Latin, Greek and Cyrillic; other scripts write letters with such marks
UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")  # soft hyphens, joiners, directions
SHOWN_CHARS = 80


def refusal(page: models.SerpPage, asked: str, where: str) -> TrawlError | None:
    """Why a page says nothing about what was asked; None where it does. `where` says which page it is."""
    if page.page_class in BLOCKED:
        return BlockedError(f"{BLOCKED[page.page_class]} {where}.", page.page_class.value)
    if page.is_cut_off:
        return NetworkError(f"The page ends before it is whole {where}; it is fetched again.")
    if page.page_class is PageClass.PARSE_FAILURE:
        return ParseFailure(f"Nothing was found in an ordinary page {where}; it is kept for study.")
    if not answers(page, asked):
        answered = (page.query or "")[:SHOWN_CHARS]
        return WrongPage(f"The page answers {answered!r}, and {asked[:SHOWN_CHARS]!r} was asked {where}; it is kept for study.")
    return None


def uncounted(page: models.SerpPage) -> models.SerpPage:
    """A page that says nothing about what was asked, without what it would count for."""
    return replace(page, organic=(), cited=())


def answers(page: models.SerpPage, asked: str) -> bool:
    """Whether a page answers what was asked, as far as it says.

    Where Google says that it corrected the spelling, that notice decides: it is what a person sees who asks so.
    """
    answered, wanted = _folded(page.query or ""), _folded(asked)
    return (
        page.is_corrected
        or not answered
        or answered == wanted
        or _is_encoded(page.query or "", wanted)
        or _results_deny(page, answered, wanted)
    )


def _is_encoded(answered: str, wanted: str) -> bool:
    """Whether a service repeats the query as it stands in HTML (`don&#39;t`) or in an address (`c%2B%2B`)."""
    return ("&" in answered and _folded(html.unescape(answered)) == wanted) or (
        "%" in answered and _folded(unquote_plus(answered)) == wanted
    )


def _results_deny(page: models.SerpPage, answered: str, wanted: str) -> bool:
    """Whether the results are plainly of the query that was asked, and the page names another one by mistake.

    Only where a title holds every word that was asked, and none has even two neighbouring letters of what the page names: the
    results of a shorter, a longer or a similar query never pass.
    """
    titles = [_folded(one.title) for one in page.organic]
    traces = {answered[at : at + 2] for at in range(max(1, len(answered) - 1))}
    named = any(trace in title for trace in traces if trace.strip() == trace for title in titles)
    return not named and any(all(word in title for word in wanted.split()) for title in titles)


def _folded(text: str) -> str:
    """A query as two spellings of one have it in common: case, accents, white space and Unicode forms do not count.

    Quotes and operators count: they ask for something else.
    """
    text = unicodedata.normalize("NFKD", UNSEEN.sub("", text).translate(SAME_SIGNS))
    text = unicodedata.normalize("NFC", ACCENTS.sub("", text)).lower()  # casefold would make Maßen and Massen one word
    return " ".join(text.replace("ς", "σ").split())
