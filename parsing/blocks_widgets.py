"""The widgets of captchas, which ordinary forms carry too."""

import re

from parsing.blocks_page import Page, tags

WIDGET = re.compile(
    r"g-recaptcha|recaptcha/(?:api|enterprise)\.js|h-captcha|hcaptcha\.com/1/api|cf-turnstile|turnstile/v0/api|frc-captcha|altcha-widget"
    r"|mcaptcha|cap-widget|funcaptcha|geetest|data-sitekey|/captcha[/.?_-]|captcha\.(?:php|aspx?|jsp)|captchaimage|captcha-(?:image|form|container)"
)
HINTS = ("captcha", "turnstile", "geetest", "altcha", "cap-widget", "data-sitekey")  # every widget has one; quick to look for
ELEMENT = re.compile(
    r"""(?:class|id|name)\s*=\s*["']?[^"'>]*(?:g-recaptcha|h-captcha|cf-turnstile|frc-captcha|geetest|captcha)|data-sitekey|<(?:altcha|cap|mcaptcha)-"""
)
ANSWER = re.compile(r"""\b(?:name|id)\s*=\s*["']?[^"'\s>]*captcha""")
VENDORS = (
    ("hcaptcha", "hcaptcha"),
    ("h-captcha", "hcaptcha"),
    ("recaptcha", "recaptcha"),
    ("turnstile", "cloudflare"),
    ("geetest", "geetest"),
)


def name(page: Page) -> str | None:
    """What in the page's code names a captcha."""
    if not any(hint in page.code for hint in HINTS):
        return None
    found = WIDGET.search(page.code)
    return found[0] if found else None


def is_element(page: Page) -> bool:
    """Whether the captcha has a place on the page; a script alone may load one for a form elsewhere."""
    return ELEMENT.search(tags(page)) is not None


def is_answer(attributes: str) -> bool:
    """Whether a field takes the answer to a captcha, by its attributes."""
    return ANSWER.search(attributes) is not None


def vendor(page: Page) -> str | None:
    """Whose captcha it is."""
    return next((vendor for part, vendor in VENDORS if part in page.code), None)
