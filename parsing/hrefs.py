"""Addresses as a page writes them, made absolute: `<base href>`, blanks, relative forms. Nothing here raises."""

import functools
import re
from collections.abc import Callable

from selectolax.lexbor import LexborHTMLParser

from parsing import web_urls

#: Longer addresses are refused by servers and are data in disguise.
MAX_CHARS = 8_000
# Addresses that the URL standard leaves as they are: no blank, no dot segment, no upper case in the host, no port.
PLAIN_PATH = re.compile(r"/(?:[\w-][\w.~-]*/)*(?:[\w-][\w.~-]*)?(?:\?[\w.~&=+%/:;,@-]*)?", re.ASCII)
PLAIN = re.compile(r"https?://(?:(?!xn--)[a-z0-9_-]+\.)+(?!xn--)[a-z]{2,24}" + PLAIN_PATH.pattern, re.ASCII)
OTHER_SCHEME = re.compile(r"[\x00-\x20]*(?!https?:)[a-z][a-z0-9+.-]*:", re.IGNORECASE | re.ASCII)
# A template that was not filled in: `{{item.url}}`, `${id}`, `<%= url %>`, `{% url %}`; also where it was encoded already.
TEMPLATE = re.compile(r"\{\{|\$\{|<%|\{%(?![0-9a-f]{2})|%7b%7b|\$%7b|%3c%25|%7b%25", re.IGNORECASE)

Absolute = Callable[[str | None], str | None]


def base_of(tree: LexborHTMLParser, url: str) -> str:
    """The address that a page's links are relative to: its first `<base href>`, read from the page's own address.

    >>> base_of(LexborHTMLParser("<base target=_top><base href='/docs/'>"), "https://example.com/a")
    'https://example.com/docs/'
    """
    node = tree.css_first("base[href]")
    return (absolute(node.attrs.get("href"), url) if node else None) or url


def resolver(base: str) -> Absolute:
    """A function that makes the links of one page absolute; it gives None where a link leads to no web page.

    >>> read = resolver("https://example.com/a/b?c")
    >>> read("d.html"), read("//example.org"), read("mailto:a@example.com"), read("HTTP:/x")
    ('https://example.com/a/d.html', 'https://example.org/', None, 'http://x/')
    """
    origin = _origin(base)

    def read(href: str | None) -> str | None:
        if not href:
            return None
        if href[0] == "/" and origin and _is_plain_path(href):
            return origin + href
        if PLAIN.fullmatch(href):
            return href
        return absolute(href, base)

    return read


@functools.lru_cache(maxsize=16_384)
def _is_plain_path(href: str) -> bool:
    """Remembered, because menus and footers stand on every page of a site."""
    return PLAIN_PATH.fullmatch(href) is not None


def absolute(href: str | None, base: str) -> str | None:
    """One link, absolute by the URL standard; None for other schemes, a broken address, a template and one above `MAX_CHARS`."""
    if not href or len(href) > MAX_CHARS or OTHER_SCHEME.match(href) or TEMPLATE.search(href):
        return None
    return web_urls.resolve(href, base)


def without_fragment(url: str) -> str:
    """An address up to its `#`."""
    return url.partition("#")[0]


def _origin(base: str) -> str | None:
    """Scheme and host of an absolute address, without the last slash."""
    root = web_urls.resolve("/", base)
    return root.removesuffix("/") if root else None
