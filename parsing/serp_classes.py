"""What kind of page came back when it holds no results: a block, a gate, an honest "nothing found", or something else.

Structure decides before text does, because the pages come in the user's language.
"""

import re
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

import models
from parsing import serp_answers, serp_features, serp_frame, serp_notices, serp_phrases, serp_text, serp_tokens, urls

# 2010-2026. Asked only of pages without results: ordinary pages carry none of these.
CAPTCHA = (
    "form#captcha-form, form[action='CaptchaRedirect'], form[action*='/sorry/'], img[src*='/sorry/image'], .g-recaptcha, "
    "#recaptcha, script[src*='/recaptcha/'], iframe[src*='/recaptcha/']"
)
BLOCK_TITLE = re.compile(r"\s*(?:sorry(?:\.\.\.|\u2026)?\s*$|(?:error )?(?:429|403) \()", re.IGNORECASE)
# 2018-2026. Ordinary European pages carry a consent dialog over their results and link to its page. So a link proves nothing.
CONSENT = (
    "form[action*='//consent.google.'], base[href*='//consent.google.'], iframe[src*='//consent.google.'], #introAgreeButton"
)  # fmt: skip
# 2024-2026. The shell that asks for JavaScript names this address. Since 2025 pages with results name it in their <noscript>.
GATE_ADDRESS = b"/httpservice/retry/enablejs"

MAX_SHELL_BYTES = 50_000  # block pages have less than 10,000, result pages more than 60,000


class Page(NamedTuple):
    """What the class of a page is decided by."""

    tree: LexborHTMLParser
    tokens: serp_tokens.Tokens
    source: bytes
    query: str | None
    url: str | None  # where the answer came from, if known


def of_empty_page(page: Page) -> models.PageClass:
    """The class of a page in which no certain result was found.

    The words of a block or a gate count only outside the frame of a result page. Inside the frame they may be the user's.
    """
    in_frame = serp_frame.is_result_page(page.tree, page.tokens)
    if _is_captcha(page) or (not in_frame and _has_words_of_block(page)):
        return models.PageClass.CAPTCHA
    if not in_frame:
        if _is_consent(page):
            return models.PageClass.CONSENT
        if GATE_ADDRESS in page.source or _shell_says(page, serp_phrases.NEEDS_SCRIPT):
            return models.PageClass.JS_REQUIRED
    if serp_notices.says_nothing_found(page.tree, page.tokens, page.query, above=False) or _claims_none(page, in_frame):
        return models.PageClass.NO_RESULTS
    if in_frame and not serp_text.is_cut_off(page.source) and serp_answers.stands_alone(page.tree, page.tokens):
        return models.PageClass.ANSWER_ONLY
    return models.PageClass.PARSE_FAILURE


def _claims_none(page: Page, in_frame: bool) -> bool:
    """ "About 0 results", in a whole frame without anything that could be a title."""
    if not in_frame or serp_features.numbers(page.tokens) != [0] or serp_text.is_cut_off(page.source):
        return False
    return page.tree.css_first("#rso h3, #search h3, #rso a [role=heading]") is None


def _is_captcha(page: Page) -> bool:
    is_address = page.url is not None and "/sorry/" in page.url and urls.is_google(urls.host_of(page.url))
    return is_address or page.tree.css_first(CAPTCHA) is not None


def _has_words_of_block(page: Page) -> bool:
    title = page.tree.css_first("title")
    return (title is not None and BLOCK_TITLE.match(title.text()) is not None) or _shell_says(page, serp_phrases.BLOCKED)


def _is_consent(page: Page) -> bool:
    host = urls.host_of(page.url) or ""
    return page.tree.css_first(CONSENT) is not None or (host.startswith("consent.") and urls.is_google(host))


def _shell_says(page: Page, phrases: tuple[str, ...]) -> bool:
    """Whether a page too short to hold results has one of the phrases, in its text or its links."""
    if len(page.source) > MAX_SHELL_BYTES:
        return False
    text = page.source.decode("utf-8", "replace").casefold()
    return any(phrase in text for phrase in phrases)
