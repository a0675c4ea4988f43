"""What kind of page came back when it holds no results: a block, a gate, an honest "nothing found", or something else.

Structure is asked first, text second: the pages come in the user's language.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

import models
from parsing import serp_phrases, urls

# 2010-2026. Asked only of pages without results: ordinary pages carry none of these.
CAPTCHA = (
    "form#captcha-form, form[action='CaptchaRedirect'], form[action*='/sorry/'], img[src*='/sorry/image'], .g-recaptcha, "
    "#recaptcha, script[src*='/recaptcha/'], iframe[src*='/recaptcha/']"
)
BLOCK_TITLE = re.compile(r"\s*(?:sorry(?:\.\.\.|\u2026)?\s*$|(?:error )?(?:429|403) \()", re.IGNORECASE)
# 2018-2026. Ordinary European pages carry a consent dialog over their results and link to it: a link proves nothing.
CONSENT = (
    "form[action*='//consent.google.'], base[href*='//consent.google.'], iframe[src*='//consent.google.'], #introAgreeButton"
)  # fmt: skip
# 2024-2026. The shell that asks for JavaScript; since 2025 pages with results carry the same address in their <noscript>.
GATE_ADDRESS = "/httpservice/retry/enablejs"

# The frame of a result page, desktop and mobile 2010-2026: one of these ids may be any site's, two are Google's.
FRAME = (
    "#rso, #search, #rcnt, #center_col, #topstuff, #botstuff, #hdtb, #appbar, #result-stats, #resultStats, #tsf, #searchform, "
    "#ires, #bres, #taw, #gsr, html[itemtype*='SearchResultsPage']"
)
FRAME_PARTS = 2
# The frame of a page without JavaScript (2018-2026) or for a text browser (2022-2025).
NOJS_FRAME = "#main, .ZINbbc, .Gx5Zad, .ezO2md"
NOJS_FORM = "form#sf, form[action='/search'], form[action$='.google.com/search']"

# Where Google speaks of the search itself: above the results, instead of them, and in the cards of no-JS pages.
NOTICES = (
    "#topstuff, #fprs, #taw .card-section, #botstuff .card-section, #main .ZINbbc, #main .Gx5Zad, #main .card-section, .ezO2md"
)
RESULT_LINKS = "a[href^='/url?q='], a h3, h3 a"
MAX_NOTICES = 40
MAX_NOTICE_CHARS = 4_000
QUERY_FIELDS = "textarea[name=q], input[name=q]"
MIN_ADVICE_LINES = 3  # the no-JS page gives its advice as lines of one text (2023)
MAX_SHELL_CHARS = 50_000  # of HTML; block pages are below 10,000, result pages above 60,000


def of_empty_page(tree: LexborHTMLParser, url: str | None) -> models.PageClass:
    """The class of a page in which no certain result was found; `url` is where the answer came from, if known."""
    if _is_captcha(tree, url):
        return models.PageClass.CAPTCHA
    if not is_result_page(tree):
        if _is_consent(tree, url):
            return models.PageClass.CONSENT
        if _is_gate(tree):
            return models.PageClass.JS_REQUIRED
    if says_nothing_found(tree):
        return models.PageClass.NO_RESULTS
    return models.PageClass.PARSE_FAILURE


def is_result_page(tree: LexborHTMLParser) -> bool:
    """Whether the frame of a Google result page is there, with results or without."""
    parts = {node.attributes.get("id") or node.tag for node in tree.css(FRAME)}
    if len(parts) >= FRAME_PARTS:
        return True
    return tree.css_first(NOJS_FRAME) is not None and tree.css_first(NOJS_FORM) is not None


def says_nothing_found(tree: LexborHTMLParser) -> bool:
    """Whether Google says that the query, as it was asked, has no results (it may then show results of another query).

    The card that quotes the query and gives advice below says so in any language; other notices are read.
    """
    query = _query(tree)
    return any(_is_advice(block, query) or _has_phrase(text) for block, text in _notices(tree))


def _is_captcha(tree: LexborHTMLParser, url: str | None) -> bool:
    if tree.css_first(CAPTCHA) is not None or (url is not None and "/sorry/" in url and urls.is_google(urls.host_of(url))):
        return True
    title = tree.css_first("title")
    blocked = title is not None and BLOCK_TITLE.match(title.text()) is not None
    return blocked or _shell_says(tree, serp_phrases.BLOCKED)


def _is_consent(tree: LexborHTMLParser, url: str | None) -> bool:
    host = urls.host_of(url) or ""
    return tree.css_first(CONSENT) is not None or (host.startswith("consent.") and urls.is_google(host))


def _is_gate(tree: LexborHTMLParser) -> bool:
    return GATE_ADDRESS in (tree.html or "") or _shell_says(tree, serp_phrases.NEEDS_SCRIPT)


def _shell_says(tree: LexborHTMLParser, phrases: tuple[str, ...]) -> bool:
    """Whether a page too short to hold results has one of the phrases, in its text or its links."""
    html = tree.html or ""
    return len(html) <= MAX_SHELL_CHARS and any(phrase in html.casefold() for phrase in phrases)


def _notices(tree: LexborHTMLParser) -> Iterator[tuple[LexborNode, str]]:
    for block in tree.css(NOTICES)[:MAX_NOTICES]:
        if block.css_first(RESULT_LINKS) is None:  # a card with a way out is a result, whatever its snippet says
            text = block.text(separator=" ")[:MAX_NOTICE_CHARS]
            if text.strip():
                yield block, text


def _is_advice(block: LexborNode, query: str) -> bool:
    """`<em>query</em>` and a list of advice (2010-2026), or, without JavaScript, the query and lines of advice (2018-)."""
    if block.attributes.get("id") == "topstuff" or "card-section" in (block.attributes.get("class") or ""):
        return block.css_first("[role=heading] em, p em, .med em, .med b") is not None and block.css_first("ul > li") is not None
    quoted = query != "" and any(_plain(node.text()) == query for node in block.css("span, em, b, i")[:MAX_NOTICES])
    return quoted and block.css_first("a[href]") is None and block.text().strip().count("\n") >= MIN_ADVICE_LINES


def _has_phrase(text: str) -> bool:
    lower = " ".join(text.split()).casefold()
    return any(phrase in lower for phrases in serp_phrases.NOTHING_FOUND.values() for phrase in phrases)


def _query(tree: LexborHTMLParser) -> str:
    field = tree.css_first(QUERY_FIELDS)
    return _plain(field.attributes.get("value") or field.text()) if field is not None else ""


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
