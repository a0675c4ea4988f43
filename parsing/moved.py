"""Where a page that says nothing itself sends its reader: by `<meta http-equiv=refresh>`, the header `Refresh`, or a script.

A browser's reader never sees such a page. One that has a text of its own is a page, whatever it does after a while.
"""

import re
from collections.abc import Mapping

from selectolax.lexbor import LexborHTMLParser

import errors
from parsing import blocks, head_links, hrefs, tree

LONGEST_S = 15  # a later refresh is for who leaves the page open
MOST_CHARS, MOST_WORDS = 20_000, 40  # "If nothing happens, click here"
MOST_SCRIPT_CHARS = 2_000
REFRESH = ("refresh", "Refresh", "REFRESH")
LEAVES = re.compile(r"location\s*(?:(?:\.\s*href\s*)?=(?!=)|\.\s*(?:replace|assign)\s*\()")
SCRIPT = re.compile(
    r"""(?:^|[;{}\s(=,"'])(?:(?:window|document|self|top|parent)\s*\.\s*)*location\s*"""
    r"""(?:(?:\.\s*href\s*)?=(?!=)\s*|\.\s*(?:replace|assign)\s*\(\s*)(["'])([^"'<>\s\\]{1,2000})\1"""
)
HIDDEN = "script, style, noscript, template, title"


def target(text: str, url: str, headers: Mapping[str, str], status: int = 200) -> str | None:
    """Where a page at `url` sends its reader at once; None where it is a page of its own, or a wall.

    >>> target("<script>window.location.replace('/b')</script>", "https://example.com/a", {})
    'https://example.com/b'
    >>> target("<meta http-equiv=refresh content='0;url=/b'><p>" + "Words of a page. " * 20, "https://example.com/a", {})
    """
    if len(text) > MOST_CHARS or not ("refresh" in headers or any(word in text for word in REFRESH) or LEAVES.search(text)):
        return None
    try:
        page = tree.parse(text)
    except errors.DataError:
        return None
    found = _of_head(page, url, headers) or _of_script(page, url)
    if found is None or hrefs.without_fragment(found) == hrefs.without_fragment(url) or _words(page) > MOST_WORDS:
        return None
    return None if blocks.classify(text, status, headers, url, url) else found


def _of_head(page: LexborHTMLParser, url: str, headers: Mapping[str, str]) -> str | None:
    found = head_links.refresh(page, url, headers)
    return found.url if found is not None and found.delay_s <= LONGEST_S else None


def _of_script(page: LexborHTMLParser, url: str) -> str | None:
    """The one address that the scripts of a page go to; several are a choice that only a browser can make."""
    code = [node.text() for node in page.css("script:not([src])")[:20]]
    code += [node.attributes.get("onload") or "" for node in page.css("body[onload]")]
    if sum(map(len, code)) > MOST_SCRIPT_CHARS:
        return None
    start = hrefs.base_of(page, url)
    found = {hrefs.absolute(match[2], start) for text in code for match in SCRIPT.finditer(text)} - {None}
    return found.pop() if len(found) == 1 else None


def _words(page: LexborHTMLParser) -> int:
    """The words that a reader sees. What is hidden is taken off the page."""
    for node in page.css(HIDDEN):
        node.decompose()
    return len(page.body.text(separator=" ").split()) if page.body is not None else 0
