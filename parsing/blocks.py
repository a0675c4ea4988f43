"""Whether a page is what was asked for, or a wall: challenge, captcha, log-in, consent, refusal, soft 404, parked domain.

A wall is never content. An ordinary page called a wall is the worse mistake, so text decides only on pages with little text; an
article about captchas is an article. A page that only a browser can fill is no wall: `needs_script` tells it.
"""

import re
from collections.abc import Mapping

from parsing import blocks_said, blocks_texts, blocks_widgets, web_urls
from parsing import blocks_signs as signs
from parsing.blocks_page import Block as Block
from parsing.blocks_page import Page, has_more_words, is_frame
from parsing.blocks_signs import PHRASES
from parsing.blocks_texts import HOW_TO, MOST_WORDS, SOME_OWN
from parsing.blocks_words import has_own_text

CLASSES = (
    "challenge", "captcha", "login", "consent", "denied", "not_found", "parked", "rate_limited", "other_error",
)  # fmt: skip
MOST_LEAD = {"other_error": 60}  # characters in which a page says so; other walls may need more
FIELDS = ("text", "email", "tel", "textarea", "select", "url")
WIDGETED = ("captcha", "challenge")  # an ordinary page may carry their widgets and scripts
FEWEST = 15  # words, beside which a number alone says what is wrong
HALF_OWN = 0.45  # of a page that asks to log in: it may have a menu
OWN_SHARE = 0.6  # of the words of a page that carries a sign of a wall: it is a page with a widget
LOGIN_PATH = re.compile(
    r"/(?:[a-z]{0,8}(?:log-?in|log-?on|sign-?in)(?:[_-]?(?:form|page|register))?(?:\.[a-z]{3,5})?|authwall|auth|auth\.[a-z]{3,4}|sso|lgn"
    r"|session/new|connexion|anmelden|users?/sign_in|accounts?/authenticate|checkpoint)(?:[/?;]|$)"
)
CAPTCHA_PATH = re.compile(r"/(?:sorry/index|showcaptcha|errors/validatecaptcha|_____tmd_____|captcha)(?:[/?.]|$)")
CONSENT_HOST = re.compile(r"(?:consent|guce|cmp|privacy-mgmt)\.")
OF_STATUS = {401: "login", 404: "not_found", 410: "not_found", 429: "rate_limited"}
GONE = (404, 410)  # walls answer otherwise
DENYING = frozenset((402, 403, 405, 406, 407, 409, 418, 421, 444, 451, 456, 466, 490, 493, 498, 999))
TEXTS = ("rate_limited", "captcha", "challenge", "denied", "other_error")  # in the order tried
CODE = re.compile(r"\b(?:40[0-9]|410|429|50[0-4])\b")


def classify(body: str, status: int, headers: Mapping[str, str], url: str = "", final_url: str = "") -> Block | None:
    """The wall in a reply, None for a page. Names of headers are in lower case; `url` was asked for, `final_url` answered.

    Looks at the head and the tail of a long body, so that time is bounded. Never raises.

    >>> classify("<title>Just a moment...</title><script>window._cf_chl_opt={}</script>", 403, {}).page_class
    'challenge'
    >>> classify("<h1>Captchas</h1><p>" + "How a captcha works, and why. " * 50, 200, {}) is None
    True
    """
    page = Page(body)
    full = status < 400 and has_more_words(page, MOST_WORDS)
    short = not full and status not in GONE
    found = (None if full else _by_header(headers)) or _by_title(page) or (_by_sign(page, status) if short else None)
    if found is None:
        found = _by_status(page, status, headers) if status >= 400 else _by_redirect(url, final_url)
    if found is None and short:
        found = _by_text(page) or _by_form(page, final_url or url)
    if found is None or found.vendor is not None:
        return found
    return Block(found.page_class, _vendor(headers, status), found.evidence, found.certainty)


def needs_script(body: str) -> bool:
    """Whether a page is an empty frame that only a browser can fill. Such a page is no wall: fetch it again with `render`."""
    page = Page(body)
    return page.words < 40 and page.hidden_words < 40 and len(page.low) > 200 and "<script" in page.low


def _by_header(headers: Mapping[str, str]) -> Block | None:
    for name, part, vendor, page_class in signs.HEADER_WALLS:
        if name in headers and part in headers[name].lower():
            return Block(page_class, vendor, f"header {name}: {headers[name][:80]}", "high")
    return None


def _by_title(page: Page) -> Block | None:
    """Walls that some sites put into their own frame, with all its links: told by their title, whatever stands around."""
    wall = signs.TITLES.get(page.title)
    return Block(wall.page_class, wall.vendor, f"title: {page.title}", "high") if wall else None


def _by_sign(page: Page, status: int) -> Block | None:
    """A vendor's wall."""
    texts = {signs.CODE: page.code, signs.TEXT: page.text, signs.TITLE: page.title, signs.ALL: page.low}
    told = page.paragraphs > 1 and page.links > 4  # somebody writes about walls
    framed = status < 400 and is_frame(page)
    for sign in signs.SIGNS:
        if max(page.words, page.hidden_words) > sign.words or (sign.where == signs.TEXT and told):
            continue
        if framed and sign.where == signs.CODE and sign.words <= signs.FEW:
            continue
        text = texts[sign.where]
        if _stands(sign.needles, text):
            if sign.where != signs.TEXT and sign.page_class in WIDGETED and has_own_text(page, OWN_SHARE):
                return None
            return Block(sign.page_class, sign.vendor, f"{sign.where} of {sign.vendor}: {_found(sign.needles[0], text)}", "high")
    return None


def _stands(needles: tuple[tuple[str, ...], ...], text: str) -> bool:
    """Whether one of each group stands in a text."""
    for group in needles:  # a loop: the page is looked through for a hundred signs, and next to none stands there
        for part in group:
            if part in text:
                break
        else:
            return False
    return True


def _found(needles: tuple[str, ...], text: str) -> str:
    return next(part for part in needles if part in text)


def _by_status(page: Page, status: int, headers: Mapping[str, str]) -> Block:
    """An error status is a wall whatever the page says; its text may say which one."""
    if status not in GONE and (found := _by_text(page)) is not None and found.page_class in ("captcha", "challenge"):
        return found
    if status == 401 and "www-authenticate" not in headers and not _passwords(page):
        return Block("denied" if PHRASES["denied"].search(page.text[:300]) else "login", None, "status 401", "medium")
    page_class = OF_STATUS.get(status) or ("denied" if status in DENYING else "other_error")
    if status == 503 and PHRASES["rate_limited"].search(page.title):
        page_class = "rate_limited"
    sure = status in OF_STATUS or status == 403 or status >= 500
    return Block(page_class, None, f"status {status}", "high" if sure else "medium")


def _by_redirect(url: str, final_url: str) -> Block | None:
    """A page that led to a log-in, a captcha or a consent page of its own."""
    if not final_url or final_url == url:
        return None
    asked, got = _host_and_path(url), _host_and_path(final_url)
    if CONSENT_HOST.match(got[0]) and not CONSENT_HOST.match(asked[0]):
        return Block("consent", None, f"redirected to {got[0]}", "high")
    if CAPTCHA_PATH.search(got[1]) and not CAPTCHA_PATH.search(asked[1]):
        return Block("captcha", None, f"redirected to {got[1][:80]}", "high")
    if LOGIN_PATH.search(got[1]) and not LOGIN_PATH.search(asked[1]):
        return Block("login", None, f"redirected to {got[1][:80]}", "high")
    return None


def _host_and_path(url: str) -> tuple[str, str]:
    address = web_urls.resolve(url)
    parts = web_urls.parse(address) if address else None
    return (parts.host, parts.path.lower()) if parts else ("", "")


def _by_text(page: Page) -> Block | None:
    explains = len(set(CODE.findall(page.text[:2000]))) > 2  # who names three codes tells what they mean
    unused = blocks_texts.parked(page) or blocks_texts.default_page(page)
    told = None if explains else blocks_texts.soft_404(page) or _said(page)
    return unused or _captcha(page) or told or blocks_texts.consent(page) or blocks_texts.age_gate(page)


def _captcha(page: Page) -> Block | None:
    """A captcha and nothing else. A contact form has one too, but also fields to fill in."""
    if page.words > 150 or page.hidden_words > 150 or _passwords(page) or (widget := blocks_widgets.name(page)) is None:
        return None
    fields = sum(kind in FIELDS and not blocks_widgets.is_answer(attributes) for kind, attributes in page.inputs)
    text = f"{page.title}\n{page.text[:1500]}"
    said = PHRASES["captcha"].search(text) or PHRASES["challenge"].search(text)
    is_bare = blocks_widgets.is_element(page) and page.words <= 30 and page.links <= 3 and not fields
    if fields > 1 or not (said or is_bare) or has_own_text(page, SOME_OWN):
        return None
    evidence = f"captcha without content: {widget}" + (f", text: {said[0][:60]}" if said else "")
    return Block("captcha", blocks_widgets.vendor(page), evidence, "high" if said else "medium")


def _said(page: Page) -> Block | None:
    """A short page that says what is wrong, in its title, a heading or its first words."""
    if page.words > 160 or page.hidden_words > 200 or page.links > 25 or _passwords(page) or page.paragraphs > 1:
        return None
    loud = [part for part in (*page.titles, *page.headings) if not HOW_TO.search(part)]
    # What is no markup is data, unless it is one short sentence.
    is_short = page.words < 60 and page.links < 4 and ("<" in page.low or page.words < 12)
    first = page.text if is_short and not HOW_TO.search(page.title) else ""
    for page_class in TEXTS:
        pattern = PHRASES[page_class]
        if (found := next(filter(None, map(pattern.search, (*loud, first[: MOST_LEAD.get(page_class, 200)]))), None)) is not None:
            name = "number" if page.words < FEWEST else "numbered"
            by_number = page.words < 40 and any(PHRASES[name].search(part) or PHRASES["numbered"].search(part) for part in loud)
            share = OWN_SHARE if any(map(_is_all, filter(None, map(pattern.search, loud)))) else SOME_OWN
            if not by_number and has_own_text(page, share):
                return None
            return Block(page_class, None, f"text: {found[0][:80]}", "high" if page.words < 60 else "medium")
    return None


def _is_all(found: re.Match[str]) -> bool:
    """Whether a title or heading says nothing but what a wall says."""
    return len(found[0]) + 4 >= len(found.string)


def _by_form(page: Page, url: str) -> Block | None:
    """A page whose only point is to log in."""
    passwords = _passwords(page)
    loud = "\n".join((page.title, *page.headings[:3]))
    wall = blocks_said.said("login_wall", f"{loud}\n{page.text[:600]}")
    is_full = page.words > 250 or page.hidden_words > 150
    if passwords == 0:
        return None if is_full else _without_password(page, wall)
    leads = any(map(PHRASES["login_lead"].search, (*page.titles, *page.headings[:3])))
    if passwords > 1 + leads or len(page.inputs) > 5 + leads or _registers(page, loud):
        return None
    by_path = LOGIN_PATH.search(_host_and_path(url)[1])
    by_title = PHRASES["login"].search(loud) or PHRASES["password_wall"].search(f"{loud}\n{page.text[:300]}")
    if is_full and not (by_path and by_title and page.paragraphs < 2):
        return None
    said = by_path or wall or (by_title and not HOW_TO.search(page.title))
    if said or _is_bare(page):
        return Block("login", None, f"password field, {page.words} words", "high" if said else "medium")
    return None


def _is_bare(page: Page) -> bool:
    """Whether a page has a password's field and little else; one that only asks for a word may be a puzzle."""
    if len(page.inputs) == 1:
        return page.words < 60 and page.links < 3 and len(page.headings) < 2
    return 5 <= page.words < 110 and len(page.inputs) < 4 and not has_own_text(page, SOME_OWN)


def _without_password(page: Page, wall: re.Match[str] | None) -> Block | None:
    """A log-in that asks for the password later, or elsewhere."""
    if page.words < 4 and not page.hidden_words and any(map(PHRASES["login_title"].search, page.titles)):
        return Block("login", None, f"title: {page.title[:80]}", "medium")
    one_field = len(page.inputs) == 1 and page.inputs[0][0] in ("email", "text", "tel")
    asks = page.words < 60 and (one_field or (not page.inputs and PHRASES["sso"].search(page.text)))
    if asks and any(map(PHRASES["login_lead"].search, (*page.titles, *page.headings[:2]))):
        return Block("login", None, f"title: {page.title[:80]}", "medium")
    if wall and page.words < 80 and page.links < 15 and not page.paragraphs and not has_own_text(page, HALF_OWN):
        return Block("login", None, f"text: {wall[0][:80]}", "medium")
    return None


def _registers(page: Page, loud: str) -> bool:
    """Whether an account is made here, not asked for."""
    return PHRASES["register"].search(loud) is not None and not PHRASES["login"].search(loud)


def _passwords(page: Page) -> int:
    return sum(kind == "password" for kind, _ in page.inputs)


def _vendor(headers: Mapping[str, str], status: int) -> str | None:
    if status < 400:
        return None
    pairs = signs.HEADER_VENDORS
    return next((vendor for name, part, vendor in pairs if name in headers and part in headers[name].lower()), None)
